"""Cameras fleet: a gate, a lobby and a front alone on a site, whose every message ingest takes, and their truth."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from pydantic import SecretStr

from device_simulators.calendar import DAY_US, MINUTE_US, local_midnight
from device_simulators.cameras_fleet import cameras_groups
from device_simulators.falling_objects import Sighting, Spell
from device_simulators.fleet import Group
from device_simulators.labels import Truth
from device_simulators.visits import LOBBY, Visit
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.settings import IngestSettings
from service.evaluation.community import registry_of_group
from tests.ingest.outcomes import outcome_of

START = local_midnight(1_764_000_000_000_000)
END = START + 365 * DAY_US


def _fleet(assets: int, seed: int = 1, end_us: int = END) -> list[Group]:
    return list(cameras_groups(np.random.default_rng(seed), assets, START, end_us))


def test_every_failure_mode_befalls_every_group_mild_to_gross_beside_look_alikes() -> None:
    """A year of five assets has each mode often, mild to gross, and at least as many look-alikes."""
    labels = [label for group in _fleet(5) for label in group.labels]
    faults = Counter(label.failure_mode for label in labels if label.truth is Truth.FAULT)
    resembled = Counter(label.failure_mode for label in labels if label.truth is Truth.LOOKALIKE)
    modes = ("parking.illegal", "parking.fire_lane", "building.ebike", "building.falling_object")
    severities = [label.severity for label in labels if label.failure_mode in modes and label.truth is Truth.FAULT]

    assert min(faults[mode] for mode in modes) >= 20
    assert all(resembled[mode] >= faults[mode] for mode in modes)
    assert min(severities) < 0.3
    assert max(severities) == 1.0


@pytest.mark.parametrize("assets", [1, 3, 4, 7])
def test_there_are_as_many_assets_as_asked_for(assets: int) -> None:
    """The last group has what is left: zones first, then the lobby, then the front."""
    assert sum(len(group.assets) for group in _fleet(assets, end_us=START + 30 * DAY_US)) == assets


def test_a_fleet_is_the_same_for_the_same_dice() -> None:
    """Labels and messages follow from the dice; each call of messages starts afresh."""
    one, same, other = (_fleet(10, seed)[1] for seed in (1, 1, 2))
    first = list(one.messages(START, START + 10 * DAY_US))

    assert list(one.messages(START, START + 10 * DAY_US)) == first
    assert list(same.messages(START, START + 10 * DAY_US)) == first
    assert (one.labels, one.assets) == (same.labels, same.assets)
    assert one.labels != other.labels


def test_ingest_takes_every_message_as_good() -> None:
    """Forty days: decoded, known and in order, without a still, and nobody can read whose the permits are."""
    (group,) = _fleet(5)
    known = registry_of_group(group)
    settings = IngestSettings(plate_key=SecretStr("a key for tests of enough length"))
    decoder, watermarks = Decoder.build(settings, known), dict[str, int]()
    messages = list(group.messages(START, START + 40 * DAY_US))
    taken = [outcome_of(decoder, Arrival(m.topic, m.payload, m.at_us), watermarks) for m in messages]
    permits = {str(asset.limits["permits"]) for asset in known.assets.values() if "permits" in asset.limits}

    assert all(isinstance(one, Entry) and not one.batch.stills for one in taken)
    assert all(before.at_us <= after.at_us for before, after in pairwise(messages))
    assert 40 * 100 < len(messages) < 40 * 400
    assert {len(one) for said in permits for one in said.split()} == {64}


def test_a_camera_that_restarts_is_silent_and_then_says_its_last_words_again() -> None:
    """Each time within a minute before nothing is heard of it, and its last ten messages come again byte for byte."""
    (group,) = _fleet(1)
    messages = list(group.messages(START, END))
    repeated = Counter(m.payload for m in messages)
    again = sorted({m.at_us for m in messages if repeated[m.payload] > 1 and _told_us(m.payload) < m.at_us - MINUTE_US})

    assert len(again) == 3
    assert sum(count > 1 for count in repeated.values()) == 30
    assert not [m for m in messages if any(at_us - MINUTE_US < m.at_us < at_us for at_us in again)]


def _told_us(payload: bytes) -> int:
    return round(json.loads(payload)["after"]["frame_time"] * 1e6)


@pytest.mark.parametrize(
    ("visit", "truth"),
    [
        (Visit("", START, 9.0, LOBBY, label="bicycle"), Truth.FAULT),
        (Visit("", START, 1.0, LOBBY, label="bicycle"), Truth.LOOKALIKE),
        (Visit("", START, 90.0, LOBBY, label="bicycle", innocent=True), Truth.LOOKALIKE),
        (Visit("", START, 90.0, LOBBY), Truth.LOOKALIKE),
    ],
    ids=["e-bike", "one frame", "bicycle", "toy car"],
)
def test_an_e_bike_indoors_is_one_at_once_and_a_bicycle_is_none(visit: Visit, truth: Truth) -> None:
    """The truth knows what the camera does not."""
    assert visit.truth("hall").truth is truth


def test_more_than_five_in_ten_minutes_are_a_camera_to_be_seen_to() -> None:
    """A shower is due as a fault of its camera from the sixth on; what is thrown never is."""
    shower = tuple(Sighting(START + n * MINUTE_US) for n in range(7))
    labels = {label.failure_mode: label for label in Spell(shower, thrown=False, note="rain").labels("b")}

    assert labels["building.falling_object"].truth is Truth.LOOKALIKE
    assert labels["sensor.fault"].raise_from_us == START + 5 * MINUTE_US
    assert [label.truth for label in Spell(shower, thrown=True, note="x").labels("b")] == [Truth.FAULT]
