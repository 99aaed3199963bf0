"""Community: a simulated residential community, all its devices and what happens to them, as one stream of messages."""

import heapq
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from device_simulators.calendar import local_midnight
from device_simulators.camera import Camera
from device_simulators.elevator import Elevator
from device_simulators.elevator_machine import Machine
from device_simulators.errors import UnknownScenarioError
from device_simulators.labels import Label
from device_simulators.message import Message
from device_simulators.pump import Pump
from device_simulators.riser import Riser
from device_simulators.scenario import BUILDING, ELEVATORS, PUMP, RISERS
from device_simulators.scenarios import SCENARIOS
from device_simulators.sensor_faults import with_faults
from device_simulators.sump import Sump

SITE = "lakeside"
CAMERA = "gate_east"
REGISTRY_FILE = Path(__file__).with_name("community.toml")
"""The registry of this community, in the shape of `ingest.registry_file`."""


class Community:
    """Two elevators, three risers, a booster pump, a building with a sump and a gate camera, and their truth.

    It has no clock: time is what it generates. The same seed, start and scenario give the same messages byte for
    byte. Memory does not grow with the length of the scenario: each device makes one day at a time.

    Args:
        seed: Of all dice.
        start_us: When it begins, microseconds since the epoch; moved back to the midnight of the community.
        scenario: A name from `device_simulators.scenarios.SCENARIOS`.

    Attributes:
        start_us: The midnight it begins at.
        end_us: Nothing is published from here on.
        fast_forward_until_us: Up to here is history; a publisher hurries through it.
        labels: The truth, by onset.

    Raises:
        UnknownScenarioError: There is no such scenario.

    Example:
        >>> community = Community(seed=1, start_us=1764000000000000, scenario="entrapment")
        >>> next(iter(community)).topic
        'precomplaint/v1/lakeside/b3-e1-gateway/telemetry'
        >>> [label.note for label in community.labels][:2]
        ['reported entrapment between floors', 'silent entrapment at a floor']
    """

    def __init__(self, seed: int, start_us: int, scenario: str) -> None:
        if scenario not in SCENARIOS:
            raise UnknownScenarioError(scenario, tuple(SCENARIOS))
        self.seed = seed
        self.start_us = local_midnight(start_us)
        self._scenario = SCENARIOS[scenario](self.start_us, seed)
        self.end_us = self._scenario.end_us
        self.fast_forward_until_us = self._scenario.fast_forward_until_us
        self.labels: tuple[Label, ...] = self._scenario.labels()

    def __iter__(self) -> Iterator[Message]:
        """All messages of all devices, ascending by `at_us`; each call starts afresh."""
        merged = heapq.merge(*self._streams(), key=attrgetter("at_us"))
        faults = self._scenario.sensor_faults
        return with_faults(merged, faults, SITE, self.seed) if faults else merged

    def _streams(self) -> Iterator[Iterator[Message]]:
        what, between = self._scenario, (self.start_us, self.end_us)
        for floors, asset in zip((18, 18), ELEVATORS, strict=True):
            incidents = sorted(what.incidents.get(asset, []), key=lambda incident: incident.at_us)
            machine = Machine(asset, self.seed, what.machines[asset]) if asset in what.machines else None
            elevator = Elevator(SITE, asset, self.seed, floors, incidents=incidents, machine=machine)
            yield elevator.messages(*between)
        # Loggers measure at different seconds of the minute, and so publish at different times.
        for phase_s, asset in zip((7, 23, 41), RISERS, strict=True):
            cracks, disturbances = what.cracks.get(asset, []), what.disturbances.get(asset, [])
            riser = Riser(SITE, asset, self.seed, phase_s, cracks=cracks, disturbances=disturbances)
            yield riser.pressure_messages(*between)
            yield riser.vibration_messages(*between)
        yield Pump(SITE, PUMP, self.seed, phase_s=11, wear=what.wear, troubles=what.pump_troubles).messages(*between)
        yield Sump(SITE, BUILDING, self.seed, what.sump_troubles).messages(*between)
        yield Camera(CAMERA, self.seed, what.visits).messages(*between)
