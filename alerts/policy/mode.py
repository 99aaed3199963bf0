"""Mode: the shape of a policy row, which says how findings of one failure mode become episodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alerts.levels import Level
from models.thresholds import Tunable

DAY_S: Final = 86_400.0
_MONTH_S: Final = 31 * DAY_S

CALIBRATED: Final = "chosen by: detectors scale their scores so that 0.5 is where their own rule fires"
RATIO: Final = "DOMAIN 1.5: clear below 0.6 of the raise level"
AT_ONCE: Final = "chosen by: the detector's own timers have run before it speaks"
"""What many rows have for a source."""

UNNAMED: Final = frozenset({"asset.multivariate"})
"""What wears or clogs is often seen first as channels that no longer go together; who was sent for that goes on."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How findings of one failure mode become episodes.

    Attributes:
        failure_mode: Dotted name.
        level: Of a work order of severity 0.
        raise_at: Score from which on it counts; of `pipe.burst` it is the probability, but for frost.
        clear_ratio: Share of `raise_at` under which it is calm again.
        hold: How long the score must stay up before an episode opens, in seconds of event time.
        clear_hold: How long it must stay calm before the episode ends, in seconds of event time; None where the
            first calm finding ends it, because the detector waits itself and says once that it is over.
        refractory: How long after an episode's end no new one opens, in seconds of event time; but see `emergency`.
        speaks_for_s: How long one finding speaks for at most; a longer silence counts as nothing, neither up nor calm.
        emergency: Probability from which on it is level I, and no refractory holds it back, or None when there is no
            such thing.
        general: It says that something is wrong and not what; it opens no episode beside one that says what.
        of_sensor: It says what is wrong with a sensor, which explains nothing that the asset does: general ones go on.
        explained_by: Failure modes that explain what this one sees of the same asset (a pump that cavitates runs dry
            in the end): it opens no episode beside one of theirs. A general one is explained by all that are not as
            well.
        explained_until_calm: What explained it once explains it until it is calm: it looks at whole days, those before
            a repair as well, and goes by what was usual before the fault.
        goes_on_from: Failure modes that this one is the worse end of (a leak becomes a burst): its episode opens beside
            one of theirs, and the order of theirs goes on as its own.
    """

    failure_mode: str
    level: Level
    raise_at: Tunable
    clear_ratio: Tunable
    hold: Tunable
    clear_hold: Tunable | None
    refractory: Tunable
    speaks_for_s: float
    emergency: Tunable | None = None
    general: bool = False
    of_sensor: bool = False
    explained_by: frozenset[str] = frozenset()
    explained_until_calm: bool = False
    goes_on_from: frozenset[str] = frozenset()

    def is_explained_by(self, other: "Mode") -> bool:
        """Whether an open episode of another mode says why this one is high on the same asset."""
        if self.general and not other.general and not other.of_sensor:
            return True
        return other.failure_mode in self.explained_by

    def tunables(self) -> Iterator[Tunable]:
        """What of this row may be turned."""
        yield from (self.raise_at, self.clear_ratio, self.hold, self.refractory)
        yield from (tunable for tunable in (self.clear_hold, self.emergency) if tunable is not None)


def share(failure_mode: str, name: str, default: float, source: str) -> Tunable:
    """A number between 0 and 1 of a row."""
    return Tunable(f"policy.{failure_mode}.{name}", "1", 0.01, 1.0, default, source)


def duration(failure_mode: str, name: str, default: float, source: str) -> Tunable:
    """A length of time of a row, seconds of event time."""
    return Tunable(f"policy.{failure_mode}.{name}", "s", 0.0, _MONTH_S, default, source)
