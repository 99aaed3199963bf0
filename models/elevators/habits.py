"""Habits: what is usual of a trip feature at one landing, in one direction, under one load, and how it is of late."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from models.detector import State
from models.statistics.pictures import rows_of, steps, with_row

_DAY_S = 86_400
_MONTH_DAYS = 30.0
_CUT_OFF = 3.0  # chosen by: a wild value then moves the smoothed one by a third of the limit; it takes five to tell


@dataclass(frozen=True, slots=True)
class Habit:
    """How one feature is followed, and how much worse than usual it may become.

    Attributes:
        cycles: How many values teach what is usual; their median is.
        smoothing: Share of the way the smoothed value goes to each new one.
        follow: Share of the usual that it may move in 30 days, so that a slow fault does not become usual.
        share: More than usual by this share is too much.
        more: Or by this amount, in the feature's unit, added to the share.
        decimals: To how many the values are kept while they teach.
    """

    cycles: float
    smoothing: float
    follow: float
    share: float
    more: float = 0.0
    decimals: int = 4

    def limit(self, usual: float) -> float:
        """From where on it is too much, in the feature's unit."""
        return usual * (1.0 + self.share) + self.more


@dataclass(frozen=True, slots=True)
class Now:
    """How a feature is where it is worst: `excess` is 0 at the usual, 1 at the limit."""

    key: str
    value: float
    usual: float
    limit: float

    @property
    def excess(self) -> float:
        """How far on the way from usual to limit."""
        return (self.value - self.usual) / (self.limit - self.usual)


def hear(habits: State, key: str, at_us: int, value: float, habit: Habit) -> bool:
    """Take in one value; whether it shows that something was repaired.

    While it is too much the usual stands still. Once it has gone back half way, or has fallen as far under the usual
    as the limit lies above it, somebody has repaired or replaced something: it is learnt anew.

    Args:
        habits: JSON, by key, changed: `heard`, a picture of the values so far in steps, while learning, then a list of
            the usual, the smoothed value, when in s, and 1 while it is too much. (By name it is half as long again.)
        key: Landing, direction or load.
        at_us: When, ascending.
        value: In the feature's unit.
        habit: How it is followed.
    """
    known = habits.setdefault(key, {})
    if isinstance(known, dict):
        known["heard"] = with_row(known.get("heard", []), [steps(value, habit.decimals)], ceil(habit.cycles))
        values = rows_of(known["heard"])
        if len(values) >= habit.cycles:
            usual = _short(median(step for (step,) in values) / 10**habit.decimals)
            habits[key] = [usual, usual, at_us // 1_000_000]
        return False
    usual, smooth, at_s, *high = known
    reach = habit.limit(usual) - usual
    held = min(usual + _CUT_OFF * reach, max(usual - _CUT_OFF * reach, value))
    smooth += habit.smoothing * (held - smooth)
    if smooth >= usual + reach:
        high = [1]
    elif smooth < usual - reach or (high and smooth < usual + reach / 2):
        habits[key] = {}
        return bool(high)
    if not high:
        days = max(0.0, (at_us // 1_000_000 - at_s) / _DAY_S)
        step = abs(usual) * habit.follow * min(1.0, days / _MONTH_DAYS)
        usual += min(step, max(-step, value - usual))
    habits[key] = [_short(usual), _short(smooth), at_us // 1_000_000, *high]
    return False


def learnt(habits: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Of one feature what is known: key, smoothed value and usual."""
    return [(key, known[1], known[0]) for key, known in habits.items() if isinstance(known, list)]


def worst(habits: Mapping[str, Any], habit: Habit) -> Now | None:
    """Of the learnt habits of one feature the one furthest on the way to its limit, or None."""
    known = learnt(habits)
    if not known:
        return None
    key, smooth, usual = max(known, key=lambda one: (one[1] - one[2]) / (one[2] * habit.share + habit.more))
    return Now(key, smooth, usual, habit.limit(usual))


def _short(value: float) -> float:
    return float(f"{value:.6g}")
