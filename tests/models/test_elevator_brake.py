"""Elevator brake: late brakes, dragging machines, overspeed and codes raise; load, cold and seasons do not."""

import pytest

from device_simulators.elevator_lookalikes import ColdGuides, HeavyLoads
from device_simulators.elevator_machine import Befalling
from device_simulators.elevator_wear import BrakeWear
from models.detectors.elevator_brake import ElevatorBrake
from tests.models.elevator_lives import cause, day_of, day_us, heard, known, raised, rides, said
from tests.models.stream import SECOND_US

BRAKE = ElevatorBrake()
NORMAL = {"service_mode": 1.0, "door_closed": 1.0, "car_running": 1.0}


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
