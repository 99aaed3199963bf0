"""Sparkplug B: what edges say is read as Google's own code reads it, and their sessions are followed as specified."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceOptionError
from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.sparkplug_payload import Kind, Metric, Payload, meant, parse
from ingest.formats.sparkplug_sessions import Sessions, TooManyError
from ingest.formats.wire_format import Decoded, Message, SessionFormat
from ingest.quarantine import Passed, Query, Reason, Rejection
from ingest.sources import NameMapping, Source
from tests.ingest import sparkplug_edge as oracle
from tests.ingest.sparkplug_edge import Edge, metric, payload

NOW_MS = 1_764_000_000_000
SECOND_US = 1_000_000
DBIRTH = (
    "0880d0dfb4ab3312220a0c70726573737572655f6b7061100b1880d0dfb4ab33200a696666666666867340121e0a0c7669625f726d735f"
    "6d6d5f73100c1880d0dfb4ab33200965c3f5e83f1801"
)
DDATA = "08e0a4e3b4ab331214100b18e0a4e3b4ab33200a6966666666665e73401802"
NDEATH = "0880d0dfb4ab3312120a0562645365711880d0dfb4ab3320045807"
PRESSURE = metric("pressure_kpa", alias=11, datatype=10, double_value=312.4)
LATER = metric(alias=11, double_value=309.9)
SOURCE = Source("panels", "sparkplug_b")

Topic = tuple[str, bytes]


class Host:
    """A format and the time at which it hears; what it asks to keep is kept."""

    def __init__(self, source: Source = SOURCE) -> None:
        self.source = source
        self.format = SparkplugFormat(source)
        self.now_us = NOW_MS * 1_000
        self.kept: dict[str, bytes] = {}

    def hear(self, message: Topic, after_s: float = 1.0) -> Message | Rejection | Passed:
        """What the format makes of a message that arrives so much later than the one before."""
        self.now_us += round(after_s * SECOND_US)
        route = self.format.route(message[0])
        assert route is not None
        said = route.decode(message[1], self.now_us)
        assert not isinstance(said, Decoded)
        if isinstance(said, Message):
            for key, value in said.keeps.items():
                assert value is not None
                self.kept[key] = value
        return said

    def replay(self, message: Topic, arrived_us: int) -> Message | Rejection | Passed:
        """What it makes of a message out of quarantine."""
        route = self.format.route(message[0])
        assert route is not None
        assert route.again is not None
        said = route.again(message[1], arrived_us)
        assert not isinstance(said, Decoded)
        return said

    def restart(self) -> None:
        """Go on as another process that knows what was kept."""
        self.format = SparkplugFormat(self.source)
        self.format.restore(self.kept)


def told(said: Message | Rejection | Passed) -> Message:
    assert isinstance(said, Message)
    return said


def readings(said: Message | Rejection | Passed) -> list[tuple[str, str, int, float]]:
    """Device, metric, milliseconds since the start and value of each reading."""
    found = [reading for part in told(said).parts for reading in part.readings]
    return [(one.device, one.metric, one.at_us // 1_000 - NOW_MS, one.value) for one in found]


def events(said: Message | Rejection | Passed) -> list[tuple[str, str, int]]:
    """Device, kind and milliseconds since the start of each event."""
    found = [event for part in told(said).parts for event in part.events]
    return [(one.device, one.kind, one.at_us // 1_000 - NOW_MS) for one in found]


def reason(said: Message | Rejection | Passed) -> Reason | None:
    if isinstance(said, Rejection):
        return said.reason
    return told(said).refused.reason if told(said).refused is not None else None  # type: ignore[union-attr]


def asked(said: Message | Rejection | Passed) -> list[str]:
    """The topics of what we publish in answer."""
    return [one.topic for one in told(said).asks]


def born(host: Host, edge: Edge) -> None:
    """An edge and its device `pump` come to life."""
    host.hear(edge.nbirth())
    host.hear(edge.message("DBIRTH", "pump", PRESSURE))


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


VALUES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda value: {"int_value": value}, st.integers(0, 2**32 - 1)),
    st.builds(lambda value: {"long_value": value}, st.integers(0, 2**64 - 1)),
    st.builds(lambda value: {"float_value": value}, st.floats(width=32)),
    st.builds(lambda value: {"double_value": value}, st.floats()),
    st.builds(lambda value: {"boolean_value": value}, st.booleans()),
    st.builds(lambda value: {"string_value": value}, st.text(max_size=20)),
    st.builds(lambda value: {"bytes_value": value}, st.binary(max_size=20)),
    st.just({}),
)
METRICS = st.builds(
    lambda about, value, unit, quality: metric(unit=unit, quality=quality, **about, **value),
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(max_size=20),
            "alias": st.integers(0, 2**64 - 1),
            "timestamp": st.integers(0, 2**64 - 1),
            "datatype": st.integers(0, 2**32 - 1),
            "is_historical": st.booleans(),
            "is_transient": st.booleans(),
            "is_null": st.booleans(),
            "metadata": st.just({"size": 3, "description": "a file"}),
        },
    ),
    VALUES,
    st.sampled_from(["", "kPa", "°C"]),
    st.sampled_from([None, 0, 192, 500]),
)
NUMBERS = st.none() | st.integers(0, 2**64 - 1)
KINDS = {
    "int_value": Kind.INT,
    "long_value": Kind.LONG,
    "float_value": Kind.FLOAT,
    "double_value": Kind.DOUBLE,
    "boolean_value": Kind.BOOLEAN,
    "string_value": Kind.STRING,
    "bytes_value": Kind.OTHER,
    None: Kind.NONE,
}


def as_google_reads(data: bytes) -> Payload:
    """A message through Google's Protocol Buffers, in our words."""
    read = oracle.Payload()
    read.ParseFromString(data)
    metrics = []
    for one in read.metrics:
        which = one.WhichOneof("value")
        kind = KINDS[which]
        properties = dict(zip(one.properties.keys, one.properties.values, strict=False))
        unit, quality = properties.get("engUnit"), properties.get("Quality")
        metrics.append(
            Metric(
                name=one.name,
                alias=one.alias if one.HasField("alias") else None,
                timestamp_ms=one.timestamp,
                datatype=one.datatype,
                historical=one.is_historical,
                null=one.is_null,
                unit=unit.string_value if unit else "",
                quality=quality.int_value if quality else None,
                kind=kind,
                value=getattr(one, which) if kind not in {Kind.NONE, Kind.OTHER} else None,
            )
        )
    return Payload(read.timestamp, read.seq if read.HasField("seq") else None, tuple(metrics))


@given(st.lists(METRICS, max_size=5), NUMBERS, NUMBERS)
def test_what_google_writes_we_read(metrics: list[dict[str, Any]], timestamp: int | None, seq: int | None) -> None:
    """Every message that Google's own code writes says to us what it says to Google's own code."""
    data = payload(*metrics, timestamp=timestamp, seq=seq)

    assert repr(parse(data)) == repr(as_google_reads(data))  # as text, because not a number is not itself


@given(st.lists(METRICS, max_size=3), st.data())
def test_damaged_messages_are_read_alike_or_refused(metrics: list[dict[str, Any]], data: st.DataObject) -> None:
    """Bytes changed, cut or doubled: refused by name, or the same as Google's own code makes of them."""
    whole = payload(*metrics, timestamp=NOW_MS, seq=1)
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(at, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=5) | st.just(whole[at:until] * 2)) + whole[until:]
    ours = parse(changed)

    if isinstance(ours, Rejection):
        assert ours.reason is Reason.NOT_PROTOBUF
        return
    try:
        theirs = as_google_reads(changed)
    except (DecodeError, UnicodeDecodeError):
        return  # a field that we have no use for is broken inside
    assert [(one.name, one.alias, one.kind, repr(one.value)) for one in ours.metrics] == [
        (one.name, one.alias, one.kind, repr(one.value)) for one in theirs.metrics
    ]
    assert (ours.timestamp_ms, ours.seq) == (theirs.timestamp_ms, theirs.seq)


@given(st.sampled_from([(1, 8), (2, 16), (3, 32), (4, 64)]), st.data())
def test_signed_integers_are_twos_complement(width: tuple[int, int], data: st.DataObject) -> None:
    """However far a device extends the sign, the number is what it was."""
    datatype, bits = width
    number = data.draw(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))
    field = 32 if bits <= 32 else 64
    kind = Kind.INT if field == 32 else Kind.LONG

    assert meant(Metric(kind=kind, value=number % 2**field), datatype) == number
    assert meant(Metric(kind=kind, value=number % 2**bits), datatype) == number


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


def test_a_gap_asks_for_a_rebirth_and_does_not_stop_the_data() -> None:
    """What is heard is taken; what was missed is asked for with the command the specification writes."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    edge.message("DDATA", "pump", LATER)
    said = host.hear(edge.message("DDATA", "pump", LATER))
    (request,) = told(said).asks
    command = oracle.Payload()
    command.ParseFromString(request.payload)

    assert len(readings(said)) == 1
    assert (request.topic, request.qos, request.retain) == ("spBv1.0/lake/NCMD/panel", 0, False)
    assert [(one.name, one.datatype, one.boolean_value) for one in command.metrics] == [
        ("Node Control/Rebirth", 11, True)
    ]
    assert command.timestamp == host.now_us // 1_000


def test_requests_are_repeated_with_patience_until_the_birth_comes() -> None:
    """An edge is asked again after 30 s and then less and less often, and no more once it was reborn."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    edge.message("DDATA", "pump", LATER)
    start = host.now_us
    times = [
        (host.now_us - start) // SECOND_US
        for _ in range(400)
        if asked(host.hear(edge.message("DDATA", "pump", LATER), after_s=10.0))
    ]
    born(host, edge)
    after = [asked(host.hear(edge.message("DDATA", "pump", LATER))) for _ in range(300)]

    assert times == [10, 40, 100, 220, 460, 940, 1900, 2860, 3820]
    assert not any(after)


def test_the_sequence_goes_round() -> None:
    """After 255 comes 0, and nothing is missing."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)

    assert not any(asked(host.hear(edge.message("DDATA", "pump", LATER))) for _ in range(600))


def test_order_may_change_a_little() -> None:
    """Messages that a clustered broker delivers in another order fill their gap; nobody is asked a second time."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    first, second = edge.message("DDATA", "pump", LATER), edge.message("DDATA", "pump", LATER)
    swapped = [host.hear(second), host.hear(first)]
    later = [host.hear(edge.message("DDATA", "pump", LATER), after_s=60.0) for _ in range(5)]

    assert [len(readings(one)) for one in swapped] == [1, 1]
    assert not any(asked(one) for one in later)


def test_a_device_may_be_born_before_its_edge() -> None:
    """Some brokers deliver it so after a restart: the data that follows is read, and no rebirth is asked for."""
    host, edge = Host(), Edge(NOW_MS)
    node, device = edge.nbirth(), edge.message("DBIRTH", "pump", PRESSURE)
    born_first = host.hear(device)
    host.hear(node)
    data = host.hear(edge.message("DDATA", "pump", LATER))

    assert events(born_first) == [("lake/panel/pump", "device.online", 2_000)]
    assert readings(data) == [("lake/panel/pump", "pressure_kpa", 3_000, 309.9)]
    assert asked(data) == []


def test_numbers_of_the_session_before_say_nothing_of_the_next() -> None:
    """Data heard a moment before the birth it asked for does not fill the places of what follows the birth."""
    host, edge = Host(), Edge(NOW_MS)
    for _ in range(3):
        host.hear(edge.message("DDATA", "pump", LATER))
    born(host, edge)
    data = [host.hear(edge.message("DDATA", "pump", LATER)) for _ in range(3)]

    assert [(len(readings(one)), asked(one)) for one in data] == [(1, [])] * 3


def test_a_message_that_comes_again_changes_nothing() -> None:
    """At QoS 1 a broker may send again what it sent: the same is said, and nothing is missing."""
    host, edge = Host(), Edge(NOW_MS)
    sent = [
        edge.nbirth(),
        edge.message("DBIRTH", "pump", PRESSURE),
        *(edge.message("DDATA", "pump", LATER) for _ in range(5)),
    ]
    first = [told(host.hear(one)) for one in sent]
    again = [told(host.hear(one)) for one in sent]
    goes_on = host.hear(edge.message("DDATA", "pump", LATER))

    assert [(one.parts, one.identity) for one in again] == [(one.parts, one.identity) for one in first]
    assert not any(one.asks for one in again)
    assert (len(readings(goes_on)), asked(goes_on)) == (1, [])


@pytest.mark.parametrize("start", [[], ["NBIRTH"], ["NBIRTH", "DBIRTH", "DDEATH"], ["NBIRTH", "DBIRTH", "NBIRTH"]])
def test_data_without_a_birth_waits_for_it(start: Sequence[str]) -> None:
    """It goes to quarantine by name, its edge is asked, and after the birth it can be replayed."""
    host, edge = Host(), Edge(NOW_MS)
    for kind in start:
        host.hear(edge.nbirth() if kind == "NBIRTH" else edge.message(kind, "pump", PRESSURE))
    message = edge.message("DDATA", "pump", LATER)
    refused, arrived_us = host.hear(message), host.now_us
    before = host.replay(message, arrived_us) if "DBIRTH" not in start else None
    born(host, edge)
    after = host.replay(message, arrived_us)

    assert (reason(refused), asked(refused)) == (Reason.NO_BIRTH, ["spBv1.0/lake/NCMD/panel"])
    assert before is None or reason(before) is Reason.NO_BIRTH
    assert [one[3] for one in readings(after)] == [309.9]


def test_a_birth_wakes_the_data_that_waits_for_it() -> None:
    """Its own, and only what waits for a birth; a birth out of quarantine wakes nobody."""
    host, edge = Host(), Edge(NOW_MS)
    node, device = edge.nbirth(), edge.message("DBIRTH", "pump", PRESSURE)
    woken = [told(host.hear(one)).wakes for one in (node, device, edge.message("DDATA", "pump", LATER))]

    assert woken == [
        Query(reason="no_birth", topic="spBv1.0/lake/NDATA/panel"),
        Query(reason="no_birth", topic="spBv1.0/lake/DDATA/panel/pump"),
        None,
    ]
    assert told(host.replay(device, host.now_us)).wakes is None


def test_an_unknown_alias_waits_for_a_birth_that_gives_it() -> None:
    """The whole message waits, so that nothing of it is taken twice or not at all."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    message = edge.message("DDATA", "pump", LATER, metric(alias=12, double_value=1.0))
    refused, arrived_us = host.hear(message), host.now_us
    host.hear(edge.nbirth())
    host.hear(edge.message("DBIRTH", "pump", PRESSURE, metric("flow_m3_h", alias=12, datatype=10, double_value=0.0)))

    assert (reason(refused), asked(refused)) == (Reason.NO_BIRTH, ["spBv1.0/lake/NCMD/panel"])
    assert [one[1] for one in readings(host.replay(message, arrived_us))] == ["pressure_kpa", "flow_m3_h"]


def test_old_data_is_not_read_by_an_alias_that_changed_hands() -> None:
    """After a birth that gives the alias another name, what came before cannot be told, and is not guessed."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    message = edge.message("DDATA", "pump", LATER)
    host.hear(message)
    arrived_us = host.now_us
    host.hear(edge.nbirth())
    host.hear(edge.message("DBIRTH", "pump", metric("flow_m3_h", alias=11, datatype=10, double_value=0.0)))

    assert reason(host.replay(message, arrived_us)) is Reason.NO_BIRTH
    assert [one[1] for one in readings(host.hear(edge.message("DDATA", "pump", LATER)))] == ["flow_m3_h"]


def test_replaying_an_old_birth_opens_no_session() -> None:
    """Somebody approves a device and replays its birth: its readings are told, and the session of now goes on."""
    host, edge = Host(), Edge(NOW_MS)
    node, device = edge.nbirth(), edge.message("DBIRTH", "pump", PRESSURE)
    host.hear(node)
    host.hear(device)
    arrived_us = host.now_us
    host.hear(edge.message("DDATA", "pump", LATER))
    replayed = [host.replay(one, arrived_us) for one in (node, device)]
    goes_on = host.hear(edge.message("DDATA", "pump", LATER))

    assert [one[3] for one in readings(replayed[1])] == [312.4]
    assert (len(readings(goes_on)), asked(goes_on)) == (1, [])


def test_the_death_of_an_edge_is_the_death_of_its_devices() -> None:
    """Every device that lived is offline from our hearing it; one that had died before is not named again."""
    host, edge = Host(), Edge(NOW_MS)
    host.hear(edge.nbirth(metric("voltage_v", datatype=10, double_value=230.0)))
    host.hear(edge.message("DBIRTH", "pump", PRESSURE))
    host.hear(edge.message("DBIRTH", "fan", PRESSURE))
    alone = host.hear(edge.message("DDEATH", "fan"))
    death = host.hear(edge.ndeath())
    now = host.now_us // 1_000 - NOW_MS

    assert events(alone) == [("lake/panel/fan", "device.offline", 4_000)]
    assert events(death) == [("lake/panel", "device.offline", now), ("lake/panel/pump", "device.offline", now)]
    assert reason(host.hear(edge.message("DDATA", "pump", LATER))) is Reason.NO_BIRTH


def test_a_death_is_of_its_own_session_alone() -> None:
    """Said twice it is one death; said late, after the next birth, it is none; and each session has its own."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    first, second = told(host.hear(edge.ndeath())), told(host.hear(edge.ndeath()))
    born(host, edge)
    next_session = told(host.hear(edge.ndeath()))
    late = edge.ndeath()
    edge.bd_seq = 1
    born(host, edge)

    assert (first.identity, len(first.parts)) == (second.identity, len(second.parts))
    assert next_session.identity != first.identity
    assert host.hear(late) is Passed.OLD_DEATH
    assert len(readings(host.hear(edge.message("DDATA", "pump", LATER)))) == 1


def test_an_edge_that_measures_nothing_is_no_device() -> None:
    """It is only the way its devices speak, so nobody is asked to approve it."""
    host, edge = Host(), Edge(NOW_MS)

    assert events(host.hear(edge.nbirth())) == []
    assert events(host.hear(edge.ndeath())) == []


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["NBIRTH", "DBIRTH", "DDATA", "NDATA", "DDEATH", "NDEATH"]), st.booleans()), max_size=30
)


@given(ACTIONS, st.sets(st.integers(0, 30)))
def test_a_restart_changes_nothing(actions: list[tuple[str, bool]], restarts: set[int]) -> None:
    """Whatever an edge does and whatever is lost, a process started anew from what was kept says the same."""
    edge, steady, restarted = Edge(NOW_MS), Host(), Host()
    for number, (kind, lost) in enumerate(actions):
        if kind == "NBIRTH":
            message = edge.nbirth(PRESSURE)
        elif kind == "NDEATH":
            message = edge.ndeath()
            edge.bd_seq += 1
        else:
            message = edge.message(kind, "pump" if kind[0] == "D" else "", PRESSURE if kind == "DBIRTH" else LATER)
        if number in restarts:
            restarted.restart()
        if lost:
            continue
        expected, found = steady.hear(message), restarted.hear(message)

        assert isinstance(expected, Message) == isinstance(found, Message)
        if isinstance(expected, Message) and isinstance(found, Message):
            # How long ago a request was is forgotten where no birth is known, so one may be asked sooner.
            assert (found.parts, found.identity, found.refused) == (expected.parts, expected.identity, expected.refused)


@given(st.lists(st.tuples(st.sampled_from(["again", "die", "a", "b", "node"]), st.booleans()), max_size=40))
def test_an_edge_that_follows_the_rules_is_believed(actions: list[tuple[str, bool]]) -> None:
    """Whatever it does and however often it says it: nothing is refused, nothing asked, and every value is taken."""
    host, edge = Host(), Edge(NOW_MS)

    def bear() -> list[Topic]:
        voltage = metric("voltage_v", alias=1, datatype=10, double_value=230.0)
        return [edge.nbirth(voltage), *(edge.message("DBIRTH", one, PRESSURE) for one in ("a", "b"))]

    for action, twice in [("again", False), *actions]:
        if action == "die":
            messages = [edge.ndeath()]
            edge.bd_seq = (edge.bd_seq + 1) % 256
            messages += bear()
        elif action == "again":
            messages = bear()
        elif action == "node":
            messages = [edge.message("NDATA", "", metric(alias=1, double_value=231.0))]
        else:
            messages = [edge.message("DDATA", action, LATER)]
        for message in messages * (2 if twice and len(messages) == 1 else 1):
            said = told(host.hear(message))

            assert (said.refused, said.asks) == (None, ())
            assert "NDEATH" in message[0] or len(readings(said)) == 1


def test_after_we_were_away_aliases_are_believed_only_if_nothing_was_missed() -> None:
    """What was missed may have been a birth with other names, so data waits for the next one and is not guessed."""
    host, edge = Host(), Edge(NOW_MS)
    born(host, edge)
    host.restart()
    host.format.greeting(host.now_us)
    goes_on = host.hear(edge.message("DDATA", "pump", LATER))
    host.restart()
    host.format.greeting(host.now_us)
    edge.message("DDATA", "pump", LATER)
    missed = [host.hear(edge.message("DDATA", "pump", LATER)) for _ in range(3)]
    born(host, edge)

    assert (len(readings(goes_on)), asked(goes_on)) == (1, [])
    assert [reason(one) for one in missed] == [Reason.NO_BIRTH] * 3
    assert [len(asked(one)) for one in missed] == [1, 0, 0]
    assert len(readings(host.hear(edge.message("DDATA", "pump", LATER)))) == 1


def test_a_host_that_may_only_listen_asks_for_nothing() -> None:
    """Nobody would answer it, so it goes on with the names it knows."""
    host, edge = Host(Source("panels", "sparkplug_b", options={"rebirth": "no"})), Edge(NOW_MS)
    born(host, edge)
    host.restart()
    host.format.greeting(host.now_us)
    edge.message("DDATA", "pump", LATER)
    said = host.hear(edge.message("DDATA", "pump", LATER))

    assert (len(readings(said)), asked(said)) == (1, [])


def test_a_host_says_whether_it_is_there() -> None:
    """Birth and will are retained, at QoS 1, and of the same time; a false word of our death is set right."""
    sparkplug = SparkplugFormat(Source("panels", "sparkplug_b", options={"host_id": "precomplaint"}))
    will = sparkplug.farewell(NOW_MS * 1_000)
    (birth,) = sparkplug.greeting(NOW_MS * 1_000 + 5_000_000)
    assert will is not None
    route = sparkplug.route(will.topic)
    assert route is not None

    assert will.topic == birth.topic == "spBv1.0/STATE/precomplaint"
    assert will.topic in sparkplug.filters
    assert (will.payload, birth.payload) == (
        b'{"online":false,"timestamp":1764000000000}',
        b'{"online":true,"timestamp":1764000000000}',
    )
    assert all((one.qos, one.retain) == (1, True) for one in (will, birth))
    assert route.decode(will.payload, 0) == Message(asks=(birth,))
    assert route.decode(birth.payload, 0) is Passed.NOT_EVIDENCE


def test_a_listener_without_a_name_announces_nothing() -> None:
    """Only who is configured as a host is one."""
    sparkplug = SparkplugFormat(SOURCE)

    assert isinstance(sparkplug, SessionFormat)
    assert (sparkplug.greeting(0), sparkplug.farewell(0)) == ((), None)


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
