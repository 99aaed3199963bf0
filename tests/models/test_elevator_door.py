"""Elevator door: doors that wear, stick or stand open raise; people who hold them, grit and cold do not."""

from dataclasses import replace

import pytest

from device_simulators.elevator_lookalikes import (
    ColdGuides,
    DirtySill,
    HeavyLanding,
    HeavyLoads,
    Readjusted,
    Removal,
    SillCleaning,
)
from device_simulators.elevator_machine import Befalling
from device_simulators.elevator_wear import DoorWear, LockWear
from ingest.readings import Batch, Quality
from models.detectors.elevator_door import ElevatorDoor
from models.findings import Verdict
from tests.models.elevator_lives import cause, day_of, day_us, heard, raised, rides, said
from tests.models.stream import HOUR_US, SECOND_US

DOOR = ElevatorDoor()
NORMAL = {"service_mode": 1.0, "door_closed": 1.0, "door_zone": 1.0, "person_present": 0.0, "fault_code": 0.0}
OPEN = {**NORMAL, "door_closed": 0.0}


def opened(seconds: float, **more: float) -> list[str]:
    """What is raised of a door that stands open for so long, told every 20 s."""
    told = [said(day_us(0) + n * 20 * SECOND_US, **{**OPEN, **more}) for n in range(int(seconds / 20) + 1)]
    last = said(told[-1].received_us + SECOND_US, **NORMAL)
    return [cause(f) for f in raised(heard(DOOR, [said(day_us(0) - SECOND_US, **NORMAL), *told, last]))]


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_a_landing_whose_door_slows_down_is_named(severity: float) -> None:
    """From mild to gross, the order names the landing, what is usual there, and the limit that was passed."""
    found = raised(heard(DOOR, rides(60, DoorWear(day_us(40), day_us(45), day_us(90), severity, landing=3))))

    assert 40 < day_of(found[0]) < 60
    assert found[0].evidence is not None
    assert found[0].evidence.facts is not None
    assert found[0].evidence.facts["floor"] == 3.0
    assert found[0].evidence.counterfactual is not None
    assert found[0].severity == 0


def test_a_door_that_is_repaired_is_learnt_anew() -> None:
    """After the repair it is calm again, and a new fault raises again."""
    faults = (DoorWear(day_us(40), day_us(42), day_us(60), 0.6), DoorWear(day_us(100), day_us(102), day_us(130), 0.6))
    days = [day_of(f) for f in raised(heard(DOOR, rides(115, *faults)))]

    assert [d for d in days if 68 < d < 100] == []
    assert any(40 < d < 60 for d in days)
    assert any(100 < d < 115 for d in days)


@pytest.mark.parametrize(
    "lookalike",
    [
        HeavyLoads(day_us(42.3), day_us(42.8)),
        Removal(day_us(42.4), day_us(42.6)),
        SillCleaning(day_us(42.3), day_us(42.6), 3),
        DirtySill(day_us(42), day_us(43)),
        HeavyLanding(day_us(0), day_us(60)),
        Readjusted(day_us(35), day_us(60)),
        ColdGuides(day_us(40), day_us(58)),
    ],
    ids=lambda b: type(b).__name__,
)
def test_what_only_resembles_a_fault_raises_nothing(lookalike: Befalling) -> None:
    """Removal men, heavy loads, a sill that is dirty or cleaned, a heavy door, another setting, a cold spell."""
    assert raised(heard(DOOR, rides(60, lookalike, busy=(45, 52, 2)))) == []


def test_a_door_that_stands_open_alone_counts_after_two_minutes() -> None:
    """Nobody in it: after 120 s; somebody in it: it is held; the car between floors: at once."""
    assert opened(100) == []
    assert opened(200) == ["door_held_open_s"]
    assert opened(900, person_present=1.0) == []
    assert opened(20, door_zone=0.0) == ["door_open_outside_s"]


def test_an_open_door_on_a_moving_car_is_most_urgent() -> None:
    """Two levels up, as nobody may be in that doorway."""
    told = [said(day_us(0) + n * SECOND_US, **{**OPEN, "car_running": 1.0, "car_speed_m_s": 1.0}) for n in range(5)]
    found = raised(heard(DOOR, told))

    assert cause(found[-1]).startswith("door_open_")
    assert found[-1].severity == 2


def test_three_failed_closes_within_ten_minutes_raise() -> None:
    """With nobody there; the same with somebody in the doorway is no fault."""
    for somebody, expected in ((0.0, ["door_failed_closes"]), (1.0, [])):
        told = [
            said(day_us(0) + n * 120 * SECOND_US, floor=2.0, door_reopens_count=1.0, doorway_blocked=somebody)
            for n in range(4)
        ]
        assert [cause(f) for f in raised(heard(DOOR, told))][:1] == expected


def test_a_code_raises_at_once_and_not_under_inspection() -> None:
    """Code 12 of the vendor's table is a door that does not close; a mechanic may cause it."""
    story = [said(day_us(0), **{**NORMAL, "fault_code": 12.0})]
    inspected = [said(day_us(0), **{**NORMAL, "fault_code": 12.0, "service_mode": 2.0})]
    found = heard(DOOR, story)

    assert [cause(f) for f in found] == ["code_door_not_closing"]
    assert found[0].severity == 1
    assert [f.verdict for f in heard(DOOR, inspected)] == [Verdict.NOT_APPLICABLE]


def test_silence_is_unknown() -> None:
    """A gateway that has said nothing for a day knows nothing of its door."""
    silent = [said(day_us(0), **NORMAL), said(day_us(0) + 30 * HOUR_US, **NORMAL)]

    assert [f.verdict for f in heard(DOOR, silent)] == [Verdict.SCORED, Verdict.UNKNOWN, Verdict.SCORED]


def test_a_held_door_counts_from_when_it_opened_once_nobody_is_there() -> None:
    """Somebody leaves a door that then stays open: on a gateway that tells only changes it still raises."""
    left = said(day_us(0) + 100 * SECOND_US, person_present=0.0)
    later = said(day_us(0) + 200 * SECOND_US, floor=3.0)
    found = raised(heard(DOOR, [said(day_us(0), **{**OPEN, "person_present": 1.0}), left, later]))

    assert [cause(f) for f in found] == ["door_held_open_s"]
    assert found[0].at_us == day_us(0) + 120 * SECOND_US


def test_trips_that_a_clock_set_back_lays_over_each_other_are_not_one() -> None:
    """The open door of a trip told by a clock ahead and the motion of a later one do not make a door open in motion."""
    moving = {**NORMAL, "door_zone": 0.0, "car_speed_m_s": 1.5}
    told = []
    for n in range(20):
        at_us = day_us(0) + n * 10 * SECOND_US
        ahead = said(at_us, **{**OPEN, "car_speed_m_s": 0.0})
        flagged = tuple(replace(r, quality=int(Quality.CLOCK_AHEAD)) for r in ahead.readings)
        told += [replace(ahead, readings=flagged), said(at_us + 4 * SECOND_US, door_zone=0.0, car_speed_m_s=1.5)]

    assert raised(heard(DOOR, told)) == []
    assert raised(
        heard(DOOR, [said(day_us(0), **{**moving, "door_closed": 0.0}), said(day_us(0) + 9 * SECOND_US, **NORMAL)])
    )


def told_less(batches: list[Batch], *metrics: str) -> list[Batch]:
    """The same messages of a gateway that does not measure these."""
    return [replace(b, readings=tuple(r for r in b.readings if r.metric not in metrics)) for b in batches]


WITNESSES = ("door_lock_delay_ms", "door_energy_j")


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_locks_that_make_late_are_found_from_mild_to_gross(severity: float) -> None:
    """The close time is within its limit if mild; the lock's delay agrees with it, and is named among the reasons."""
    life = rides(75, LockWear(day_us(40), day_us(45), day_us(90), severity))
    found = raised(heard(DOOR, life))

    assert 40 < day_of(found[0]) < 62
    assert found[0].evidence is not None
    assert "door_lock_delay_ms" in {c.name for c in found[-1].evidence.contributions}  # type: ignore[union-attr]
    assert (raised(heard(DOOR, told_less(life, *WITNESSES))) != []) == (severity > 0)


@pytest.mark.parametrize("witness", WITNESSES)
def test_a_witness_alone_raises_nothing(witness: str) -> None:
    """Twice the delay or the energy with every trend of the door at its usual is a matter for watching."""
    life = rides(60)
    late = [
        replace(b, readings=tuple(replace(r, value=2 * r.value) if r.metric == witness else r for r in b.readings))
        for b in life
        if b.received_us > day_us(40)
    ]
    found = heard(DOOR, [b for b in life if b.received_us <= day_us(40)] + late)

    assert raised(found) == []
    assert max(f.score or 0.0 for f in found if day_of(f) > 45) > 0.4


def test_what_was_set_differently_is_usual_after_some_weeks() -> None:
    """A witness that stays over its limit while nothing else moves is learnt anew, and eases no trend any more."""
    life = rides(70, Readjusted(day_us(30), day_us(31)), ColdGuides(day_us(50), day_us(70)))
    scores = [f.score for f in heard(DOOR, life) if day_of(f) > 52]

    assert scores
    assert max(score or 0.0 for score in scores) < 0.45
