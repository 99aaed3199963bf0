"""ChirpStack's format: what a codec makes of an uplink is read, once, whatever way it came."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.chirpstack import ChirpstackFormat
from ingest.quarantine import Passed, Reason
from ingest.sources import NameMapping, Source
from tests.ingest.community import NOW_US
from tests.ingest.wires import heard, readings, refusal, said

TOPIC = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up"
NAMES = (
    NameMapping("water.pressure", "pressure_kpa", "bar"),
    NameMapping("temperatureSensor.1", "pipe_temperature_c"),
    NameMapping("battery", ""),
)
FORMAT = ChirpstackFormat(Source("lora", "chirpstack", names=NAMES))
# github.com/chirpstack/chirpstack-docs@5ab575f6, src/chirpstack/integrations/events.md, the event `up`.
DOCUMENTED: dict[str, Any] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2022-07-18T09:34:15.775023242+00:00",
    "deviceInfo": {
        "tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242",
        "tenantName": "ChirpStack",
        "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97",
        "applicationName": "Test application",
        "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad",
        "deviceProfileName": "Test device-profile",
        "deviceName": "Test device",
        "devEui": "0101010101010101",
        "tags": {"key": "value"},
    },
    "devAddr": "00189440",
    "dr": 1,
    "fPort": 1,
    "data": "qg==",
    "rxInfo": [
        {
            "gatewayId": "0016c001f153a14c",
            "uplinkId": 4217106255,
            "rssi": -36,
            "snr": 10.5,
            "context": "E3OWOQ==",
            "metadata": {"region_name": "eu868", "region_common_name": "EU868"},
        }
    ],
    "txInfo": {
        "frequency": 867100000,
        "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11, "codeRate": "CR_4_5"}},
    },
}
AT_US = 1658136855775023


def uplink(values: Any, **more: Any) -> dict[str, Any]:
    return {**DOCUMENTED, "object": values, **more}


def test_the_documented_uplink_without_a_codec_says_what_to_do() -> None:
    """Raw bytes could mean anything; the sentence names the place where their meaning is set."""
    refused = refusal(FORMAT, TOPIC, DOCUMENTED)

    assert refused.reason == Reason.NO_CODEC
    assert "codec in the device profile" in refused.detail


def test_the_documented_uplink_with_a_codec_is_read() -> None:
    """Nested names are dotted, nanoseconds are cut, bar becomes kilopascals, unmapped names are named."""
    message = said(
        FORMAT, TOPIC, uplink({"water": {"pressure": 3.12}, "temperatureSensor": {"1": 9.5}, "battery": 3.6, "x": 1})
    )

    assert readings(message) == [
        ("0101010101010101", "pressure_kpa", AT_US, pytest.approx(312.0)),
        ("0101010101010101", "pipe_temperature_c", AT_US, 9.5),
    ]
    assert message.parts[0].unmapped == ("x",)


def test_an_uplink_is_one_message_whoever_heard_it() -> None:
    """Two servers that tell of the same uplink with different gateways tell of one message; the next is another."""
    first = said(FORMAT, TOPIC, uplink({"current_a": 1}))
    again = said(FORMAT, TOPIC, uplink({"current_a": 1}, rxInfo=[]), NOW_US + 1)
    another = said(FORMAT, TOPIC, uplink({"current_a": 1}, deduplicationId="x"))

    assert first.identity == again.identity != another.identity


def test_an_uplink_without_an_identifier_goes_by_its_bytes() -> None:
    """An older server that gives none is still told from itself by payload and time."""
    message = said(FORMAT, TOPIC, {key: v for key, v in uplink({"current_a": 1}).items() if key != "deduplicationId"})

    assert message.identity == b""


@pytest.mark.parametrize("event", ["status", "join", "ack", "txack", "log", "location", "integration"])
def test_the_other_events_are_passed_over(event: str) -> None:
    """What the network says of itself is no mistake."""
    assert heard(FORMAT, TOPIC.replace("/up", f"/{event}"), b"anything") is Passed.NOT_EVIDENCE


def test_a_frame_of_the_network_alone_is_passed_over() -> None:
    """An uplink without application data has nothing to decode."""
    assert heard(FORMAT, TOPIC, {key: v for key, v in DOCUMENTED.items() if key != "data"}) is Passed.NOT_EVIDENCE


def test_a_device_is_the_same_in_capitals() -> None:
    """A devEui is hexadecimal; a topic in capitals names the same device."""
    capitals = uplink({"current_a": 1}, deviceInfo={"devEui": "00AB"})

    assert said(FORMAT, "eu868/application/a/device/00Ab/event/up", capitals).parts[0].device == "00ab"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x0a\x24" + b"3ac7e3c4-4401-4b8d-9386-a5c902f9202d", Reason.NOT_JSON),
        ({**DOCUMENTED, "deviceInfo": {}}, Reason.MISSING_FIELD),
        ({**DOCUMENTED, "deviceInfo": {"devEui": "02"}}, Reason.DEVICE_MISMATCH),
        (uplink({}), Reason.EMPTY),
        (uplink([1]), Reason.WRONG_TYPE),
        (uplink({"current_a": 1}, time="2022-07-18 09:34:15"), Reason.BAD_TIME),
        (uplink({"current_a": {"x": {"y": [[[[[[[[[[[[[1]]]]]]]]]]]]]}}}), Reason.TOO_DEEP),
        (uplink({"current_a": "high"}), Reason.TEXT_FOR_NUMBER),
    ],
)
def test_what_is_broken_is_refused_by_name(payload: Any, reason: Reason) -> None:
    """A message that cannot be read, protobuf included, goes to quarantine with its reason."""
    assert refusal(FORMAT, TOPIC, payload).reason == reason


@given(
    st.dictionaries(st.sampled_from(["current_a", "voltage_v", "floor"]), st.floats(-1e9, 1e9), min_size=1),
    st.integers(0, 4_000_000_000_000_000),
)
def test_what_a_server_encodes_is_decoded(values: dict[str, float], at_us: int) -> None:
    """Values arrive as they were sent, at the moment of reception to the microsecond."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    message = said(FORMAT, TOPIC, uplink(values, time=moment.isoformat(timespec="microseconds")))

    assert readings(message) == [("0101010101010101", name, at_us, value) for name, value in values.items()]
