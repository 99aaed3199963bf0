"""Scenarios: what happens in the simulated community, by name, laid out on local days after its start."""

from collections.abc import Callable
from typing import Any

from device_simulators.calendar import DAY_US, HOUR_US, SECOND_US
from device_simulators.demo_scenario import demo
from device_simulators.elevator_speeds import Overspeed
from device_simulators.elevator_stops import RunsEmpty, sudden_stops
from device_simulators.elevator_wear import (
    BrakeWear,
    BrokenWires,
    DoorWear,
    GuideWear,
    LevelShift,
    LockWear,
    RopeThinning,
)
from device_simulators.faults import BearingWear, Crack
from device_simulators.incidents import Entrapment, ReportedFault
from device_simulators.labels import Truth
from device_simulators.lookalikes_scenario import lookalikes
from device_simulators.pump_troubles import (
    AirlessVessel,
    LostPrime,
    Overheating,
    StrainerClog,
    WeakPhase,
)
from device_simulators.scenario import BURSTING, ELEVATORS, PUMP, RISERS, Scenario
from device_simulators.sensor_faults import Kind, SensorFault
from device_simulators.sump_troubles import Inflow, WeakSumpPump, Wet
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit


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
