"""Elevator rope wear: diameter, wires, tension and slip call for new ropes; a calliper that slips does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_simulators.elevator_lookalikes import Remeasured
from models.detectors.elevator_rope_wear import ElevatorRopeWear
from models.elevators.rope_loss import RopeLoss
from models.elevators.rope_wires import WIRE_LIMITS
from models.findings import Finding
from tests.models.elevator_lives import TRIPS_A_DAY, cause, day_of, day_us, heard, known, raised, rides, said
from tests.models.stream import DAY_US

ROPES = ElevatorRopeWear()
TRIPS = TRIPS_A_DAY * 10 / 1_000.0
"""Thousands a day."""


def measured(*diameters: float) -> list[Finding]:
    """What is said of a 10 mm rope measured once a week."""
    told = [
        said(day_us(7 * week), rope_diameter_mm=d, trips_total=100_000.0 + 2_800 * week)
        for week, d in enumerate(diameters)
    ]
    return heard(ROPES, told)


def test_an_order_comes_before_six_per_cent_and_says_when() -> None:
    """A rope that reaches 6 % in 100 days is ordered for about 90 days ahead, and the interval holds the truth."""
    wear = 3.0 / (130 * TRIPS)
    found = raised(heard(ROPES, rides(110, rope=(3.0, wear))))
    first, last = found[0], found[-1]

    assert 10 < day_of(first) < 100
    assert first.severity == 0
    assert last.time_to_failure is not None
    assert last.time_to_failure.p10_us - 5 * DAY_US < day_us(130) < last.time_to_failure.p90_us + 5 * DAY_US
    assert last.evidence is not None
    assert last.evidence.forecast is not None
    assert last.probability is None


def test_six_per_cent_is_more_urgent_and_ten_most() -> None:
    """At 6 % level II, at 10 % out of service."""
    assert {f.severity for f in raised(measured(9.38, 9.38))} == {1}
    assert {f.severity for f in raised(measured(8.98, 8.98))} == {2}


def test_one_stray_measurement_is_not_believed() -> None:
    """Far off once is the calliper; twice alike is the rope."""
    assert raised(measured(9.9, 9.9, 9.89, 9.2, 9.88, 9.88)) == []
    assert raised(measured(9.9, 9.9, 9.89, 9.2, 9.21, 9.2))


def test_a_rope_measured_at_another_place_raises_nothing() -> None:
    """For two days it seems one per cent thinner."""
    assert raised(heard(ROPES, rides(60, Remeasured(day_us(40), day_us(42), 1.2), rope=(3.0, 0.005)))) == []


def test_a_new_rope_ends_it() -> None:
    """Once a rope as thick as new is measured the old one is forgotten."""
    assert (measured(9.38, 9.37, 10.1)[-1].score or 0.0) < 0.3


@pytest.mark.parametrize("construction", WIRE_LIMITS)
def test_broken_wires_are_counted_by_the_table(construction: str) -> None:
    """One break below the scrap number is at most watched; the number itself is level I."""
    for limit in WIRE_LIMITS[construction]:
        for count, severity in ((limit.renew - 1, 0), (limit.renew, 2)):
            told = [said(day_us(0), **{limit.metric: count}), said(day_us(0.5), trips_total=1.0)]
            found = heard(ROPES, told, known(rope_construction=construction))

            assert [f.severity for f in found] == [severity] * len(found)
            assert bool(raised(found)) == (severity == 2 or (limit.watch is not None and count > limit.watch))


def test_slip_alone_calls_for_an_order() -> None:
    """Where nobody measures the diameter, half a per cent of slip does."""
    told = [said(day_us(day), rope_slip_percent=0.7) for day in range(6)]

    assert cause(raised(heard(ROPES, told))[-1]) == "rope_slip_percent"


@given(st.lists(st.floats(-1.0, 5.0), min_size=1, max_size=20))
def test_measurements_never_make_a_rope_thinner_than_the_thinnest(percents: list[float]) -> None:
    """The level that is believed never passes what was measured by more than the noise and the wear of the trips."""
    loss = RopeLoss.first(percents[0], 0.0, 0.4)
    for week, percent in enumerate(percents[1:], 1):
        loss = RopeLoss.of(loss.measured(percent, week * 2.8, 0.4).stored())

    assert loss.trend.level <= max(percents) + 2.0
