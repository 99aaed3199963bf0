"""Network sample: a fortnight of a water network in which one logger's pressure begins to fall."""

import math

import numpy as np

from ingest.readings import Batch
from ingest.registry import AssetClass
from tests.contracts.detector import Sample
from tests.models.stream import DAY_US, HOUR_US, MIDNIGHT_US
from tests.models.worlds import asset, device, registry, telemetry

_LOGGERS = 4
_DAYS = 13
_LEAK_DAY = 10


def network_leak() -> Sample:
    """Four loggers and a meter, hourly; from the tenth day on a leak draws at the first, which falls by 3 kPa."""
    dice = np.random.default_rng(0)
    batches: list[Batch] = []
    for hour in range(24 * _DAYS):
        at_us, leak = MIDNIGHT_US + hour * HOUR_US, hour >= 24 * _LEAK_DAY
        flow = 20.0 + 8.0 * math.sin(hour / 24 * 2 * math.pi) + dice.normal(0, 1.0) + 5.0 * leak
        for n in range(_LOGGERS):
            pressure = 400.0 - 5.0 * n - (0.2 + 0.1 * n) * flow - 3.0 * (leak and n == 0) + dice.normal(0, 0.15)
            batches.append(telemetry(f"w-{n}", at_us, {"pressure_kpa": round(pressure, 2)}))
        batches.append(telemetry("w-inflow", at_us, {"flow_m3_h": round(flow, 2)}))
    names = [*(f"w-{n}" for n in range(_LOGGERS)), "w-inflow"]
    known = registry([asset("w", AssetClass.WATER_NETWORK)], [device(name, "w") for name in names])
    return Sample(known, batches, learns_us=7 * DAY_US, valid_us=DAY_US)
