"""Camera befalls: what may happen in a zone in a few hours, violation or look-alike, mild to gross."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from device_simulators.calendar import HOUR_US, MINUTE_US, SECOND_US
from device_simulators.visits import FIRE_LANE, LOADING, LOBBY, NO_PARKING, Visit

_GHOST = (0.45, 0.72)  # as sure as a detector is of what is no car


@dataclass(slots=True)
class Hours:
    """Some hours of one day in one zone.

    Attributes:
        dice: Of what happens.
        start_us: When they begin, microseconds since the epoch.
        zone: Where.
        permits: Plates that may stand there for as long as they like.
    """

    dice: np.random.Generator
    start_us: int
    zone: str
    permits: Sequence[str] = ()

    def visit(self, note: str, dwell_s: float, after_s: float = 0.0, **more: Any) -> Visit:
        """Somebody comes some seconds after the start; a car with a plate of its own if nothing else is said."""
        # The traffic takes the other place: two cars cannot stand in one.
        first = 1 if self.zone == FIRE_LANE else 0
        own: dict[str, Any] = {"plate": self.plate(), "slot": first + int(self.dice.integers(0, 2))} | more
        return Visit(
            arrive_us=self.start_us + round(after_s * SECOND_US), dwell_s=dwell_s, zone=self.zone, note=note, **own
        )

    def plate(self) -> str:
        """A plate that nobody else has."""
        return f"浙B{self.dice.integers(10_000, 99_999)}"

    def between(self, least: float, most: float) -> float:
        """Some number; of a wide range as many are small as large."""
        return float(np.exp(self.dice.uniform(np.log(least), np.log(most))))

    def times(self, most: int) -> int:
        """Once to so many times."""
        return 1 + int(self.dice.integers(0, most))


Happens = Callable[[Hours], list[Visit]]


def _stands(least_s: float, most_s: float, note: str, **more: Any) -> Happens:
    """Somebody stands for so long."""
    return lambda hours: [hours.visit(note, hours.between(least_s, most_s), **more)]


def _hidden(least_s: float, most_s: float, note: str) -> Happens:
    """Something passes in front of it, and it gets a new id."""

    def happens(hours: Hours) -> list[Visit]:
        dwell_s = hours.between(least_s, most_s)
        return [hours.visit(note, dwell_s, hidden=(dwell_s * hours.dice.uniform(0.2, 0.6), hours.between(5.0, 30.0)))]

    return happens


def _switched(least_s: float, most_s: float, note: str, **more: Any) -> Happens:
    """The tracker gives it new ids, as in rain or at dusk."""
    return lambda hours: [hours.visit(note, hours.between(least_s, most_s), switches=hours.times(4), **more)]


def _again(dwell_s: float, gap_s: float, note: str) -> Happens:
    """The same car comes twice."""

    def happens(hours: Hours) -> list[Visit]:
        same: dict[str, Any] = {"plate": hours.plate(), "slot": 1}
        return [
            hours.visit(note, dwell_s, **same),
            hours.visit(f"{note}, again", dwell_s, dwell_s + gap_s, innocent=True, **same),
        ]

    return happens


def _one_after_the_other(dwell_s: float, note: str) -> Happens:
    """Two cars, neither for too long, the second in the place of the first."""

    def happens(hours: Hours) -> list[Visit]:
        return [hours.visit(note, dwell_s, slot=1), hours.visit(note, dwell_s, dwell_s + 30.0, slot=1)]

    return happens


def _ghosts(least_s: float, most_s: float, note: str) -> Happens:
    """Headlights, rain or snow look like a car in one place now and then for an hour."""

    def happens(hours: Hours) -> list[Visit]:
        found, after_s = list[Visit](), 0.0
        for _ in range(2 + hours.times(8)):
            dwell_s = hours.between(least_s, most_s)
            ghost: dict[str, Any] = {"plate": "", "slot": 1, "sure": _GHOST, "innocent": True}
            found.append(hours.visit(note, dwell_s, after_s, **ghost))
            after_s += dwell_s + hours.between(75.0, 600.0)
        return found

    return happens


def _permitted(hours: Hours) -> list[Visit]:
    """Whoever has a permit unloads for as long as it takes."""
    dwell_s = hours.between(20 * 60.0, 3 * 3600.0)
    plate = hours.permits[int(hours.dice.integers(0, len(hours.permits)))]
    return [hours.visit("unloads with a permit", dwell_s, plate=plate, innocent=True)]


_REFLECTION = _stands(
    600.0, 7_200.0, "a reflection that the camera takes back", plate="", false_positive=True, innocent=True
)
_WAITS = _stands(300.0, 2_400.0, "somebody waits", plate="", label="person")
_BIKE: dict[str, Any] = {"plate": "", "label": "bicycle"}
_E_BIKE = _BIKE | {"motor": True}

FAULTS: dict[str, tuple[Happens, ...]] = {
    NO_PARKING: (
        _stands(315.0, 6 * 3600.0, "parks"),
        _hidden(360.0, 3_600.0, "parks, hidden for a while"),
        _switched(330.0, 3_600.0, "parks, taken for several"),
        _stands(330.0, 3_600.0, "parks, its plate cannot be read", plate=""),
        _again(600.0, 3 * 3600.0, "parks"),
        _stands(330.0, 7_200.0, "a truck parks", label="truck"),
    ),
    FIRE_LANE: (
        _stands(66.0, 3_600.0, "blocks the fire lane"),
        _hidden(90.0, 900.0, "blocks the fire lane, hidden for a while"),
        _switched(75.0, 900.0, "blocks the fire lane, taken for several"),
        _stands(70.0, 1_800.0, "a truck blocks the fire lane", label="truck"),
    ),
    LOADING: (
        _stands(930.0, 4 * 3600.0, "parks in the loading zone"),
        _switched(960.0, 7_200.0, "parks in the loading zone, taken for several"),
    ),
    LOBBY: (
        _stands(8.0, 40.0, "an e-bike is pushed to the elevator", **_E_BIKE),
        _stands(2 * 3600.0, 9 * 3600.0, "an e-bike is charged in the lobby", **_E_BIKE),
        _stands(30.0, 300.0, "a courier comes in on a scooter", **_E_BIKE | {"label": "motorcycle"}),
        _switched(60.0, 1_800.0, "an e-bike in the lobby, taken for several", **_E_BIKE),
    ),
}
"""By zone: what is a violation, and goes round."""

LOOK_ALIKES: dict[str, tuple[Happens, ...]] = {
    NO_PARKING: (
        _stands(100.0, 280.0, "a delivery within its time"),
        _hidden(180.0, 270.0, "a delivery within its time, hidden for a while"),
        _switched(120.0, 280.0, "a delivery within its time, taken for several"),
        _one_after_the_other(220.0, "one car, then another"),
        _again(200.0, 600.0, "twice for a few minutes"),
        _ghosts(10.0, 90.0, "headlights, rain or snow"),
        _REFLECTION,
        _WAITS,
    ),
    FIRE_LANE: (
        _stands(15.0, 50.0, "lets somebody out"),
        _switched(20.0, 50.0, "turns, taken for several"),
        _one_after_the_other(40.0, "one car, then another"),
        _ghosts(5.0, 40.0, "headlights, rain or snow"),
        _REFLECTION,
        _WAITS,
    ),
    LOADING: (
        _stands(300.0, 870.0, "loads within its time"),
        _permitted,
        _switched(400.0, 870.0, "loads within its time, taken for several"),
        _ghosts(20.0, 120.0, "headlights, rain or snow"),
    ),
    LOBBY: (
        _stands(0.5, 1.5, "one mistaken frame", **_BIKE),
        _stands(10.0, 600.0, "a pushchair", sure=(0.5, 0.65), innocent=True, **_BIKE),
        _stands(10.0, 600.0, "somebody with a helmet", plate="", label="person"),
        _stands(20.0, 3_600.0, "a reflection that the camera takes back", false_positive=True, innocent=True, **_BIKE),
        _stands(8.0, 600.0, "a bicycle that is no e-bike", motor=False, innocent=True, **_BIKE),
    ),
}
"""By zone: what only looks like one; no zone's are fewer than its violations."""


@dataclass(frozen=True, slots=True)
class Reboot:
    """A camera that is off for a minute and then says again what it had said last, byte for byte."""

    at_us: int
    repeats: int = 10

    @property
    def back_us(self) -> int:
        """From when on it is heard again."""
        return self.at_us + MINUTE_US


def around(reboot: Reboot, hours: Hours) -> Visit:
    """A car that stands within its time while the camera restarts, which gives it a new id."""
    before_s = (reboot.at_us - hours.start_us) / SECOND_US
    return hours.visit("within its time while the camera restarts", before_s + 120.0, hidden=(before_s, 61.0))


HOURS_US = 8 * HOUR_US
"""How long what happens in a zone may take, so that two do not meet."""
