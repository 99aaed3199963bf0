"""Detector samples: for each detector of the catalogue, messages in which it has something to say."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from ingest.readings import Batch
from ingest.registry import AssetClass
from tests.contracts.detector import Sample
from tests.models import elevator_samples
from tests.models.camera_samples import building_ebike, building_falling_object, elevator_ebike
from tests.models.network_sample import network_leak
from tests.models.parking import NEXT_SPOT, parked, plate, said, standing, together, zone
from tests.models.pump_samples import (
    building_flood,
    pump_bearing,
    pump_cavitation,
    pump_cycling,
    pump_dry_run,
    pump_motor,
)
from tests.models.stream import DAY_US, MIDNIGHT_US, MINUTE_US
from tests.models.surroundings_samples import building_storm, pipe_freeze
from tests.models.test_elevator_entrapment import AT_FLOOR, OPEN, PARKED, RIDE, STUCK, told, world
from tests.models.worlds import S, asset, device, registry, telemetry


def _elevator_entrapment() -> Sample:
    """A ride, an entrapment by time, a rescue, inspection, and one by the alarm button."""
    story = told(
        [
            (20, RIDE),
            (100, STUCK),
            (100, OPEN),
            (20, RIDE),
            (50, PARKED | {"service_mode": 2}),
            (20, PARKED),
            (20, OPEN),
            (20, RIDE),
            (40, AT_FLOOR | {"alarm_button": 1}),
            (60, OPEN),
        ]
    )
    return Sample(world(), story, valid_us=0)


def _parking(kind: str) -> Sample:
    """Cars that are hidden, change places, come back, are not spoken of any more, and others that only pass."""
    story = together(
        parked("a", 60, 1500, **plate("沪A12345")),
        parked("b", 70, 300, box=NEXT_SPOT),
        [*standing("c", 310, 700, box=NEXT_SPOT), said("c", 700, "end", box=NEXT_SPOT)],
        standing("d", 750, 2500, box=NEXT_SPOT),
        [b for n in range(10) for b in parked(f"t{n}", 1600 + 50 * n, 1604 + 50 * n)],
        parked("e", 3000, 4500, **plate("沪A12346")),
    )
    return Sample(zone(kind), story, valid_us=150 * S)


def _pipe_burst() -> Sample:
    """Two risers, a frosty fortnight; one gets louder at night from the ninth day on, and its valve slams."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for quarter in range(14 * 96):
        day, hour = quarter // 96, quarter % 96 / 4
        for name, rise in (("r0", max(0.0, 0.4 * (day - 8))), ("r1", 0.0)):
            loud = max(rise, 0.6 * dice.random() * (6 <= hour < 23))
            sound = math.exp(6.0 + loud + dice.normal(0, 0.07))
            at_us = MIDNIGHT_US + quarter * 15 * MINUTE_US
            median_hz = 250.0 * math.exp(1.2 * min(rise, 1.0) + dice.normal(0, 0.07))
            heard = {"pipe_vibration_um_s2": sound, "pipe_vibration_median_hz": median_hz}
            batches.append(telemetry(f"{name}-v", at_us, heard))
            swing = 150.0 * (name == "r0" and quarter % 7 == 0)
            flow = 0.05 + 0.1 * rise + 0.01 * dice.random()
            told = {"pressure_kpa": 350.0 + swing + dice.normal(0, 0.5), "flow_m3_h": flow}
            batches.append(telemetry(f"{name}-p", at_us + S, told | {"air_temperature_c": -8.0 + hour / 6}))
    risers = [asset(a, AssetClass.RISER, near=(b,)) for a, b in (("r0", "r1"), ("r1", "r0"))]
    known = registry(risers, [device(f"{a}-{kind}", a) for a in ("r0", "r1") for kind in ("v", "p")])
    return Sample(known, batches, learns_us=4 * DAY_US, valid_us=DAY_US)


def _pipe_burst_edge() -> Sample:
    """Twenty minutes of a metered riser, a sample a second; the pressure dips and comes back, then it tears open."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for second in range(1200):
        torn, dip = second >= 600, 200 <= second < 240
        values = {
            "pressure_kpa": 350.0 - 160.0 * torn - 90.0 * dip + dice.normal(0, 0.5),
            "flow_m3_h": 0.5 + 11.0 * torn + dice.normal(0, 0.01),
        }
        batches.append(telemetry("r-p", MIDNIGHT_US + second * S, values))
    return Sample(registry([asset("r", AssetClass.RISER)], [device("r-p", "r")]), batches)


def _pipe_leak() -> Sample:
    """Two metered risers, 26 nights; in the last six of them one loses two litres a minute."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for step in range(26 * 144):
        day, hour = step // 144, step % 144 / 6
        for name, leaks in (("r0", day >= 20), ("r1", False)):
            drawn = 0.04 + 0.8 * dice.random() * (6 <= hour < 23)
            flow = (drawn + 0.12 * leaks) * math.exp(dice.normal(0, 0.1))
            batches.append(telemetry(f"{name}-p", MIDNIGHT_US + step * 10 * MINUTE_US, {"flow_m3_h": flow}))
    risers = [asset(a, AssetClass.RISER, near=(b,)) for a, b in (("r0", "r1"), ("r1", "r0"))]
    known = registry(risers, [device("r0-p", "r0"), device("r1-p", "r1")])
    return Sample(known, batches, learns_us=14 * DAY_US, valid_us=DAY_US)


def _asset_deviation() -> Sample:
    """Twenty minutes of a pump at a steady duty, a sample a second; its flow falls a little, and comes back."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for second in range(1200):
        flow = 1.92 - 0.06 * (700 <= second < 1000) + dice.normal(0, 0.02)
        values = {"flow_m3_h": flow, "current_a": 2.4 + dice.normal(0, 0.2), "car_running": float(second % 2)}
        batches.append(telemetry("p-panel", MIDNIGHT_US + second * S, values))
    known = registry([asset("p", AssetClass.PUMP, {"duty": "steady"})], [device("p-panel", "p")])
    return Sample(known, batches, learns_us=300 * S, valid_us=60 * S)


def _asset_multivariate() -> Sample:
    """Forty days of a pump whose current and flow follow its speed; from day 36 on the current goes its own way."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for hour in range(40 * 24):
        load, other = (math.sin(2 * math.pi * (hour + late) / 24) + dice.normal(0, 0.2) for late in (0, 7))
        drawn = other if hour >= 36 * 24 else load
        values = {"flow_m3_h": 5 + 2 * load, "current_a": 8 + 3 * drawn, "pressure_kpa": 400 - 9 * load}
        noisy = {name: value + dice.normal(0, 0.2) for name, value in values.items()}
        batches.append(telemetry("p-panel", MIDNIGHT_US + hour * 60 * MINUTE_US, noisy))
    known = registry([asset("p", AssetClass.PUMP)], [device("p-panel", "p")])
    return Sample(known, batches, learns_us=31 * DAY_US, valid_us=DAY_US)


def _sensor_fault() -> Sample:
    """Two days of three risers' pressure; in the second night one logger sticks for three hours, one jumps about."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for step in range(2 * 288):
        at_us = MIDNIGHT_US + step * 5 * MINUTE_US
        for riser in range(3):
            value = 350.0 + 3.0 * math.sin(step / 40) + dice.normal(0, 0.3)
            if riser == 0 and 400 <= step < 436:
                value = 347.21
            if riser == 1 and 420 <= step < 500 and dice.random() < 0.3:
                value = 1_600.0
            batches.append(telemetry(f"r{riser}-p", at_us, {"pressure_kpa": round(value, 2)}))
    names = ("r0", "r1", "r2")
    risers = [asset(a, AssetClass.RISER, near=tuple(n for n in names if n != a)) for a in names]
    known = registry(risers, [device(f"{name}-p", name) for name in names])
    return Sample(known, batches, learns_us=DAY_US, valid_us=60 * MINUTE_US)


SAMPLES: Mapping[str, Callable[[], Sample]] = {
    "asset_deviation": _asset_deviation,
    "asset_multivariate": _asset_multivariate,
    "building_ebike": building_ebike,
    "building_falling_object": building_falling_object,
    "building_flood": building_flood,
    "building_storm": building_storm,
    "elevator_brake": elevator_samples.brake,
    "elevator_door": elevator_samples.door,
    "elevator_ebike": elevator_ebike,
    "elevator_entrapment": _elevator_entrapment,
    "elevator_levelling": elevator_samples.levelling,
    "elevator_rope_wear": elevator_samples.rope_wear,
    "elevator_vibration": elevator_samples.vibration,
    "network_leak": network_leak,
    "parking_fire_lane": lambda: _parking("fire_lane"),
    "parking_illegal": lambda: _parking("no_parking"),
    "pipe_burst": _pipe_burst,
    "pipe_burst_edge": _pipe_burst_edge,
    "pipe_freeze": pipe_freeze,
    "pipe_leak": _pipe_leak,
    "pump_bearing": pump_bearing,
    "pump_cavitation": pump_cavitation,
    "pump_cycling": pump_cycling,
    "pump_dry_run": pump_dry_run,
    "pump_motor": pump_motor,
    "sensor_fault": _sensor_fault,
}
"""By the detector's name."""
