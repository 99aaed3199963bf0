"""Traces: signals short enough to keep in a state and to draw on a phone."""

from collections.abc import Sequence

MOST_POINTS = 240
"""Source: the contract of `models.findings.Trace`; a phone's plot is not wider than that in points."""


def kept(points: list[list[float]], most: int = MOST_POINTS) -> list[list[float]]:
    """The newest points, at most `most`."""
    return points[-most:]


def thinned(count: int, most: int = MOST_POINTS) -> list[int]:
    """The indices, ascending, of at most `most` of `count` points, the newest always among them.

    Example:
        >>> thinned(5, 3)
        [0, 2, 4]
    """
    if count <= most:
        return list(range(count))
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)})


def rounded(values: Sequence[float], digits: int) -> tuple[float, ...]:
    """Values as they are stored with evidence, so that no digit claims more than the sensor knows."""
    return tuple(round(float(v), digits) for v in values)
