"""Run length: how long a CUSUM runs before it alarms, for choosing its decision level before anything is measured."""

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

_CELLS = 400
"""Of the chain; chosen by: 200 and 400 differ by less than 0.2 % up to a level of 10."""


def average_run_length(reference: float, level: float, shift: float = 0.0) -> float:
    """The mean number of values to the first alarm of max(0, S + x - reference) >= level, from S = 0.

    Values are independent and normal, of spread 1: of values that follow each other it is far shorter (DOMAIN 6.3), so
    take the residuals of an AR(1), or one value a night.

    Args:
        reference: k, in spreads.
        level: h, in spreads, > 0.
        shift: Of the mean, in spreads; 0 gives the time between false alarms of one side.

    Source:
        Brook and Evans 1972, "An approach to the probability distribution of CUSUM run length", Biometrika 59.

    Example:
        >>> round(average_run_length(0.5, 4.0))
        335
    """
    width = 2.0 * level / (2 * _CELLS - 1)
    states = np.arange(_CELLS) * width
    # From S the value lands in the cell around S': below half a cell it is reset to 0.
    upper = norm.cdf(states[None, :] - states[:, None] + 0.5 * width + reference - shift)
    chain: npt.NDArray[np.float64] = np.diff(upper, axis=1, prepend=0.0)
    return float(np.linalg.solve(np.eye(_CELLS) - chain, np.ones(_CELLS))[0])


def whitened(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The residuals of an AR(1) fitted to values, on their own spread, so that a CUSUM's run length holds for them.

    Args:
        values: In time order, evenly spaced, of mean 0, shape (n,).

    Returns:
        Shape (n - 1,). A shift of the mean shows at 1 - rho of its size.
    """
    rho = float(values[1:] @ values[:-1] / (values[:-1] @ values[:-1]))
    residuals = values[1:] - rho * values[:-1]
    whole: npt.NDArray[np.float64] = residuals / residuals.std()
    return whole
