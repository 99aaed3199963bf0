"""Sparkplug sessions: births, gaps, rebirths, deaths and restarts, as a host lives through them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.sparkplug_b import SparkplugFormat
from ingest.formats.wire_format import Message, SessionFormat
from ingest.quarantine import Passed, Query, Reason
from ingest.sources import Source
from tests.ingest import sparkplug_edge as oracle
from tests.ingest.sparkplug_edge import Edge, metric
from tests.ingest.sparkplug_host import (
    LATER,
    NOW_MS,
    PRESSURE,
    SECOND_US,
    SOURCE,
    Host,
    Topic,
    asked,
    born,
    events,
    readings,
    reason,
    told,
)


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
