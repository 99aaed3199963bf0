"""Traces: numbers as they are kept with evidence."""

from collections.abc import Iterable, Sequence


def rounded(values: Sequence[float], digits: int) -> tuple[float, ...]:
    """Values as they are stored with evidence, so that no digit claims more than the sensor knows.

    Example:
        >>> rounded([1.23456, 2.0], 2)
        (1.23, 2.0)
    """
    return tuple(round(float(v), digits) for v in values)


def crossed_us(points: Iterable[tuple[int, float]], level: float) -> int | None:
    """When the stretch at or above a level that lasts until the last point began.

    Args:
        points: Microseconds since the epoch and value, ascending.
        level: In the unit of the values.

    Returns:
        The first point of the stretch; None if the last point lies below the level, and if all lie above it: then it
        was crossed at some time before.

    Example:
        >>> crossed_us([(1, 0.0), (2, 5.0), (3, 1.0), (4, 3.0), (5, 4.0)], 2.0)
        4
        >>> crossed_us([(4, 3.0), (5, 4.0)], 2.0) is None
        True
    """
    below, crossed = False, None
    for at_us, value in points:
        if value < level:
            below, crossed = True, None
        elif below and crossed is None:
            crossed = at_us
    return crossed
