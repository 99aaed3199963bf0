"""ThingsBoard's format: documented messages are read, each device by its own name, and none stops another."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.thingsboard import ThingsboardFormat
from ingest.formats.wire_format import Message
from ingest.quarantine import Passed, Reason
from ingest.sources import NameMapping, Source
from tests.ingest.community import NOW_US
from tests.ingest.wires import heard, readings, refusal, said

GATEWAY = "v1/gateway/telemetry"
DEVICE = "v1/devices/me/telemetry"
NAMES = (
    NameMapping("temperature", "air_temperature_c"),
    NameMapping("humidity", ""),
    NameMapping("p", "pressure_kpa", "MPa"),
    NameMapping("jsonKey.someNumber", "current_a"),
    NameMapping("jsonKey.someArray.1", "voltage_v"),
)
FORMAT = ThingsboardFormat(Source("tb", "thingsboard", address="riser-1-p", names=NAMES))
# The devices of https://thingsboard.io/docs/reference/gateway-mqtt-api/#telemetry-upload-api.
DOCUMENTED = {
    "Device A": [
        {"ts": 1483228800000, "values": {"temperature": 42, "humidity": 80}},
        {"ts": 1483228801000, "values": {"temperature": 43, "humidity": 82}},
    ],
    "Device B": [{"ts": 1483228800000, "values": {"temperature": 42, "humidity": 80}}],
}
# The object of https://thingsboard.io/docs/reference/mqtt-api/#telemetry-upload-api.
KEY_VALUES: dict[str, Any] = {
    "stringKey": "value1",
    "booleanKey": True,
    "doubleKey": 42.0,
    "longKey": 73,
    "jsonKey": {"someNumber": 42, "someArray": [1, 2, 3], "someNestedObject": {"key": "value"}},
}


def test_the_documented_gateway_message_is_read() -> None:
    """Each device of a gateway's message has its own readings at its own times."""
    message = said(FORMAT, GATEWAY, DOCUMENTED)

    assert readings(message) == [
        ("Device A", "air_temperature_c", 1483228800000000, 42.0),
        ("Device A", "air_temperature_c", 1483228801000000, 43.0),
        ("Device B", "air_temperature_c", 1483228800000000, 42.0),
    ]
    assert [(part.device, part.unmapped) for part in message.parts] == [("Device A", ()), ("Device B", ())]
    assert message.identity == b""


@pytest.mark.parametrize(
    ("payload", "at_us"),
    [
        (KEY_VALUES, NOW_US),
        ([KEY_VALUES], NOW_US),
        ({"ts": 1451649600512, "values": KEY_VALUES}, 1451649600512000),
        ([{"ts": 1451649600512, "values": KEY_VALUES}], 1451649600512000),
    ],
)
def test_every_documented_form_of_telemetry_is_read(payload: Any, at_us: int) -> None:
    """Bare, timed, and in a list: nested names are dotted, and what nobody has mapped is named."""
    message = said(FORMAT, DEVICE, payload)

    assert readings(message) == [("riser-1-p", "current_a", at_us, 42.0), ("riser-1-p", "voltage_v", at_us, 2.0)]
    assert message.parts[0].unmapped == (
        "stringKey",
        "booleanKey",
        "doubleKey",
        "longKey",
        "jsonKey.someArray.0",
        "jsonKey.someArray.2",
        "jsonKey.someNestedObject.key",
    )


def test_the_same_value_a_minute_later_is_another_message() -> None:
    """Without a time of its own a message goes by its arrival; with one, by itself."""
    bare, timed = {"temperature": 20}, {"ts": 1483228800000, "values": {"temperature": 20}}
    first, later = (said(FORMAT, DEVICE, bare, NOW_US + wait_us) for wait_us in (0, 60_000_000))

    assert first.identity != later.identity
    assert said(FORMAT, DEVICE, bare, NOW_US).identity == first.identity != b""
    assert said(FORMAT, DEVICE, timed).identity == b""


def test_what_is_refused_without_a_time_waits_for_each_arrival() -> None:
    """Once the mapping is mended, every one of the refused values is replayed, not the first alone."""
    outcomes = [heard(FORMAT, DEVICE, {"p": "much"}, NOW_US + wait_us) for wait_us in (0, 60_000_000)]

    assert len({outcome.identity for outcome in outcomes if isinstance(outcome, Message) and outcome.refused}) == 2


def test_a_value_is_converted_from_its_unit() -> None:
    """Megapascals arrive as kilopascals, a number that came as text as a number."""
    message = said(FORMAT, DEVICE, {"ts": 1483228800000, "values": {"p": "0.3124"}})

    assert readings(message) == [("riser-1-p", "pressure_kpa", 1483228800000000, pytest.approx(312.4))]


@pytest.mark.parametrize(
    ("source", "topic", "address"),
    [
        (Source("tb", "thingsboard", address="a"), DEVICE, "a"),
        (Source("tb", "thingsboard", address="a"), "v2/t", "a"),
        (Source("tb", "thingsboard", address="a"), "v2/t/j", "a"),
        (Source("tb", "thingsboard", filters=("b/+/v1/devices/me/telemetry",)), f"b/x/{DEVICE}", "x"),
        (Source("dtu", "thingsboard", filters=("dtu/#", "lake/+/up")), "lake/y/up", "y"),
    ],
)
def test_topic_or_source_says_who_speaks(source: Source, topic: str, address: str) -> None:
    """The level at a filter's `+` is the device; without one it is the source's address."""
    assert said(ThingsboardFormat(source), topic, {"current_a": 1}).parts[0].device == address


def test_a_prefix_of_a_bridge_does_not_hide_a_gateway() -> None:
    """Behind a prefix the gateway's topic is still the gateway's."""
    bridged = ThingsboardFormat(Source("tb", "thingsboard", filters=("cloud/#",)))
    message = said(bridged, f"cloud/{GATEWAY}", {"x": [{"current_a": 1}]})

    assert message.parts[0].device == "x"


@pytest.mark.parametrize(
    "topic", ["v1/gateway/connect", "v1/gateway/attributes", "v1/devices/me/rpc/request/1", "v1/devices/me/attributes"]
)
def test_what_is_no_telemetry_is_passed_over(topic: str) -> None:
    """A gateway that says who connects makes no mistake."""
    assert heard(FORMAT, topic, {"device": "Device A"}) is Passed.NOT_EVIDENCE


def test_a_topic_of_somebody_else_is_not_taken() -> None:
    """Without filters of its own a source has only ThingsBoard's topics."""
    assert ThingsboardFormat(Source("tb", "thingsboard")).route("precomplaint/v1/a/b/telemetry") is None


def test_a_bad_value_does_not_stop_the_neighbour() -> None:
    """Of a gateway's message the device that makes sense is taken, and the message waits for the other."""
    message = said(FORMAT, GATEWAY, {"a": [{"p": "much"}], "b": [{"p": 0.3}]})

    assert [part.device for part in message.parts] == ["b"]
    assert message.refused is not None
    assert (message.refused.reason, message.refused.detail[:2]) == (Reason.TEXT_FOR_NUMBER, "a:")


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (DEVICE, b"{", Reason.NOT_JSON),
        (DEVICE, 42, Reason.WRONG_TYPE),
        (DEVICE, [42], Reason.WRONG_TYPE),
        (DEVICE, {}, Reason.EMPTY),
        (DEVICE, {"ts": -1, "values": {"p": 1}}, Reason.BAD_TIME),
        (DEVICE, {"ts": {}, "values": {"p": 1}}, Reason.BAD_TIME),
        (DEVICE, {"p": "0,31"}, Reason.COMMA_DECIMAL),
        (DEVICE, b'{"p": NaN}', Reason.NOT_FINITE),
        (DEVICE, b'{"p": 1%b}' % (b"0" * 400), Reason.NUMBER_TOO_LARGE),
        (DEVICE, {f"k{index}": index for index in range(513)}, Reason.TOO_MANY_METRICS),
        (DEVICE, {"k" * 300: 1}, Reason.TOO_LARGE),
        (DEVICE, {"k" * 300: [1] * 400}, Reason.TOO_LARGE),
        (DEVICE, b"[" * 17 + b"]" * 17, Reason.TOO_DEEP),
        (DEVICE, b" " * 300_000, Reason.TOO_LARGE),
        ("v2/t/p", b"\x08\x2a", Reason.NO_CODEC),
        (GATEWAY, [], Reason.WRONG_TYPE),
        (GATEWAY, {"a": 7}, Reason.WRONG_TYPE),
        (GATEWAY, {"": {"p": 1}}, Reason.NO_DEVICE),
        (GATEWAY, {"d" * 300: {"p": 1}}, Reason.TOO_LARGE),
        (GATEWAY, {f"d{index}": {"p": 1} for index in range(257)}, Reason.TOO_MANY_DEVICES),
    ],
)
def test_what_is_broken_is_refused_by_name(topic: str, payload: Any, reason: Reason) -> None:
    """A message that cannot be read goes to quarantine with its reason and a short sentence."""
    refused = refusal(FORMAT, topic, payload)

    assert refused.reason == reason
    assert 0 < len(refused.detail) < 400


def test_without_a_name_for_the_device_nothing_is_guessed() -> None:
    """ThingsBoard's device topic names nobody; the sentence is for whoever writes the source."""
    assert refusal(ThingsboardFormat(Source("tb", "thingsboard")), DEVICE, {"p": 1}).reason == Reason.NO_DEVICE


def test_what_is_mapped_to_nothing_is_passed_over() -> None:
    """A message of which nothing is wanted is neither stored nor refused."""
    assert heard(FORMAT, DEVICE, {"humidity": 80}) is Passed.NOT_WANTED


SAMPLES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.integers(1_000_000_000_000, 4_000_000_000_000),
        st.dictionaries(st.sampled_from(["current_a", "voltage_v", "floor"]), st.floats(-1e9, 1e9), min_size=1),
    ),
    min_size=1,
)


@given(SAMPLES)
def test_what_a_gateway_encodes_is_decoded(samples: list[tuple[str, int, dict[str, float]]]) -> None:
    """Every device gets its values, at its times, in its order."""
    sent: dict[str, list[dict[str, Any]]] = {}
    for device, at_ms, values in samples:
        sent.setdefault(device, []).append({"ts": at_ms, "values": values})
    message = said(FORMAT, GATEWAY, json.dumps(sent).encode())

    assert readings(message) == [
        (device, metric, sample["ts"] * 1_000, value)
        for device, telemetry in sent.items()
        for sample in telemetry
        for metric, value in sample["values"].items()
    ]
