"""Riser: plausible when sound, and truly leaking when cracked."""

import json

import numpy as np
import pytest

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Values, local_midnight
from device_simulators.faults import Crack, Disturbance
from device_simulators.riser import GATHERED_SAMPLES, RECORD_AFTER_S, Riser

MIDNIGHT = local_midnight(1_764_000_000_000_000)
BURST = MIDNIGHT + DAY_US + 20 * HOUR_US + 130 * SECOND_US


def _at_night(midnight_us: int, times: Values) -> Values:
    hours = (times - midnight_us) / HOUR_US
    return (hours >= 2) & (hours < 4)


def _cracked(severity: float = 0.7) -> Riser:
    return Riser("s", "r", 5, 7, cracks=[Crack(MIDNIGHT - 9 * DAY_US, BURST, BURST + 5 * HOUR_US, severity)])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sound_riser_stays_within_what_buildings_have(seed: int) -> None:
    """Pressure stays under the 450 kPa of a zone and over the 100 kPa of a fixture, and is highest at night."""
    times, pressure = Riser("s", "r", seed, 7).pressure_kpa(MIDNIGHT)
    night = _at_night(MIDNIGHT, times)
    morning = (times > MIDNIGHT + 7 * HOUR_US) & (times < MIDNIGHT + 8 * HOUR_US)

    assert 200 < pressure.min() < pressure.max() < 450
    assert np.median(pressure[night]) > np.median(pressure[morning]) + 5


def test_a_leak_is_louder_and_lower_every_night() -> None:
    """Toward the burst the nights get louder by several times and hiss instead of rumble; at the end pressure falls."""
    riser, sound = _cracked(), Riser("s", "r", 5, 7)
    loud, high, low = [], [], []
    for day in range(-9, 2):
        midnight = MIDNIGHT + day * DAY_US
        times, vibration, median = riser.sound(midnight)
        minutes, pressure = riser.pressure_kpa(midnight)
        loud.append(np.median(vibration[_at_night(midnight, times)]))
        high.append(np.median(median[_at_night(midnight, times)]))
        low.append(np.median(pressure[_at_night(midnight, minutes)]))
    minutes, pressure = sound.pressure_kpa(MIDNIGHT)
    usual = np.median(pressure[_at_night(MIDNIGHT, minutes)])

    assert loud[1] < loud[4] < loud[7] < loud[10]
    assert loud[-1] > 5 * loud[0]
    assert high[-1] > 3 * high[0]
    assert low[-1] < usual - 8


def test_a_burst_is_a_step_that_does_not_recover() -> None:
    """Within 10 s the pressure falls by more than 50 kPa, its first second lowest, and two minutes later it is low."""
    times, pressure = _cracked().pressure_kpa(MIDNIGHT + DAY_US)
    before = pressure[(times > BURST - 10 * SECOND_US) & (times < BURST)].mean()
    after = pressure[(times >= BURST) & (times < BURST + 10 * SECOND_US)]
    later = pressure[(times > BURST + 120 * SECOND_US) & (times < BURST + 600 * SECOND_US)]

    assert after.max() < before - 50
    assert after.argmin() == 0
    assert later.max() < before - 50


def test_a_burst_is_published_once_it_has_lasted() -> None:
    """One message holds each second from ten before the burst to two minutes after it, as soon as those are over."""
    published = list(_cracked().pressure_messages(MIDNIGHT + DAY_US, MIDNIGHT + 2 * DAY_US))
    (record,) = [m for m in published if BURST + 120 * SECOND_US <= m.at_us <= BURST + 130 * SECOND_US]
    times = [sample["at"] for sample in json.loads(record.payload)["samples"]]

    assert times[0] <= BURST - 9 * SECOND_US
    assert [at for at in times if at <= BURST + 120 * SECOND_US][-1] == BURST + 120 * SECOND_US
    assert max(np.diff(times)) <= SECOND_US


def test_no_message_holds_more_than_its_device_gathers() -> None:
    """Messages hold at most fifteen samples or one record, none older than fifteen minutes, each sample once."""
    samples = []
    for message in _cracked().pressure_messages(MIDNIGHT, MIDNIGHT + 2 * DAY_US):
        times = [sample["at"] for sample in json.loads(message.payload)["samples"]]

        assert len(times) <= GATHERED_SAMPLES or times[-1] - times[0] <= (RECORD_AFTER_S + 11) * SECOND_US
        assert message.at_us - times[0] <= 15 * MINUTE_US
        assert message.at_us - times[-1] <= MINUTE_US + 10 * SECOND_US
        samples += times
    assert samples == sorted(set(samples))
    assert len(samples) > 2 * 1440 - GATHERED_SAMPLES


def test_a_meter_shows_what_leaks_and_what_a_valve_shuts_off() -> None:
    """A riser's meter shows the torn pipe's cubic metres, and nothing behind a closed valve."""
    valve = Disturbance(BURST, BURST + HOUR_US, "the valve is closed", pressure_kpa=-300.0, shuts=True)
    shut = Riser("s", "r", 5, 7, disturbances=[valve])
    flows = []
    for riser in (_cracked(), shut):
        times, pressure = riser.pressure_kpa(MIDNIGHT + DAY_US)
        flow = riser.flow_m3_h(MIDNIGHT + DAY_US, times, pressure)
        flows.append(flow[(times > BURST + MINUTE_US) & (times < BURST + HOUR_US - MINUTE_US)].mean())

    assert flows[0] > 5.1  # the smallest peak of BattLeDIM's leaks (DOMAIN 1.3)
    assert flows[1] == 0.0


def test_severity_makes_a_leak_bigger() -> None:
    """A graver crack leaks more just before it bursts; a repaired one not at all."""
    moments = np.array([BURST - HOUR_US, BURST + 6 * HOUR_US], dtype=np.float64)
    areas = [_cracked(severity).cracks[0].area_m2(moments) for severity in (0.1, 0.5, 1.0)]

    assert areas[0][0] < areas[1][0] < areas[2][0]
    assert [float(area[1]) for area in areas] == [0.0, 0.0, 0.0]


def test_a_dip_recovers_and_is_no_leak() -> None:
    """A pump that trips for 50 s lowers the pressure by what it says, and the pressure is back within two minutes."""
    start = MIDNIGHT + 13 * HOUR_US
    dip = Disturbance(start, start + 50 * SECOND_US, "trip", pressure_kpa=-90.0)
    times, pressure = Riser("s", "r", 5, 7, disturbances=[dip]).pressure_kpa(MIDNIGHT)
    before = pressure[(times > start - 10 * SECOND_US) & (times < start)].mean()
    during = pressure[(times >= start) & (times < start + 30 * SECOND_US)].mean()
    after = pressure[(times >= start + 60 * SECOND_US) & (times < start + 80 * SECOND_US)].mean()

    assert before - during == pytest.approx(90, abs=3)
    assert after == pytest.approx(before, abs=3)


def test_water_that_is_shut_in_presses_harder_as_it_warms_until_it_is_let_go() -> None:
    """For five hours nothing flows and the pressure climbs to three times its usual; then it is back at once."""
    from_us, until_us = MIDNIGHT + 9 * HOUR_US, MIDNIGHT + 14 * HOUR_US
    trapped = Disturbance(from_us, until_us, "", shuts=True, warms_kpa=850.0)
    riser = Riser("s", "r", 5, 7, disturbances=[trapped], metered=True)
    times, pressure = riser.pressure_kpa(MIDNIGHT)
    shut = (times >= from_us) & (times < until_us)
    after = pressure[(times >= until_us) & (times < until_us + MINUTE_US)]

    assert np.all(np.diff(pressure[shut][::60]) > 0)
    assert pressure[shut][-1] > 1_150
    assert after.max() < 450
    assert riser.flow_m3_h(MIDNIGHT, times, pressure)[shut].max() == 0.0
