"""Prognosis: a first passage as evidence holds it, times to failure and a forecast at moments."""

import numpy as np
import numpy.typing as npt

from models.findings import Forecast, TimeToFailure
from models.statistics.first_passage import Passage, crossing_times
from models.statistics.traces import rounded

Floats = npt.NDArray[np.float64]

_DAY_US = 86_400_000_000
_Z90 = 1.2815515655446004


def time_to_failure(days: Floats, chances: Floats, now_us: int) -> TimeToFailure | None:
    """The 10, 50 and 90 % times; None when the median lies beyond the grid, whose end stands for a later 90 %.

    Args:
        days: A grid of times from now, ascending, shape (n,).
        chances: The chance of failure within each, shape (n,).
        now_us: Microseconds since the epoch.
    """
    early, middle, late = crossing_times(days, chances, (0.1, 0.5, 0.9))
    if early is None or middle is None:
        return None
    times = (early, middle, late if late is not None else float(days[-1]))
    return TimeToFailure(*(now_us + round(d * _DAY_US) for d in times))


def forecast(ahead: Passage, days: Floats, now_us: int) -> Forecast:
    """Where an indicator that is tracked by its logarithm is going, in its own unit.

    Args:
        ahead: Its trend, in log units.
        days: From now, ascending, shape (n,), >= 0.
        now_us: Microseconds since the epoch.
    """
    low, middle, high = (rounded(np.exp(ahead.forecast(days, z)).tolist(), 3) for z in (-_Z90, 0.0, _Z90))
    return Forecast(at_us=tuple(now_us + round(d * _DAY_US) for d in days), p10=low, p50=middle, p90=high)
