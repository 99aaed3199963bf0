"""Burst evidence: what a crew is shown of a riser's nights, and what would have kept it quiet."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, TimeToFailure, Trace
from models.pipes.burst_causes import Causes, CauseSettings, burst_chances, with_frost
from models.pipes.burst_memory import RATIO_DECIMALS, Judgement
from models.pipes.burst_risk import HISS, HORIZON_DAYS, LOSS, PRESSURE, WARN, BurstSettings, passage
from models.pipes.nights import ENDS_EVERY_US
from models.statistics import prognosis
from models.statistics.pictures import rows_of
from models.statistics.traces import crossed_us, rounded

_GRID_DAYS = np.geomspace(0.05, 365.0, 160)
_FORECAST_DAYS = np.arange(8.0)
_BAND_SIGMA = 3.0
_BISECTIONS = 30


@dataclass(frozen=True, slots=True)
class Case:
    """A night's judgement with all that decides the chance of a burst.

    Attributes:
        judged: The night under judgement.
        causes: What is known of every cause.
        settings: In force, of the leak.
        others: In force, of the other causes.
    """

    judged: Judgement
    causes: Causes
    settings: BurstSettings
    others: CauseSettings


def time_to_failure(case: Case, at_us: int) -> TimeToFailure | None:
    """The 10, 50 and 90 % times of a burst; None when even the median lies beyond a year."""
    if not case.judged.after.persists(case.settings):
        return None
    chances = np.asarray(burst_chances(case.causes, case.settings, case.others, _GRID_DAYS))
    return prognosis.time_to_failure(_GRID_DAYS, chances, at_us)


def burst_evidence(case: Case, asset: str, state: State, neighbours: dict[str, State]) -> Evidence:
    """Everything the finding of the closed night is explained with.

    Args:
        case: The night under judgement.
        asset: The riser's id.
        state: Of the riser, after the night.
        neighbours: States by asset id.
    """
    judged = case.judged
    signal = _signal(asset, state, judged.spread)
    level = math.exp(case.settings.failure_level)
    traces = (_own_trace(name, n) for name, n in sorted(neighbours.items()))
    return Evidence(
        signal=signal,
        threshold=round(level, 2),
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), level),
        forecast=prognosis.forecast(passage(judged.after, case.settings), _FORECAST_DAYS, state["closed"]["end_us"]),
        neighbours=tuple(t for t in traces if t.at_us),
        contributions=_contributions(case),
        counterfactual=_counterfactual(case),
        facts={
            "nights_high": judged.after.high_nights,
            "records_high_share": round(judged.night.high_share, 2),
            "neighbours_rise_ratio": round(math.exp(judged.common), 2),
        },
    )


def _signal(asset: str, state: State, spread: float) -> Trace:
    """The riser's nights as they are judged: over its usual, less what the neighbours rose too."""
    trace = _trace(asset, [(end, ratio) for end, ratio, _ in rows_of(state["history"])])
    low, high = (rounded([math.exp(sign * _BAND_SIGMA * spread)] * len(trace.at_us), 3) for sign in (-1, 1))
    return replace(trace, low=low, high=high)


def _own_trace(asset: str, state: State) -> Trace:
    """A neighbour's nights over its own usual, with nothing subtracted: whoever compares wants to see it as it was."""
    return _trace(asset, [(end, ratio + common) for end, ratio, common in rows_of(state.get("history", []))])


def _trace(asset: str, nights: Sequence[tuple[int, int]]) -> Trace:
    return Trace(
        name="night_vibration_ratio",
        unit="1",
        at_us=tuple(end * ENDS_EVERY_US for end, _ in nights),
        value=rounded([math.exp(log_ratio / 10**RATIO_DECIMALS) for _, log_ratio in nights], 3),
        asset=asset,
    )


def _contributions(case: Case) -> tuple[Contribution, ...]:
    """What the chance would lose without each; the losses are scaled to shares."""
    shares = [(made, max(0.0, _chance(case) - _chance(without))) for made, without in _without(case)]
    total = sum(share for _, share in shares)
    made = [replace(one, value=round(one.value, 3), weight=round(share / total, 4)) for one, share in shares]
    return tuple(sorted(made, key=lambda c: -c.weight))


def _without(case: Case) -> Iterator[tuple[Contribution, Case]]:
    """Everything that is known to count, each with the case in which it does not; weights are not said yet."""
    judged, belief, over = case.judged, case.judged.after, case.judged.over
    level, slope = replace(belief.trend, level=0.0), replace(belief.trend, slope=0.0)
    yield (
        Contribution("night_vibration_ratio", math.exp(judged.night.ratio), "1", 1.0, 0.0),
        _with(case, belief=replace(belief, trend=level)),
    )
    yield (
        Contribution("slope_per_day", 100.0 * math.expm1(belief.trend.slope), "%", 0.0, 0.0),
        _with(case, belief=replace(belief, trend=slope)),
    )
    shown = (
        (HISS, "night_median_frequency_ratio", math.exp(over.get(HISS, 0.0)), "1", 1.0),
        (LOSS, "night_flow_rise_l_min", over.get(LOSS, 0.0), "L/min", 0.0),
        (PRESSURE, "night_pressure_drop_kpa", over.get(PRESSURE, 0.0), "kPa", 0.0),
    )
    for name, called, value, unit, usual in shown:
        if name in over:
            spoken = {other: nights for other, nights in belief.spoken.items() if other != name}
            yield Contribution(called, value, unit, usual, 0.0), _with(case, belief=replace(belief, spoken=spoken))
    if case.causes.damage:
        yield Contribution("pressure_cycles_per_day", case.causes.damage, "1", None, 0.0), _with(case, damage=0.0)
    if case.causes.freeze is not None:
        yield Contribution("freeze_percent", 100.0 * case.causes.freeze, "%", None, 0.0), _with(case, freeze=None)
    usual_rate = case.others.background_per_year
    yield (
        Contribution("background", 100.0 * usual_rate, "%/a", None, 0.0),
        replace(case, others=replace(case.others, background_per_year=0.0)),
    )


def _counterfactual(case: Case) -> Counterfactual | None:
    """The highest ratio of the last night at which the chance would have stayed under the warning level."""
    judged = case.judged

    def chance(ratio: float) -> float:
        belief = judged.before.after(replace(judged.night, ratio=ratio), case.settings)
        causes = replace(case.causes, belief=belief)
        return float(burst_chances(causes, case.settings, case.others, HORIZON_DAYS))

    low, high = 0.0, judged.night.ratio
    if chance(high) < WARN or chance(low) >= WARN:
        return None
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < WARN else (low, middle)
    return Counterfactual("night_vibration_ratio", math.floor(100.0 * math.exp(low)) / 100.0, "1")


def _with(case: Case, **changed: Any) -> Case:
    return replace(case, causes=replace(case.causes, **changed))


def _chance(case: Case) -> float:
    return with_frost(float(burst_chances(case.causes, case.settings, case.others, HORIZON_DAYS)), case.causes)
