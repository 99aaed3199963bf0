"""Class forests: a fault that moves an asset's days is counted as noted, and days without one as such."""

import numpy as np

from device_simulators.calendar import DAY_US
from device_simulators.labels import Label, Truth
from ingest.registry import AssetClass
from service.evaluation.class_forests import Noted, noted_by_class

_DAYS, _HALF = 90, 60


def _fault(asset: str, first: int, last: int) -> Label:
    times = (first * DAY_US, None, first * DAY_US, last * DAY_US)
    return Label(asset, "pump.motor", Truth.FAULT, *times, 1.0, "a clogged fan")


def test_faults_and_sound_days_are_counted_apart() -> None:
    """Of two faults after the fit one moves its pump's days; the one before it is learnt from by nobody."""
    dice, looks = np.random.default_rng(1), dict[tuple[str, int], dict[str, float]]()
    hot = [_fault("p1", 70, 75), _fault("p2", 20, 25)]
    for number in range(8):
        for day in range(_DAYS):
            far = 60.0 * any(
                one.asset == f"p{number}" and one.onset_us <= day * DAY_US < one.raise_until_us for one in hot
            )
            values = dice.normal((50.0 + far, 5.0 + far), 1.0)
            looks[f"p{number}", day * DAY_US] = dict(zip(("winding median", "winding spread"), values, strict=True))
    labels = [*hot, _fault("p3", 80, 82)]
    found = noted_by_class({AssetClass.PUMP: looks}, labels, _HALF * DAY_US)

    assert (found[AssetClass.PUMP].faults, found[AssetClass.PUMP].noted) == (2, 1)
    assert found[AssetClass.PUMP].sound == 8 * (_DAYS - _HALF) - 6 - 3
    assert found[AssetClass.PUMP].named < 0.05 * found[AssetClass.PUMP].sound


def test_a_class_with_too_few_days_is_left_out() -> None:
    """Nothing is said of it."""
    looks = {("p", day * DAY_US): {"winding median": 1.0} for day in range(10)}

    assert noted_by_class({AssetClass.PUMP: looks}, [], 5 * DAY_US) == dict[AssetClass, Noted]()
