"""Huawei IoTDA's format: services of devices and of those behind gateways are read by their dotted names."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.huawei_iotda import HuaweiIotdaFormat
from ingest.quarantine import Passed, Reason
from ingest.sources import NameMapping, Source
from ingest.topics import matches
from tests.ingest.community import NOW_US
from tests.ingest.wires import heard, readings, refusal, said

DEVICE = "$oc/devices/riser-1/sys/properties/report"
GATEWAY = "$oc/devices/gw/sys/gateway/sub_devices/properties/report"
NAMES = (
    NameMapping("Temperature.value", "pipe_temperature_c"),
    NameMapping("Battery.level", ""),
    NameMapping("analog.PhV_phsA", "voltage_v"),
    NameMapping("Pipe.pressure", "pressure_kpa", "MPa"),
)
FORMAT = HuaweiIotdaFormat(Source("oc", "huawei_iotda", names=NAMES))
# support.huaweicloud.com/api-iothub/iot_06_v5_3010.html, the example.
DOCUMENTED = {
    "services": [
        {
            "service_id": "Temperature",
            "properties": {"value": 57, "value2": 60},
            "event_time": "20151212T121212Z",
        },
        {"service_id": "Battery", "properties": {"level": 80, "level2": 90}, "event_time": "20151212T121212Z"},
    ]
}


def report(pressure: Any = 0.3124, **more: Any) -> dict[str, Any]:
    return {"services": [{"service_id": "Pipe", "properties": {"pressure": pressure}, **more}]}


@pytest.mark.parametrize("topic", [DEVICE, f"{DEVICE}?request_id=1", f"{DEVICE}/request_id=1", f"bridge/{DEVICE}"])
def test_the_documented_report_is_read(topic: str) -> None:
    """Names are the service's and the property's; those nobody has mapped are named."""
    message = said(FORMAT, topic, DOCUMENTED)

    assert readings(message) == [("riser-1", "pipe_temperature_c", 1449922332000000, 57.0)]
    assert message.parts[0].unmapped == ("Temperature.value2", "Battery.level2")


def test_the_documented_gateway_report_is_read() -> None:
    """support.huaweicloud.com/api-iothub/iot_06_v5_3006.html: each device has its own words, numbers come as text."""
    service = {
        "service_id": "analog",
        "properties": {"PhV_phsA": "1", "PhV_phsB": "2"},
        "event_time": "20190606T121212Z",
    }
    message = said(
        FORMAT,
        GATEWAY,
        {
            "devices": [
                {"device_id": "bf40f0c4-4022-41c6-a201-c5133122054a", "services": [service]},
                {"device_id": "42aa08ea-84c1-4025-a7b2-c1f6efe547c2", "services": [service, service]},
            ]
        },
    )

    assert [(part.device, len(part.readings), part.unmapped) for part in message.parts] == [
        ("bf40f0c4-4022-41c6-a201-c5133122054a", 1, ("analog.PhV_phsB",)),
        ("42aa08ea-84c1-4025-a7b2-c1f6efe547c2", 2, ("analog.PhV_phsB",)),
    ]
    assert readings(message)[0][2:] == (1559823132000000, 1.0)


@pytest.mark.parametrize(
    ("event_time", "at_us"),
    [
        ("20161219T114920Z", 1482148160000000),
        ("2020-08-12T12:12:12.333Z", 1597234332333000),
        (1597234332333, 1597234332333000),
    ],
)
def test_both_written_forms_of_time_are_read(event_time: Any, at_us: int) -> None:
    """A pressure in megapascals arrives as kilopascals, at the time the device measured it."""
    message = said(FORMAT, DEVICE, report(event_time=event_time))

    assert readings(message) == [("riser-1", "pressure_kpa", at_us, pytest.approx(312.4))]
    assert message.identity == b""


@pytest.mark.parametrize("event_time", [None, "", "yesterday", "2020-08-12 12:12:12", {}])
def test_without_a_time_the_arrival_counts(event_time: Any) -> None:
    """IoTDA dates what it cannot read by its arrival, so devices rely on it; each arrival is its own message."""
    first, later = (said(FORMAT, DEVICE, report(event_time=event_time), NOW_US + wait) for wait in (0, 60_000_000))

    assert readings(first)[0][2] == NOW_US
    assert b"" != first.identity != later.identity


@pytest.mark.parametrize("what", ["sys/events/up", "sys/messages/up", "sys/properties/set/request_id=1", "user/x"])
def test_what_is_no_report_is_passed_over(what: str) -> None:
    """The rest of a device's talk with its cloud is no mistake."""
    assert heard(FORMAT, f"$oc/devices/riser-1/{what}", b"anything") is Passed.NOT_EVIDENCE


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (DEVICE, b"\xff", Reason.NOT_JSON),
        (DEVICE, {}, Reason.MISSING_FIELD),
        (DEVICE, {"services": []}, Reason.EMPTY),
        (DEVICE, {"services": [{"service_id": "a"}]}, Reason.MISSING_FIELD),
        (DEVICE, {"services": [{"service_id": "a", "properties": {}}]}, Reason.EMPTY),
        (DEVICE, {"services": [{"service_id": "a", "properties": [1]}]}, Reason.WRONG_TYPE),
        (DEVICE, report("0,31"), Reason.COMMA_DECIMAL),
        (DEVICE, report({}), Reason.EMPTY),
        (GATEWAY, {"devices": []}, Reason.EMPTY),
        (GATEWAY, {"devices": [{"device_id": "", **report()}]}, Reason.NO_DEVICE),
    ],
)
def test_what_is_broken_is_refused_by_name(topic: str, payload: Any, reason: Reason) -> None:
    """A message that cannot be read goes to quarantine with its reason."""
    assert refusal(FORMAT, topic, payload).reason == reason


@pytest.mark.parametrize("topic", [DEVICE, f"{DEVICE}?request_id=1", GATEWAY])
def test_every_topic_is_subscribed_to(topic: str) -> None:
    """A `$` topic reaches nobody who subscribes to `#`; the filters name it level by level."""
    assert any(matches(one, topic) for one in FORMAT.filters)


@given(
    st.dictionaries(
        st.sampled_from(["d1", "d2", "d3"]),
        st.lists(
            st.tuples(
                st.integers(10**9, 4 * 10**9),
                st.dictionaries(st.sampled_from(["current_a", "voltage_v"]), st.floats(-1e9, 1e9), min_size=1),
            ),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_what_a_gateway_encodes_is_decoded(devices: dict[str, list[tuple[int, dict[str, float]]]]) -> None:
    """Every device behind a gateway gets its values at its times; a service without an id adds nothing to a name."""
    sent = [
        {
            "device_id": device,
            "services": [{"service_id": "", "properties": values, "event_time": at_s} for at_s, values in services],
        }
        for device, services in devices.items()
    ]

    assert readings(said(FORMAT, GATEWAY, {"devices": sent})) == [
        (device, name, at_s * 1_000_000, value)
        for device, services in devices.items()
        for at_s, values in services
        for name, value in values.items()
    ]
