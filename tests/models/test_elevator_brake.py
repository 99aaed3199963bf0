"""Elevator brake: late brakes, dragging machines, overspeed and codes raise; load, cold and seasons do not."""

import pytest

from device_simulators.elevator_lookalikes import ColdGuides, HeavyLoads
from device_simulators.elevator_machine import Befalling
from device_simulators.elevator_wear import BrakeWear
from ingest.readings import Batch
from models.detectors.elevator_brake import ElevatorBrake
from tests.models.elevator_lives import cause, day_of, day_us, heard, known, raised, rides, said
from tests.models.stream import SECOND_US

BRAKE = ElevatorBrake()
NORMAL = {"service_mode": 1.0, "door_closed": 1.0, "car_running": 1.0}
SHUT = {"service_mode": 1.0, "door_closed": 1.0, "door_zone": 1.0, "fault_code": 0.0}
AJAR = {"door_closed": 0.0}


@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_a_brake_that_lets_go_late_is_found(severity: float) -> None:
    """Mild to gross, before it has been late for three weeks, and not before it began."""
    found = raised(heard(BRAKE, rides(60, BrakeWear(day_us(30), day_us(40), day_us(90), severity))))

    assert 30 < day_of(found[0]) < 55
    assert found[0].severity == 0
    assert found[0].evidence is not None
    assert found[0].evidence.contributions[0].usual is not None


@pytest.mark.parametrize(
    "lookalike", [ColdGuides(day_us(25), day_us(50)), HeavyLoads(day_us(30.3), day_us(30.8))], ids=["cold", "heavy"]
)
def test_what_only_resembles_a_fault_raises_nothing(lookalike: Befalling) -> None:
    """Stiff grease, and a day of full cars, which draw more: only like is compared with like."""
    assert raised(heard(BRAKE, rides(60, lookalike))) == []


def test_overspeed_is_most_urgent_once_it_lasts() -> None:
    """Above 1.15 of the rated speed for three seconds; a single stray sample is none."""
    fast = [said(day_us(0) + n * SECOND_US, **NORMAL, car_speed_m_s=-2.2) for n in range(6)]
    stray = [said(day_us(0) + n * SECOND_US, **NORMAL, car_speed_m_s=2.2 if n == 2 else 1.7) for n in range(6)]
    found = raised(heard(BRAKE, fast))

    assert [(cause(f), f.severity) for f in found] == [("overspeed_s", 2)]
    assert raised(heard(BRAKE, stray)) == []


@pytest.mark.parametrize(
    ("table", "code", "severity"), [("vendor", 5, 2), ("vendor", 16, 1), ("gbt24476", 5, 2), ("city", 207, 2)]
)
def test_codes_are_read_by_their_table(table: str, code: int, severity: int) -> None:
    """Unintended movement is level I in every table that has it, a brake fault level II."""
    told = [said(day_us(0), service_mode=1.0, fault_code=float(code))]
    found = raised(heard(BRAKE, told, known(fault_code_table=table)))

    assert [f.severity for f in found] == [severity]


def ride(at_us: int, stand_s: float, *, sampled: bool, **between: float) -> list[Batch]:
    """A ride that stops for so long half way; told at every change, or each second as it slows."""

    def slows(from_us: int) -> list[Batch]:
        steps = (1.2, 0.6) if sampled else ()
        return [said(from_us + (n + 1) * SECOND_US, car_speed_m_s=v) for n, v in enumerate((*steps, 0.0))]

    told = [said(at_us, **SHUT, car_speed_m_s=0.0), said(at_us + SECOND_US, door_zone=0.0, car_speed_m_s=1.75)]
    if stand_s:
        told += slows(told[-1].received_us + 5 * SECOND_US)
        if between:
            told[-1] = said(told[-1].received_us, car_speed_m_s=0.0, **between)
        told.append(said(told[-1].received_us + round(stand_s * SECOND_US), car_speed_m_s=1.75, fault_code=0.0))
    told += slows(told[-1].received_us + 5 * SECOND_US)
    return [
        *told,
        said(told[-1].received_us + SECOND_US, door_zone=1.0),
        said(told[-1].received_us + 4 * SECOND_US, **AJAR),
    ]


def day_of_rides(stand_s: float, every_s: float = 3_600.0, rides: int = 4, **more: float) -> list[tuple[str, int]]:
    """What is raised of several such rides, told either way."""
    found = []
    for sampled in (False, True):
        told = [
            b
            for n in range(rides)
            for b in ride(day_us(0) + round(n * every_s) * SECOND_US, stand_s, sampled=sampled, **more)
        ]
        found.append([(cause(f), f.severity) for f in raised(heard(BRAKE, told))][:1])
    assert found[0] == found[1]
    return found[0]


def test_a_car_that_stops_between_floors_again_and_again_is_urgent() -> None:
    """Three stops of a day after which it goes on raise level II, however the gateway tells its speed; two do not."""
    assert day_of_rides(8.0) == [("sudden_stops_count", 1)]
    assert day_of_rides(8.0, rides=3) == [("sudden_stops_count", 1)]
    assert day_of_rides(8.0, rides=2) == []


@pytest.mark.parametrize(
    ("stand_s", "more"),
    [
        (0.0, {}),
        (8.0, {"every_s": 60.0}),
        (8.0, {"door_zone": 1.0}),
        (8.0, {"door_closed": 0.0}),
        (8.0, {"fault_code": 9.0}),
        (900.0, {}),
    ],
    ids=["each-floor", "within-the-hold-off", "at-a-floor", "door-opens", "power-lost", "does-not-go-on"],
)
def test_other_stops_are_no_sudden_stops(stand_s: float, more: dict[str, float]) -> None:
    """Stops at floors, stops of one moment, dips of the supply that are told, and cars that stay where they are."""
    assert day_of_rides(stand_s, **more) == []
