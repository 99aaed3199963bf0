"""Scenarios: what happens in the simulated community, by name, laid out on local days after its start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, SECOND_US, stream
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
from device_simulators.elevator_speeds import Overspeed, SafetyTest, SpeedSpike
from device_simulators.elevator_stops import RunsEmpty, stormy_day, sudden_stops
from device_simulators.elevator_wear import (
    BrakeWear,
    BrokenWires,
    DoorWear,
    GuideWear,
    LevelShift,
    LockWear,
    RopeThinning,
)
from device_simulators.faults import BearingWear, Crack, Disturbance
from device_simulators.hydraulics import trapped_rise_pa
from device_simulators.incidents import BriefStop, Entrapment, Incident, Inspection, Lingering, ReportedFault
from device_simulators.labels import Label, Truth
from device_simulators.pump_troubles import (
    AirlessVessel,
    Innocent,
    LostPrime,
    Overheating,
    PumpTrouble,
    StrainerClog,
    WeakPhase,
)
from device_simulators.sensor_faults import Kind, SensorFault
from device_simulators.sump_troubles import Inflow, SumpTrouble, WeakSumpPump, Wet
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit

RISERS = ("b3-u1-riser-mid", "b3-u2-riser-mid", "b3-u3-riser-mid")
ELEVATORS = ("b3-e1", "b3-e2")
PUMP = "pump-1"
BUILDING = "b3"
ZONES = {NO_PARKING: "gate-east-no-parking", FIRE_LANE: "gate-east-fire-lane"}
BURSTING = RISERS[1]

_DEMO_HISTORY_US = 14 * DAY_US + 7 * HOUR_US + 30 * MINUTE_US
_DEMO_LIVE_DAYS = 120


@dataclass(slots=True)
class Scenario:
    """What goes wrong, and what only looks like it.

    Attributes:
        end_us: When it ends, microseconds since the epoch.
        fast_forward_until_us: Up to here is history that a spectator need not watch; the start if there is none.
        cracks: By riser.
        disturbances: By riser.
        wear: Of the pump.
        pump_troubles: Of the pump, besides its bearing's wear.
        sump_troubles: Of the building's sump, pit and floor.
        incidents: By elevator, ascending.
        machines: What befalls the machines of elevators whose trips are measured, by elevator.
        visits: To the gate.
        sensor_faults: Of any device.
    """

    end_us: int
    fast_forward_until_us: int
    cracks: dict[str, list[Crack]] = field(default_factory=dict)
    disturbances: dict[str, list[Disturbance]] = field(default_factory=dict)
    wear: list[BearingWear] = field(default_factory=list)
    pump_troubles: list[PumpTrouble] = field(default_factory=list)
    sump_troubles: list[SumpTrouble] = field(default_factory=list)
    incidents: dict[str, list[Incident]] = field(default_factory=dict)
    machines: dict[str, list[Befalling]] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    sensor_faults: list[SensorFault] = field(default_factory=list)

    def labels(self) -> tuple[Label, ...]:
        """The truth about all of it, by onset."""
        found = [crack.label(asset) for asset, cracks in self.cracks.items() for crack in cracks]
        found += [other.label(asset) for asset, others in self.disturbances.items() for other in others]
        found += [wear.label(PUMP) for wear in self.wear]
        found += [trouble.label(PUMP) for trouble in self.pump_troubles]
        found += [trouble.label(BUILDING) for trouble in self.sump_troubles]
        found += [incident.label(asset) for asset, incidents in self.incidents.items() for incident in incidents]
        found += [one.label(asset) for asset, befallings in self.machines.items() for one in befallings]
        found += [visit.truth(ZONES[visit.zone]) for visit in self.visits]
        found += [fault.label() for fault in self.sensor_faults]
        return tuple(sorted(found, key=lambda label: (label.onset_us, label.asset)))


def healthy(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- every scenario is called alike
    """Thirty-one days in which nothing is wrong."""
    return Scenario(midnight_us + 31 * DAY_US, midnight_us)


def burst(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Twelve quiet days, ten of a growing leak, a burst in the evening, repaired at night."""
    scenario = Scenario(midnight_us + 24 * DAY_US, midnight_us)
    burst_us = midnight_us + 21 * DAY_US + 20 * HOUR_US + 130 * SECOND_US
    scenario.cracks = {BURSTING: [Crack(midnight_us + 12 * DAY_US, burst_us, burst_us + 5 * HOUR_US, 0.7)]}
    return scenario


def entrapment(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """One day with four entrapments: reported and silent, between floors and at one."""
    scenario = Scenario(midnight_us + DAY_US, midnight_us)
    scenario.incidents = {
        ELEVATORS[0]: [
            Entrapment(midnight_us + 10 * HOUR_US, 1_500.0, severity=1.0),
            Entrapment(midnight_us + 14 * HOUR_US, 1_200.0, silent=True, severity=0.6),
        ],
        ELEVATORS[1]: [
            Entrapment(midnight_us + 11 * HOUR_US, 900.0, silent=True, level=True, severity=0.3),
            Entrapment(midnight_us + 18 * HOUR_US, 1_000.0, level=True, severity=0.8),
        ],
    }
    return scenario


def parking(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """One day with three cars in the no-parking zone, one of them hidden for a while, and two in the fire lane."""
    scenario = Scenario(midnight_us + DAY_US, midnight_us)
    scenario.visits = [
        Visit("浙A7K263", midnight_us + 9 * HOUR_US, 720.0, NO_PARKING, paint=1, note="parks for 12 min"),
        Visit(
            "浙A3M918",
            midnight_us + 11 * HOUR_US,
            510.0,
            NO_PARKING,
            slot=1,
            paint=4,
            hidden=(180.0, 20.0),
            note="parks for 8.5 min, hidden for 20 s by a bus",
        ),
        Visit("浙A5D440", midnight_us + 14 * HOUR_US, 200.0, FIRE_LANE, paint=3, note="blocks the fire lane"),
        Visit("浙A8R071", midnight_us + 21 * HOUR_US, 1_900.0, NO_PARKING, paint=0, note="parks at night"),
        Visit("浙A2F655", midnight_us + 22 * HOUR_US, 95.0, FIRE_LANE, slot=1, paint=2, note="just too long"),
    ]
    return scenario


def bearing(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Eight days of a sound bearing, then wear into zone C on day 18 and zone D five days later; renewed on day 27."""
    scenario = Scenario(midnight_us + 30 * DAY_US, midnight_us)
    scenario.wear = [
        BearingWear(midnight_us + 8 * DAY_US, midnight_us + 18 * DAY_US, midnight_us + 27 * DAY_US, severity=1.0)
    ]
    return scenario


def pumps(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Nineteen days in which the pump loses prime, air, a phase, grease and suction in turn, and water comes thrice."""
    scenario = Scenario(midnight_us + 19 * DAY_US, midnight_us)

    def at(day: float) -> int:
        return midnight_us + round(day * DAY_US)

    scenario.pump_troubles = [
        LostPrime(at(3.4), at(3.44)),
        AirlessVessel(at(4.5), at(6.5), 30.0),
        WeakPhase(at(7.4), at(7.6), at(9.4), 0.2),
        Overheating(at(10.4), at(11.6), 70.0),
        StrainerClog(at(12.2), at(14.2), at(17.5), 330.0, 0.6),
    ]
    scenario.sump_troubles = [
        WeakSumpPump(at(4.3), at(4.7), 0.0),
        Wet(at(8.3), at(8.4)),
        Inflow(at(13.5), at(14.5), 300.0, while_stopped=True, truth=Truth.FAULT, note="a check valve that leaks"),
    ]
    return scenario


def elevators(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Twenty-six days: a door, guides and ropes of one measured elevator, levels, brake and locks of the other."""
    scenario = Scenario(midnight_us + 26 * DAY_US, midnight_us)

    def days(onset: float, full: float, repaired: float) -> tuple[int, int, int]:
        onset_us, full_us, repaired_us = (midnight_us + round(day * DAY_US) for day in (onset, full, repaired))
        return onset_us, full_us, repaired_us

    scenario.machines = {
        ELEVATORS[0]: [
            DoorWear(*days(9.0, 12.0, 22.0), 0.5),
            GuideWear(*days(10.0, 13.0, 23.0), 0.4),
            RopeThinning(*days(0.0, 24.0, 26.0), 4.8, 0.7),
        ],
        ELEVATORS[1]: [
            LevelShift(*days(8.0, 11.0, 21.0), 0.3),
            BrakeWear(*days(11.0, 15.0, 24.0), 0.6),
            LockWear(*days(9.0, 12.0, 24.0), 0.0),
        ],
    }
    return scenario


def elevator_safety(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Nine days: cars too fast, past their last floor, stopped in full ride or lost, and wires that break."""
    scenario = Scenario(midnight_us + 9 * DAY_US, midnight_us)

    def at(day: float) -> int:
        return midnight_us + round(day * DAY_US)

    scenario.incidents = {
        ELEVATORS[0]: [
            Overspeed(at(1.4), severity=0.1),
            ReportedFault(at(3.5), 1_800.0, 1, "elevator.levelling"),
            Overspeed(at(6.5), severity=1.0),
        ],
        ELEVATORS[1]: [
            ReportedFault(at(2.4), 1_800.0, 3, "elevator.brake"),
            *sudden_stops(at(5.35), 0.0),
            RunsEmpty(at(7.4), 1_500.0),
        ],
    }
    scenario.machines = {
        ELEVATORS[0]: [BrokenWires(at(3.0), at(5.0), at(8.0), 0.1)],
        ELEVATORS[1]: [BrokenWires(at(3.0), at(6.0), at(8.0), 0.8)],
    }
    return scenario


def lookalikes(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
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


def sensors(midnight_us: int, seed: int) -> Scenario:  # noqa: ARG001 -- as above
    """Eighteen days in which nothing fails but sensors: each kind of fault once or twice, each on another device."""
    scenario = Scenario(midnight_us + 18 * DAY_US, midnight_us)

    def fault(kind: Kind, device: str, from_day: float, days: float, **more: Any) -> None:
        asset = device.rsplit("-", 1)[0]
        start_us = midnight_us + round(from_day * DAY_US)
        scenario.sensor_faults.append(
            SensorFault(kind, asset, device, start_us, start_us + round(days * DAY_US), **more)
        )

    one, two, three = RISERS
    fault(Kind.JUMPING, f"{three}-pressure", 4.4, 0.4, metric="pressure_kpa", amount=1_600.0)
    # As loud as a pipe about to burst, for three nights.
    fault(Kind.STUCK, f"{one}-vibration", 5.9, 3.0, metric="pipe_vibration_um_s2", amount=4_812.3)
    drift = {"metric": "pressure_kpa", "amount": 44.0, "found_within_us": 11 * DAY_US}
    fault(Kind.DRIFTING, f"{two}-pressure", 7.0, 11.0, **drift)
    fault(Kind.SILENT, f"{three}-vibration", 9.3, 1.5)
    # As rough as a bearing in zone D.
    fault(Kind.STUCK, f"{PUMP}-monitor", 10.5, 1.2, metric="velocity_rms_mm_s", amount=7.518)
    fault(Kind.CLOCK, f"{ELEVATORS[1]}-gateway", 12.3, 0.5, amount=240.0)
    fault(Kind.CLOCK, f"{one}-pressure", 13.2, 0.6, amount=-7_200.0)
    fault(Kind.SILENT, f"{ELEVATORS[0]}-gateway", 15.1, 0.3)
    return scenario


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


SCENARIOS: dict[str, Callable[[int, int], Scenario]] = {
    scenario.__name__: scenario
    for scenario in (
        demo,
        healthy,
        burst,
        entrapment,
        parking,
        bearing,
        pumps,
        elevators,
        elevator_safety,
        lookalikes,
        sensors,
    )
}
"""By name: what makes the scenario for a community whose first local midnight and seed are given."""
