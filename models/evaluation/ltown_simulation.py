"""L-Town simulation: years of the network with its official leaks and invented demand, hour by hour."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from models.evaluation.ltown_epanet import STEPS_A_DAY, WEEK, Town
from models.evaluation.ltown_network import Leak, official_leaks
from models.pipes.network_relations import Floats

# Demand noise: chosen by the total consumption of the given half-year, which differs from the patterns by 9 % from hour
# to hour and by 4 % from day to day, and rises by 15 % from January to June. How nodes differ is not known; these are
# meant to be harder than the given file, which has next to none of it.
_SEASON = 0.08
_DAY_SD = 0.04
_HOUR_SD, _HOUR_MEMORY_H = 0.08, 3.0
_NODE_SD, _NODE_MEMORY_H = 0.15, 6.0
_NODE_DRIFT_SD, _NODE_MEMORY_D = 0.10, 30.0
_QUARTERS = 20
_QUARTER_MEMORY_D = 3.0
_PRESSURE_NOISE_M = 0.03
"""What is left of the given file's pressures when each is regressed on all others, alike at all loggers."""
_FLOW_NOISE_M3_H = 0.15


@dataclass(frozen=True, slots=True)
class SimulatedYear:
    """Hourly means of what the network's devices said.

    Attributes:
        pressure_m: Shape (days, 24, loggers).
        flow_m3_h: Of p227, p235 and the pump, shape (days, 24, 3).
        level_m: Of the tank, shape (days, 24).
    """

    pressure_m: Floats
    flow_m3_h: Floats
    level_m: Floats


def simulated_year(  # noqa: PLR0913 -- what names a year, and where it is read and kept
    folder: Path, loggers: Sequence[str], year: int, seed: int, *, quarter_sd: float = 0.05, cache: Path | None = None
) -> SimulatedYear:
    """One year with its official leaks and invented demand noise; about two minutes if it is not in the cache.

    Args:
        folder: Of the data set.
        loggers: Whose pressure is kept.
        year: 2018 or 2019.
        seed: Of the noise.
        quarter_sd: How much the demand of a quarter of the town wanders over days, as a share.
        cache: Where simulated years are kept, or None.

    Raises:
        MissingWntrError: It must be simulated and WNTR is not installed.
    """
    kept = cache / f"ltown_{year}_{seed}_{quarter_sd:g}.npz" if cache else None
    if kept and kept.is_file():
        with np.load(kept) as arrays:
            return SimulatedYear(arrays["pressure_m"], arrays["flow_m3_h"], arrays["level_m"])
    leaks = [leak for leak in official_leaks(folder) if _overlaps(leak, year)]
    town = Town(folder, leaks)
    dice = np.random.default_rng([year, seed])
    first_us, last_us = _first_us(year), _first_us(year + 1)
    days = (last_us - first_us) // 86_400_000_000
    rows = town.run(loggers, first_us, _demands(town, days, dice, quarter_sd), days)
    pressure = np.round(rows[:, :-4] + dice.normal(0, _PRESSURE_NOISE_M, rows[:, :-4].shape), 2)
    flow = np.round(rows[:, -4:-1] + dice.normal(0, _FLOW_NOISE_M3_H, rows[:, -4:-1].shape), 2)
    made = SimulatedYear(_hourly(pressure), _hourly(flow), _hourly(np.round(rows[:, -1:], 2))[..., 0])
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(kept, pressure_m=made.pressure_m, flow_m3_h=made.flow_m3_h, level_m=made.level_m)
    return made


def _overlaps(leak: Leak, year: int) -> bool:
    return leak.start_us < _first_us(year + 1) and leak.end_us > _first_us(year)


def _first_us(year: int) -> int:
    return round(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1e6)


def _hourly(rows: Floats) -> Floats:
    result: Floats = rows.reshape(-1, 24, STEPS_A_DAY // 24, rows.shape[1]).mean(axis=2)
    return result


def _demands(town: Town, days: int, dice: np.random.Generator, quarter_sd: float) -> Callable[[int], Floats]:
    """Each day's demand of each node, m3/h, shape (288, nodes): patterns times what varies."""
    day_of_year, count = np.arange(days), len(town.nodes)
    common: dict[str, Floats] = {}
    for name in town.patterns:
        season = 1 + _SEASON * np.sin(2 * np.pi * day_of_year / 365 + dice.uniform(0, 2 * np.pi))
        by_day = season * np.exp(dice.normal(0, _DAY_SD, days))
        by_hour = np.exp(_wandering(dice, (24 * days,), _HOUR_MEMORY_H, _HOUR_SD))
        common[name] = np.repeat(by_hour, 12) * np.repeat(by_day, STEPS_A_DAY)
    centres = town.xy[dice.choice(count, _QUARTERS, replace=False)]
    quarter = ((town.xy[:, None] - centres[None]) ** 2).sum(axis=-1).argmin(axis=1)
    by_quarter = _wandering(dice, (days, _QUARTERS), _QUARTER_MEMORY_D, quarter_sd)
    by_node = _wandering(dice, (24 * days, count), _NODE_MEMORY_H, _NODE_SD)
    drift = _wandering(dice, (days, count), _NODE_MEMORY_D, _NODE_DRIFT_SD)

    def demands(day: int) -> Floats:
        steps = np.arange(STEPS_A_DAY) + day * STEPS_A_DAY
        usual = sum(
            np.outer(pattern[steps % WEEK] * common[name][steps], town.base[name])
            for name, pattern in town.patterns.items()
        )
        own = np.repeat(by_node[24 * day : 24 * day + 24], 12, axis=0) + drift[day] + by_quarter[day][quarter]
        result: Floats = usual * np.maximum(1 + own, 0.05)
        return result

    return demands


def _wandering(dice: np.random.Generator, shape: tuple[int, ...], memory: float, sd: float) -> Floats:
    """First-order autoregression along the first axis that forgets to 1/e in `memory` steps."""
    keeps = math.exp(-1 / memory)
    shocks = dice.normal(0, sd * math.sqrt(1 - keeps**2), shape)
    shocks[0] = dice.normal(0, sd, shape[1:])
    result: Floats = lfilter([1.0], [1.0, -keeps], shocks, axis=0)
    return result
