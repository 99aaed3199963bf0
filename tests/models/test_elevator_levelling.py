"""Elevator levelling: floors that shift, stops people trip over and cars between floors raise; full cars do not."""

import pytest

from device_simulators.elevator_lookalikes import HeavyLoads
from device_simulators.elevator_wear import LevelShift
from models.detectors.elevator_levelling import ElevatorLevelling
from tests.models.elevator_lives import cause, day_of, day_us, heard, raised, rides, said
from tests.models.stream import SECOND_US

LEVELS = ElevatorLevelling()
BETWEEN = {"service_mode": 1.0, "door_closed": 1.0, "door_zone": 0.0, "car_running": 0.0, "fault_code": 0.0}


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_a_stretched_rope_is_told_from_one_floors_sensor(severity: float) -> None:
    """All floors off the same way, or one of them: the order says which, mild or gross."""
    times = (day_us(10), day_us(14), day_us(60), severity)
    rope = raised(heard(LEVELS, rides(30, LevelShift(*times, way=-1))))
    sensor = raised(heard(LEVELS, rides(30, LevelShift(*times, landing=3))))

    assert 10 < day_of(rope[0]) < 25
    assert cause(rope[-1]) in {"levelling_same_way_mm", "levelling_error_mm"}
    assert cause(sensor[0]) in {"levelling_one_floor_mm", "levelling_error_mm"}
    assert sensor[0].evidence is not None
    assert sensor[0].evidence.facts is not None
    assert sensor[0].evidence.facts["floor"] == 3.0


def test_urgency_follows_the_error() -> None:
    """8 mm is a suggestion, 12 mm at one floor level II, 12 mm at all floors and 24 mm once level I."""

    def severity(error: float, floors: int, stops: int) -> int:
        told = [
            said(day_us(0) + n * 600 * SECOND_US, floor=float(n % floors + 1), levelling_error_mm=error)
            for n in range(stops)
        ]
        return max(f.severity for f in raised(heard(LEVELS, told)))

    assert severity(8.0, 1, 20) == 0
    assert severity(12.0, 1, 20) == 1
    assert severity(12.0, 4, 80) == 2
    assert severity(24.0, 1, 1) == 2


@pytest.mark.parametrize(
    ("errors", "load", "severity"),
    [
        ([24.0], 40.0, 2),
        ([24.0], 90.0, None),
        ([24.0, 24.0], 90.0, None),
        ([24.0, 8.0, 24.0, 24.0], 90.0, None),
        ([24.0, 24.0, 24.0], 90.0, 2),
        ([32.0], 90.0, 2),
    ],
)
def test_a_full_car_must_be_clearly_off(errors: list[float], load: float, severity: int | None) -> None:
    """Once over 20 mm is enough of a car that is not full; a full one takes 30 mm, or 20 mm three times in a row."""
    told = [
        said(day_us(0) + n * 600 * SECOND_US, floor=2.0 + n, levelling_error_mm=-error, car_load_percent=load)
        for n, error in enumerate(errors)
    ]

    assert next(iter(f.severity for f in raised(heard(LEVELS, told))), None) == severity


def test_full_cars_raise_nothing() -> None:
    """Ropes stretch under a load; a day of removals is no fault."""
    assert raised(heard(LEVELS, rides(30, HeavyLoads(day_us(12.3), day_us(12.8))))) == []


def test_an_empty_car_between_floors_is_told_and_an_entrapment_is_not() -> None:
    """With nobody inside it is this mode's after two minutes; with somebody it is left to elevator.entrapment."""
    for somebody, expected in ((0.0, ["stopped_outside_zone_s"]), (1.0, [])):
        told = [said(day_us(0) + n * 30 * SECOND_US, **BETWEEN, person_present=somebody) for n in range(8)]
        assert [cause(f) for f in raised(heard(LEVELS, told))] == expected


def test_a_healthy_car_is_quiet_for_two_months() -> None:
    """Stops that scatter by 3 mm about floors that are off by one or two."""
    assert raised(heard(LEVELS, rides(60, seed=5))) == []


def runs(minutes: float, stands_s: int, **more: float) -> list[str]:
    """What is raised of a car that runs for 40 s and stands, again and again, told at every change."""
    told, at_us = [], day_us(0)
    while at_us < day_us(0) + minutes * 60 * SECOND_US:
        empty = {"service_mode": 1.0, "fault_code": 0.0, "door_closed": 1.0, "person_present": 0.0}
        told.append(said(at_us, **empty, car_running=1.0, door_zone=0.0))
        told.append(said(at_us + 40 * SECOND_US, **{**empty, **more}, car_running=0.0, door_zone=1.0))
        at_us += (40 + stands_s) * SECOND_US
    return [cause(f) for f in raised(heard(LEVELS, told))]


def test_a_car_that_runs_on_and_on_empty_has_lost_its_floors() -> None:
    """For a quarter of an hour with its door closed; waiting, opening its door or carrying somebody ends the run."""
    assert runs(25, 10) == ["runs_empty_s"]
    assert runs(13, 10) == []
    assert runs(60, 35) == []
    assert runs(60, 10, door_closed=0.0) == []
    assert runs(60, 10, person_present=1.0) == []


@pytest.mark.parametrize("landing", [None, 3], ids=["all-floors", "one-floor"])
def test_levels_that_are_set_right_are_calm_within_days(landing: int | None) -> None:
    """What was wrong is not smoothed off for weeks at floors that are seldom served; a new fault raises again."""
    faults = [LevelShift(day_us(a), day_us(a + 4), day_us(a + 10), 1.0, landing=landing) for a in (10, 30)]
    days = [day_of(f) for f in raised(heard(LEVELS, rides(45, *faults)))]

    assert [d for d in days if 23.5 < d < 30] == []
    assert any(10 < d < 20 for d in days)
    assert any(30 < d < 40 for d in days)
