"""Camera: what Frigate would say of each car, and stills that are pictures."""

import io
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from device_simulators.calendar import DAY_US, HOUR_US, SECOND_US, local_midnight
from device_simulators.camera import Camera
from device_simulators.labels import Truth
from device_simulators.message import Message
from device_simulators.still import PAINTS, Car, StillPainter
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit

MIDNIGHT = local_midnight(1_764_000_000_000_000)
NINE = MIDNIGHT + 9 * HOUR_US

# Of a tracked object in `frigate/events`, as Frigate's documentation shows it.
DOCUMENTED = {
    *("id", "camera", "frame_time", "snapshot", "label", "sub_label", "top_score", "false_positive", "start_time"),
    *("end_time", "score", "box", "area", "ratio", "region", "current_zones", "entered_zones", "thumbnail"),
    *("has_snapshot", "has_clip", "active", "stationary", "motionless_count", "position_changes", "attributes"),
    *("current_attributes", "current_estimated_speed", "average_estimated_speed", "velocity_angle"),
    *("recognized_license_plate", "recognized_license_plate_score"),
}
DOCUMENTED_SNAPSHOT = {"frame_time", "box", "area", "region", "score", "attributes"}


def _messages(*visits: Visit) -> list[Message]:
    quiet = Camera("gate_east", 4, visits, passing_a_day=0.0, drop_offs_a_day=0.0)
    return list(quiet.messages(MIDNIGHT, MIDNIGHT + DAY_US))


def _events(messages: Sequence[Message], label: str = "car") -> list[tuple[int, dict[str, Any]]]:
    events = [(m.at_us, json.loads(m.payload)) for m in messages if m.topic == "frigate/events"]
    return [(at_us, event) for at_us, event in events if event["after"]["label"] == label]


def _stills(messages: Sequence[Message]) -> list[Message]:
    return [m for m in messages if m.topic == "frigate/gate_east/car/snapshot"]


def _overlap(one: Sequence[int], other: Sequence[int]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def test_events_have_exactly_the_documented_keys() -> None:
    """Before and after carry the keys of Frigate's documented payload, no more and no fewer."""
    for message in Camera("gate_east", 4).messages(MIDNIGHT, MIDNIGHT + DAY_US):
        if message.topic == "frigate/events":
            event = json.loads(message.payload)

            assert set(event) == {"type", "before", "after"}
            assert set(event["before"]) == set(event["after"]) == DOCUMENTED
            assert set(event["after"]["snapshot"]) == DOCUMENTED_SNAPSHOT


def test_a_track_is_new_then_updated_each_minute_then_ended() -> None:
    """One visit is one id from new to end, spoken of at least every 60 s, each message beginning where the last was."""
    events = _events(_messages(Visit("浙A12345", NINE, 700.0, NO_PARKING)))
    kinds = [event["type"] for _, event in events]

    assert (kinds[0], kinds[-1]) == ("new", "end")
    assert set(kinds[1:-1]) == {"update"}
    assert len({event["after"]["id"] for _, event in events}) == 1
    assert max(later - earlier for (earlier, _), (later, _) in pairwise(events)) <= 60 * SECOND_US
    assert all(later["before"] == earlier["after"] for (_, earlier), (_, later) in pairwise(events))
    assert events[-1][1]["after"]["end_time"] == pytest.approx(events[-1][0] / 1e6)


def test_a_parked_car_is_stationary_in_its_zone() -> None:
    """Ten seconds after it stops it is stationary in its zone; its plate is misread once and then right."""
    visit = Visit("浙A12345", NINE, 700.0, NO_PARKING)
    during = [e["after"] for at, e in _events(_messages(visit)) if NINE + 10 * SECOND_US <= at < visit.leave_us]

    assert all(after["stationary"] and after["current_zones"] == [NO_PARKING] for after in during)
    assert during[0]["recognized_license_plate"] != visit.plate
    assert {after["recognized_license_plate"] for after in during[1:]} == {visit.plate}
    assert min(after["recognized_license_plate_score"] for after in during[1:]) > 0.8


def test_a_hidden_car_comes_back_under_a_new_id_in_its_old_place() -> None:
    """After something passed in front of it the same car is a second track whose box overlaps the first by 0.7."""
    events = _events(_messages(Visit("浙A12345", NINE, 510.0, NO_PARKING, hidden=(180.0, 20.0))))
    ids = list(dict.fromkeys(event["after"]["id"] for _, event in events))
    boxes = [
        [e["after"]["box"] for _, e in events if e["after"]["id"] == track and e["after"]["stationary"]]
        for track in ids
    ]

    assert len(ids) == 2
    assert _overlap(boxes[0][-1], boxes[1][0]) >= 0.7


def test_a_violation_has_a_still_of_its_beginning_and_one_of_its_end() -> None:
    """A retained still comes when the car stops and each minute after, so one falls on the time limit."""
    for zone, limit_s in ((NO_PARKING, 300), (FIRE_LANE, 60)):
        stills = _stills(_messages(Visit("浙A12345", NINE, limit_s + 30.0, zone)))

        assert all(still.retain for still in stills)
        assert stills[0].at_us - NINE < SECOND_US
        assert any(0 <= still.at_us - NINE - limit_s * SECOND_US < 5 * SECOND_US for still in stills)


def test_ordinary_life_breaks_no_rule() -> None:
    """In ordinary traffic nobody stands in the no-parking zone for 2 min or in the fire lane for 10 s."""
    inside: dict[tuple[str, str], list[int]] = {}
    for at_us, event in _events(list(Camera("gate_east", 4).messages(MIDNIGHT, MIDNIGHT + 3 * DAY_US))):
        for zone in event["after"]["current_zones"]:
            inside.setdefault((zone, event["after"]["id"]), []).append(at_us)
    stays = {(zone, max(times) - min(times)) for (zone, _), times in inside.items()}

    assert {zone for zone, _ in stays} == {NO_PARKING, FIRE_LANE}
    assert max(stay for zone, stay in stays if zone == NO_PARKING) < 120 * SECOND_US
    assert max(stay for zone, stay in stays if zone == FIRE_LANE) < 10 * SECOND_US


def test_a_visit_over_midnight_is_told_to_its_end() -> None:
    """A car that parks before midnight and leaves after it is tracked through, in order."""
    visit = Visit("浙A12345", MIDNIGHT + DAY_US - 200 * SECOND_US, 700.0, NO_PARKING)
    camera = Camera("gate_east", 4, [visit], passing_a_day=20.0)
    times = [(m.at_us, m) for m in camera.messages(MIDNIGHT, MIDNIGHT + 2 * DAY_US)]
    ended = [e for _, e in _events([m for _, m in times]) if e["type"] == "end"]

    assert [at for at, _ in times] == sorted(at for at, _ in times)
    assert any(e["after"]["recognized_license_plate"] == visit.plate for e in ended)


def test_labels_follow_the_limits() -> None:
    """Over the limit of its zone a car is a violation; under it, or a person, it is a look-alike."""
    truths = [
        Visit("浙A12345", NINE, 301.0, NO_PARKING).truth("a"),
        Visit("浙A12345", NINE, 61.0, FIRE_LANE).truth("a"),
        Visit("浙A12345", NINE, 180.0, NO_PARKING).truth("a"),
        Visit("", NINE, 900.0, NO_PARKING, label="person").truth("a"),
    ]

    assert [label.truth for label in truths] == [Truth.FAULT, Truth.FAULT, Truth.LOOKALIKE, Truth.LOOKALIKE]
    assert truths[0].raise_from_us == NINE + 300 * SECOND_US


def _pixels(jpeg: bytes) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (960, 540)
        return np.asarray(picture)


@pytest.mark.parametrize("hour", [3, 12, 22])
def test_stills_are_jpegs_that_fit_the_limit(hour: int) -> None:
    """A still decodes as a JPEG, is under 256 KiB, shows the car, and is darker at night."""
    painter = StillPainter(1, "GATE EAST")
    at_us = MIDNIGHT + hour * HOUR_US
    empty = painter.paint(at_us, [])
    parked = painter.paint(at_us, [Car((130, 372, 350, 546), PAINTS[0], "浙A12345", 0.9)])
    difference = np.abs(_pixels(parked).astype(int) - _pixels(empty).astype(int)).mean(axis=2)

    assert len(parked) < 256 * 1024
    assert difference[300:400, 110:250].mean() > 20 > difference[300:400, 500:900].mean()
    assert (_pixels(empty).mean() < 60) == (hour != 12)


def test_stills_of_the_same_moment_are_the_same_bytes() -> None:
    """Two painters with one seed make one picture, with another seed another."""
    one, same, other = (StillPainter(seed, "GATE").paint(NINE, []) for seed in (1, 1, 2))

    assert one == same
    assert one != other
