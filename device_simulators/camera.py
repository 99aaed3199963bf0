"""Camera: a gate camera behind Frigate, with what it says of every car it tracks, and the stills it takes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, MINUTE_US, Values, day_of, is_weekend, local_days, local_midnight, stream
from device_simulators.camera_track import APPROACH_US, Saying, sayings
from device_simulators.message import Message
from device_simulators.still import PAINTS, Car, StillPainter
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit
from ingest.topics import frigate_events_topic, frigate_snapshot_topic

PREFIX = "frigate"
_PROVINCE = "浙"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "0123456789"

# Passing traffic by local hour, as shares of the day; chosen like the elevators': out in the morning, home at night.
_TRAFFIC = (0.6, 0.3, 0.2, 0.2, 0.4, 1.5, 5, 9, 8, 5, 4, 5, 5, 4, 4, 4.5, 6, 9, 9, 7, 5, 4, 2, 1.2)


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera at a gate.

    Attributes:
        name: Frigate's name of it; also its id in the registry.
        seed: Of its dice.
        visits: Vehicles and people that matter, besides the traffic; any order.
        passing_a_day: Cars that pass without stopping.
        drop_offs_a_day: Cars that stop in the no-parking zone for under two minutes to let somebody out.
        people_a_day: People who stand in the no-parking zone for a moment.
        pictured: Whether it publishes stills; each takes as long to paint as hundreds of events.
        classifies: Whether it has a model that tells e-bikes from bicycles.
    """

    name: str
    seed: int
    visits: Sequence[Visit] = ()
    passing_a_day: float = 30.0
    drop_offs_a_day: float = 2.0
    people_a_day: float = 3.0
    pictured: bool = True
    classifies: bool = False

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Events of all objects, and a still when a car enters a zone and each minute it stands there."""
        painter = StillPainter(self.seed, self.name.upper().replace("_", " "))
        # Late visits of one day reach into the next, so what is not due yet waits.
        waiting: list[Saying] = []
        visits: dict[int, list[Visit]] = {}
        for one in self.visits:
            visits.setdefault(local_midnight(one.arrive_us - APPROACH_US), []).append(one)
        for midnight_us in local_days(start_us, end_us):
            today = [*visits.get(midnight_us, ()), *self._traffic(midnight_us)]
            for visit in today:
                waiting += sayings(self.name, self.seed, visit, classifies=self.classifies)
            waiting.sort(key=lambda saying: saying.at_us)  # stable: what is said at once keeps its order
            due = [saying for saying in waiting if saying.at_us < midnight_us + DAY_US]
            waiting = waiting[len(due) :]
            for saying in due:
                if start_us <= saying.at_us < end_us and (self.pictured or saying.still is None):
                    yield self._message(saying, painter, today)

    def _message(self, saying: Saying, painter: StillPainter, visits: Sequence[Visit]) -> Message:
        if saying.still is None:
            return Message(frigate_events_topic(PREFIX), json.dumps(saying.event).encode(), saying.at_us)
        others = [
            Car(v.box, PAINTS[v.paint % len(PAINTS)], v.plate)
            for v in visits
            if v.zone and v.label == "car" and v.plate != saying.still.plate
            if v.arrive_us <= saying.at_us < v.leave_us
        ]
        topic = frigate_snapshot_topic(PREFIX, self.name, "car")
        return Message(topic, painter.paint(saying.at_us, [*others, saying.still]), saying.at_us, retain=True)

    def _traffic(self, midnight_us: int) -> Iterator[Visit]:
        """Ordinary life of one day; nothing in it is a violation."""
        dice = stream(self.seed, f"{self.name}-traffic", day_of(midnight_us))
        busy = 0.8 if is_weekend(midnight_us) else 1.0
        for at_us in _moments(dice, midnight_us, self.passing_a_day * busy).tolist():
            # One in five cuts across the fire lane, which is no offence.
            zone = FIRE_LANE if dice.random() < 0.2 else ""  # noqa: PLR2004 -- as said
            yield Visit(_plate(dice), int(at_us), float(dice.uniform(2.0, 6.0)), zone, paint=int(dice.integers(0, 6)))
        for at_us in _moments(dice, midnight_us, self.drop_offs_a_day * busy).tolist():
            dwell_s = float(dice.uniform(20.0, 110.0))
            yield Visit(_plate(dice), int(at_us), dwell_s, NO_PARKING, slot=2, paint=int(dice.integers(0, 6)))
        for at_us in _moments(dice, midnight_us, self.people_a_day).tolist():
            yield Visit("", int(at_us), float(dice.uniform(5.0, 40.0)), NO_PARKING, slot=2, label="person")


def _moments(dice: np.random.Generator, midnight_us: int, expected: float) -> Values:
    shares = np.array(_TRAFFIC)
    hours = dice.choice(24, dice.poisson(expected), p=shares / shares.sum())
    moments: Values = midnight_us + np.sort((hours + dice.random(len(hours))) * 60) * MINUTE_US
    return moments


def _plate(dice: np.random.Generator) -> str:
    last = "".join(_DIGITS[i] for i in dice.integers(0, 10, 4))
    return f"{_PROVINCE}A{_LETTERS[dice.integers(0, len(_LETTERS))]}{last}"
