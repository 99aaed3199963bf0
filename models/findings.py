"""Findings: a detector's word on one asset and failure mode, with all that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a detector has to say; only `SCORED` carries a score."""

    SCORED = "scored"
    TOO_EARLY = "too_early"
    """Still learning its baseline."""
    UNKNOWN = "unknown"
    """No valid data where some was due; never read as normal, never as still high."""
    NOT_APPLICABLE = "not_applicable"
    """The asset is in a state the rule is not made for (under inspection, pump stopped)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A signal as the model saw it, at most 240 points, oldest first.

    Attributes:
        name: Metric or feature, such as `log_vibration_ratio`.
        unit: Unit of `value`; "1" for a ratio.
        at_us: Microseconds since the epoch, ascending.
        value: One a time.
        low: Lower edge of the normal band, one a time, or empty when there is none.
        high: Upper edge of the normal band, likewise.
        asset: The asset it belongs to (a neighbour's trace names the neighbour).
    """

    name: str
    unit: str
    at_us: tuple[int, ...]
    value: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    asset: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the signal is going: quantiles at future times, same unit as the trace."""

    at_us: tuple[int, ...]
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TimeToFailure:
    """When it fails if nothing is done: the 10, 50 and 90 % times, microseconds since the epoch."""

    p10_us: int
    p50_us: int
    p90_us: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing that made the score what it is.

    Attributes:
        name: A key of `alerts.words` (`night_vibration_ratio`, `door_closed_s`), so that it has a sentence in each
            language.
        value: What was seen, in `unit`.
        unit: Unit of `value` and `usual`.
        usual: What is normal here, or None when nothing is.
        weight: Share of the score, 0 to 1; the weights of a finding add up to 1.
    """

    name: str
    value: float
    unit: str
    usual: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """It would not have fired had `name` stayed at or under (over, if `over`) `value`, all else being as it was.

    What was seen lies on the other side: a crew is never told of a bound that was kept.
    """

    name: str
    value: float
    unit: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the model saw when it spoke; frozen and hashed with the work order.

    Attributes:
        signal: The trace that decided, or None for a pure event rule.
        threshold: The level on the trace's axis that counts, or None.
        crossed_us: When the trace crossed it, or None.
        forecast: Where it is going, or None.
        neighbours: The same trace of neighbours, for comparison.
        contributions: Ordered by weight, largest first.
        counterfactual: What would have kept it quiet, or None.
        stills: sha256 of the camera stills, in the order they were taken.
        facts: Short named facts for sentences and machines: `plate_masked`, `zone`, `floor`, `iso_zone`.
    """

    signal: Trace | None = None
    threshold: float | None = None
    crossed_us: int | None = None
    forecast: Forecast | None = None
    neighbours: tuple[Trace, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    counterfactual: Counterfactual | None = None
    stills: tuple[str, ...] = ()
    facts: Mapping[str, float | str] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A detector's word on one (asset, failure mode) at one event time.

    Attributes:
        asset: The asset's id.
        failure_mode: Dotted, from DESIGN's list.
        at_us: Event time, microseconds since the epoch.
        verdict: Whether there is a score, and if not why.
        score: In [0, 1], higher is worse; None unless the verdict is SCORED. Policy raises and clears on it.
        subject: Tells apart things that share an asset: the parked vehicle's key; empty for most.
        probability: P(failure within `horizon_us`), calibrated, for predictive modes, else None.
        horizon_us: The horizon of `probability`, else None.
        time_to_failure: 10/50/90 % times for predictive modes, else None.
        evidence: Given when the score could raise something (0.5 of a raise level or more), else None.
        thresholds: The values used, by name, so that evidence can name their versions.
        severity: How many levels more urgent than the failure mode usually is, >= 0: a pump bearing gives 0 for zone C
            or a change, 1 if zone D is due, 2 in zone D. It may rise and fall from finding to finding.
    """

    asset: str
    failure_mode: str
    at_us: int
    verdict: Verdict
    score: float | None = None
    subject: str = ""
    probability: float | None = None
    horizon_us: int | None = None
    time_to_failure: TimeToFailure | None = None
    evidence: Evidence | None = None
    thresholds: Mapping[str, float] | None = None
    severity: int = 0
