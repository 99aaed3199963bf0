"""Community: one ordered stream, the same for the same seed, that ingest understands to the last byte."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from itertools import islice, takewhile
from pathlib import Path

import pytest
from pydantic import SecretStr

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_midnight
from device_simulators.community import REGISTRY_FILE, Community
from device_simulators.errors import UnknownScenarioError
from device_simulators.labels import Truth, read_labels, write_labels
from device_simulators.message import Message
from device_simulators.scenarios import SCENARIOS
from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.log import Entry
from ingest.registry_file import load_registry
from ingest.settings import IngestSettings
from tests.ingest.outcomes import outcome_of

START = 1_764_000_000_000_000


def _digest(messages: Iterable[Message]) -> str:
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.topic} {message.at_us} {message.retain} ".encode() + message.payload)
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Seed, start and scenario decide every byte; another seed gives others."""
    one, same, other = (_digest(islice(Community(seed, START, "parking"), 1_600)) for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_iterating_again_starts_afresh() -> None:
    """A community holds no position: each iteration gives the whole stream."""
    community = Community(1, START, "entrapment")

    assert _digest(islice(community, 500)) == _digest(islice(community, 500))


def test_a_fault_changes_only_its_own_devices() -> None:
    """What happens to one asset does not move the dice of another."""
    days = [_by_topic(Community(1, START, name), DAY_US) for name in ("healthy", "entrapment")]
    changed = {topic for topic in days[0] if days[0][topic] != days[1][topic]}

    assert changed == {f"precomplaint/v1/lakeside/b3-e{n}-gateway/telemetry" for n in (1, 2)}


def _by_topic(community: Community, length_us: int) -> dict[str, str]:
    first: dict[str, list[Message]] = {}
    for message in takewhile(lambda m: m.at_us < community.start_us + length_us, community):
        first.setdefault(message.topic, []).append(message)
    return {topic: _digest(messages) for topic, messages in first.items()}


def test_a_healthy_month_is_ordered_and_modest() -> None:
    """Thirty-one days come in time order, within their bounds, 2,000 to 3,500 messages a day, with no fault."""
    community = Community(1, START, "healthy")
    count, last_us, topics = 0, community.start_us, Counter[str]()
    for message in community:
        assert last_us <= message.at_us < community.end_us
        last_us = message.at_us
        count += 1
        topics[message.topic] += 1
    days = (community.end_us - community.start_us) / DAY_US

    assert 2_000 < count / days < 3_500
    assert last_us > community.end_us - HOUR_US
    assert community.labels == ()
    assert min(topics.values()) > 10


def test_it_begins_at_midnight() -> None:
    """Whenever it is started, it begins at the last midnight of the community."""
    community = Community(1, START + 5 * HOUR_US, "healthy")

    assert community.start_us == local_midnight(START)
    assert next(iter(community)).at_us == community.start_us


def _decoder() -> Decoder:
    settings = IngestSettings(plate_key=SecretStr("a key for tests of enough length"))
    return Decoder.build(settings, load_registry(REGISTRY_FILE))


@pytest.mark.parametrize("scenario", ["entrapment", "parking", "burst"])
def test_ingest_takes_every_message_as_good(scenario: str) -> None:
    """Every payload is decoded, its device is in the registry, and no record is late, ahead or out of range."""
    community, decoder, watermarks = Community(1, START, scenario), _decoder(), dict[str, int]()
    from_us, until_us = community.start_us, community.end_us
    if until_us - from_us > 2 * DAY_US:  # the days of the faults are enough
        from_us, until_us = until_us - 4 * DAY_US, until_us - 2 * DAY_US
    records = 0
    for message in takewhile(lambda m: m.at_us < until_us, community):
        if message.at_us < from_us:
            continue
        entry = outcome_of(decoder, Arrival(message.topic, message.payload, message.at_us), watermarks)

        assert isinstance(entry, Entry), f"{message.topic}: {entry}"
        assert not any(record.quality for record in (*entry.batch.readings, *entry.batch.events))
        records += len(entry.batch.readings) + len(entry.batch.events) + len(entry.batch.stills)
    assert records > 5_000


def test_every_device_of_the_registry_speaks() -> None:
    """The registry's devices are exactly those that publish, and a riser's logger keeps to what it may gather."""
    registry = load_registry(REGISTRY_FILE)
    spoken, decoder, watermarks = set(), _decoder(), dict[str, int]()
    for message in takewhile(lambda m: m.at_us < local_midnight(START) + DAY_US, Community(1, START, "healthy")):
        entry = outcome_of(decoder, Arrival(message.topic, message.payload, message.at_us), watermarks)
        assert isinstance(entry, Entry)
        spoken.add(entry.batch.device)
        gathers_us = registry.devices[entry.batch.device].reports_every_us
        oldest = min((r.at_us for r in entry.batch.readings), default=message.at_us)

        assert message.at_us - oldest <= gathers_us
    assert spoken == set(registry.devices)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_labels_lie_within_their_scenario(name: str) -> None:
    """Every label names an asset of the registry, its times are in order, and they lie between start and end."""
    community = Community(1, START, name)
    assets = load_registry(REGISTRY_FILE).assets

    for label in community.labels:
        assert label.asset in assets
        assert community.start_us <= label.onset_us <= label.raise_from_us <= label.raise_until_us <= community.end_us
        assert (label.failure_us is None) or label.truth is Truth.FAULT
    assert community.start_us <= community.fast_forward_until_us < community.end_us
    assert (not community.labels) == (name == "healthy")
    if name == "lookalikes":
        assert {label.truth for label in community.labels} == {Truth.LOOKALIKE}


def test_the_demo_is_lively_right_after_its_history() -> None:
    """Within ten minutes after the fast-forward come an entrapment, a parked car and the fire lane."""
    community = Community(1, START, "demo")
    live_us = community.fast_forward_until_us
    soon = {
        label.failure_mode for label in community.labels if live_us <= label.raise_from_us < live_us + 10 * MINUTE_US
    }
    burst = next(label for label in community.labels if label.failure_mode == "pipe.burst")
    bearing = next(label for label in community.labels if label.failure_mode == "pump.bearing")

    assert soon == {"elevator.entrapment", "parking.illegal", "parking.fire_lane"}
    assert burst.onset_us < live_us - 6 * DAY_US
    assert live_us + 2 * DAY_US < (burst.failure_us or 0) < live_us + 3 * DAY_US
    assert bearing.onset_us < live_us < (bearing.failure_us or 0)
    assert 13 * DAY_US < live_us - community.start_us < 16 * DAY_US


def test_labels_survive_their_file(tmp_path: Path) -> None:
    """What is written beside the data is read back as it was."""
    labels = list(Community(1, START, "lookalikes").labels)
    write_labels(tmp_path / "labels.jsonl", labels)

    assert read_labels(tmp_path / "labels.jsonl") == labels


def test_an_unknown_scenario_names_the_known_ones() -> None:
    """A misspelt scenario is refused with the list of those there are."""
    with pytest.raises(UnknownScenarioError, match=r"no scenario 'helthy'; there are demo, healthy, "):
        Community(1, START, "helthy")
