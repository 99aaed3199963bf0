"""Lookalikes scenario: four days with everything that resembles a fault and is none."""

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from device_simulators.elevator_lookalikes import (
    AgedRope,
    DirtySill,
    HeavyLanding,
    HeavyLoads,
    Readjusted,
    Remeasured,
    Removal,
    SillCleaning,
)
from device_simulators.elevator_machine import Befalling
from device_simulators.elevator_speeds import SafetyTest, SpeedSpike
from device_simulators.elevator_stops import RunsEmpty, stormy_day
from device_simulators.faults import Disturbance
from device_simulators.hydraulics import trapped_rise_pa
from device_simulators.incidents import BriefStop, Inspection, Lingering
from device_simulators.pump_troubles import (
    Innocent,
    PumpTrouble,
)
from device_simulators.scenario import ELEVATORS, RISERS, Scenario
from device_simulators.sump_troubles import Inflow, Wet
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit


def lookalikes(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- every scenario is called alike
    """Fourteen quiet days, then four with everything that resembles a fault and is none."""
    scenario = Scenario(midnight_us + 18 * DAY_US, midnight_us)
    day_us = midnight_us + 14 * DAY_US
    scenario.incidents = {
        ELEVATORS[0]: [
            Inspection(day_us + 10 * HOUR_US, 1_500.0),
            BriefStop(day_us + 15 * HOUR_US),
            Lingering(day_us + DAY_US + 9 * HOUR_US),
        ],
        ELEVATORS[1]: [
            Lingering(day_us + 13 * HOUR_US, 55.0),
            BriefStop(day_us + DAY_US + 17 * HOUR_US, 35.0),
            SpeedSpike(day_us + 2 * DAY_US + 9 * HOUR_US),
            SafetyTest(day_us + 2 * DAY_US + 15 * HOUR_US),
            *stormy_day(day_us + 3 * DAY_US + 9 * HOUR_US),
            RunsEmpty(day_us + 3 * DAY_US + 15 * HOUR_US, stands_s=45.0),
        ],
    }
    night_us = day_us + DAY_US + 2 * HOUR_US
    trip_us = day_us + 2 * DAY_US + 13 * HOUR_US
    for riser in RISERS:
        scenario.disturbances[riser] = [
            Disturbance(night_us, night_us + 90 * MINUTE_US, "the roof tank is filled at night", flow_m3_h=0.5),
            Disturbance(trip_us, trip_us + 50 * SECOND_US, "the pump trips and restarts", pressure_kpa=-90.0),
        ]
    drill_us = day_us + 2 * DAY_US + 14 * HOUR_US
    drill = Disturbance(
        drill_us, drill_us + 2 * HOUR_US, "somebody drills next door", vibration_um_s2=3_000.0, median_hz=800.0
    )
    scenario.disturbances[RISERS[0]].append(drill)
    shut_us = day_us + 3 * DAY_US + 9 * HOUR_US
    scenario.disturbances[RISERS[2]].append(
        Disturbance(
            shut_us,
            shut_us + 5 * HOUR_US,
            "water that is shut in between two valves warms up by 4 K, and is let go",
            shuts=True,
            warms_kpa=trapped_rise_pa(4.0, 0.068, 0.00365, 206e9) / 1e3,
            failure_mode="pipe.burst",
        )
    )
    scenario.visits = _innocent_visits(day_us)
    scenario.pump_troubles = _innocent_pump(day_us)
    scenario.machines = {
        ELEVATORS[0]: _innocent_machine(day_us),
        ELEVATORS[1]: [
            HeavyLanding(midnight_us, scenario.end_us - DAY_US, 1),
            DirtySill(day_us + 6 * HOUR_US, day_us + 30 * HOUR_US, 1),
            Readjusted(day_us + 2 * DAY_US + 15 * HOUR_US, scenario.end_us - DAY_US),
        ],
    }
    rain_us = day_us + DAY_US + 4 * HOUR_US
    splash_us = day_us + 9 * HOUR_US
    scenario.sump_troubles = [Inflow(rain_us, rain_us + 9 * HOUR_US, 50.0), Wet(splash_us, splash_us + 7 * SECOND_US)]
    return scenario


def _innocent_machine(day_us: int) -> list[Befalling]:
    """A removal, a sill that is cleaned, a rope measured at another place, and one with a few broken wires."""
    removal_us, sill_us, rope_us = day_us + 10 * HOUR_US, day_us + DAY_US + 9 * HOUR_US, day_us + 2 * DAY_US
    return [
        HeavyLoads(removal_us, removal_us + 7 * HOUR_US),
        Removal(removal_us, removal_us + 7 * HOUR_US),
        SillCleaning(sill_us, sill_us + 4 * HOUR_US),
        Remeasured(rope_us, rope_us + DAY_US),
        AgedRope(day_us - 14 * DAY_US, day_us + 3 * DAY_US),
    ]


def _innocent_pump(day_us: int) -> list[PumpTrouble]:
    def at(hour: float) -> int:
        return day_us + round(hour * HOUR_US)

    changed = "the strainer is changed"
    return [
        Innocent("pump.cavitation", at(8.1), at(8.2), changed, suction_shift_kpa=-140.0, watched=True),
        Innocent("pump.dry_run", at(11.0), at(13.0), "a low tank", suction_shift_kpa=-45.0),
        Innocent("pump.motor", at(15.0), at(15.05), "one phase of the supply dips", weak_phase=0.4, watched=True),
        Innocent("pump.cycling", at(37.2), at(37.25), "a power dip", off=True, extra_starts=3, watched=True),
        Innocent("pump.cycling", at(60.0), at(60.5), "a test run", extra_starts=8),
    ]


def _innocent_visits(day_us: int) -> list[Visit]:
    def at(hour: float) -> int:
        return day_us + round(hour * HOUR_US)

    return [
        Visit("浙A1C550", at(9.0), 180.0, NO_PARKING, paint=5, note="a delivery van for 3 min"),
        Visit("浙A6T302", at(10.0), 190.0, NO_PARKING, hidden=(80.0, 25.0), note="a van for 3 min, hidden for 25 s"),
        Visit("浙A4B117", at(11.0), 200.0, NO_PARKING, paint=1, note="one car for 3 min"),
        Visit("浙A9N846", at(11.06), 200.0, NO_PARKING, slot=2, paint=3, note="then another, beside its place"),
        Visit("浙A0H273", at(12.0), 170.0, NO_PARKING, paint=2, note="3 min"),
        Visit("浙A0H273", at(12.25), 160.0, NO_PARKING, paint=2, note="and again 12 min later"),
        Visit("", at(13.0), 900.0, NO_PARKING, slot=2, label="person", note="somebody waits for 15 min"),
        Visit("浙A7P519", at(14.0), 35.0, FIRE_LANE, paint=4, note="lets somebody out in the fire lane"),
    ]
