"""Pump troubles: each does to the pump what it is named for, when its label says so, and nothing else."""

import json

import numpy as np
import pytest

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Values, local_midnight
from device_simulators.labels import Truth
from device_simulators.pump import Pump
from device_simulators.pump_model import PumpModel
from device_simulators.pump_troubles import (
    AirlessVessel,
    Innocent,
    LostPrime,
    Overheating,
    PumpTrouble,
    StrainerClog,
    WeakPhase,
)

MIDNIGHT = local_midnight(1_764_000_000_000_000)
MODEL = PumpModel(supply_kpa=60.0)


def _day(trouble: PumpTrouble | None, day: int = 3) -> tuple[Values, dict[str, Values]]:
    """Local hours and what the monitor tells in one day."""
    pump = Pump("s", "p", 3, troubles=[trouble] if trouble else [], model=MODEL)
    at_us, features = pump.features(MIDNIGHT + day * DAY_US)
    return (at_us - MIDNIGHT - day * DAY_US) / HOUR_US, features


def test_a_sound_pump_gives_what_it_is_rated_for() -> None:
    """Constant pressure, suction above the 20 kPa of a dry one, equal phases, and nothing hot."""
    hours, sound = _day(None)
    runs = sound["speed_rpm"] > 0

    assert np.ptp(sound["pressure_kpa"][runs]) < 25
    assert sound["suction_pressure_kpa"].min() > 50
    assert np.abs(sound["current_l1_a"][runs] / sound["current_l3_a"][runs] - 1.0).max() < 0.05
    assert max(sound["bearing_temperature_c"].max(), sound["winding_temperature_c"].max()) < 70
    assert 10 <= sound["starts_total"][-1] - sound["starts_total"][0] <= 20
    assert hours.size == 288


def test_a_clogged_strainer_starves_the_pump_in_the_rush() -> None:
    """Suction falls with the square of the flow; then it is loud, gives less, and its velocity stays."""
    clog = StrainerClog(MIDNIGHT, MIDNIGHT + 2 * DAY_US, MIDNIGHT + 9 * DAY_US, 330.0, 0.6)
    (hours, sick), (_, sound) = _day(clog), _day(None)
    rush, night = (hours > 7) & (hours < 8), (hours > 2) & (hours < 4)

    assert sick["suction_pressure_kpa"][rush].min() < -80
    assert np.median(sick["suction_pressure_kpa"][night]) > 40
    assert sick["acceleration_rms_m_s2"][rush].max() > 2 * sound["acceleration_rms_m_s2"][rush].max()
    assert sick["flow_m3_h"][rush].sum() < 0.97 * sound["flow_m3_h"][rush].sum()


def test_without_water_it_turns_and_lifts_nothing() -> None:
    """No flow, no suction, a motor that is barely loaded; six samples of ten seconds in a message tell it."""
    at_us = MIDNIGHT + 3 * DAY_US + 8 * HOUR_US
    hours, dry = _day(LostPrime(at_us, at_us + 2 * HOUR_US))
    during = (hours >= 8) & (hours < 10)
    pump = Pump("s", "p", 3, troubles=[LostPrime(at_us, at_us + 2 * HOUR_US)])
    told = [json.loads(m.payload) for m in pump.messages(at_us, at_us + 5 * MINUTE_US)]

    assert dry["flow_m3_h"][during].max() == 0.0
    assert dry["suction_pressure_kpa"][during].max() < 5
    assert (dry["current_a"][during] < 0.45 * MODEL.rated_current_a).all()
    assert (dry["speed_rpm"][during] > 0).all()
    assert [len(one["samples"]) for one in told if len(one["samples"]) > 1] == [6] * 5


@pytest.mark.parametrize("per_hour", [12.0, 40.0])
def test_a_vessel_without_air_is_counted_at_night(per_hour: float) -> None:
    """Its counter runs in the small hours and not by day."""
    hours, sick = _day(AirlessVessel(MIDNIGHT, MIDNIGHT + 9 * DAY_US, per_hour))
    at_two, at_three, at_noon, at_one = (sick["starts_total"][hours >= hour][0] for hour in (2, 3, 12, 13))

    assert at_three - at_two == pytest.approx(per_hour + 4, abs=1)
    assert at_noon == at_one


def test_a_counter_never_falls() -> None:
    """Over the days around a trouble's beginning and end it only rises."""
    trouble = AirlessVessel(MIDNIGHT + 30 * HOUR_US, MIDNIGHT + 3 * DAY_US, 30.0)
    counted = np.concatenate([_day(trouble, day)[1]["starts_total"] for day in range(5)])

    assert (np.diff(counted) >= 0).all()


def test_a_weak_phase_is_unequal_by_two_thirds_of_what_it_lost() -> None:
    """The others take over a part, so that the mean stays as it was."""
    weak = WeakPhase(MIDNIGHT, MIDNIGHT + DAY_US, MIDNIGHT + 9 * DAY_US, 0.3)
    phases = [_day(weak)[1][f"current_l{n}_a"] for n in (1, 2, 3)]
    mean = np.mean(phases, axis=0)
    runs = mean > 1.0

    assert np.median(1.0 - phases[2][runs] / mean[runs]) == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("bearing", [True, False])
def test_what_is_not_cooled_or_greased_grows_hot(bearing: bool) -> None:  # noqa: FBT001 -- a parameter
    """Within two days it is over 80 C, and the other one is not."""
    hot = Overheating(MIDNIGHT + DAY_US, MIDNIGHT + 9 * DAY_US, 60.0, bearing=bearing)
    told = _day(hot)[1]
    bearing_c, winding_c = np.median(told["bearing_temperature_c"]), np.median(told["winding_temperature_c"])

    assert (bearing_c > 80) == bearing
    assert (winding_c > 80) != bearing


def test_what_only_resembles_says_so() -> None:
    """A look-alike has no failure, changes what it says it changes, and its label ends after it does."""
    start_us = MIDNIGHT + 3 * DAY_US + 8 * HOUR_US
    dip = Innocent("pump.motor", start_us, start_us + 10 * MINUTE_US, "a dip", weak_phase=0.5, extra_starts=3)
    label = dip.label("p")

    assert (label.truth, label.failure_us) == (Truth.LOOKALIKE, None)
    assert label.raise_until_us > dip.end_us
    assert dip.starts(np.array([start_us, dip.end_us + SECOND_US], dtype=float)).tolist() == [0.0, 3.0]


def test_no_message_holds_samples_of_two_alarms() -> None:
    """Two alarms of one day are told apart: a message spans less than a minute, and nothing in it is later than it."""
    starts = [MIDNIGHT + hour * HOUR_US for hour in (8, 11)]
    dips = [Innocent("pump.motor", at, at + 3 * MINUTE_US + 20 * SECOND_US, "a dip", watched=True) for at in starts]
    pump = Pump("s", "p", 3, troubles=dips)
    spans = [
        max(times) - min(times)
        for message in pump.messages(MIDNIGHT, MIDNIGHT + DAY_US)
        for times in [[sample["at"] for sample in json.loads(message.payload)["samples"]]]
    ]

    assert 0 < max(spans) < MINUTE_US
