"""Colours: the four colours of a weather warning, from rain and from falls of temperature."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final


class Colour(IntEnum):
    """How bad it is; `NONE` is no warning."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4


Limits = Mapping[Colour, float]
"""From which amount on each colour but `NONE` is shown."""

RAIN_MM: Final[Limits] = {Colour.RED: 100.0, Colour.ORANGE: 50.0, Colour.YELLOW: 50.0, Colour.BLUE: 50.0}
"""Rain, mm. Source: DOMAIN 1.6, the national rainstorm signals."""
RAIN_WITHIN: Final[Mapping[Colour, int]] = {Colour.RED: 3, Colour.ORANGE: 3, Colour.YELLOW: 6, Colour.BLUE: 12}
"""Hours in which it falls. Source: likewise."""
RAIN_HOURS = (3, 6, 12)

FALL_C: Final[Limits] = {Colour.RED: 16.0, Colour.ORANGE: 12.0, Colour.YELLOW: 10.0, Colour.BLUE: 8.0}
"""Fall of the daily minimum, K. Source: DOMAIN 1.6, local cold wave signals."""
_FALL_WITHIN: Mapping[Colour, int] = {Colour.RED: 24, Colour.ORANGE: 24, Colour.YELLOW: 24, Colour.BLUE: 48}
_FALL_TO_C: Limits = {Colour.RED: 0.0, Colour.ORANGE: 0.0, Colour.YELLOW: 4.0, Colour.BLUE: 4.0}
"""Within how many hours, and to what or less. Source: likewise."""


def rain_colour(rain_mm: Callable[[int], float], limits: Limits = RAIN_MM) -> Colour:
    """The colour of rain.

    Args:
        rain_mm: The most rain within so many hours (3, 6 or 12), fallen or foretold.
        limits: In force, mm.

    Example:
        >>> rain_colour(lambda hours: {3: 20.0, 6: 55.0, 12: 55.0}[hours]).name
        'YELLOW'
    """
    shown = (colour for colour, hours in RAIN_WITHIN.items() if rain_mm(hours) >= limits[colour])
    return max(shown, default=Colour.NONE)


def cold_colour(fall_c: Callable[[int], float | None], minimum_c: float, limits: Limits = FALL_C) -> Colour:
    """The colour of a cold wave.

    Args:
        fall_c: By how much the daily minimum falls within so many hours (24 or 48); None where nobody knows.
        minimum_c: The daily minimum it falls to.
        limits: In force, K.

    Example:
        >>> cold_colour({24: 11.0, 48: 12.0}.get, 2.0).name, cold_colour({24: 17.0, 48: 17.0}.get, 5.0).name
        ('YELLOW', 'NONE')
    """
    falls = {colour: fall_c(hours) for colour, hours in _FALL_WITHIN.items() if minimum_c <= _FALL_TO_C[colour]}
    shown = (colour for colour, fallen in falls.items() if fallen is not None and fallen >= limits[colour])
    return max(shown, default=Colour.NONE)
