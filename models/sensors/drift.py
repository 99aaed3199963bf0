"""Sensor drift: a channel that moves away from all its neighbours, slowly, over days.

Only for what neighbours measure alike (`Metric.compared`), and never for what is a failure's own indicator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from models.detector import State
from models.statistics.pictures import Picture, rows_of, steps, with_row

DAY_US = 86_400_000_000

_KEPT_DAYS, _DECIMALS = 60, 2
"""Chosen by: a hundredth of a kelvin, volt or kilopascal is a five-hundredth of the nearest drift that is a fault."""
_FIRST_DAYS = 7
_SMOOTHED_DAYS = 3
_LEAST_DAYS = 14
_LEAST_READINGS = 12
_LEAST_NEIGHBOURS = 2
_STEP_SHARE = 0.25
"""The most of its way that a drift goes in a day. Chosen by: an even one of a week goes a seventh, a step a half."""


def new_days() -> State:
    """What is known of the days of a channel that speaks for the first time, as JSON.

    `sum` (in steps of `in_steps`) and `count` are of the readings of the running day, `means` of the last 60 days that
    ended, `far` is how far it has drifted, if it has.
    """
    return {"sum": 0, "count": 0, "means": []}


def in_steps(value: float) -> int:
    """A reading in whole steps of the last decimal of the means, so that a sum is the same in any order."""
    return steps(value, _DECIMALS)


def all_in_steps(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """`in_steps` of each value, of the same shape."""
    return np.rint(values * 10.0**_DECIMALS).astype(np.int64)


def end_day(known: State, day: int) -> None:
    """Put the mean of the running day with those that ended, and begin another."""
    known.update(means=day_added(known["means"], day, known["sum"], known["count"]), sum=0, count=0)


def add(known: State, value: float) -> None:
    """Add a reading to its running day."""
    known["sum"] += in_steps(value)
    known["count"] += 1


def day_added(means: Picture, day: int, added: int, count: int) -> Picture:
    """The means of days and of one more (the sum in steps) if that has enough readings; the oldest go."""
    if count < _LEAST_READINGS:
        return means
    return with_row(means, [day, round(added / count)], _KEPT_DAYS)


@dataclass(frozen=True, slots=True)
class Way:
    """How far a channel has moved away from all its neighbours.

    Attributes:
        far: From the nearest of them, signed, in the metric's unit.
        slow: It went there over days; it is no step.
    """

    far: float
    slow: bool


def way_of(own: State, neighbours: Iterable[State]) -> Way | None:
    """How far a channel has moved away from its neighbours since the first of the days that are kept.

    None while nobody can tell: fewer than two neighbours that measure the same, fewer than 14 common days, or not all
    are left on the same side. With one neighbour nobody knows who of the two moves.

    Args:
        own: Its days.
        neighbours: Theirs, of the same metric.
    """
    ways = [way for way in (_way(own["means"], other["means"]) for other in neighbours) if way is not None]
    if len(ways) < _LEAST_NEIGHBOURS or any((way.far > 0) != (ways[0].far > 0) for way in ways):
        return None
    # From a sound neighbour it is as far as it drifted; from one that drifts too it may be farther.
    return min(ways, key=lambda way: abs(way.far))


def _way(own: Picture, other: Picture) -> Way | None:
    """How far the difference of two channels has moved since its first days."""
    known = dict(_means_of(tuple(other)))
    apart = [mean - known[day] for day, mean in _means_of(tuple(own)) if day in known]
    if len(apart) < _LEAST_DAYS:
        return None
    # Medians of three days pass over a day on which a sensor jumped.
    smooth = [median(apart[n : n + _SMOOTHED_DAYS]) for n in range(len(apart) - _SMOOTHED_DAYS + 1)]
    far = smooth[-1] - median(apart[:_FIRST_DAYS])
    steepest = max(abs(after - before) for before, after in pairwise(smooth))
    return Way(far, steepest <= _STEP_SHARE * abs(far))


@lru_cache(maxsize=1_024)  # a channel's days are looked at by each of its neighbours
def _means_of(means: tuple[Any, ...]) -> tuple[tuple[int, float], ...]:
    return tuple((day, mean / 10**_DECIMALS) for day, mean in rows_of(list(means)))
