"""Alink's format: properties and events of devices and gateways are read, and who asks for an answer is given one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceOptionError
from ingest.formats.alink import AlinkFormat
from ingest.quarantine import Passed, Reason
from ingest.readings import Event
from ingest.sources import NameMapping, Source
from tests.ingest.community import NOW_US
from tests.ingest.wires import heard, readings, refusal, said

ROOT = "/sys/a1B2/pump-1/thing"
POST = f"{ROOT}/event/property/post"
PACK = f"{ROOT}/event/property/pack/post"
AT_US = 1524448722000000
NAMES = (
    NameMapping("Power", "car_running"),
    NameMapping("WF", "flow_m3_h", "L/s"),
    NameMapping("Pressure", "pressure_kpa", "MPa"),
    NameMapping("Position.latitude", ""),
)
FORMAT = AlinkFormat(Source("alink", "alink", options={"event.Fault": "elevator.fault"}, names=NAMES))
TIMED = {"Power": {"value": "on", "time": 1524448722000}, "WF": {"value": 23.6, "time": 1524448722000}}
ALARM = {"value": {"Power": "on", "WF": "2"}, "time": 1524448722000}


def post(params: Any, **more: Any) -> dict[str, Any]:
    return {"id": "123", "version": "1.0", "params": params, "method": "thing.event.property.post", **more}


def test_the_documented_property_post_is_read() -> None:
    """help.aliyun.com/document_detail/89301.html, the request of a property post: text switches, units, times."""
    message = said(FORMAT, POST, post(TIMED, sys={"ack": 0}))

    assert readings(message) == [
        ("a1B2/pump-1", "car_running", AT_US, 1.0),
        ("a1B2/pump-1", "flow_m3_h", AT_US, pytest.approx(84.96)),
    ]
    assert (message.asks, message.identity, message.parts[0].unmapped) == ((), b"", ())


def test_a_bare_value_is_dated_by_its_arrival() -> None:
    """The same bare value a minute later is another message, though devices send the same `id` for ever."""
    bare = post({"Pressure": 0.312})
    first, later = (said(FORMAT, POST, bare, NOW_US + wait_us) for wait_us in (0, 60_000_000))

    assert readings(first) == [("a1B2/pump-1", "pressure_kpa", NOW_US, 312.0)]
    assert b"" != first.identity != later.identity


def test_a_structure_is_read_by_dotted_names() -> None:
    """The fields of a structure have names of their own; a field nobody mapped is named."""
    message = said(
        FORMAT,
        POST,
        post(
            {
                "Pressure": {"value": 0.3, "time": 1524448722000},
                "Position": {"value": {"latitude": 39.9, "longitude": 116.38}, "time": 1524448722000},
            }
        ),
    )

    assert message.parts[0].unmapped == ("Position.longitude",)


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [("alarmEvent", "alink.alarm_event"), ("Fault", "elevator.fault"), ("mod:E1", "alink.mod.e1"), ("警", "alink._")],
)
def test_an_event_has_a_dotted_kind(identifier: str, kind: str) -> None:
    """The identifier becomes our kind of word, unless the source says which of our events it is."""
    message = said(FORMAT, f"{ROOT}/event/{identifier}/post", post(ALARM))

    assert message.parts[0].events == (Event("a1B2/pump-1", kind, AT_US, {"Power": "on", "WF": "2"}),)


def test_the_documented_gateway_pack_is_read() -> None:
    """The gateway's own properties and events, and those of the devices below it, each under its own name."""
    message = said(
        FORMAT,
        PACK,
        post(
            {
                "properties": TIMED,
                "events": {"alarmEvent1": ALARM},
                "subDevices": [
                    {
                        "identity": {"productKey": "alp", "deviceName": "sub-1"},
                        "properties": {"WF": {"value": 1, "time": 1524448722000}},
                        "events": {"alarmEvent1": ALARM},
                    }
                ],
            }
        ),
    )

    assert [(part.device, len(part.readings), len(part.events)) for part in message.parts] == [
        ("a1B2/pump-1", 2, 1),
        ("alp/sub-1", 1, 1),
    ]


def test_the_documented_batch_is_read() -> None:
    """Each property has several values, each with its time."""
    series = [{"value": 1, "time": 1524448722000}, {"value": 2, "time": 1524448723000}]
    message = said(
        FORMAT,
        f"{ROOT}/event/property/batch/post",
        post({"properties": {"WF": series}, "events": {"alarmEvent": [ALARM, ALARM]}}),
    )

    assert [at_us for _, _, at_us, _ in readings(message)] == [AT_US, AT_US + 1_000_000]
    assert len(message.parts[0].events) == 2


def test_the_documented_history_is_read() -> None:
    """What a gateway kept while it was away comes as a list of devices, each with lists of samples."""
    history = [
        {
            "identity": {"productKey": "alp", "deviceName": "sub-1"},
            "properties": [TIMED, TIMED],
            "events": [{"alarmEvent": ALARM}],
        },
        {"properties": [TIMED]},
    ]
    message = said(FORMAT, f"{ROOT}/event/property/history/post", post(history))

    assert [(part.device, len(part.readings), len(part.events)) for part in message.parts] == [
        ("alp/sub-1", 4, 1),
        ("a1B2/pump-1", 2, 0),
    ]


def test_who_asks_for_an_answer_gets_one() -> None:
    """With `ack` the reply repeats id and method on the topic a device listens to."""
    (answer,) = said(FORMAT, POST, post(TIMED, sys={"ack": 1})).asks

    assert answer.topic == f"{POST}_reply"
    assert json.loads(answer.payload) == {
        "id": "123",
        "code": 200,
        "data": {},
        "message": "success",
        "method": "thing.event.property.post",
        "version": "1.0",
    }


def test_what_is_refused_is_not_answered() -> None:
    """A device that asked must not be told that all went well when part of its words waits in quarantine."""
    message = said(
        FORMAT,
        PACK,
        post({"properties": TIMED, "subDevices": [{"identity": {}, "properties": TIMED}]}, sys={"ack": 1}),
    )

    assert message.refused is not None
    assert (message.refused.reason, message.asks) == (Reason.NO_DEVICE, ())


@pytest.mark.parametrize("what", ["event/property/post_reply", "service/property/set", "model/down_raw"])
def test_what_the_cloud_says_is_passed_over(what: str) -> None:
    """On a broker that carries both ways, answers and commands are no mistake."""
    assert heard(FORMAT, f"{ROOT}/{what}", b"anything") is Passed.NOT_EVIDENCE


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (POST, b"{", Reason.NOT_JSON),
        (POST, {"id": "1"}, Reason.MISSING_FIELD),
        (POST, post(7), Reason.WRONG_TYPE),
        (POST, post({}), Reason.EMPTY),
        (POST, post({"WF": {"value": 1, "time": "yesterday"}}), Reason.BAD_TIME),
        (POST, post({"WF": {"value": [], "time": 1524448722000}}), Reason.EMPTY),
        (POST, post({"WF": "wet"}), Reason.TEXT_FOR_NUMBER),
        (POST, post({f"p{index}": index for index in range(513)}), Reason.TOO_MANY_METRICS),
        (PACK, post({"properties": 7}), Reason.WRONG_TYPE),
        (PACK, post({"subDevices": 7}), Reason.WRONG_TYPE),
        (PACK, post({"properties": {"WF": 1}, "subDevices": [7]}), Reason.WRONG_TYPE),
        (PACK, post({"subDevices": []}), Reason.EMPTY),
        (f"{ROOT}/event/e/post", b'{"params": {"value": {"x": 1e999}}}', Reason.NOT_FINITE),
        (f"{ROOT}/model/up_raw", bytes.fromhex("00002233441232013fa00000"), Reason.NO_CODEC),
    ],
)
def test_what_is_broken_is_refused_by_name(topic: str, payload: Any, reason: Reason) -> None:
    """A message that cannot be read goes to quarantine with its reason and a short sentence."""
    refused = refusal(FORMAT, topic, payload)

    assert refused.reason == reason
    assert 0 < len(refused.detail) < 400


@pytest.mark.parametrize("options", [{"evnt.Fault": "elevator.fault"}, {"event.Fault": "Elevator fault"}])
def test_a_misspelt_option_is_refused(options: dict[str, str]) -> None:
    """An option that would do nothing, or make events nobody waits for, is an engineer's mistake."""
    with pytest.raises(SourceOptionError, match="source 'alink'"):
        AlinkFormat(Source("alink", "alink", options=options))


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")),
        st.dictionaries(
            st.sampled_from(["current_a", "voltage_v", "floor"]),
            st.tuples(st.floats(-1e9, 1e9), st.integers(1_000_000_000_000, 4_000_000_000_000)),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_what_a_gateway_encodes_is_decoded(devices: dict[tuple[str, str], dict[str, tuple[float, int]]]) -> None:
    """Every device below a gateway gets its values at its times."""
    below = [
        {
            "identity": {"productKey": product, "deviceName": device},
            "properties": {name: {"value": value, "time": at_ms} for name, (value, at_ms) in properties.items()},
        }
        for (product, device), properties in devices.items()
    ]

    assert readings(said(FORMAT, PACK, post({"subDevices": below}))) == [
        (f"{product}/{device}", name, at_ms * 1_000, value)
        for (product, device), properties in devices.items()
        for name, (value, at_ms) in properties.items()
    ]
