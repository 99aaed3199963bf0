"""Elevator: a car that obeys its own rules, and incidents that are what their labels say."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from device_simulators.calendar import DAY_US, HOUR_US, SECOND_US, local_midnight
from device_simulators.elevator import Elevator
from device_simulators.elevator_machine import Machine
from device_simulators.elevator_wear import DoorWear
from device_simulators.incidents import (
    BriefStop,
    Entrapment,
    HeldDoor,
    Incident,
    Inspection,
    Lingering,
    ReportedFault,
)
from device_simulators.labels import Truth
from device_simulators.message import Message

MIDNIGHT = local_midnight(1_764_000_000_000_000)
NOON = MIDNIGHT + 12 * HOUR_US

Status = dict[str, float]


def _messages(*incidents: Incident, days: int = 1) -> list[Message]:
    return list(Elevator("s", "e", 9, incidents=incidents).messages(MIDNIGHT, MIDNIGHT + days * DAY_US))


def _statuses(messages: Sequence[Message]) -> Iterator[tuple[int, Status]]:
    """Time and whole status after each message, as a receiver puts it together."""
    status: Status = {}
    for message in messages:
        for sample in json.loads(message.payload)["samples"]:
            status |= sample["values"]
            yield sample["at"], dict(status)


def _held(messages: Sequence[Message], from_us: int, until_us: int) -> list[Status]:
    return [status for at_us, status in _statuses(messages) if from_us <= at_us < until_us]


def _stood_for_s(messages: Sequence[Message]) -> float:
    """The longest time the car stood closed outside a door zone, in seconds."""
    longest, since = 0.0, None
    for at_us, status in _statuses(messages):
        stuck = status["door_closed"] and not status["car_running"] and not status["door_zone"]
        since = (since or at_us) if stuck else None
        longest = max(longest, (at_us - since) / SECOND_US if since else 0.0)
    return longest


def test_a_car_never_breaks_its_own_rules() -> None:
    """In ordinary life it runs only with a closed door, opens only in a door zone, and stands still at speed zero."""
    for _, status in _statuses(_messages(days=3)):
        assert not (status["car_running"] and not status["door_closed"])
        assert status["door_closed"] or status["door_zone"]
        assert bool(status["car_running"]) == (status["car_speed_m_s"] != 0.0) == (status["car_direction"] != 0)
        assert status["fault_code"] == status["alarm_button"] == 0
        assert 1 <= status["floor"] <= 18
    assert _stood_for_s(_messages(days=3)) == 0.0


def test_trips_follow_the_day() -> None:
    """About the expected number of trips is made, and far more of them by day than at night."""
    days = 10
    statuses = list(_statuses(_messages(days=days)))
    counts = [status["trips_total"] for _, status in statuses]
    steps = [at for (at, status), (_, before) in zip(statuses[1:], statuses, strict=False) if status != before]
    night = sum((at - MIDNIGHT) % DAY_US < 5 * HOUR_US for at in steps)

    assert 0.7 * 85 * days < counts[-1] - counts[0] < 1.1 * 85 * days
    assert night < 0.05 * len(steps)


def test_the_gateway_is_never_silent_for_more_than_five_minutes() -> None:
    """Between two messages lie at most 300 s, and time never goes back."""
    gaps = [later.at_us - earlier.at_us for earlier, later in pairwise(_messages(days=2))]

    assert min(gaps) >= 0
    assert max(gaps) <= 300 * SECOND_US


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize("silent", [False, True])
def test_an_entrapment_is_what_it_says(silent: bool, level: bool) -> None:  # noqa: FBT001 -- pytest hands them in
    """From the stop to the release the car stands closed; code and button come unless it is silent; then it is over."""
    incident = Entrapment(NOON, 600.0, silent=silent, level=level)
    messages = _messages(incident)
    during = _held(messages, NOON, NOON + 600 * SECOND_US)

    assert all(s["door_closed"] and not s["car_running"] and s["door_zone"] == level for s in during)
    assert any(s["person_present"] for s in during)
    assert any(s["alarm_button"] for s in during) != silent
    assert any(s["fault_code"] for s in during) != silent
    assert not _held(messages, NOON + 600 * SECOND_US, NOON + 601 * SECOND_US)[0]["door_closed"]
    assert len(during) > 600 / 20  # it reports often while somebody is locked in


def test_a_reported_entrapment_shows_whole_in_one_message() -> None:
    """The message of the stop alone holds mode, standstill, door, person and code, so that it proves itself."""
    stop = next(m for m in _messages(Entrapment(NOON, 600.0)) if m.at_us == NOON)
    values = json.loads(stop.payload)["samples"][0]["values"]

    assert values["fault_code"] == 8
    assert values["person_present"] == 1
    assert values["service_mode"] == 1
    assert (values["car_running"], values["door_closed"], values["door_zone"]) == (0, 1, 0)


def test_lookalikes_are_none() -> None:
    """In inspection the mode says so; a brief stop and a lingering passenger stay under every timer of DOMAIN 2.3."""
    inspected = _messages(Inspection(NOON, 900.0))
    stuck = [s for s in _held(inspected, NOON, NOON + 900 * SECOND_US) if not s["door_zone"] and not s["car_running"]]

    assert len(stuck) > 10
    assert all(s["service_mode"] == 2 for s in stuck)
    assert 20 <= _stood_for_s(_messages(BriefStop(NOON, 35.0))) < 60
    assert _stood_for_s(_messages(Lingering(NOON, 55.0))) == 0.0
    assert not _held(_messages(Lingering(NOON, 55.0)), NOON + 55 * SECOND_US, NOON + 56 * SECOND_US)[0]["door_closed"]


def test_labels_tell_faults_from_lookalikes() -> None:
    """An entrapment is due at once with a code and after its timer without; the others are look-alikes."""
    reported, silent = Entrapment(NOON, 600.0).label("e"), Entrapment(NOON, 600.0, silent=True, level=True).label("e")

    assert reported.truth is silent.truth is Truth.FAULT
    assert reported.raise_until_us == NOON + 60 * SECOND_US
    assert silent.raise_until_us == NOON + 150 * SECOND_US
    assert {i.label("e").truth for i in (Inspection(NOON, 9.0), BriefStop(NOON), Lingering(NOON))} == {Truth.LOOKALIKE}


def test_a_measured_trip_is_told_with_the_trip() -> None:
    """With a machine each trip ends with its features, and what befalls the machine shows from its onset on."""
    worn = DoorWear(NOON, NOON + HOUR_US, MIDNIGHT + 2 * DAY_US, 1.0)
    messages = Elevator("s", "e", 9, machine=Machine("e", 9, (worn,))).messages(MIDNIGHT, MIDNIGHT + DAY_US)
    told = [(m.at_us, json.loads(m.payload)["samples"][0]["values"]) for m in messages]
    closes = [(at_us, values["door_close_time_s"]) for at_us, values in told if "door_close_time_s" in values]

    assert len(closes) > 40
    assert max(value for at_us, value in closes if at_us < NOON) < 4.0
    assert min(value for at_us, value in closes if at_us > NOON + HOUR_US) > 4.0


def test_a_held_door_is_a_fault_only_if_nobody_holds_it() -> None:
    """The same door, with and without a removal man."""
    assert HeldDoor(NOON, 600.0, attended=True).label("e").truth is Truth.LOOKALIKE
    assert HeldDoor(NOON, 600.0, attended=False).label("e").truth is Truth.FAULT
    assert all(
        s["fault_code"] == 12
        for s in _held(_messages(ReportedFault(NOON, 60.0, 12, "elevator.door")), NOON, NOON + 59 * SECOND_US)
    )
