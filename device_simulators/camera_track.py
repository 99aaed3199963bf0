"""Camera track: what Frigate publishes of one object, from `new` to `end`, under one id or several."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from device_simulators.calendar import SECOND_US, stream
from device_simulators.still import PAINTS, Car
from device_simulators.two_wheelers import Name, labelled, names
from device_simulators.visits import Box, Visit

APPROACH_US = 4 * SECOND_US
"""How long it is in sight before it comes to stand."""
_FPS = 5
_STILL_AFTER_US = 10 * SECOND_US  # Frigate's default: stationary after ten seconds of frames (DOMAIN 4.2)
_EVERY_US = 60 * SECOND_US  # at least one message a minute for each object, and one still (best_image_timeout)
_LOST_US = 5 * SECOND_US  # Frigate's default max_disappeared, 25 frames
_SHUTTER_US = SECOND_US // 5
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Saying:
    """What Frigate publishes at one moment: an event, or a still of a car."""

    at_us: int
    event: dict[str, Any] | None = None
    still: Car | None = None


class Track:
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
            "label": labelled(visit, dice),
            "sub_label": None,
            "top_score": 0.0,
            "false_positive": visit.false_positive,
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

    def say(self, kind: str, at_us: int, box: Box, **items: Any) -> Saying:
        """Move on to `at_us` and publish the object before and after."""
        now, jitter = self.now, self._dice.integers(-2, 3, 4)
        score = round(float(self._dice.uniform(*self._visit.sure)), 6)
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
        return Saying(at_us, {"type": kind, "before": before, "after": self._published})

    def still(self, at_us: int) -> Saying:
        """The picture of it now."""
        left, top, right, bottom = self.now["box"]
        paint = PAINTS[self._visit.paint % len(PAINTS)]
        return Saying(at_us, still=Car((left, top, right, bottom), paint, self._visit.plate, self.now["score"]))


def sayings(camera: str, seed: int, visit: Visit, *, classifies: bool = False) -> Iterator[Saying]:
    """Everything about one visit: one track, or one more each time that the camera loses sight of it.

    Args:
        camera: Its name.
        seed: Of its dice.
        visit: Who comes.
        classifies: Whether it has a model that tells e-bikes from bicycles; see `two_wheelers`.
    """
    dice = stream(seed, f"{camera}-{visit.plate}", visit.arrive_us)
    stretches = list(_stretches(visit))
    for number, between_us in enumerate(stretches):
        said = list(_seen(camera, visit, between_us, dice, (number == 0, number == len(stretches) - 1)))
        looks = (stream(seed, f"{camera}-{one}", visit.arrive_us) for one in ("kind", f"kind-{number}"))
        yield from _called(said, names(visit, *looks) if classifies else ())


def _called(said: Sequence[Saying], named: Iterable[Name]) -> Iterator[Saying]:
    """A track whose object is given a name after a while: each new name is an update, and all later words have it.

    A name that comes after the track has ended is none.
    """
    coming, start_us = deque(named), said[0].at_us
    name: Name | None = None
    last: dict[str, Any] | None = None
    for one in said:
        while coming and last is not None and start_us + coming[0].after_us < one.at_us:
            name = coming.popleft()
            at_us = start_us + name.after_us
            now = last | {"frame_time": at_us / SECOND_US, "sub_label": [name.name, name.score]}
            yield Saying(at_us, {"type": "update", "before": last, "after": now})
            last = now
        if one.event is None or name is None:
            yield one
        else:
            sub_label = {"sub_label": [name.name, name.score]}
            event = one.event | {"after": one.event["after"] | sub_label, "before": one.event["before"] | sub_label}
            yield Saying(one.at_us, event)
        last = one.event["after"] if one.event is not None else last


def _stretches(visit: Visit) -> Iterator[tuple[int, int]]:
    """From when until when it has one id."""
    start_us = visit.arrive_us
    if visit.hidden is not None:
        hidden_us = start_us + round(visit.hidden[0] * SECOND_US)
        yield start_us, hidden_us
        start_us = hidden_us + round(visit.hidden[1] * SECOND_US)
    each_us = (visit.leave_us - start_us) // (visit.switches + 1)
    for _ in range(visit.switches):
        yield start_us, start_us + each_us
        start_us += each_us + SECOND_US
    yield start_us, visit.leave_us


def _seen(
    camera: str, visit: Visit, between_us: tuple[int, int], dice: np.random.Generator, drives: tuple[bool, bool]
) -> Iterator[Saying]:
    """One track: it drives up (or appears where it stands), stands, and drives off (or is lost)."""
    arrive_us, leave_us = between_us
    zones = [visit.zone] if visit.zone else []
    box, road = visit.box, visit.road
    if drives[0]:
        track = Track(camera, visit, arrive_us - APPROACH_US, dice)
        yield track.say("new", arrive_us - APPROACH_US, road, current_estimated_speed=9.2, velocity_angle=180)
        yield track.say("update", arrive_us, box, current_zones=zones, entered_zones=zones, current_estimated_speed=2.1)
    else:
        track = Track(camera, visit, arrive_us, dice)
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


def _standing(track: Track, visit: Visit, between_us: tuple[int, int], dice: np.random.Generator) -> Iterator[Saying]:
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


def _misread(plate: str, dice: np.random.Generator) -> str:
    """The plate with one digit wrong, as a reader sees it at a slant."""
    if not plate:
        return plate
    place = int(dice.integers(2, len(plate)))
    return plate[:place] + _DIGITS[(ord(plate[place]) + 3) % 10] + plate[place + 1 :]
