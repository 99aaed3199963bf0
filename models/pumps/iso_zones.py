"""ISO zones: how bad a machine's vibration is, by its size."""

from collections.abc import Mapping
from dataclasses import dataclass

_CLASS_I_KW = 15.0
_CLASS_II_KW = 75.0


@dataclass(frozen=True, slots=True)
class IsoBounds:
    """The upper bounds of zones A, B and C of a machine class, velocity RMS 10-1000 Hz in mm/s.

    Source:
        ISO 10816-1, annex B (DOMAIN 3).
    """

    machine_class: str
    a: float
    b: float
    c: float

    def zone(self, velocity_mm_s: float) -> str:
        """The zone's letter; a bound belongs to the better zone.

        Example:
            >>> bounds_of({"power_kw": 7.5}).zone(1.8), bounds_of({"power_kw": 7.5}).zone(1.81)
            ('B', 'C')
        """
        if velocity_mm_s <= self.a:
            return "A"
        if velocity_mm_s <= self.b:
            return "B"
        return "C" if velocity_mm_s <= self.c else "D"


_CLASSES = (
    (_CLASS_I_KW, IsoBounds("I", 0.71, 1.8, 4.5)),
    (_CLASS_II_KW, IsoBounds("II", 1.12, 2.8, 7.1)),
    (float("inf"), IsoBounds("III", 1.8, 4.5, 11.2)),
)


def bounds_of(limits: Mapping[str, float | str]) -> IsoBounds:
    """The bounds of an asset by `limits["power_kw"]`; class I, as most boosters are, where it is not given."""
    power_kw = float(limits.get("power_kw", _CLASS_I_KW))
    return next(bounds for most_kw, bounds in _CLASSES if power_kw <= most_kw)
