"""Surroundings fleet: buildings through a year of cold waves and storms, mild to gross, and the truth."""

from collections.abc import Sequence

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US
from device_simulators.fleet import Group
from device_simulators.weather import ColdWave, Storm, Weather, winter_and_summer

_STORMS = (
    # Hours, lowest and highest amount, published colour: blue, yellow, orange and red, then what is ordinary.
    (10.0, 56.0, 75.0, "blue"),
    (5.0, 56.0, 75.0, "yellow"),
    (2.8, 56.0, 80.0, "orange"),
    (2.8, 110.0, 160.0, "red"),
)
_ORDINARY = ((12.0, 15.0, 40.0), (1.0, 15.0, 40.0))


def surroundings_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Groups of one building each; see `device_simulators.fleet.FleetMaker`.

    Every third has no gateway and goes by its own gauges; of the others every second storm is not foretold and every
    third has a published colour.
    """
    return [
        _building(number, np.random.default_rng(int(dice.integers(0, 2**62))), start_us, end_us)
        for number in range(assets)
    ]


def _building(number: int, dice: np.random.Generator, start_us: int, end_us: int) -> Group:
    site = f"surroundings-{number:03}"
    asset = f"{site}-building"
    winter, summer = winter_and_summer(start_us, end_us)
    weather = Weather(
        site,
        asset,
        seed=number,
        waves=_waves(dice, _apart(dice, winter, 3, 14)),
        storms=_storms(number, dice, _apart(dice, summer, 6, 5)),
        draughts_us=[day + round(dice.uniform(8.0, 20.0)) * HOUR_US for day in _apart(dice, summer, 2, 20)],
        forecasts=number % 3 > 0,
    )
    devices = [
        {"id": f"{asset}-{name}", "site": site, "assets": [asset]} for name in ("air", "pipe", "rain", "gateway")
    ]
    table = {"id": asset, "site": site, "class": "building", "place_zh": asset, "place_en": asset, "limits": {}}
    return Group(site, (table,), tuple(devices), weather.labels(), weather.messages)


def _apart(dice: np.random.Generator, days: Sequence[int], count: int, gap_days: int) -> list[int]:
    """Some of the days, at random, so many days or more from each other."""
    chosen: list[int] = []
    for day in dice.permutation(np.array(days, dtype=np.int64)).tolist():
        if all(abs(day - other) >= gap_days * DAY_US for other in chosen) and len(chosen) < count:
            chosen.append(int(day))
    return sorted(chosen)


def _waves(dice: np.random.Generator, days: Sequence[int]) -> list[ColdWave]:
    """Two from a touch of frost to a deep one, then one that is only a cold day."""
    bounds = ((-15.0, -5.5), (-15.0, -5.5), (-1.5, 0.5))
    return [
        ColdWave(day, day + round(dice.uniform(1.0, 4.0) * DAY_US), float(dice.uniform(*bounds[rank % len(bounds)])))
        for rank, day in enumerate(days)
    ]


def _storms(number: int, dice: np.random.Generator, days: Sequence[int]) -> list[Storm]:
    found: list[Storm] = []
    for rank, day in enumerate(days):
        start_us = day + round(dice.uniform(6.0, 18.0) * HOUR_US)
        if rank % 2:
            hours, low, high = _ORDINARY[(number + rank // 2) % len(_ORDINARY)]
            found.append(Storm(start_us, hours, float(dice.uniform(low, high))))
            continue
        hours, low, high, colour = _STORMS[(number + rank // 2) % len(_STORMS)]
        published = colour if (number + rank) % 3 == 0 else ""
        found.append(Storm(start_us, hours, float(dice.uniform(low, high)), bool(rank % 4), published))
    return found
