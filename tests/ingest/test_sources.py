"""Sources: a gateway's devices are told apart, and what is unknown waits while the rest goes on."""

import json
from dataclasses import replace

import pytest

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.formats.wire_format import Decoded, Message, Route
from ingest.judge import Judge
from ingest.judgement import Judged, replayed
from ingest.quarantine import Reason
from ingest.readings import Reading
from ingest.registry import Device, Registry
from ingest.settings import IngestSettings
from ingest.sources import NameMapping, Source
from ingest.topics import DEVICE_FILTERS
from ingest.translation import Translated, Translation, Value
from tests.ingest.community import NOW_US, SITE, community

TOPIC = "gateway/1"


class Gateway:
    """A format of the tests: `{address: {name: value}}`, dated by arrival."""

    def __init__(self, source: Source) -> None:
        self.filters = source.filters or ("gateway/#",)
        self._translation = Translation(source)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        return Route(self._decode) if topic.startswith("gateway/") else None

    def _decode(self, payload: bytes, received_us: int) -> Message:
        parts = [self._part(address, values, received_us) for address, values in json.loads(payload).items()]
        return Message(tuple(parts), identity=str(received_us).encode())

    def _part(self, address: str, values: dict[str, float], at_us: int) -> Decoded:
        found = self._translation.readings(address, [Value(name, at_us, value) for name, value in values.items()])
        assert isinstance(found, Translated)
        return Decoded(address, found.readings, unmapped=found.unmapped)


def decoder(registry: Registry, *names: NameMapping) -> Decoder:
    source = Source("gateway", "gateway", filters=("gateway/#",), site=SITE, names=names)
    return Decoder([(source, Gateway(source))], Judge(registry, 10_000_000))


def with_device(registry: Registry, device: Device) -> Registry:
    return replace(registry, devices={**registry.devices, device.id: device})


def sent(values: object, at_us: int = NOW_US, topic: str = TOPIC) -> Arrival:
    return Arrival(topic, json.dumps(values).encode(), at_us)


def judged(by: Decoder, arrival: Arrival) -> Judged:
    return by.judge(by.decode(arrival), {})


def test_an_address_is_the_devices_name_on_the_wire() -> None:
    """Readings carry the registry's id, whatever the device calls itself, and only through its own source."""
    known = with_device(community(), Device("riser-9-p", SITE, ("riser-1",), source="gateway", address="Device A"))
    elsewhere = with_device(community(), Device("riser-9-p", SITE, ("riser-1",), source="other", address="Device A"))
    (entry,) = judged(decoder(known), sent({"Device A": {"pressure_kpa": 1.0}})).entries

    assert (entry.batch.device, entry.batch.readings[0].device) == ("riser-9-p", "riser-9-p")
    assert judged(decoder(elsewhere), sent({"Device A": {"pressure_kpa": 1.0}})).entries == ()


def test_a_stranger_does_not_stop_its_neighbours() -> None:
    """Of a gateway's message the known devices are stored; the unknown one waits, with all we know of it."""
    outcome = judged(decoder(community()), sent({"pump-1": {"current_a": 2.0}, "new": {"current_a": 3.0}}))
    (entry,), (refusal,) = outcome.entries, outcome.refusals

    assert entry.batch.readings == (Reading("pump-1", "current_a", NOW_US, 2.0),)
    assert (refusal.reason, refusal.source, refusal.device, refusal.site) == (
        Reason.UNKNOWN_DEVICE,
        "gateway",
        "new",
        SITE,
    )
    assert entry.digest != refusal.digest


def test_an_approved_stranger_is_replayed_alone() -> None:
    """Once it is in the registry its part of the message is stored, as what it would have been then."""
    before = decoder(community())
    arrival = sent({"pump-1": {"current_a": 2.0}, "new": {"current_a": 3.0}})
    (refusal,) = judged(before, arrival).refusals
    after = decoder(with_device(community(), Device("pump-9", SITE, ("pump-1",), address="new")))
    outcome = after.judge(replayed(after.decode(arrival), refusal), {})
    at_once = {entry.batch.device: entry.digest for entry in judged(after, arrival).entries}

    assert [(entry.batch.device, entry.digest) for entry in outcome.entries] == [("pump-9", at_once["pump-9"])]
    assert outcome.refusals == ()


def test_unmapped_names_wait_and_the_rest_goes_on() -> None:
    """Each replay stores what was mapped since, under a digest of its own, until no name is left."""
    arrival = sent({"pump-1": {"current_a": 2.0, "T": 40.0, "U": 380.0}})
    outcomes, held = [], None
    for names in ((), (NameMapping("T", "bearing_temperature_c"),), (NameMapping("U", "voltage_v"),)):
        by = decoder(community(), *names)
        said = by.decode(arrival) if held is None else replayed(by.decode(arrival), held)
        outcomes.append(by.judge(said, {}))
        held = outcomes[-1].refusals[0]

    assert [[r.metric for r in one.entries[0].batch.readings] for one in outcomes] == [
        ["current_a"],
        ["current_a", "bearing_temperature_c"],
        ["current_a", "voltage_v"],
    ]
    assert len({one.entries[0].digest for one in outcomes}) == 3
    assert len({one.refusals[0].digest for one in outcomes}) == 1
    assert {one.refusals[0].reason for one in outcomes} == {Reason.UNMAPPED_NAME}


def test_a_stranger_is_let_in_before_its_names_are_mapped() -> None:
    """A new device whose names nobody knows is on the waiting list, not a question of mapping."""
    (refusal,) = judged(decoder(community()), sent({"new": {"T": 1.0}})).refusals

    assert (refusal.reason, refusal.device) == (Reason.UNKNOWN_DEVICE, "new")


def test_a_message_of_unmapped_names_alone_is_refused() -> None:
    """Nothing could be read; the sentence names what to map."""
    (refusal,) = judged(decoder(community()), sent({"pump-1": {"T": 1.0}})).refusals

    assert refusal.reason == Reason.NOTHING_MAPPED
    assert "T" in refusal.detail


@pytest.mark.parametrize(("later_us", "different"), [(0, 1), (60_000_000, 2)])
def test_an_undated_message_is_known_by_its_arrival(later_us: int, different: int) -> None:
    """The same value a minute later is another reading, not a redelivery."""
    by = decoder(community())
    digests = {
        judged(by, sent({"pump-1": {"current_a": 2.0}}, NOW_US + late)).entries[0].digest for late in (0, later_us)
    }

    assert len(digests) == different


def test_a_source_has_only_its_own_topics() -> None:
    """Where a source names its filters, topics beyond them are nobody's, even if the format could read them."""
    source = Source("gateway", "gateway", filters=("gateway/1",))
    by = Decoder([(source, Gateway(source))], Judge(community(), 0))
    (refusal,) = judged(by, sent({}, topic="gateway/2")).refusals

    assert refusal.reason == Reason.UNKNOWN_TOPIC


def test_filters_are_shared_but_for_sessions() -> None:
    """In a group every filter carries its name."""
    by = decoder(community())

    assert by.filters() == ("gateway/#",)
    assert by.filters("precomplaint") == ("$share/precomplaint/gateway/#",)


@pytest.mark.parametrize("wrong", [Source("w", "morse"), Source("w", "sparkplug_b", options={"rebirth": "perhaps"})])
def test_a_source_that_cannot_be_used_does_not_stop_the_others(wrong: Source) -> None:
    """A format nobody knows or an option that cannot be costs that source alone."""
    registry = replace(community(), sources={"w": wrong, "ours": Source("ours", "precomplaint")})

    assert Decoder.build(IngestSettings(), registry).filters() == DEVICE_FILTERS


def test_a_sentence_stays_short_whatever_the_names_are() -> None:
    """Of many long names a few are shown, each by its beginning; the message itself holds the rest."""
    (refusal,) = judged(
        decoder(community()), sent({"pump-1": {f"{number}-{'x' * 250}": 1 for number in range(9)}})
    ).refusals

    assert refusal.detail.endswith("... and 4 more")
    assert len(refusal.detail) < 400
