"""Calendar: the days, hours and random streams in which a community lives."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Values = npt.NDArray[np.float64]

_ZONE_US = 8 * HOUR_US  # China keeps one zone, UTC+8, and no summer time.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_midnight(at_us: int) -> int:
    """The last midnight in China at or before `at_us`, microseconds since the epoch.

    Example:
        >>> local_midnight(0) == -8 * HOUR_US
        True
    """
    return (at_us + _ZONE_US) // DAY_US * DAY_US - _ZONE_US


def local_days(start_us: int, end_us: int) -> Iterator[int]:
    """The local midnights of the days that [start_us, end_us) touches."""
    yield from range(local_midnight(start_us), end_us, DAY_US)


def local_clock(at_us: int) -> str:
    """Local date and time as a camera prints it into its picture.

    Example:
        >>> local_clock(1764000000000000)
        '2025-11-25 00:00:00'
    """
    return (_EPOCH + timedelta(microseconds=at_us + _ZONE_US)).strftime("%Y-%m-%d %H:%M:%S")


def hour_of_day(at_us: int) -> float:
    """Local hours since midnight, in [0, 24)."""
    return (at_us - local_midnight(at_us)) / HOUR_US


def is_weekend(at_us: int) -> bool:
    """Whether the local day is a Saturday or Sunday."""
    days = (at_us + _ZONE_US) // DAY_US
    return (days + 3) % 7 >= 5  # noqa: PLR2004 -- 1 January 1970 was a Thursday; 5 and 6 are the weekend


def stream(seed: int, name: str, *numbers: int) -> np.random.Generator:
    """A random stream of its own for each name and numbers, so that no device's dice change another's."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), *(n % 2**63 for n in numbers)])


def day_of(at_us: int) -> int:
    """A number for the local day, for `stream`."""
    return (at_us + _ZONE_US) // DAY_US


def end_of_day(day: int) -> int:
    """The local midnight that ends a day that `day_of` numbers, microseconds since the epoch.

    Example:
        >>> end_of_day(day_of(0)) == local_midnight(0) + DAY_US
        True
    """
    return (day + 1) * DAY_US - _ZONE_US


def autoregressive(random: np.random.Generator, count: int, memory: float, spread: float) -> Values:
    """Noise that remembers: a stationary AR(1).

    Args:
        random: Its dice.
        count: How many values, evenly spaced.
        memory: Correlation of one value with the next, in [0, 1).
        spread: Standard deviation of the values.

    Returns:
        Shape (count,), mean 0.
    """
    shocks = random.normal(0.0, spread * np.sqrt(1.0 - memory**2), count)
    shocks[0] = random.normal(0.0, spread)
    filtered: Values = lfilter([1.0], [1.0, -memory], shocks)
    return filtered
