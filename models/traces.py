"""Traces: numbers as they are kept with evidence."""

from collections.abc import Sequence


def rounded(values: Sequence[float], digits: int) -> tuple[float, ...]:
    """Values as they are stored with evidence, so that no digit claims more than the sensor knows.

    Example:
        >>> rounded([1.23456, 2.0], 2)
        (1.23, 2.0)
    """
    return tuple(round(float(v), digits) for v in values)
