"""Elevator vibration: a ride that grows rough raises; a season, and ropes that are at fault themselves, do not."""

import pytest

from device_simulators.elevator_lookalikes import ColdGuides
from device_simulators.elevator_wear import GuideWear, UnevenRopes
from models.detectors.elevator_rope_wear import ElevatorRopeWear
from models.detectors.elevator_vibration import ElevatorVibration
from tests.models.elevator_lives import cause, day_of, day_us, heard, raised, rides

RIDE = ElevatorVibration()


@pytest.mark.parametrize(("severity", "urgency"), [(0.0, 0), (0.5, 0), (1.0, 1)])
def test_worn_guide_shoes_are_found(severity: float, urgency: int) -> None:
    """At one and a half times the usual it is a suggestion, above GB/T 10058 level II."""
    found = raised(heard(RIDE, rides(60, GuideWear(day_us(30), day_us(40), day_us(90), severity))))

    assert 30 < day_of(found[0]) < 50
    assert cause(found[0]).startswith("ride_horizontal")
    assert max(f.severity for f in found) >= urgency


def test_a_cold_spell_raises_nothing() -> None:
    """Stiff grease makes a car ride a little rougher."""
    assert raised(heard(RIDE, rides(60, ColdGuides(day_us(25), day_us(50))))) == []


def test_ropes_that_hang_loose_make_one_order_and_it_is_theirs() -> None:
    """The car shakes too, which is left to elevator.rope_wear."""
    loose = rides(60, UnevenRopes(day_us(30), day_us(35), day_us(90), 1.0))

    assert raised(heard(RIDE, loose)) == []
    assert cause(raised(heard(ElevatorRopeWear(), loose))[0]).startswith("rope_")
