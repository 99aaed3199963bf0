"""Signs: what speaks for a fault of an elevator, and the finding that several of them make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.detector import State
from models.elevators.fault_codes import FaultCode
from models.elevators.habits import Now
from models.findings import Contribution, Counterfactual, Evidence, Finding, Forecast, TimeToFailure, Trace, Verdict
from models.statistics.pictures import rows_of, steps, with_row, without_newest
from models.statistics.traces import crossed_us

RAISE = 0.5
"""Score at which a rule calls for a work order; everything below is for watching."""

CERTAIN = 1.0
"""Score of what is the case: a code that stands, a door that is open between floors."""

_TREND_AT_MOST = 0.9
_FAR = 3.0  # chosen by: at three times the way to its limit a trend scores as high as it can
_TRACE_POINTS = 28
_TRACE_EVERY_S = 6 * 3_600  # chosen by: a week in 28 points
_DECIMALS = {"m/s2": 3, "mm": 1, "C": 1, "1": 0, "ms": 0}
"""What of a value a plot of a week shows, by unit; two of any other."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a fault.

    Attributes:
        name: A phrase of `alerts.words`, or a metric.
        score: What it gives by itself, in [0, 1]; 0.5 at its limit.
        value: What was seen, in `unit`.
        unit: Of value, usual and limit.
        usual: What is normal here, or None.
        limit: The value under which it would have kept quiet, or None where there is no such thing.
        severity: How many levels more urgent than the mode's usual one, if this raises.
        facts: For sentences and machines: `floor`, `cause`.
        time_to_failure: When it fails if nothing is done, or None.
        forecast: Where the value is going, or None.
    """

    name: str
    score: float
    value: float
    unit: str
    usual: float | None = None
    limit: float | None = None
    severity: int = 0
    facts: Mapping[str, float | str] = field(default_factory=dict)
    time_to_failure: TimeToFailure | None = None
    forecast: Forecast | None = None


def sign_of_trend(name: str, unit: str, now: Now, facts: Mapping[str, float | str]) -> Sign:
    """A feature that is on its way to its limit: 0.5 there, 0.9 at three times the way."""
    score = float(np.interp(now.excess, (0.0, 1.0, _FAR), (0.0, RAISE, _TREND_AT_MOST)))
    return Sign(name, score, now.value, unit, now.usual, now.limit, facts=facts)


def sign_of_code(code: FaultCode) -> Sign:
    """A fault code that stands."""
    return Sign(code.name, CERTAIN, float(code.number), "code", severity=code.severity, facts={"cause": code.name})


def judged(bare: Finding, signs: Sequence[Sign], state: State) -> Finding:
    """What the signs make together: the worst of them, and the severity of all that raise.

    Args:
        bare: Who is spoken of, when, and by which values.
        signs: At least one.
        state: Keeps the traces of the signs, in `traces`.
    """
    worst = max(signs, key=lambda sign: sign.score)
    _keep(state, bare.at_us, signs)
    finding = replace(bare, verdict=Verdict.SCORED, score=round(worst.score, 4))
    if worst.score < RAISE / 2:
        return finding
    return replace(
        finding,
        severity=max((s.severity for s in signs if s.score >= RAISE), default=0),
        time_to_failure=worst.time_to_failure,
        evidence=_evidence(bare.asset, worst, signs, state),
    )


def _keep(state: State, at_us: int, signs: Sequence[Sign]) -> None:
    """A point of each measured sign every few hours, for the picture."""
    traces, slot = state.setdefault("traces", {}), at_us // 1_000_000 // _TRACE_EVERY_S
    for sign in signs:
        if sign.limit is None:
            continue
        trace = traces.get(sign.name, [])
        if trace and trace[0] == slot:
            trace = without_newest(trace)
        value = steps(sign.value, _DECIMALS.get(sign.unit, 2))
        traces[sign.name] = with_row(trace, [slot, value], _TRACE_POINTS)


def _evidence(asset: str, worst: Sign, signs: Sequence[Sign], state: State) -> Evidence:
    total = sum(s.score for s in signs)
    ordered = sorted((s for s in signs if s.score > 0), key=lambda s: -s.score)
    contributions = tuple(Contribution(s.name, s.value, s.unit, s.usual, s.score / total) for s in ordered)
    limit = worst.limit
    signal = None if limit is None else _trace(asset, worst, state)
    points = () if signal is None else zip(signal.at_us, signal.value, strict=True)
    return Evidence(
        signal=signal,
        threshold=limit,
        crossed_us=None if limit is None else crossed_us(points, limit),
        forecast=worst.forecast,
        contributions=contributions,
        counterfactual=_counterfactual(worst),
        facts=dict(worst.facts),
    )


def _counterfactual(worst: Sign) -> Counterfactual | None:
    """Only where what was seen lies beyond the limit."""
    if worst.limit is None or worst.value < worst.limit:
        return None
    return Counterfactual(worst.name, min(worst.value, float(f"{worst.limit:.4g}")), worst.unit)


def _trace(asset: str, worst: Sign, state: State) -> Trace:
    slots, values = zip(*rows_of(state["traces"][worst.name]), strict=True)
    at_us = tuple(slot * _TRACE_EVERY_S * 1_000_000 for slot in slots)
    value = tuple(value / 10 ** _DECIMALS.get(worst.unit, 2) for value in values)
    return Trace(worst.name, worst.unit, at_us, value, asset=asset)
