"""Sound: the median frequency of what several sources make a pipe vibrate with."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from device_simulators.calendar import Values

_OCTAVE_SIGMA = 0.7
"""Standard deviation of a source's power over the logarithm of frequency: two thirds lie within an octave either way.

Chosen by: what leaves a metal pipe's leak lies at 0.5 to 3 kHz (DOMAIN 1.1)."""
_LOWEST_HZ, _HIGHEST_HZ = 10.0, 10_000.0
_BISECTIONS = 16


def median_hz(sources: Sequence[tuple[float, Values]]) -> Values:
    """The frequency below which half of the power lies.

    Args:
        sources: Of each the frequency around which it sounds, in Hz, and its power at each moment, shape (n,), all in
            the same unit; together positive.

    Returns:
        In Hz, shape (n,).

    Example:
        >>> median_hz([(100.0, np.array([1.0, 1.0, 0.0])), (1_200.0, np.array([0.0, 1.0, 1.0]))]).round(-1).tolist()
        [100.0, 350.0, 1200.0]
    """
    centres = np.log([hz for hz, _ in sources])[:, np.newaxis]
    power = np.stack([power for _, power in sources])
    half = power.sum(axis=0) / 2.0
    low, high = (np.full(half.shape, np.log(hz)) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        below = (power * ndtr((middle - centres) / _OCTAVE_SIGMA)).sum(axis=0) < half
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found: Values = np.exp((low + high) / 2.0)
    return found
