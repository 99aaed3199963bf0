"""Pump lives: what a pump's monitor says through some hours, for the tests of the detectors of pumps."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ingest.readings import Reading
from ingest.registry import Asset, AssetClass, Text
from models.detector import Detector
from models.findings import Finding, Verdict
from tests.models.stream import HOUR_US, MIDNIGHT_US, SECOND_US, feed

RAISE = 0.5
PUMP = Asset(
    "p",
    "s",
    AssetClass.PUMP,
    Text("泵", "pump"),
    limits={"power_kw": 7.5, "rated_current_a": 15.0, "rated_speed_rpm": 2900.0},
)
SOUND = {
    "suction_pressure_kpa": 40.0,
    "pressure_kpa": 450.0,
    "flow_m3_h": 20.0,
    "acceleration_rms_m_s2": 3.0,
    "velocity_rms_mm_s": 1.0,
    "current_a": 12.0,
    "speed_rpm": 2750.0,
}
STOPPED = {
    **SOUND,
    "flow_m3_h": 0.0,
    "acceleration_rms_m_s2": 0.02,
    "velocity_rms_mm_s": 0.04,
    "current_a": 0.3,
    "speed_rpm": 0.0,
}

Told = Mapping[str, float]


@dataclass(frozen=True)
class Life:
    """What the monitor says at each hour, every `every_s` seconds, each value with a spread of 2 %."""

    hours: float
    told: Callable[[float], Told]
    every_s: int = 60
    pump: Asset = field(default=PUMP)
    spread: float = 0.02

    def readings(self, seed: int = 0) -> Iterator[tuple[Asset, Reading]]:
        """Ascending."""
        dice = np.random.default_rng(seed)
        for step in range(int(self.hours * 3600) // self.every_s):
            at_us = MIDNIGHT_US + step * self.every_s * SECOND_US
            for metric, value in self.told(step * self.every_s / 3600).items():
                exact = metric in {"speed_rpm", "starts_total"}
                said = value if exact else value * (1.0 + dice.normal(0.0, self.spread))
                yield self.pump, Reading("p-m", metric, at_us, float(said))


def lived(detector: Detector, life: Life) -> list[Finding]:
    """What a detector finds in a life."""
    return feed(detector, life.readings())


def raised_hour(findings: list[Finding]) -> float | None:
    """The hour at which a work order became due, or None."""
    at_us = next((f.at_us for f in findings if (f.score or 0.0) >= RAISE), None)
    return None if at_us is None else (at_us - MIDNIGHT_US) / HOUR_US


def worst(findings: list[Finding]) -> Finding:
    """The finding with the highest score."""
    return max((f for f in findings if f.verdict is Verdict.SCORED), key=lambda f: f.score or 0.0)


def between(from_hour: float, to_hour: float, then: Told, other: Told = SOUND) -> Callable[[float], Told]:
    """`then` in those hours, `other` outside."""
    return lambda hour: then if from_hour <= hour < to_hour else other
