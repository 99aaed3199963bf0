"""Visits: who stops in front of the camera, where and how long, each with its true label."""

from dataclasses import dataclass

from device_simulators.calendar import SECOND_US
from device_simulators.labels import Label, Truth

NO_PARKING = "gate_no_parking"
FIRE_LANE = "gate_fire_lane"
LOADING = "gate_loading"
LOBBY = "lobby"

# DOMAIN 4.1; an e-bike indoors counts at once, as soon as it is more than one mistaken frame
_LIMIT_S = {NO_PARKING: 300, FIRE_LANE: 60, LOADING: 900, LOBBY: 5}
_MODE = {
    NO_PARKING: "parking.illegal",
    FIRE_LANE: "parking.fire_lane",
    LOADING: "parking.illegal",
    LOBBY: "building.ebike",
}
_VEHICLES = frozenset({"car", "truck"})
_BIKES = frozenset({"bicycle", "motorcycle"})

Box = tuple[int, int, int, int]

# Left, top, right, bottom in a frame of 1280 x 720; the bottom's middle lies in the zone as `still` paints it.
_SLOTS: dict[str, tuple[Box, ...]] = {
    NO_PARKING: ((130, 372, 350, 546), (60, 400, 292, 584), (276, 352, 470, 506)),
    FIRE_LANE: ((926, 372, 1156, 552), (900, 384, 1136, 568), (950, 380, 1180, 560)),
    LOADING: ((380, 470, 610, 650), (660, 560, 900, 718), (20, 520, 250, 700)),
    LOBBY: ((420, 260, 640, 560), (700, 280, 900, 570), (200, 300, 400, 600)),
    "": ((560, 300, 740, 440),),
}
_ROAD: Box = (560, 420, 820, 630)


@dataclass(frozen=True, slots=True)
class Visit:
    """One object that comes, stays and goes.

    Attributes:
        plate: Its plate; empty for a person.
        arrive_us: When it enters the zone and stops, microseconds since the epoch.
        dwell_s: How long it stands.
        zone: Frigate's name of the zone, or empty for the road.
        slot: Which of the zone's places it takes, 0 to 2.
        paint: Index of its colour.
        label: Frigate's label.
        hidden: After how many seconds it is hidden and for how long (a bus passes), or None; Frigate then gives it a
            new id.
        switches: How often the camera takes it for another object though it has moved nowhere, and gives a new id.
        sure: Lowest and highest score of the camera in its label.
        false_positive: The camera itself says that there is no such thing.
        motor: Whether a two-wheeler has one, None for what is none or cannot be told.
        innocent: It may stand there, or nothing does, however long it is seen.
        note: What is going on, for a person.
    """

    plate: str
    arrive_us: int
    dwell_s: float
    zone: str
    slot: int = 0
    paint: int = 0
    label: str = "car"
    hidden: tuple[float, float] | None = None
    switches: int = 0
    sure: tuple[float, float] = (0.78, 0.93)
    false_positive: bool = False
    motor: bool | None = None
    innocent: bool = False
    note: str = ""

    @property
    def leave_us(self) -> int:
        """When it drives off."""
        return self.arrive_us + round(self.dwell_s * SECOND_US)

    @property
    def box(self) -> Box:
        """Where it stands."""
        places = _SLOTS[self.zone]
        return places[self.slot % len(places)]

    @property
    def road(self) -> Box:
        """Where it is before and after."""
        return _ROAD

    def truth(self, asset: str) -> Label:
        """The truth about it: a violation once it has stood longer than its zone allows, else a look-alike."""
        limit_s = _LIMIT_S[self.zone]
        due_us = self.arrive_us + limit_s * SECOND_US
        severity = min(1.0, self.dwell_s / (4.0 * limit_s))
        mode = _MODE[self.zone]
        counts = self.label in (_BIKES if self.zone == LOBBY else _VEHICLES) and not self.innocent
        if counts and self.dwell_s > limit_s:
            until_us = due_us + 90 * SECOND_US
            return Label(asset, mode, Truth.FAULT, self.arrive_us, due_us, due_us, until_us, severity, self.note)
        until_us = self.leave_us + 90 * SECOND_US
        return Label(asset, mode, Truth.LOOKALIKE, self.arrive_us, None, self.arrive_us, until_us, severity, self.note)
