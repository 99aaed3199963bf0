"""Decoding: every message becomes an entry, a refusal or nothing, and no message, however odd, raises."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ingest.arrival import Arrival
from ingest.decode import Decoder
from ingest.formats.json_payload import MAX_PAYLOAD_BYTES
from ingest.formats.precomplaint import Happening, Sample, encode_events, encode_telemetry
from ingest.formats.wire_format import Decoded, Route
from ingest.judge import Judge
from ingest.log import Entry
from ingest.quarantine import Passed, Reason, Refusal
from ingest.settings import IngestSettings
from ingest.sources import Source
from ingest.topics import event_topic, frigate_snapshot_topic, telemetry_topic
from tests.ingest.community import NOW_US, SITE, community
from tests.ingest.outcomes import outcome_of

SETTINGS = IngestSettings(plate_key=SecretStr("sixteen bytes or more"))
TOPIC = telemetry_topic(SITE, "riser-1-p")
GOOD = encode_telemetry("riser-1-p", [Sample(NOW_US, {"pressure_kpa": 300.0})])


@pytest.fixture
def decode() -> Callable[..., Entry | Refusal | Passed]:
    decoder = Decoder.build(SETTINGS, community())
    return lambda topic, payload, **more: outcome_of(decoder, Arrival(topic, payload, NOW_US, **more), {})


def test_a_reading_and_an_event_become_entries(decode: Callable[..., Entry]) -> None:
    """Site, device and arrival are on the batch; the same message has the same digest, another has another."""
    reading = decode(TOPIC, GOOD)
    event = decode(event_topic(SITE, "pump-1"), encode_events("pump-1", [Happening(NOW_US, "pump.started")]))

    assert (reading.batch.site, reading.batch.device, reading.batch.received_us) == (SITE, "riser-1-p", NOW_US)
    assert reading.batch.readings[0].value == 300.0
    assert event.batch.events[0].kind == "pump.started"
    assert reading.watermark_us == event.watermark_us == NOW_US
    assert reading.digest == decode(TOPIC, GOOD).digest != event.digest
    assert len(reading.digest) == 16


def test_no_plate_of_our_own_format_reaches_the_log(decode: Callable[..., Entry]) -> None:
    """A bridge that sends a plate in the clear, under a name or in a text: nothing of it is in the entry."""
    said = {"plate": "沪A12345", "note": "沪A12345 parks", "seen": [{"License_Plate": "沪A12345"}]}
    events = encode_events("pump-1", [Happening(NOW_US, "camera.object", said)])
    entry = decode(event_topic(SITE, "pump-1"), events)

    assert "A12345" not in str(entry.batch.events)
    assert "note" in entry.batch.events[0].attributes


def test_the_watermark_is_moved(decode: object) -> None:
    """The caller's watermarks hold the message once it is decoded, and stay when it is refused."""
    decoder, watermarks = Decoder.build(SETTINGS, community()), {SITE: 5}
    outcome_of(decoder, Arrival(TOPIC, b"{", NOW_US), watermarks)
    before = dict(watermarks)
    outcome_of(decoder, Arrival(TOPIC, GOOD, NOW_US), watermarks)

    assert (before, watermarks) == ({SITE: 5}, {SITE: NOW_US})


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("precomplaint/v9/a/b/telemetry", GOOD, Reason.UNKNOWN_TOPIC),
        (TOPIC, b"{", Reason.NOT_JSON),
        (telemetry_topic(SITE, "pump-1"), GOOD, Reason.DEVICE_MISMATCH),
        (telemetry_topic("east", "riser-1-p"), GOOD, Reason.WRONG_SITE),
        (telemetry_topic(SITE, "x"), GOOD.replace(b"riser-1-p", b"x"), Reason.UNKNOWN_DEVICE),
        (frigate_snapshot_topic("frigate", "x", "car"), b"\xff\xd8\xff", Reason.UNKNOWN_DEVICE),
    ],
)
def test_a_refusal_can_be_inspected_and_replayed(
    decode: Callable[..., Refusal], topic: str, payload: bytes, reason: Reason
) -> None:
    """Quarantine gets topic, bytes, reason and one sentence."""
    refusal = decode(topic, payload)

    assert (refusal.topic, refusal.payload, refusal.reason, refusal.received_us) == (topic, payload, reason, NOW_US)
    assert refusal.detail
    assert len(refusal.digest) == 16


def test_quarantine_does_not_fill_the_disk(decode: Callable[..., Refusal]) -> None:
    """Of a payload beyond the limit only the allowed part is kept, and different ones stay different."""
    first, second = (decode(TOPIC, b" " * MAX_PAYLOAD_BYTES + end) for end in (b"1", b"2"))

    assert first.reason == Reason.TOO_LARGE
    assert len(first.payload) == MAX_PAYLOAD_BYTES
    assert first.digest != second.digest


def test_a_topic_nobody_would_give_a_device_is_refused(decode: Callable[..., Refusal]) -> None:
    """Topics are remembered, and a mad device may send one of 64 KiB with every message."""
    refusal = decode(f"precomplaint/v1/{SITE}/{'x' * 1_000}/telemetry", GOOD)

    assert (refusal.reason, "limit is 1024" in refusal.detail) == (Reason.TOO_LARGE, True)


def test_a_still_from_before_is_passed_over(decode: Callable[..., Entry | Passed]) -> None:
    """The broker's retained still has no time, a fresh one has its arrival."""
    topic = frigate_snapshot_topic("frigate", "gate_east", "car")

    assert decode(topic, b"\xff\xd8\xff", retained=True) is Passed.RETAINED_STILL
    assert isinstance(decode(topic, b"\xff\xd8\xff"), Entry)


def test_cameras_can_be_switched_off() -> None:
    """Without a source of cameras no camera topic is known."""
    registry = replace(community(), sources={"ours": Source("ours", "precomplaint")})
    refusal = outcome_of(Decoder.build(SETTINGS, registry), Arrival("frigate/events", b"{}", NOW_US), {})

    assert isinstance(refusal, Refusal)
    assert refusal.reason == Reason.UNKNOWN_TOPIC


def test_a_decoder_with_a_mistake_stops_nothing() -> None:
    """If our own code raises on a message, that message is quarantined and the next one is decoded."""

    class Mistaken:
        filters = ("#",)

        def route(self, topic: str) -> Route:
            return Route(lambda payload, received_us: Decoded(topic[received_us * len(payload)]))

    decoder = Decoder([(Source("mistaken", "mistaken"), Mistaken())], Judge(community(), 0))
    outcomes = [outcome_of(decoder, Arrival("a", payload, NOW_US), {}) for payload in (b"1", b"2")]

    assert [o.reason for o in outcomes if isinstance(o, Refusal)] == [Reason.DECODER_FAILED] * 2


TOPICS = st.sampled_from(
    [TOPIC, event_topic(SITE, "pump-1"), "frigate/events", "frigate/tracked_object_update", "frigate/reviews"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["v", "device", "samples", "at", "values", "type", "after", "id", "camera"]), inner
        )
    ),
)


@given(TOPICS, st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_message_raises(topic: str, payload: bytes) -> None:
    """Anything a device can publish is kept, refused with a reason of the list, or passed over."""
    outcome = outcome_of(Decoder.build(SETTINGS, community()), Arrival(topic, payload, NOW_US), {})

    assert isinstance(outcome, Entry | Refusal | Passed)
    assert not isinstance(outcome, Refusal) or Reason(outcome.reason) is not Reason.DECODER_FAILED
