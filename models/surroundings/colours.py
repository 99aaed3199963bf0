"""Colours: the four colours of a weather warning, from rain and from falls of temperature."""

from collections.abc import Callable, Mapping
from enum import IntEnum


class Colour(IntEnum):
    """How bad it is; `NONE` is no warning."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4


# Source: DOMAIN 1.6, the national rainstorm signals: so much rain within so many hours.
_RAIN = (
    (Colour.RED, 100.0, 3),
    (Colour.ORANGE, 50.0, 3),
    (Colour.YELLOW, 50.0, 6),
    (Colour.BLUE, 50.0, 12),
)
RAIN_HOURS = (3, 6, 12)
RAIN_MM: Mapping[int, float] = {3: 50.0, 6: 50.0, 12: 50.0}
"""From how much rain within how many hours on there is a colour at all."""

# Source: DOMAIN 1.6, local cold wave signals: the daily minimum falls by so much within so many hours, to so much.
_COLD = (
    (Colour.RED, 16.0, 24, 0.0),
    (Colour.ORANGE, 12.0, 24, 0.0),
    (Colour.YELLOW, 10.0, 24, 4.0),
    (Colour.BLUE, 8.0, 48, 4.0),
)


def rain_colour(rain_mm: Callable[[int], float]) -> Colour:
    """The colour of rain.

    Args:
        rain_mm: The most rain within so many hours (3, 6 or 12), fallen or foretold.

    Example:
        >>> rain_colour(lambda hours: {3: 20.0, 6: 55.0, 12: 55.0}[hours]).name
        'YELLOW'
    """
    return next((colour for colour, least, hours in _RAIN if rain_mm(hours) >= least), Colour.NONE)


def cold_colour(fall_c: Callable[[int], float | None], minimum_c: float) -> Colour:
    """The colour of a cold wave.

    Args:
        fall_c: By how much the daily minimum falls within so many hours (24 or 48); None where nobody knows.
        minimum_c: The daily minimum it falls to.

    Example:
        >>> cold_colour({24: 11.0, 48: 12.0}.get, 2.0).name, cold_colour({24: 17.0, 48: 17.0}.get, 5.0).name
        ('YELLOW', 'NONE')
    """
    for colour, least, hours, highest_c in _COLD:
        fallen = fall_c(hours)
        if fallen is not None and fallen >= least and minimum_c <= highest_c:
            return colour
    return Colour.NONE
