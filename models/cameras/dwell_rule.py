"""Dwell rule: what counts as standing too long, and what of it may be turned."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.thresholds import Tunable

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class DwellRule:
    """What counts as a violation.

    Attributes:
        failure_mode: What it is called.
        limits: How long a vehicle may stand, by the zone's kind; a zone of another kind is not watched.
    """

    failure_mode: str
    limits: Mapping[str, Tunable]

    @property
    def tunables(self) -> tuple[Tunable, ...]:
        """The limits, and what all dwell rules have."""
        mode = self.failure_mode
        return (
            *self.limits.values(),
            Tunable(f"{mode}.absent_s", "s", 10, 600, 120, "DOMAIN 4.1: clear when absent for 120 s"),
            Tunable(
                f"{mode}.silent_s", "s", 60, 900, 150, "DOMAIN 4.2: silent for 150 s is ended; it speaks every 60 s"
            ),
            Tunable(f"{mode}.plate_score", "1", 0.5, 1, 0.8, "DOMAIN 4.1: the plate is the key from 0.8 on"),
            Tunable(f"{mode}.same_plate_h", "h", 1, 72, 24, "DOMAIN 4.1: the same plate within 24 h is no new order"),
        )
