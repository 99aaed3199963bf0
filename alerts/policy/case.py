"""Case: a finding under the policy, the memory it meets, and the decision with its reason."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.levels import Level
from alerts.policy.mode import Mode
from alerts.policy.modes import mode_of
from ingest.registry import Asset
from models.findings import Finding
from models.thresholds import ThresholdBook


class Reason(StrEnum):
    """Why a finding did what it did."""

    UNKNOWN = "unknown"
    """No valid data: neither raises nor clears, and no timer runs over it."""
    TOO_EARLY = "too_early"
    NOT_APPLICABLE = "not_applicable"
    BELOW = "below"
    """Under the raise level, nothing is open."""
    HOLDING = "holding"
    """High, but not for long enough yet."""
    REFRACTORY = "refractory"
    """High, but the last episode has just ended."""
    INHIBITED = "inhibited"
    """High, but an open episode of the same asset explains it, or explained it before it was last calm."""
    RAISED = "raised"
    STILL_HIGH = "still_high"
    """An episode is open and the score is over the clear level."""
    MORE_URGENT = "more_urgent"
    """An open episode went up a level."""
    CLEARING = "clearing"
    """An episode is open, the score is calm, but not for long enough yet."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Open:
    """An open episode.

    Attributes:
        started_us: When it started, in event time.
        level: The most urgent so far.
        gone_on_as: The failure mode that its order goes on as, by the ordered findings, or none.
    """

    started_us: int
    level: Level
    gone_on_as: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the policy remembers of one (asset, failure mode, subject); all times are event time.

    Attributes:
        open: The open episode, or None.
        since_us: When the running stretch began: high when nothing is open, calm when something is; else None.
        counted_us: How much of the stretch findings vouch for.
        spoke_us: When the last finding of the stretch spoke; None after one that had nothing to say.
        closed_us: When the last episode ended.
        announced: An episode that an early finding opened and the ordered path has not confirmed yet.
        explained: It has not been calm since it was last explained; see `Mode.explained_until_calm`.
    """

    open: Open | None = None
    since_us: int | None = None
    counted_us: int = 0
    spoke_us: int | None = None
    closed_us: int | None = None
    announced: Open | None = None
    explained: bool = False

    def unset(self) -> "Standing":
        """The same without a running stretch."""
        return replace(self, since_us=None, counted_us=0, spoke_us=None)

    def vouched(self, at_us: int, speaks_for_us: int) -> "Standing":
        """The same with the stretch carried on to `at_us`; no finding vouches for more than `speaks_for_us`."""
        if self.since_us is None:
            return replace(self, since_us=at_us, counted_us=0, spoke_us=at_us)
        gap_us = 0 if self.spoke_us is None else min(max(at_us - self.spoke_us, 0), speaks_for_us)
        return replace(self, counted_us=self.counted_us + gap_us, spoke_us=at_us)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The policy's numbers in force for one finding; durations in microseconds of event time."""

    raise_at: float
    clear_at: float
    hold_us: int
    clear_hold_us: int
    refractory_us: int
    speaks_for_us: int
    emergency: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """A finding on its way through the stages, with the memory as the stages before left it.

    Attributes:
        finding: The detector's word.
        mode: The policy row of its failure mode.
        numbers: What is in force of that row.
        standing: What is remembered of the finding's (asset, failure mode, subject).
        explained: An episode is open on the same asset that explains this one; see `Mode.is_explained_by`.
    """

    finding: Finding
    mode: Mode
    numbers: Numbers
    standing: Standing
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a finding, and the memory afterwards.

    For RAISED, STILL_HIGH and MORE_URGENT `standing.open` is the open episode; for ENDED `ended` is what was open
    and `ended_us` is when it fell calm.
    """

    reason: Reason
    standing: Standing
    ended: Open | None = None
    ended_us: int | None = None


Stage = Callable[[Case], Case | Decision]
"""Looks at a case: hands it on, perhaps with another memory, or decides it."""


def numbers_of(mode: Mode, asset: Asset, at_us: int, thresholds: ThresholdBook) -> Numbers:
    """The policy's numbers in force for an asset at an event time."""

    def seconds_us(name: str) -> int:
        return round(thresholds.value(name, asset, at_us) * 1e6)

    raise_at = thresholds.value(mode.raise_at.name, asset, at_us)
    emergency = None if mode.emergency is None else thresholds.value(mode.emergency.name, asset, at_us)
    return Numbers(
        raise_at=raise_at,
        clear_at=raise_at * thresholds.value(mode.clear_ratio.name, asset, at_us),
        hold_us=seconds_us(mode.hold.name),
        clear_hold_us=0 if mode.clear_hold is None else seconds_us(mode.clear_hold.name),
        refractory_us=seconds_us(mode.refractory.name),
        speaks_for_us=round(mode.speaks_for_s * 1e6),
        emergency=emergency,
    )


def case_of(
    finding: Finding, asset: Asset, standing: Standing, thresholds: ThresholdBook, *, explained: bool = False
) -> Case:
    """The case that a finding makes; the arguments are as in `Case`.

    Raises:
        NoPolicyError: Its failure mode has no row in `alerts.policy.modes`.
    """
    mode = mode_of(finding.failure_mode)
    return Case(finding, mode, numbers_of(mode, asset, finding.at_us, thresholds), standing, explained)
