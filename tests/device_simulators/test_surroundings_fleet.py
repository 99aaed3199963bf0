"""Surroundings fleet: buildings through a year, with cold waves, thaws and storms, and what only looks like them."""

from collections import Counter
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import numpy as np

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.labels import Truth
from device_simulators.surroundings_fleet import surroundings_groups
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from ingest.settings import IngestSettings
from tests.ingest.outcomes import outcome_of

START = local_midnight(1_764_000_000_000_000)
END = START + 365 * DAY_US


def _fleet(assets: int, seed: int = 1) -> list[Group]:
    return list(surroundings_groups(np.random.default_rng(seed), assets, START, END))


def test_every_failure_mode_befalls_every_building_and_so_do_look_alikes() -> None:
    """A year has frost, thaw and storms, from mild to gross, and as many that are none."""
    labels = [label for group in _fleet(4) for label in group.labels]
    faults = Counter(label.failure_mode for label in labels if label.truth is Truth.FAULT)
    severities = [label.severity for label in labels if label.truth is Truth.FAULT]

    assert set(faults) == {"pipe.freeze", "pipe.thaw", "building.storm"}
    assert min(faults.values()) >= 4
    assert {label.failure_mode for label in labels if label.truth is Truth.LOOKALIKE} == {
        "pipe.freeze",
        "building.storm",
    }
    assert min(severities) < 0.45
    assert max(severities) > 0.8


def test_a_fleet_is_the_same_for_the_same_dice() -> None:
    """Labels and messages follow from the dice; each call of messages starts afresh."""
    one, same, other = (_fleet(2, seed)[1] for seed in (1, 1, 2))
    first = list(islice(one.messages(START, END), 100))

    assert list(islice(one.messages(START, END), 100)) == first
    assert list(islice(same.messages(START, END), 100)) == first
    assert one.labels == same.labels
    assert one.labels != other.labels


def test_ingest_takes_every_message_as_good() -> None:
    """Three days of a storm: decoded, known, in range, in order, and no more than 300 messages a day."""
    group = _fleet(2)[1]
    storm = next(label for label in group.labels if label.failure_mode == "building.storm")
    start_us = local_midnight(storm.onset_us) - DAY_US
    place = Text("x", "x")
    assets = {a["id"]: Asset(a["id"], a["site"], AssetClass(a["class"]), place, a["limits"]) for a in group.assets}
    devices = {d["id"]: Device(d["id"], d["site"], tuple(d["assets"])) for d in group.devices}
    known = Registry({group.site: Site(group.site, place, ZoneInfo("Asia/Shanghai"))}, assets, devices)
    decoder, watermarks = Decoder.build(IngestSettings(), known), dict[str, int]()
    messages = list(group.messages(start_us, start_us + 3 * DAY_US))
    taken = [outcome_of(decoder, Arrival(m.topic, m.payload, m.at_us), watermarks) for m in messages]

    assert all(isinstance(one, Entry) and not any(r.quality for r in one.batch.readings) for one in taken)
    assert all(before.at_us <= after.at_us for before, after in pairwise(messages))
    assert 3 * 50 <= len(messages) <= 3 * 300
