"""Demo scenario: what a spectator sees, and how life goes on afterwards."""

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, stream
from device_simulators.faults import BearingWear, Crack
from device_simulators.incidents import Entrapment, Inspection
from device_simulators.scenario import BURSTING, ELEVATORS, RISERS, Scenario
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit

_DEMO_HISTORY_US = 14 * DAY_US + 7 * HOUR_US + 30 * MINUTE_US
_DEMO_LIVE_DAYS = 120


def demo(midnight_us: int, seed: int) -> Scenario:
    """Fourteen days of history, in which a leak and a bearing go bad; then a lively morning; then life goes on.

    The leak would burst two days after the history ends. In the first ten minutes after it come an
    entrapment, a car in the no-parking zone and one in the fire lane.
    """
    live_us = midnight_us + _DEMO_HISTORY_US
    scenario = Scenario(live_us + _DEMO_LIVE_DAYS * DAY_US, live_us)
    burst_us = live_us + 50 * HOUR_US
    scenario.cracks = {BURSTING: [Crack(live_us - 7 * DAY_US, burst_us, burst_us + 5 * HOUR_US, 0.8)]}
    zone_c_us = live_us - 36 * HOUR_US
    scenario.wear = [BearingWear(zone_c_us - 10 * DAY_US, zone_c_us, live_us + 5 * DAY_US, severity=1.0)]
    scenario.incidents = {ELEVATORS[0]: [Entrapment(live_us + 60 * SECOND_US, 840.0)], ELEVATORS[1]: []}
    scenario.machines = {elevator: [] for elevator in ELEVATORS}
    scenario.visits = [
        Visit("浙A7K263", live_us - 3 * MINUTE_US, 960.0, NO_PARKING, paint=1, note="parks for 16 min"),
        Visit("浙A5D440", live_us + 7 * MINUTE_US, 240.0, FIRE_LANE, paint=3, note="blocks the fire lane"),
    ]
    _go_on(scenario, live_us, stream(seed, "demo"))
    return scenario


def _go_on(scenario: Scenario, live_us: int, dice: np.random.Generator) -> None:
    """Something now and then on every later day, and a new leak and a new bearing each month."""
    first_us = live_us - live_us % HOUR_US + HOUR_US
    for day in range(_DEMO_LIVE_DAYS - 1):
        # Each kind has hours of its own, so that two never meet: the day starts at eight in the morning.
        day_us = first_us + day * DAY_US

        def at(from_h: float, to_h: float, day_us: int = day_us) -> int:
            return day_us + round(dice.uniform(from_h, to_h) * HOUR_US)

        plate = f"浙A{dice.integers(10_000, 100_000)}"
        paint = int(dice.integers(0, 6))
        dwell_s = float(dice.uniform(400.0, 2_400.0))
        scenario.visits.append(Visit(plate, at(2.0, 4.0), dwell_s, NO_PARKING, paint=paint, note="parks"))
        van_s = float(dice.uniform(120.0, 220.0))
        scenario.visits.append(Visit(f"浙B{plate[2:]}", at(5.0, 7.0), van_s, NO_PARKING, note="a delivery"))
        if dice.random() < 0.5:  # noqa: PLR2004 -- every other day
            blocked_s = float(dice.uniform(80.0, 500.0))
            scenario.visits.append(
                Visit(f"浙C{plate[2:]}", at(8.0, 11.0), blocked_s, FIRE_LANE, note="blocks the lane")
            )
        elevator = ELEVATORS[int(dice.integers(0, 2))]
        if day % 2:
            silent, level = bool(dice.random() < 0.5), bool(dice.random() < 0.3)  # noqa: PLR2004 -- shares
            trapped = Entrapment(at(1.0, 11.0), float(dice.uniform(600.0, 1_800.0)), silent=silent, level=level)
            scenario.incidents[elevator].append(trapped)
        else:
            scenario.incidents[elevator].append(Inspection(at(1.0, 8.0), float(dice.uniform(900.0, 2_400.0))))
    for month in range(1, _DEMO_LIVE_DAYS // 30):
        riser = RISERS[(RISERS.index(BURSTING) + month) % len(RISERS)]
        burst_us = live_us + month * 30 * DAY_US + 9 * HOUR_US
        crack = Crack(burst_us - 12 * DAY_US, burst_us, burst_us + 6 * HOUR_US, float(dice.uniform(0.4, 1.0)))
        scenario.cracks.setdefault(riser, []).append(crack)
        zone_c_us = live_us + month * 30 * DAY_US
        scenario.wear.append(BearingWear(zone_c_us - 10 * DAY_US, zone_c_us, zone_c_us + 7 * DAY_US, severity=1.0))
