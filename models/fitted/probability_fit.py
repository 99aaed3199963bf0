"""Probability fit: the map from what was said to what came true, as much of it as the data bear."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logit
from sklearn.isotonic import IsotonicRegression

from models.fitted.errors import TooFewRowsError
from models.fitted.probability_map import EDGE, IsotonicMap, PlattMap, ProbabilityMap

Floats = npt.NDArray[np.float64]

ISOTONIC_ROWS, ISOTONIC_POSITIVES = 1_000, 50
"""From so many rows and failures on isotonic steps are trusted. Source: the issue; fewer overfit (scikit-learn's guide
to calibration says 1,000)."""
FEWEST_POSITIVES = 5
"""Fewer failures fit nothing (chosen by: Platt's two numbers need a few of each outcome)."""


@dataclass(frozen=True, slots=True)
class Said:
    """Chances as they were said, in time order, and what came true.

    Attributes:
        chances: In [0, 1], shape (n,).
        outcomes: 0 or 1, shape (n,).
    """

    chances: Floats
    outcomes: Floats


def fit_map(said: Said) -> ProbabilityMap:
    """The map that fits: isotonic where there is enough to trust its steps, else Platt's.

    Raises:
        TooFewRowsError: Too few failures, or no row without one.
    """
    positives = int(said.outcomes.sum())
    if positives < FEWEST_POSITIVES:
        raise TooFewRowsError("rows before a failure", positives, FEWEST_POSITIVES)
    if positives == said.outcomes.size:
        raise TooFewRowsError("rows before no failure", 0, 1)
    if said.outcomes.size >= ISOTONIC_ROWS and positives >= ISOTONIC_POSITIVES:
        return _isotonic(said)
    return _platt(said, positives)


def _isotonic(said: Said) -> IsotonicMap:
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(said.chances, said.outcomes)
    return IsotonicMap(tuple(fitted.X_thresholds_.tolist()), tuple(fitted.y_thresholds_.tolist()))


def _platt(said: Said, positives: int) -> PlattMap:
    odds = logit(np.clip(said.chances, EDGE, 1.0 - EDGE))
    negatives = said.outcomes.size - positives
    targets = np.where(said.outcomes > 0, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))

    def loss(line: Floats) -> float:
        told = line[0] * odds + line[1]
        return float(np.mean(np.logaddexp(0.0, told) - targets * told))

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0.0, None), (None, None)])
    return PlattMap(float(found.x[0]), float(found.x[1]))
