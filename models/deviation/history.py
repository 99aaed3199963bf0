"""Deviation history: how far an asset has been from its baselines of late, for the picture, in few numbers."""

from itertools import accumulate

History = list[float]
"""As JSON: seconds since the epoch and sum of the first point, then of each later one how long after, and its sum."""

MOST_POINTS = 72
_TWO_POINTS = 4


def with_point(history: History, at_us: int, total: float) -> History:
    """A history with one more point; of equal sums in a row the first and the last draw the same line.

    Args:
        history: Not changed.
        at_us: When, after all points.
        total: The sum of spreads.
    """
    longer = [*history, at_us // 1_000_000 - sum(history[::2]), total]
    if len(longer) > _TWO_POINTS and longer[-1] == longer[-3] == longer[-5]:
        longer[-4:-2] = []
        longer[-2] += history[-2]
    if len(longer) > 2 * MOST_POINTS:
        longer[:3] = [longer[0] + longer[2]]
    return longer


def is_flat(history: History) -> bool:
    """Whether another point without any distance would only move the last one."""
    return len(history) >= _TWO_POINTS and history[-1] == history[-3] == 0.0


def stretched(history: History, at_s: int) -> History:
    """A flat history whose last point has moved on, to seconds since the epoch."""
    return [*history[:-2], at_s - sum(history[:-2:2]), history[-1]]


def points_of(history: History) -> tuple[tuple[int, ...], list[float]]:
    """The times of the points, microseconds since the epoch, and their sums."""
    return tuple(round(at_s) * 1_000_000 for at_s in accumulate(history[::2])), history[1::2]
