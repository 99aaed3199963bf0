"""Sparkplug B: what edges say is read as Google's own code reads it, and their sessions are followed as specified."""

import math
from typing import Any

import pytest

from ingest.errors import SourceOptionError
from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.sparkplug_payload import Metric
from ingest.formats.sparkplug_sessions import Sessions, TooManyError
from ingest.quarantine import Reason
from ingest.sources import NameMapping, Source
from tests.ingest import sparkplug_edge as oracle
from tests.ingest.sparkplug_edge import Edge, metric, payload
from tests.ingest.sparkplug_host import (
    DBIRTH,
    DDATA,
    LATER,
    NDEATH,
    NOW_MS,
    SOURCE,
    Host,
    asked,
    born,
    events,
    readings,
    reason,
    told,
)


def test_the_published_vectors() -> None:
    """A birth gives aliases names, data comes by alias, a death ends it: the vectors of DOMAIN 5.3."""
    named = (NameMapping("vib_rms_mm_s", "velocity_rms_mm_s"),)
    host = Host(Source("panels", "sparkplug_b", names=named))
    edge = Edge(NOW_MS)
    edge.bd_seq = 7
    host.hear(edge.nbirth())
    birth = host.hear((edge.topic("DBIRTH", "pump"), bytes.fromhex(DBIRTH)))
    data = host.hear((edge.topic("DDATA", "pump"), bytes.fromhex(DDATA)))
    death = host.hear((edge.topic("NDEATH"), bytes.fromhex(NDEATH)))

    assert readings(birth) == [
        ("lake/panel/pump", "pressure_kpa", 0, 312.4),
        ("lake/panel/pump", "velocity_rms_mm_s", 0, pytest.approx(1.82)),
    ]
    assert readings(data) == [("lake/panel/pump", "pressure_kpa", 60_000, 309.9)]
    assert asked(data) == []
    assert events(death) == [("lake/panel/pump", "device.offline", host.now_us // 1_000 - NOW_MS)]


@pytest.mark.parametrize(
    ("datatype", "fields", "value"),
    [
        (11, {"boolean_value": True}, 1.0),
        (11, {"int_value": 0}, 0.0),
        (5, {"int_value": 255}, 255.0),
        (8, {"long_value": 2**40}, 2.0**40),
        (13, {"long_value": NOW_MS}, float(NOW_MS)),
        (12, {"string_value": "3.5"}, 3.5),
        (9, {"double_value": 0.5}, 0.5),
    ],
)
def test_values_of_every_type_become_readings(datatype: int, fields: dict[str, Any], value: float) -> None:
    """Booleans, unsigned numbers, times and the texts of numbers are readings where somebody wants them."""
    host, edge = Host(), Edge(NOW_MS)

    assert [one[3] for one in readings(host.hear(edge.nbirth(metric("fault_code", datatype=datatype, **fields))))] == [
        value
    ]


@pytest.mark.parametrize(
    ("datatype", "fields", "why"),
    [
        (5, {"int_value": 256}, Reason.NUMBER_TOO_LARGE),
        (1, {"int_value": 300}, Reason.NUMBER_TOO_LARGE),
        (0, {"int_value": 3}, Reason.WRONG_TYPE),
        (10, {"int_value": 3}, Reason.WRONG_TYPE),
        (11, {"int_value": 3}, Reason.WRONG_TYPE),
        (12, {"string_value": "open"}, Reason.TEXT_FOR_NUMBER),
        (12, {"string_value": "3,5"}, Reason.COMMA_DECIMAL),
    ],
)
def test_values_that_are_not_their_type_are_refused(datatype: int, fields: dict[str, Any], why: Reason) -> None:
    """A number that does not fit its type is refused, never cut to fit."""
    host, edge = Host(), Edge(NOW_MS)

    assert reason(host.hear(edge.nbirth(metric("fault_code", datatype=datatype, **fields)))) is why


def test_what_the_device_does_not_know_is_no_reading() -> None:
    """A null, not a number, and a value of bad or stale quality say nothing; the others of the message are taken."""
    host, edge = Host(), Edge(NOW_MS)
    said = host.hear(
        edge.nbirth(
            metric("pressure_kpa", datatype=10, is_null=True),
            metric("flow_m3_h", datatype=10, double_value=math.nan),
            metric("current_a", datatype=10, double_value=1.0, quality=0),
            metric("voltage_v", datatype=10, double_value=1.0, quality=500),
            metric("speed_rpm", datatype=10, double_value=1.0, quality=192),
        )
    )

    assert [one[1] for one in readings(said)] == ["speed_rpm"]


def test_what_could_be_no_reading_is_not_asked_about() -> None:
    """Texts, files and the protocol's own metrics need no mapping; a number without one is reported."""
    host, edge = Host(), Edge(NOW_MS)
    said = host.hear(
        edge.nbirth(
            metric("Properties/Make", datatype=12, string_value="Acme"),
            metric("Firmware", datatype=18, bytes_value=b"x"),
            metric("Node Control/Reboot", datatype=11, boolean_value=False),
            metric("inputs/AI0", datatype=10, double_value=4.2),
        )
    )

    assert [part.unmapped for part in told(said).parts] == [("inputs/AI0",)]


def test_names_and_units_are_translated() -> None:
    """The unit of the birth holds for the data that follows; a mapping gives the name its meaning."""
    named = (NameMapping("inputs/P", "pressure_kpa"),)
    host, edge = Host(Source("panels", "sparkplug_b", names=named)), Edge(NOW_MS)
    host.hear(edge.nbirth(metric("inputs/P", alias=1, datatype=10, double_value=0.31, unit="MPa")))
    said = host.hear(edge.message("NDATA", "", metric(alias=1, double_value=0.3)))

    assert [(one[0], one[1], one[3]) for one in readings(said)] == [("lake/panel", "pressure_kpa", 300.0)]


def test_an_unknown_unit_refuses_the_message_and_keeps_the_birth() -> None:
    """Read in the wrong unit a value would be wrong by a thousand; the aliases hold all the same."""
    host, edge = Host(), Edge(NOW_MS)
    refused = host.hear(edge.nbirth(metric("pressure_kpa", alias=1, datatype=10, double_value=1.0, unit="furlong")))
    said = host.hear(edge.message("NDATA", "", metric("flow_m3_h", datatype=10, double_value=2.0)))

    assert reason(refused) is Reason.UNKNOWN_UNIT
    assert [one[1] for one in readings(said)] == ["flow_m3_h"]


def test_values_have_their_own_time() -> None:
    """A historical value is a reading of its time; one that says no time is as old as its message."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    past = metric(alias=11, double_value=1.0, is_historical=True, timestamp=NOW_MS - 3_600_000)
    topic, _ = edge.message("DDATA", "pump")
    sent = payload(past, LATER, timestamp=NOW_MS + 5_000, seq=edge.seq)

    assert [one[2] for one in readings(host.hear((topic, sent)))] == [-3_600_000, 5_000]


def test_a_message_without_a_time_is_of_its_arrival() -> None:
    """It says the same again a minute later, and is not taken for the first one sent twice."""
    host, edge = Host(), Edge(NOW_MS)
    host.hear(edge.nbirth(metric("flow_m3_h", alias=1, datatype=10, double_value=1.0)))
    message = edge.topic("NDATA"), payload(metric(alias=1, double_value=2.0))
    first, second = told(host.hear(message)), told(host.hear(message, after_s=60.0))

    assert readings(first)[0][2] == host.now_us // 1_000 - NOW_MS - 60_000
    assert first.identity != second.identity


@pytest.mark.parametrize(
    ("topic", "sent", "why"),
    [
        ("DDATA", b"\xff", Reason.NOT_PROTOBUF),
        ("DDATA", b"\x12\x05\x0a\x02\xff\xfe", Reason.NOT_PROTOBUF),
        ("DDATA", b"\x12\x04\x0a\x02\xff\xfe", Reason.NOT_PROTOBUF),
        ("DBIRTH", b"\x12\x00" * 5_001, Reason.TOO_MANY_METRICS),
        ("DBIRTH", bytes(300_000), Reason.TOO_LARGE),
        ("DBIRTH", payload(metric("x" * 257)), Reason.NOT_PROTOBUF),
        ("DDATA", oracle.Payload(uuid="SPBV1.0_COMPRESSED", body=b"x").SerializeToString(), Reason.NOT_PROTOBUF),
    ],
)
def test_what_is_broken_is_refused_by_name(topic: str, sent: bytes, why: Reason) -> None:
    """Damaged or oversized messages go to quarantine with their reason."""
    host, edge = Host(), Edge(NOW_MS)

    assert reason(host.hear((edge.topic(topic, "pump"), sent))) is why


def test_inventing_edges_costs_no_memory() -> None:
    """Edges that were never born make room for others, and those that were go on; no more are kept than may be."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    said = [host.hear((f"spBv1.0/lake/NDATA/{number}", b"")) for number in range(10_010)]

    assert {reason(one) for one in said} == {Reason.NO_BIRTH}
    assert len(readings(host.hear(edge.message("DDATA", "pump", LATER)))) == 1
    assert len(host.kept) == 3


def test_inventing_births_costs_no_memory() -> None:
    """One edge more than may be kept is refused by name."""
    host = Host()
    birth = payload(timestamp=NOW_MS, seq=0)
    said = [host.hear((f"spBv1.0/lake/NBIRTH/{number}", birth)) for number in range(10_001)]

    assert [reason(one) for one in said[-2:]] == [None, Reason.TOO_MANY_DEVICES]


def test_inventing_metrics_costs_no_memory() -> None:
    """Births may name so many metrics together and no more; naming the same ones again costs nothing."""
    sessions = Sessions(most=100)
    edge = sessions.edge("lake/panel")
    metrics = [Metric(f"m{number}") for number in range(40)]
    for device in ("one", "two", "one", "two"):
        sessions.learn(edge, device, metrics, 0)

    with pytest.raises(TooManyError):
        sessions.learn(edge, "three", metrics, 0)
    assert edge.speaks("three") is None
    sessions.learn(edge, "three", metrics[:10], 0)


@pytest.mark.parametrize("options", [{"rebirth": "perhaps"}, {"host_id": "a/b"}, {"hostid": "a/b"}])
def test_options_that_cannot_be_are_named(options: dict[str, str]) -> None:
    """The sentence says source, option, value and what is possible."""
    with pytest.raises(SourceOptionError, match=r"'panels': option \w+ is '(perhaps|a/b)'; it must be"):
        SparkplugFormat(Source("panels", "sparkplug_b", options=options))


@pytest.mark.parametrize(
    "topic", ["spBv1.0/lake/DDATA/panel", "spBv1.0/lake/NDATA/panel/pump", "spAv1.0/lake/NDATA/panel", "spBv1.0/lake"]
)
def test_other_topics_are_not_ours(topic: str) -> None:
    """A message of an edge names no device, one of a device does."""
    assert SparkplugFormat(SOURCE).route(topic) is None
