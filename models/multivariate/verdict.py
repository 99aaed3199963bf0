"""Multivariate verdict: what the days of an asset reached, and whether the last two are beyond all that is usual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.statistics.pictures import Picture, rows_of, with_row
from models.statistics.usual import Usual

FEWEST_DAYS = 14
"""Days that have to be known before one is judged. Chosen by: two weekends."""
MOST_DAYS = 60
"""Source: DOMAIN 6.4, a sliding window of 60 days."""
DECIMALS = 3

_BEYOND = float(np.log(1.5))
"""Over the largest day where days differ so much that spreads say nothing (weekends of their own). Chosen by: a half
more than ever was."""
_PRIOR_SPREAD = 0.1
"""Of the logarithms of sound days. Chosen by: the middle one of simulated pumps and risers (seeds 3 and 4)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is usual of one statistic, and from where on it is not.

    Attributes:
        usual: The middle of the known days, > 0.
        at: Over all of them, and by so many spreads over their middle.
    """

    usual: float
    at: float

    def reached(self, value: float) -> float:
        """0 at the usual, 1 at the limit, by its logarithm; never under 0."""
        way = float(np.log(max(value, 1e-6) / self.usual) / np.log(self.at / self.usual))
        return max(0.0, way)


def with_day(days: Picture, day: int, apart: float, far: float, *, sound: bool) -> Picture:
    """The days and one more, whether it counts as usual."""
    scaled = (round(one * 10**DECIMALS) for one in (apart, far))
    return with_row(days, [day, *scaled, int(sound)], MOST_DAYS)


def limits_of(days: Picture, raise_sigma: float) -> tuple[Limit, Limit] | None:
    """The limits of Q and T2 by the largest of each sound day; None while too few are known.

    A day is one block, so that hours which resemble each other count once.

    Source:
        DOMAIN 6.3 and 6.4 (block maxima, 60 days, no day on which something was wrong). Not pooled over assets: their
        states are theirs. In its place the limit lies spreads over the middle and over the largest day as well.
    """
    known = [row for row in rows_of(days) if row[3]]
    if len(known) < FEWEST_DAYS:
        return None
    apart, far = (limit_of([row[n] / 10**DECIMALS for row in known], raise_sigma) for n in (1, 2))
    return apart, far


def limit_of(values: Sequence[float], raise_sigma: float) -> Limit:
    """The limit by the largest value of each sound block, at least one."""
    logs = np.log(np.maximum(values, 10**-DECIMALS))
    usual = Usual.learnt(logs.tolist(), _PRIOR_SPREAD)
    most = float(logs.max())
    at = max(most + usual.spread, min(usual.level + raise_sigma * usual.spread, most + _BEYOND))
    return Limit(float(np.exp(usual.level)), float(np.exp(at)))
