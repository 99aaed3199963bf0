"""Pump: a booster that follows its demand and a bearing that wears through the ISO zones at the stated times."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_simulators.calendar import DAY_US, HOUR_US, Values, local_midnight
from device_simulators.faults import HEALTHY_VELOCITY_MM_S, ZONE_BC_MM_S, ZONE_CD_MM_S, BearingWear
from device_simulators.pump import Pump
from device_simulators.pump_physics import RATED_SPEED_RPM, REFERENCE_SPEED_RPM

MIDNIGHT = local_midnight(1_764_000_000_000_000)


def _wear(severity: float = 1.0) -> BearingWear:
    return BearingWear(MIDNIGHT + 2 * DAY_US, MIDNIGHT + 12 * DAY_US, MIDNIGHT + 40 * DAY_US, severity)


def _at_reference(pump: Pump, midnight_us: int) -> Values:
    """Velocity brought to reference speed by the square law, while it runs."""
    _, features = pump.features(midnight_us)
    runs = features["speed_rpm"] > 0
    velocity, speed = features["velocity_rms_mm_s"][runs], features["speed_rpm"][runs]
    reduced: Values = velocity * (REFERENCE_SPEED_RPM / speed) ** 2
    return reduced


@given(st.floats(0.6, 1.0), st.integers(1, 30))
def test_wear_crosses_the_zones_when_it_says(severity: float, days: int) -> None:
    """At reference speed the velocity is the B/C limit at zone_c_us and the C/D limit at zone_d_us."""
    wear = BearingWear(MIDNIGHT, MIDNIGHT + days * DAY_US, MIDNIGHT + 400 * DAY_US, severity)
    velocity = HEALTHY_VELOCITY_MM_S * (1.0 + wear.growth(np.array([wear.zone_c_us, wear.zone_d_us], dtype=float)))

    assert velocity == pytest.approx([ZONE_BC_MM_S, ZONE_CD_MM_S], rel=1e-4)


def test_the_monitor_sees_the_zone_change_at_its_time() -> None:
    """The day before the crossing the typical reading is in zone B, the day after in zone C, and sound it is 1 mm/s."""
    worn = Pump("s", "p", 3, wear=[_wear()])
    before = np.median(_at_reference(worn, MIDNIGHT + 11 * DAY_US))
    after = np.median(_at_reference(worn, MIDNIGHT + 13 * DAY_US))
    sound = np.median(_at_reference(Pump("s", "p", 3), MIDNIGHT))

    assert before < ZONE_BC_MM_S < after < ZONE_CD_MM_S
    assert sound == pytest.approx(HEALTHY_VELOCITY_MM_S, rel=0.03)


def test_the_envelope_speaks_first_and_kurtosis_falls_again() -> None:
    """Five days before zone C the envelope has doubled, the velocity has not; kurtosis peaks and then returns to 3."""
    worn, sound = Pump("s", "p", 3, wear=[_wear()]), Pump("s", "p", 3)
    early, usual = worn.features(MIDNIGHT + 7 * DAY_US)[1], sound.features(MIDNIGHT + 7 * DAY_US)[1]
    peak, late = (np.median(worn.features(MIDNIGHT + day * DAY_US)[1]["kurtosis"]) for day in (9, 19))

    assert np.median(early["envelope_rms_m_s2"]) > 2 * np.median(usual["envelope_rms_m_s2"])
    assert np.median(early["velocity_rms_mm_s"]) < 1.3 * np.median(usual["velocity_rms_mm_s"])
    assert peak > 6
    assert late < 3.6


def test_a_mild_wear_stays_in_zone_b() -> None:
    """A severity under 0.14 never reaches zone C, one of 0.3 reaches C and not D."""
    late = np.array([MIDNIGHT + 39 * DAY_US], dtype=np.float64)

    assert HEALTHY_VELOCITY_MM_S * (1 + _wear(0.1).growth(late)) < ZONE_BC_MM_S
    assert ZONE_BC_MM_S < HEALTHY_VELOCITY_MM_S * (1 + _wear(0.3).growth(late)) < ZONE_CD_MM_S
    assert _wear(0.3).zone_d_us is None


def test_speed_and_current_follow_the_demand() -> None:
    """In the morning rush it runs faster and draws more than at midnight; at night it sleeps now and then."""
    times, features = Pump("s", "p", 3).features(MIDNIGHT)
    hours = (times - MIDNIGHT) / HOUR_US
    rush, night = (hours > 7) & (hours < 8), (hours > 2) & (hours < 4)
    runs = features["speed_rpm"] > 0

    assert features["speed_rpm"][rush].mean() > features["speed_rpm"][night & runs].mean() + 100
    assert features["current_a"][rush].mean() > features["current_a"][night & runs].mean() + 2
    assert features["speed_rpm"].max() < RATED_SPEED_RPM + 20
    assert (~runs[night]).any()
    assert runs[rush].all()
    assert (features["velocity_rms_mm_s"][~runs] < 0.1).all()
