"""Sensor drift: a channel that moves away from all its neighbours, slowly, over days.

Only for what neighbours measure alike (`Metric.compared`), and never for what is a failure's own indicator.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ingest.readings import Reading
from models.detector import State

DAY_US = 86_400_000_000

_KEPT_DAYS = 60
_FIRST_DAYS = 7
_LATE_DAYS = 3
_LEAST_DAYS = 14
_LEAST_READINGS = 12
_LEAST_NEIGHBOURS = 2
_SLOW = (0.15, 0.8)
"""A week ago a drift had gone between these shares of its way; a step had gone none or all of it.

Chosen by: over two weeks an even drift stands at a third to two thirds a week before it is full."""


def add(days: dict[str, State], reading: Reading) -> bool:
    """Add a reading to the mean of its day (UTC); whether that ended the day before.

    Args:
        days: By metric, of one device, JSON, changed: `day`, `sum`, `count` of the running day, `means` of the last 60.
        reading: In event time.
    """
    day = reading.at_us // DAY_US
    known = days.setdefault(reading.metric, {"day": day, "sum": 0.0, "count": 0, "means": []})
    ended = day > known["day"]
    if ended:
        if known["count"] >= _LEAST_READINGS:
            known["means"] = [*known["means"], [known["day"], round(known["sum"] / known["count"], 3)]][-_KEPT_DAYS:]
        known.update(day=day, sum=0.0, count=0)
    known["sum"] += reading.value
    known["count"] += 1
    return bool(ended)


@dataclass(frozen=True, slots=True)
class Way:
    """How far a channel has moved away from all its neighbours.

    Attributes:
        far: From the nearest of them, signed, in the metric's unit.
        slow: A week ago it was on its way; it is no step.
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
    ways = [way for way in (_apart(own["means"], other["means"]) for other in neighbours) if way is not None]
    if len(ways) < _LEAST_NEIGHBOURS:
        return None
    # From a sound neighbour it is as far as it drifted; from one that drifts too it may be farther.
    far, week_ago = min(ways, key=lambda way: abs(way[0]))
    if far == 0.0 or any((way[0] > 0) != (far > 0) for way in ways):
        return None
    return Way(far, _SLOW[0] <= week_ago / far <= _SLOW[1])


def _apart(own: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """How far the difference of two channels has moved since its first days, and how far it had a week ago."""
    known: dict[float, float] = {day: mean for day, mean in other}  # noqa: C416 -- lists of two, as JSON has them
    apart = [mean - known[day] for day, mean in own if day in known]
    if len(apart) < _LEAST_DAYS:
        return None
    first = median(apart[:_FIRST_DAYS])
    return median(apart[-_LATE_DAYS:]) - first, median(apart[-_FIRST_DAYS - _LATE_DAYS : -_FIRST_DAYS]) - first
