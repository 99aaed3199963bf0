"""Scenario: what happens to the assets of the simulated community, and which they are."""

from dataclasses import dataclass, field

from device_simulators.elevator_machine import Befalling
from device_simulators.faults import BearingWear, Crack, Disturbance
from device_simulators.incidents import Incident
from device_simulators.labels import Label
from device_simulators.pump_troubles import PumpTrouble
from device_simulators.sensor_faults import SensorFault
from device_simulators.sump_troubles import SumpTrouble
from device_simulators.visits import FIRE_LANE, NO_PARKING, Visit

RISERS = ("b3-u1-riser-mid", "b3-u2-riser-mid", "b3-u3-riser-mid")
ELEVATORS = ("b3-e1", "b3-e2")
PUMP = "pump-1"
BUILDING = "b3"
ZONES = {NO_PARKING: "gate-east-no-parking", FIRE_LANE: "gate-east-fire-lane"}
BURSTING = RISERS[1]


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
