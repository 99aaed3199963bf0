"""Dwell rule: what counts as standing too long, and what of it may be turned."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.cameras.vehicles import LABELS
from models.thresholds import Tunable

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class DwellRule:
    """What counts as a violation.

    Attributes:
        failure_mode: What it is called.
        limits: How long a vehicle may stand, by the zone's kind; a zone of another kind is not watched.
        labels: What the camera calls the vehicles that count.
        passing_too: One that is pushed through counts like one that stands; what is lost from sight and found again
            in the zone is then one stay, wherever it is found.
        least_score: How sure the camera must have been of the label at its best; None: its own word is enough.
        measure: What the evidence calls the time in the zone.
        doubt: How long one must be in the zone of which no model of the camera says what it is, `two_wheelers`: it then
            counts as it is, and one that is recognised a level more. None: what it is called is all that matters.
    """

    failure_mode: str
    limits: Mapping[str, Tunable]
    labels: frozenset[str] = LABELS
    passing_too: bool = False
    least_score: Tunable | None = None
    measure: str = "dwell_s"
    doubt: Tunable | None = None

    @property
    def tunables(self) -> tuple[Tunable, ...]:
        """The limits, and what all dwell rules have."""
        mode = self.failure_mode
        return (
            *self.limits.values(),
            *(one for one in (self.least_score, self.doubt) if one is not None),
            Tunable(f"{mode}.absent_s", "s", 10, 600, 120, "DOMAIN 4.1: clear when absent for 120 s"),
            Tunable(
                f"{mode}.silent_s", "s", 60, 900, 150, "DOMAIN 4.2: silent for 150 s is ended; it speaks every 60 s"
            ),
            Tunable(f"{mode}.plate_score", "1", 0.5, 1, 0.8, "DOMAIN 4.1: the plate is the key from 0.8 on"),
            Tunable(f"{mode}.same_plate_h", "h", 1, 72, 24, "DOMAIN 4.1: the same plate within 24 h is no new order"),
        )
