"""Elevator lives: messages of one measured elevator for tests of its detectors, from the simulated machine."""

from collections.abc import Mapping, Sequence

import numpy as np

from device_simulators.elevator_machine import ROPE_NOMINAL_MM, Befalling, Machine, Trip
from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from models.detector import Detector
from models.findings import Finding
from tests.models.stream import DAY_US, HOUR_US, MIDNIGHT_US
from tests.models.worlds import asset, device, engine, logged, ordered, registry, telemetry

LIMITS: Mapping[str, float | str] = {
    "fault_code_table": "vendor",
    "rated_speed_m_s": 1.75,
    "rope_nominal_diameter_mm": ROPE_NOMINAL_MM,
    "rope_construction": "8x19",
}
FLOORS = 5
TRIPS_A_DAY = 40


def day_us(day: float) -> int:
    return MIDNIGHT_US + round(day * DAY_US)


def known(**limits: float | str) -> Registry:
    elevator = asset("lift", AssetClass.ELEVATOR, {**LIMITS, **limits})
    return registry([elevator], [device("box", "lift")])


def rides(
    days: float,
    *befallings: Befalling,
    seed: int = 1,
    first_day: float = 0.0,
    rope: tuple[float, float] = (1.0, 0.01),
    busy: tuple[float, float, int] | None = None,
) -> list[Batch]:
    """A message each measured trip, forty a day from six to twenty-three; of busy days all upward trips to a floor."""
    machine = Machine("lift", seed, befallings, 10, *rope)
    batches: list[Batch] = []
    for number in range(int(days * TRIPS_A_DAY)):
        dice = np.random.default_rng([seed, number])
        day, nth = divmod(number, TRIPS_A_DAY)
        at_us = day_us(first_day + day) + round((6 + 17 * (nth + dice.random()) / TRIPS_A_DAY) * HOUR_US)
        up = bool(dice.random() < 0.5)
        floor = int(dice.integers(2, FLOORS + 1)) if up else 1
        if up and busy is not None and busy[0] <= first_day + day < busy[1]:
            floor = busy[2]
        measured = machine.measured(Trip(at_us, floor, up, float(round(dice.gamma(2.0, 9.0))), number))
        batches.append(telemetry("box", at_us, measured))
    return batches


def said(at_us: int, **values: float) -> Batch:
    """One message of the gateway."""
    return telemetry("box", at_us, values)


def heard(detector: Detector, batches: Sequence[Batch], world: Registry | None = None) -> list[Finding]:
    """What the ordered path says of messages up to a quarter of an hour after the last."""
    world = world or known()
    machine = engine(world, [detector])
    return ordered(machine, logged(batches, world), max(b.received_us for b in batches) + HOUR_US // 4)


def raised(findings: Sequence[Finding]) -> list[Finding]:
    """Those that call for a work order."""
    return [f for f in findings if (f.score or 0.0) >= 0.5]


def day_of(finding: Finding) -> float:
    return (finding.at_us - MIDNIGHT_US) / DAY_US


def cause(finding: Finding) -> str:
    assert finding.evidence is not None
    return finding.evidence.contributions[0].name
