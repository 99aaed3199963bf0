"""Digits: numbers cut to nine significant digits, one by one and by the thousand, the same to the last bit."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_KEPT, _HALF = 9, 0.5
_LEAST, _MOST = -14, 22
"""Powers of ten between which nine digits need no factor over 10**22, the last one that a float holds exactly."""

_EDGES = np.array([10.0**n for n in range(_LEAST, _MOST + 1)])
_SHIFTS = [_KEPT - n for n in range(_LEAST, _MOST + 2)]
_UP = np.array([10.0 ** max(0, shift) for shift in _SHIFTS])
_DOWN = np.array([10.0 ** max(0, -shift) for shift in _SHIFTS])


def short(value: float) -> float:
    """The value to nine digits: enough for any sensor, and half the size in a stored state."""
    return float(f"{value:.9g}")


def shortened(values: Numbers) -> Numbers:
    """`short` of each value, shape (n,)."""
    sizes = np.abs(values)
    place = np.searchsorted(_EDGES, sizes, side="right")
    up, down = _UP[place], _DOWN[place]
    scaled = values * up / down
    kept = np.rint(scaled)
    # A product that has been rounded to a half may have been a little more or less, and tiny and huge powers are not
    # exact: those go by their digits. Where it is no half, rounding the product has not carried it over one.
    doubtful = (np.abs(scaled - kept) == _HALF) | (sizes < _EDGES[0]) | (sizes >= _EDGES[-1])
    result: Numbers = kept / up * down
    for n in np.flatnonzero(doubtful).tolist():
        result[n] = short(values[n].item())
    return result
