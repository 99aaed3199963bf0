"""Camera: a gate camera behind Frigate, with what it says of every car it tracks, and the stills it takes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from device_simulators.calendar import DAY_US, MINUTE_US, SECOND_US, Values, day_of, is_weekend, local_days, stream
from device_simulators.message import Message
from device_simulators.still import PAINTS, Car, StillPainter
from device_simulators.visits import FIRE_LANE, NO_PARKING, Box, Visit
from ingest.topics import frigate_events_topic, frigate_snapshot_topic

PREFIX = "frigate"
_FPS = 5
_STILL_AFTER_US = 10 * SECOND_US  # Frigate's default: stationary after ten seconds of frames (DOMAIN 4.2)
_EVERY_US = 60 * SECOND_US  # at least one message a minute for each object, and one still (best_image_timeout)
_LOST_US = 5 * SECOND_US  # Frigate's default max_disappeared, 25 frames
_APPROACH_US = 4 * SECOND_US
_SHUTTER_US = SECOND_US // 5
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
    """

    name: str
    seed: int
    visits: Sequence[Visit] = ()
    passing_a_day: float = 30.0
    drop_offs_a_day: float = 2.0

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Events of all objects, and a still when a car enters a zone and each minute it stands there."""
        painter = StillPainter(self.seed, self.name.upper().replace("_", " "))
        # Late visits of one day reach into the next, so what is not due yet waits.
        waiting: list[_Saying] = []
        for midnight_us in local_days(start_us, end_us):
            today = [v for v in self.visits if midnight_us <= v.arrive_us - _APPROACH_US < midnight_us + DAY_US]
            today += self._traffic(midnight_us)
            for visit in today:
                waiting += _sayings(self.name, self.seed, visit)
            waiting.sort(key=lambda saying: saying.at_us)  # stable: what is said at once keeps its order
            due = [saying for saying in waiting if saying.at_us < midnight_us + DAY_US]
            waiting = waiting[len(due) :]
            for saying in due:
                if start_us <= saying.at_us < end_us:
                    yield self._message(saying, painter, today)

    def _message(self, saying: "_Saying", painter: StillPainter, visits: Sequence[Visit]) -> Message:
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
        for at_us in _moments(dice, midnight_us, 3.0).tolist():
            yield Visit("", int(at_us), float(dice.uniform(5.0, 40.0)), NO_PARKING, slot=2, label="person")


@dataclass(frozen=True, slots=True)
class _Saying:
    """What Frigate publishes at one moment: an event, or a still of a car."""

    at_us: int
    event: dict[str, Any] | None = None
    still: Car | None = None


class _Track:
    """One object as Frigate tracks it, from `new` to `end`, under one id."""

    def __init__(self, camera: str, visit: Visit, start_us: int, dice: np.random.Generator) -> None:
        letters = "".join("abcdefghijklmnopqrstuvwxyz0123456789"[i] for i in dice.integers(0, 36, 6))
        start_s = start_us / SECOND_US
        self._dice = dice
        self._visit = visit
        self._seen_us = start_us
        self.now: dict[str, Any] = {
            "id": f"{start_s:.6f}-{letters}",
            "camera": camera,
            "frame_time": start_s,
            "snapshot": None,
            "label": visit.label,
            "sub_label": None,
            "top_score": 0.0,
            "false_positive": False,
            "start_time": start_s,
            "end_time": None,
            "score": 0.0,
            "box": [],
            "area": 0,
            "ratio": 0.0,
            "region": [],
            "current_zones": [],
            "entered_zones": [],
            "thumbnail": None,
            "has_snapshot": visit.label == "car",
            "has_clip": False,
            "active": True,
            "stationary": False,
            "motionless_count": 0,
            "position_changes": 1,
            "attributes": {},
            "current_attributes": [],
            "current_estimated_speed": 0,
            "average_estimated_speed": 0,
            "velocity_angle": 0,
            "recognized_license_plate": None,
            "recognized_license_plate_score": None,
        }
        self._published: dict[str, Any] | None = None

    def say(self, kind: str, at_us: int, box: Box, **items: Any) -> _Saying:
        """Move on to `at_us` and publish the object before and after."""
        now, jitter = self.now, self._dice.integers(-2, 3, 4)
        score = round(float(self._dice.uniform(0.78, 0.93)), 6)
        left, top, right, bottom = (int(edge + shift) for edge, shift in zip(box, jitter, strict=True))
        width, height = right - left, bottom - top
        seen_s = at_us / SECOND_US if kind != "end" else self._seen_us / SECOND_US
        now |= {
            "frame_time": seen_s,
            "score": score,
            "top_score": max(score, now["top_score"]),
            "box": [left, top, right, bottom],
            "area": width * height,
            "ratio": round(width / height, 6),
            "region": [max(0, left - 60), max(0, top - 60), right + 60, bottom + 60],
        } | items
        now["snapshot"] = {key: now[key] for key in ("frame_time", "box", "area", "region", "score")}
        now["snapshot"] |= {"attributes": []}
        self._seen_us = at_us
        before = self._published or dict(now)
        self._published = dict(now)
        return _Saying(at_us, {"type": kind, "before": before, "after": self._published})

    def still(self, at_us: int) -> _Saying:
        """The picture of it now."""
        left, top, right, bottom = self.now["box"]
        paint = PAINTS[self._visit.paint % len(PAINTS)]
        return _Saying(at_us, still=Car((left, top, right, bottom), paint, self._visit.plate, self.now["score"]))


def _sayings(camera: str, seed: int, visit: Visit) -> Iterator[_Saying]:
    """Everything about one visit, one track, or two when something hides the car for a while."""
    dice = stream(seed, f"{camera}-{visit.plate}", visit.arrive_us)
    leave_us = visit.leave_us
    if visit.hidden is None:
        yield from _seen(camera, visit, (visit.arrive_us, leave_us), dice, (True, True))
        return
    hidden_us = visit.arrive_us + round(visit.hidden[0] * SECOND_US)
    back_us = hidden_us + round(visit.hidden[1] * SECOND_US)
    yield from _seen(camera, visit, (visit.arrive_us, hidden_us), dice, (True, False))
    yield from _seen(camera, visit, (back_us, leave_us), dice, (False, True))


def _seen(
    camera: str, visit: Visit, between_us: tuple[int, int], dice: np.random.Generator, drives: tuple[bool, bool]
) -> Iterator[_Saying]:
    """One track: it drives up (or appears where it stands), stands, and drives off (or is lost)."""
    arrive_us, leave_us = between_us
    zones = [visit.zone] if visit.zone else []
    box, road = visit.box, visit.road
    if drives[0]:
        track = _Track(camera, visit, arrive_us - _APPROACH_US, dice)
        yield track.say("new", arrive_us - _APPROACH_US, road, current_estimated_speed=9.2, velocity_angle=180)
        yield track.say("update", arrive_us, box, current_zones=zones, entered_zones=zones, current_estimated_speed=2.1)
    else:
        track = _Track(camera, visit, arrive_us, dice)
        yield track.say("new", arrive_us, box, current_zones=zones, entered_zones=zones)
    if visit.label == "car" and zones and leave_us - arrive_us >= _STILL_AFTER_US:
        yield track.still(arrive_us + _SHUTTER_US)
    yield from _standing(track, visit, between_us, dice)
    if drives[1]:
        moving = {"stationary": False, "active": True, "motionless_count": 0}
        yield track.say("update", leave_us, box, **moving, position_changes=track.now["position_changes"] + 1)
        yield track.say("update", leave_us + 3 * SECOND_US, road, current_zones=[], current_estimated_speed=11.5)
    lost_us = leave_us + 3 * SECOND_US + _LOST_US
    last = track.now["box"]
    yield track.say("end", lost_us, (last[0], last[1], last[2], last[3]), end_time=lost_us / SECOND_US)


def _standing(track: _Track, visit: Visit, between_us: tuple[int, int], dice: np.random.Generator) -> Iterator[_Saying]:
    """A message and a still each minute; the plate is read wrong at first, then right."""
    arrive_us, leave_us = between_us
    pictured = visit.label == "car" and visit.zone and leave_us - arrive_us >= _STILL_AFTER_US
    plate, score = _misread(visit.plate, dice), 0.62
    for minute_us in range(arrive_us, leave_us, _EVERY_US):
        if pictured and minute_us > arrive_us:
            yield track.still(minute_us + _SHUTTER_US)
        at_us = minute_us + _STILL_AFTER_US
        if at_us >= leave_us:
            return
        still = {"stationary": True, "active": False, "current_estimated_speed": 0}
        still |= {"motionless_count": (at_us - arrive_us) // SECOND_US * _FPS}
        read = {"recognized_license_plate": plate, "recognized_license_plate_score": score} if plate else {}
        yield track.say("update", at_us, visit.box, **still, **read)
        plate, score = visit.plate, round(float(dice.uniform(0.86, 0.97)), 6)


def _moments(dice: np.random.Generator, midnight_us: int, expected: float) -> Values:
    shares = np.array(_TRAFFIC)
    hours = dice.choice(24, dice.poisson(expected), p=shares / shares.sum())
    moments: Values = midnight_us + np.sort((hours + dice.random(len(hours))) * 60) * MINUTE_US
    return moments


def _plate(dice: np.random.Generator) -> str:
    last = "".join(_DIGITS[i] for i in dice.integers(0, 10, 4))
    return f"{_PROVINCE}A{_LETTERS[dice.integers(0, len(_LETTERS))]}{last}"


def _misread(plate: str, dice: np.random.Generator) -> str:
    """The plate with one digit wrong, as a reader sees it at a slant."""
    if not plate:
        return plate
    place = int(dice.integers(2, len(plate)))
    return plate[:place] + _DIGITS[(ord(plate[place]) + 3) % 10] + plate[place + 1 :]
