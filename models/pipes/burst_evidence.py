"""Burst evidence: what a crew is shown of a riser's nights, and what would have kept it quiet."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, TimeToFailure, Trace
from models.pipes.burst_memory import Judgement
from models.pipes.burst_risk import HORIZON_DAYS, WARN, BurstBelief, BurstSettings, burst_chances, passage
from models.statistics import prognosis
from models.statistics.traces import crossed_us, rounded

_GRID_DAYS = np.geomspace(0.05, 365.0, 160)
_FORECAST_DAYS = np.arange(8.0)
_BAND_SIGMA = 3.0
_BISECTIONS = 30


def time_to_failure(belief: BurstBelief, settings: BurstSettings, at_us: int) -> TimeToFailure | None:
    """The 10, 50 and 90 % times of a burst; None when even the median lies beyond a year."""
    if not belief.persists(settings):
        return None
    chances = np.asarray(burst_chances(belief, settings, _GRID_DAYS))
    return prognosis.time_to_failure(_GRID_DAYS, chances, at_us)


def burst_evidence(
    judged: Judgement, settings: BurstSettings, asset: str, state: State, neighbours: dict[str, State]
) -> Evidence:
    """Everything the finding of the closed night is explained with.

    Args:
        judged: The night under judgement.
        settings: In force.
        asset: The riser's id.
        state: Of the riser, after the night.
        neighbours: States by asset id.
    """
    signal = _signal(asset, state, judged.spread)
    level = math.exp(settings.failure_level)
    traces = (_own_trace(name, n) for name, n in sorted(neighbours.items()))
    return Evidence(
        signal=signal,
        threshold=round(level, 2),
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), level),
        forecast=prognosis.forecast(passage(judged.after, settings), _FORECAST_DAYS, state["closed"]["end_us"]),
        neighbours=tuple(t for t in traces if t.at_us),
        contributions=_contributions(judged, settings),
        counterfactual=_counterfactual(judged, settings),
        facts={
            "nights_high": judged.after.high_nights,
            "records_high_share": round(judged.night.high_share, 2),
            "neighbours_rise_ratio": round(math.exp(judged.common), 2),
        },
    )


def _signal(asset: str, state: State, spread: float) -> Trace:
    """The riser's nights as they are judged: over its usual, less what the neighbours rose too."""
    trace = _trace(asset, [(end_s, ratio) for end_s, ratio, _ in state["history"]])
    low, high = (rounded([math.exp(sign * _BAND_SIGMA * spread)] * len(trace.at_us), 3) for sign in (-1, 1))
    return replace(trace, low=low, high=high)


def _own_trace(asset: str, state: State) -> Trace:
    """A neighbour's nights over its own usual, with nothing subtracted: whoever compares wants to see it as it was."""
    return _trace(asset, [(end_s, ratio + common) for end_s, ratio, common in state.get("history", [])])


def _trace(asset: str, nights: Sequence[tuple[int, float]]) -> Trace:
    return Trace(
        name="night_vibration_ratio",
        unit="1",
        at_us=tuple(end_s * 1_000_000 for end_s, _ in nights),
        value=rounded([math.exp(log_ratio) for _, log_ratio in nights], 3),
        asset=asset,
    )


def _contributions(judged: Judgement, settings: BurstSettings) -> tuple[Contribution, ...]:
    """What the chance would lose without each; the losses are scaled to shares."""
    belief = judged.after
    full = _chance(belief, settings)
    without_level = _chance(replace(belief, trend=replace(belief.trend, level=0.0)), settings)
    without_slope = _chance(replace(belief, trend=replace(belief.trend, slope=0.0)), settings)
    without_pressure = _chance(replace(belief, low_pressure_nights=0), settings)
    background = _chance(replace(belief, high_nights=0), settings)
    shares = [full - without_level, full - without_slope, full - without_pressure, background]
    shares = [max(0.0, s) for s in shares]
    total = sum(shares)
    rise_percent = 100.0 * math.expm1(belief.trend.slope)
    seen = (
        ("night_vibration_ratio", math.exp(judged.night.ratio), "1", 1.0),
        ("slope_per_day", rise_percent, "%", 0.0),
        ("night_pressure_drop_kpa", judged.pressure_drop_kpa, "kPa", 0.0),
        ("background", 100.0 * settings.background_per_year, "%/a", None),
    )
    made = [
        Contribution(name, round(value, 3), unit, usual, round(share / total, 4))
        for (name, value, unit, usual), share in zip(seen, shares, strict=True)
    ]
    return tuple(sorted(made, key=lambda c: -c.weight))


def _counterfactual(judged: Judgement, settings: BurstSettings) -> Counterfactual | None:
    """The highest ratio of the last night at which the chance would have stayed under the warning level."""

    def chance(ratio: float) -> float:
        return _chance(judged.before.after(replace(judged.night, ratio=ratio), settings), settings)

    low, high = 0.0, judged.night.ratio
    if chance(high) < WARN or chance(low) >= WARN:
        return None
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < WARN else (low, middle)
    return Counterfactual("night_vibration_ratio", math.floor(100.0 * math.exp(low)) / 100.0, "1")


def _chance(belief: BurstBelief, settings: BurstSettings) -> float:
    return float(burst_chances(belief, settings, HORIZON_DAYS))
