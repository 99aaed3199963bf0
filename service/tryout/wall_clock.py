"""Wall clock: what people's clocks showed as moments, through the hour that comes twice in autumn."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]

_HOUR_US: Final = 3_600_000_000
_ORDERED_SHARE: Final = 0.05
"""Chosen by: devices that stand one below the other, of which each wrote for a day, go back in far fewer rows."""
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- a wall clock's, whose zone comes later


def in_zone(wall_us: Times, zone: ZoneInfo) -> Times:
    """Wall clocks as microseconds since the epoch, in the order in which they were written.

    Of an hour that comes twice the second is meant once the clock went back in it; where rows are in no order, or
    nobody wrote the hour twice, the first.

    Args:
        wall_us: What the clock showed, as microseconds since 1970 as if it were UTC, shape (n,).
        zone: The clock's.

    Example:
        >>> quarters = np.r_[0:180:15, 120:300:15]  # of 25 October 2026, when 02:45 is followed by 02:00
        >>> clock = quarters * 60_000_000 + 1_792_886_400_000_000
        >>> set((np.diff(in_zone(clock, ZoneInfo("Europe/Berlin"))) // 60_000_000).tolist())
        {15}
    """
    hours, place = np.unique(wall_us // _HOUR_US, return_inverse=True)
    first, second = (_offsets(hours, zone, fold)[place] for fold in (0, 1))
    twice = first > second
    return wall_us - np.where(twice & _gone_back(wall_us, twice), second, first)


def _offsets(hours: Times, zone: ZoneInfo, fold: int) -> Times:
    walls = [(_EPOCH + timedelta(hours=int(hour))).replace(tzinfo=zone, fold=fold) for hour in hours]
    return np.asarray([round((wall.utcoffset() or timedelta()).total_seconds() * 1e6) for wall in walls], np.int64)


def _gone_back(wall_us: Times, twice: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of rows in an hour that comes twice: whether the clock went back before, in this run of rows, and only once."""
    steps = np.diff(wall_us)
    if (steps < 0).sum() > (steps > 0).sum():  # the newest row stands first
        return _gone_back(wall_us[::-1], twice[::-1])[::-1]
    gone = np.zeros(wall_us.shape, bool)
    if (steps < 0).sum() > _ORDERED_SHARE * wall_us.size:
        return gone
    # A logger that writes once an hour shows the same time again; where moments repeat anyway, that says nothing.
    back = (steps < 0) | ((steps == 0) & (not (steps[~(twice[1:] & twice[:-1])] == 0).any()))
    edges = np.flatnonzero(np.diff(np.r_[False, twice, False]))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        here = np.flatnonzero(back[start : end - 1])
        if here.size == 1:
            gone[start + here[0] + 1 : end] = True
    return gone
