"""Pump samples: for each detector of pumps and sumps, messages in which it has something to say."""

import math
from collections.abc import Mapping

import numpy as np

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from tests.contracts.detector import Sample
from tests.models.stream import MIDNIGHT_US, MINUTE_US
from tests.models.worlds import S, asset, device, registry, telemetry


def pump_world(limits: Mapping[str, float | str] | None = None) -> Registry:
    """One pump of 7.5 kW with one monitor."""
    said = {"power_kw": 7.5, "rated_current_a": 15.0, "rated_speed_rpm": 2900.0} | dict(limits or {})
    return registry([asset("p", AssetClass.PUMP, said)], [device("p-m", "p")])


def pump_bearing() -> Sample:
    """Two days of a pump that runs by day and shakes twice as much from the second noon on."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for minute in range(0, 2 * 24 * 60, 5):
        hour = minute / 60
        rpm = 2750.0 if 5 <= hour % 24 < 23 else 0.0
        shake = (2.2 if hour >= 36 else 1.0) * math.exp(dice.normal(0, 0.03)) * (rpm > 0)
        values = {
            "velocity_rms_mm_s": shake + 0.04,
            "envelope_rms_m_s2": 0.8 * shake,
            "kurtosis": 3.1,
            "speed_rpm": rpm,
        }
        batches.append(telemetry("p-m", MIDNIGHT_US + minute * MINUTE_US, values))
    known = registry([asset("p", AssetClass.PUMP, {"power_kw": 7.5})], [device("p-m", "p")])
    return Sample(known, batches, learns_us=345 * MINUTE_US, valid_us=60 * MINUTE_US)


def pump_cavitation() -> Sample:
    """Ten hours of a pump whose strainer clogs in the ninth, which then runs dry, and is cleaned."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for minute in range(10 * 60):
        clogged, dry = 480 <= minute < 540, 525 <= minute < 530
        values = {
            "suction_pressure_kpa": (-82.0 if clogged else 40.0) + dice.normal(0, 1.0),
            "acceleration_rms_m_s2": (7.5 if clogged else 3.0) * math.exp(dice.normal(0, 0.05)),
            "velocity_rms_mm_s": math.exp(dice.normal(0, 0.03)),
            "pressure_kpa": (380.0 if clogged else 450.0) + dice.normal(0, 2.0),
            "flow_m3_h": 20.0 + dice.normal(0, 0.2),
            "current_a": 5.0 if dry else 12.0,
            "speed_rpm": 0.0 if 300 <= minute < 320 else 2750.0,
        }
        batches.append(telemetry("p-m", MIDNIGHT_US + minute * MINUTE_US, values))
    return Sample(pump_world(), batches, valid_us=MINUTE_US)


def pump_dry_run() -> Sample:
    """Two hours of a pump that loses its prime twice; the second time one message tells all of it."""
    batches: list[Batch] = []
    for step in range(2 * 360):
        dry = 200 <= step < 212 or 500 <= step < 530
        values = {
            "suction_pressure_kpa": 2.0 if dry else 40.0,
            "current_a": 5.0 if dry else 12.0,
            "speed_rpm": 0.0 if 300 <= step < 320 else 2750.0,
        }
        batches.append(telemetry("p-m", MIDNIGHT_US + step * 10 * S, values))
    return Sample(pump_world(), batches, valid_us=MINUTE_US)


def pump_cycling() -> Sample:
    """Four hours of a pump that starts every quarter of an hour, then every three minutes."""
    batches: list[Batch] = []
    for minute in range(4 * 60):
        running = minute % (3 if minute >= 120 else 15) == 0
        batches.append(telemetry("p-m", MIDNIGHT_US + minute * MINUTE_US, {"speed_rpm": 2750.0 * running}))
    return Sample(pump_world(), batches, learns_us=60 * MINUTE_US, valid_us=MINUTE_US)


def pump_motor() -> Sample:
    """Three hours of a pump of whose phases one grows weak, and whose winding grows hot."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for minute in range(3 * 60):
        weak, hot = 1.0 - 0.12 * (minute >= 60), 60.0 + 30.0 * (minute >= 120)
        values = {
            "current_l1_a": 12.0 + dice.normal(0, 0.05),
            "current_l2_a": 12.0 + dice.normal(0, 0.05),
            "current_l3_a": 12.0 * weak + dice.normal(0, 0.05),
            "winding_temperature_c": hot,
            "speed_rpm": 0.0 if 90 <= minute < 95 else 2750.0,
        }
        batches.append(telemetry("p-m", MIDNIGHT_US + minute * MINUTE_US, values))
    return Sample(pump_world(), batches, valid_us=MINUTE_US)


def building_flood() -> Sample:
    """Three hours of a sump that is pumped, rises over its limit, and of a pit that is splashed and then wet."""
    batches: list[Batch] = []
    for step in range(3 * 360):
        at_us, minute = MIDNIGHT_US + step * 10 * S, step / 6
        if step % 6 == 0:
            running = int(minute) % 12 == 0 and not 60 <= minute < 100
            level = 700.0 - 300.0 * running + (40.0 * (minute - 60) if 60 <= minute < 100 else 0.0)
            batches.append(telemetry("sump", at_us, {"water_level_mm": level, "pump_running": float(running)}))
        if step in {0, 300, 301, 720, 730, 780}:
            wet = step in {300, 720, 730}
            batches.append(telemetry("pit", at_us, {"pit_water_present": float(wet)}))
    known = registry([asset("b", AssetClass.BUILDING)], [device("sump", "b"), device("pit", "b")])
    return Sample(known, batches, valid_us=10 * S)
