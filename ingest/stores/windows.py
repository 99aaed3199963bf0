"""Windows: summaries put together from rows, for stores that cannot do it themselves."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingest.history import Series, Summary
from ingest.readings import Quality


def summary(rows: Sequence[Sequence[float]]) -> Summary:
    """Rows of (at_us, low, high, mean, count, last) as columns."""
    at_us, low, high, mean, count, last = list(zip(*rows, strict=True)) or [()] * 6
    return Summary(
        np.array(at_us, np.int64),
        np.array(low, np.float64),
        np.array(high, np.float64),
        np.array(mean, np.float64),
        np.array(count, np.int64),
        np.array(last, np.float64),
    )


def of_readings(series: Series) -> Summary:
    """A row a reading that can be believed, to be put together by `merged`."""
    believed = series.quality & int(Quality.OUT_OF_RANGE) == 0
    at_us, value = series.at_us[believed], series.value[believed]
    return Summary(at_us, value, value, value, np.ones(len(at_us), np.int64), value)


def merged(parts: Sequence[Summary], step_us: int) -> Summary:
    """Rows of narrower windows put together in windows of `step_us`.

    Args:
        parts: One after the other in time, none overlapping.
        step_us: The width of the windows, which start at its multiples.
    """
    at_us, low, high, mean, count, last = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("at_us", "low", "high", "mean", "count", "last")
    )
    window = at_us // step_us * step_us
    if not len(window):
        return summary([])
    starts: npt.NDArray[np.intp] = np.flatnonzero(np.r_[True, window[1:] != window[:-1]])
    ends = np.r_[starts[1:], len(window)] - 1
    counts = np.add.reduceat(count, starts)
    means = np.add.reduceat(mean * count, starts) / counts
    return Summary(
        window[starts],
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
        means,
        counts,
        last[ends],
    )
