"""Pumps fleet: groups that stand alone, whose every message ingest takes, with every trouble and its look-alikes."""

from collections import Counter
from itertools import islice
from zoneinfo import ZoneInfo

import numpy as np
from pydantic import SecretStr

from device_simulators.calendar import DAY_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.labels import Truth
from device_simulators.pumps_fleet import pumps_groups
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.registry import Asset, AssetClass, Device, Registry, Site, Text
from ingest.settings import IngestSettings
from tests.ingest.outcomes import outcome_of

START = local_midnight(1_764_000_000_000_000)
END = START + 200 * DAY_US


def _fleet(assets: int, seed: int = 1) -> list[Group]:
    return list(pumps_groups(np.random.default_rng(seed), assets, START, END))


def test_every_failure_mode_befalls_enough_assets() -> None:
    """Of 150 assets each mode has its share of faults, every asset but a fire pump one, and look-alikes of each."""
    labels = [label for group in _fleet(150) for label in group.labels]
    faults = Counter(label.failure_mode for label in labels if label.truth is Truth.FAULT)
    resembling = {label.failure_mode for label in labels if label.truth is Truth.LOOKALIKE}

    assert min(faults.values()) >= 10
    assert set(faults) == {
        "asset.multivariate",
        "building.flood",
        "pump.bearing",
        "pump.cavitation",
        "pump.cycling",
        "pump.dry_run",
        "pump.motor",
    }
    assert resembling == set(faults) - {"asset.multivariate"}


def test_faults_go_from_mild_to_gross_and_lie_in_their_span() -> None:
    """Severities spread over their range, and what is wrong begins after there was time to learn."""
    faults = [label for group in _fleet(100) for label in group.labels if label.truth is Truth.FAULT]
    severities = [label.severity for label in faults]

    assert min(severities) < 0.2
    assert max(severities) > 0.8
    assert all(START + 39 * DAY_US < f.onset_us <= f.raise_from_us <= f.raise_until_us for f in faults)
    assert all(f.onset_us < END for f in faults)


def test_a_fleet_is_the_same_for_the_same_dice() -> None:
    """Labels and messages follow from the dice; each call of messages starts afresh."""
    one, same, other = (_fleet(4, seed)[2] for seed in (1, 1, 2))
    first = list(islice(one.messages(START, END), 100))

    assert list(islice(one.messages(START, END), 100)) == first
    assert list(islice(same.messages(START, END), 100)) == first
    assert (one.labels, one.assets) == (same.labels, same.assets)
    assert one.labels != other.labels


def _decoder(group: Group) -> Decoder:
    place = Text("x", "x")
    assets = {a["id"]: Asset(a["id"], a["site"], AssetClass(a["class"]), place, a["limits"]) for a in group.assets}
    devices = {
        d["id"]: Device(d["id"], d["site"], tuple(d["assets"]), int(d.get("reports_every_s", 0)) * 1_000_000)
        for d in group.devices
    }
    site = Site(group.site, place, ZoneInfo("Asia/Shanghai"))
    settings = IngestSettings(plate_key=SecretStr("a key for tests of enough length"))
    return Decoder.build(settings, Registry({group.site: site}, assets, devices))


def test_ingest_takes_every_message_as_good() -> None:
    """Two days of a pump and of a building: decoded, known, in order, and no more than 300 messages a day."""
    for group in _fleet(4)[2:]:
        decoder, watermarks, last_us, count = _decoder(group), dict[str, int](), START, 0
        for message in group.messages(START, START + 2 * DAY_US):
            entry = outcome_of(decoder, Arrival(message.topic, message.payload, message.at_us), watermarks)
            assert isinstance(entry, Entry), f"{message.topic}: {entry}"
            assert not any(reading.quality for reading in entry.batch.readings)
            assert message.at_us >= last_us
            last_us, count = message.at_us, count + 1

        assert 100 <= count <= 600
