"""Words: detectors that hear each asset by itself hear the same in blocks, in windows, and over restarts."""

from dataclasses import replace

import numpy as np
import pytest

from ingest.readings import Batch
from ingest.registry import AssetClass, Registry
from models.detectors.catalogue import DETECTORS
from models.words import WordDetector
from tests.models.restarts import with_restarts
from tests.models.test_blocks import OneByOne, lived, replayed
from tests.models.worlds import T0, S, asset, device, happening, logged, registry, telemetry

MINUTE_US, MANY = 60 * S, 34
"""More than `LEAST_COLUMNS`."""
HOURS = 9
END_US = T0 + (HOURS + 4) * 3_600 * S + 1_800 * S
_HEARING = [d for d in DETECTORS if isinstance(d, WordDetector)]


def world() -> Registry:
    """Pumps with a monitor, some with a panel besides, and buildings with a sump."""
    pumps = [replace(asset(f"p{n:02}", AssetClass.PUMP), limits={"rated_current_a": 20.0}) for n in range(MANY)]
    houses = [asset(f"b{n:02}", AssetClass.BUILDING) for n in range(MANY)]
    monitors = [device(f"p{n:02}-m", f"p{n:02}") for n in range(MANY)]
    panels = [device(f"p{n:02}-a", f"p{n:02}") for n in range(0, MANY, 7)]
    return registry([*pumps, *houses], [*monitors, *panels, *(device(f"b{n:02}-s", f"b{n:02}") for n in range(MANY))])


def lives(seed: int, every: int) -> list[Batch]:
    """What befalls them: rests, dry running, an imbalance, wear, many starts, water, and hours without a word."""
    dice = np.random.default_rng(seed)
    said: list[Batch] = []
    for minute in range(0, HOURS * 60, every):
        for n in range(MANY):
            at_us = T0 + minute * MINUTE_US + (n % 3) * S
            if n % 5 == 1 and 150 < minute < 150 + 25 * n:
                continue
            runs = (minute // 40 + n) % 4 > 0 and not (n % 6 == 2 and minute // every % 2)
            worn = 1.0 + 3.0 * (n % 4 == 3 and minute > 300)
            values = {"speed_rpm": 2_900.0 * runs, "velocity_rms_mm_s": round(dice.normal(1.2, 0.1) * runs * worn, 3)}
            values |= {"kurtosis": round(dice.normal(3.0 * worn, 0.1), 1), "starts_total": float(minute // (40 - n))}
            values |= {"suction_pressure_kpa": 1.0 if n == 9 and minute > 200 else 40.0, "current_a": 12.0 * runs}
            values |= {"current_l1_a": 12.0 * runs, "current_l2_a": 12.0 * runs, "current_l3_a": (10.0 + n % 3) * runs}
            said.append(telemetry(f"p{n:02}-m", at_us, values))
            if n % 7 == 0:
                said.append(
                    telemetry(f"p{n:02}-a", at_us + n % 2 * S, {"pressure_kpa": 400.0, "speed_rpm": 2_800.0 * runs})
                )
            wet = {"water_level_mm": 700.0 + 600.0 * (n % 8 == 4 and 200 < minute < 260), "pump_running": float(runs)}
            wet |= {"pit_water_present": 1.0} if n == 5 and minute > 400 else {"pit_water_present": 0.0}
            said.append(telemetry(f"b{n:02}-s", at_us, wet))
            if dice.random() < 0.002:
                said.append(happening(f"p{n:02}-m", "device.offline", at_us + 5 * S, {}))
    return sorted(said, key=lambda batch: batch.received_us)


@pytest.mark.parametrize("detector", _HEARING, ids=lambda d: d.spec.name)
def test_in_blocks_as_in_windows(detector: WordDetector) -> None:
    """Live, each minute as a block, every finding and every state is that of one window after the other."""
    records = logged(lives(1, 3), world())
    found, remembered = lived(records, [detector], world(), END_US)

    assert (found, remembered) == lived(records, [OneByOne(detector)], world(), END_US)
    assert {f.verdict.value for f in found} >= {"scored", "unknown"}


@pytest.mark.parametrize("detector", _HEARING, ids=lambda d: d.spec.name)
@pytest.mark.parametrize("every", [1, 7])
def test_hours_as_windows(detector: WordDetector, every: int) -> None:
    """A replay of hours at once says what live was said of windows one by one, silences and all."""
    records = logged(lives(2, every), world())
    found, _ = lived(records, [OneByOne(detector)], world(), END_US)

    assert replayed(records, detector, world(), END_US) == found


@pytest.mark.parametrize("detector", _HEARING, ids=lambda d: d.spec.name)
def test_restarts_show_in_nothing(detector: WordDetector) -> None:
    """What was heard in blocks is taken up as it was."""
    records = logged(lives(3, 5), world())
    crashes = set(np.random.default_rng(4).integers(0, len(records), 3).tolist())
    found, _ = lived(records, [detector], world(), END_US)

    assert with_restarts(world(), lambda: [detector], records, crashes, END_US) == found
