"""Hydraulics: the laws, against the figures of DOMAIN 1.2."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_simulators.hydraulics import (
    DISCHARGE_COEFFICIENT,
    circle_area_m2,
    friction_pa,
    joukowsky_pa,
    leaking_pressure_pa,
    orifice_flow_m3_s,
    rupture_pressure_pa,
    wave_speed_m_s,
)

_PRESSURES = st.floats(1e3, 2e6)
_HOLES_M2 = st.floats(1e-8, 1e-3)


@given(_HOLES_M2, _PRESSURES, st.floats(1.1, 100.0))
def test_orifice_flow_grows_with_the_root_of_pressure(hole_m2: float, pressure_pa: float, factor: float) -> None:
    """A hole lets out sqrt(k) times as much at k times the pressure."""
    grown = orifice_flow_m3_s(hole_m2, pressure_pa * factor) / orifice_flow_m3_s(hole_m2, pressure_pa)

    assert grown == pytest.approx(factor**0.5)


@pytest.mark.parametrize(("hole_mm", "litres_a_minute"), [(1, 0.7), (2, 2.9), (3, 6.5), (5, 18)])
def test_holes_leak_what_the_domain_says(hole_mm: float, litres_a_minute: float) -> None:
    """At 3 bar holes of 1 to 5 mm let out what DOMAIN 1.1 lists."""
    flow = float(orifice_flow_m3_s(circle_area_m2(hole_mm / 1e3), 3e5)) * 60_000

    assert flow == pytest.approx(litres_a_minute, rel=0.03)


@pytest.mark.parametrize(
    ("wave_speed", "bar"), [(1381, 13.8), (1322, 13.2), (1218, 12.2), (1261, 12.6), (467, 4.7), (392, 3.9), (318, 3.2)]
)
def test_joukowsky_gives_the_table_of_the_domain(wave_speed: float, bar: float) -> None:
    """Stopping 1 m/s makes the surge that DOMAIN 1.2 lists for each pipe."""
    assert joukowsky_pa(wave_speed, 1.0) / 1e5 == pytest.approx(bar, abs=0.06)


@pytest.mark.parametrize(
    ("diameter_mm", "wall_mm", "youngs_gpa", "wave_speed"), [(52.7, 3.8, 206, 1381), (90, 10, 0.954, 318)]
)
def test_wave_speed_gives_the_table_of_the_domain(
    diameter_mm: float, wall_mm: float, youngs_gpa: float, wave_speed: float
) -> None:
    """A steel DN50 and a PE100 SDR11 pipe carry waves as fast as DOMAIN 1.2 lists."""
    assert wave_speed_m_s(diameter_mm / 1e3, wall_mm / 1e3, youngs_gpa * 1e9) == pytest.approx(wave_speed, rel=0.005)


@given(_HOLES_M2, _PRESSURES, st.floats(1e5, 1e9))
def test_leaking_pressure_solves_its_equation(hole_m2: float, unloaded_pa: float, droop: float) -> None:
    """What the supply loses to the leak's own flow is just what is missing from the unloaded pressure."""
    pressure = leaking_pressure_pa(np.array([unloaded_pa]), np.array([hole_m2]), droop)

    assert pressure + droop * orifice_flow_m3_s(hole_m2, pressure) == pytest.approx(unloaded_pa, rel=1e-6)


@given(_HOLES_M2, _PRESSURES)
def test_a_rupture_obeys_joukowsky_on_both_sides(hole_m2: float, before_pa: float) -> None:
    """The fall at a rupture is rho a Q / 2A, with the flow that the hole lets out at the fallen pressure."""
    pipe_m2, wave_speed = circle_area_m2(0.068), 1_350.0
    after = rupture_pressure_pa(before_pa, hole_m2, pipe_m2, wave_speed)
    flow = float(orifice_flow_m3_s(hole_m2, after))

    assert 0.0 <= after < before_pa
    assert joukowsky_pa(wave_speed, flow / pipe_m2 / 2.0) == pytest.approx(before_pa - after, rel=1e-6)


def test_friction_grows_by_hazen_williams() -> None:
    """Twice the flow loses 2^1.852 times the head."""
    loss = friction_pa(np.array([1e-3, 2e-3]), 60.0, 0.068)

    assert loss[1] / loss[0] == pytest.approx(2**1.852)
    assert DISCHARGE_COEFFICIENT == 0.62
