"""First passage: when a drifting, diffusing indicator first reaches its failure level."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from models.statistics.local_trend import Trend

Numbers: TypeAlias = float | npt.NDArray[np.float64]

_NODES, _RAW_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _RAW_WEIGHTS / _RAW_WEIGHTS.sum()
_MIDPOINTS = (np.arange(7) + 0.5) / 7


def passage_probability(distance: Numbers, days: Numbers, drift: Numbers, diffusion: Numbers) -> Numbers:
    """The chance that a Wiener process with drift has reached a level within a time; inverse-Gaussian, closed form.

    Unlike the chance of standing above the level at the end, it counts paths that crossed and came back, which is
    up to twice as much.

    Args:
        distance: From the indicator to the level, in the indicator's unit; at or past the level gives 1.
        days: The time allowed, > 0.
        drift: Of the indicator, unit per day; any sign.
        diffusion: Of the indicator, unit per square root of a day, > 0.

    Returns:
        In [0, 1], of the arguments' broadcast shape; rises with `days` and `drift`, falls with `distance`.

    Source:
        DOMAIN 1.4 (checked there against bridge-corrected Monte Carlo to 0.005).

    Example:
        >>> round(float(passage_probability(1.0, 72.0, 0.01, 0.05)), 4)
        0.3297
    """
    a = np.maximum(distance, 1e-9)
    spread = diffusion * np.sqrt(days)
    ended_above = ndtr((drift * days - a) / spread)
    # The product is a probability, so its logarithm is never positive; only rounding could make it so.
    came_back = np.exp(np.minimum(0.0, 2.0 * drift * a / diffusion**2 + log_ndtr(-(a + drift * days) / spread)))
    chance: npt.NDArray[np.float64] = np.clip(ended_above + came_back, 0.0, 1.0)
    return chance


@dataclass(frozen=True, slots=True)
class Passage:
    """The first passage of a tracked trend through a level, its drift known only to within its posterior.

    Attributes:
        trend: Level and slope with their uncertainty, per day.
        failure_level: In the trend's unit; the median over assets.
        failure_level_sd: How much it differs between assets, 0 if it is a limit that somebody has set.
        diffusion: In the trend's unit per square root of a day, > 0.
    """

    trend: Trend
    failure_level: float
    failure_level_sd: float
    diffusion: float

    def _distances(self) -> npt.NDArray[np.float64]:
        """Equally likely distances to the failure level; one that has been passed without failing is ruled out."""
        if self.failure_level_sd <= 0.0:
            return np.array([self.failure_level - self.trend.level])
        passed = ndtr((self.trend.level - self.failure_level) / self.failure_level_sd)
        at = np.minimum(passed + (1.0 - passed) * _MIDPOINTS, 1.0 - 1e-9)
        distances: npt.NDArray[np.float64] = self.failure_level + self.failure_level_sd * ndtri(at) - self.trend.level
        return distances

    def probability(self, days: Numbers) -> Numbers:
        """The chance that the level is reached within each time.

        Args:
            days: One time or shape (n,), > 0.

        Returns:
            In [0, 1], the shape of `days`.

        Source:
            DOMAIN 1.4: drift integrated by 15-node Gauss-Hermite with variance P_slope + P_level / h^2.
        """
        horizon = np.asarray(days, dtype=np.float64)[..., np.newaxis]
        drift_sd = np.sqrt(self.trend.slope_variance + self.trend.level_variance / horizon**2)
        drift = self.trend.slope + drift_sd * _NODES
        distances = self._distances()
        chances = passage_probability(
            distances[:, np.newaxis], horizon[..., np.newaxis], drift[..., np.newaxis, :], self.diffusion
        )
        result: npt.NDArray[np.float64] = np.clip((chances @ _WEIGHTS).mean(axis=-1), 0.0, 1.0)
        return float(result) if result.ndim == 0 else result

    def forecast(self, days: npt.NDArray[np.float64], z: float) -> npt.NDArray[np.float64]:
        """The quantile of the indicator at future times that lies `z` standard deviations from its median.

        Args:
            days: From now, shape (n,), >= 0.
            z: 1.2816 for the 90 % quantile, negative for those below the median.

        Returns:
            In the trend's unit, shape (n,).
        """
        t = self.trend
        variance = t.level_variance + 2 * days * t.covariance + days**2 * t.slope_variance + self.diffusion**2 * days
        return t.level + t.slope * days + z * np.sqrt(np.maximum(variance, 0.0))


def crossing_times(
    days: npt.NDArray[np.float64], chances: npt.NDArray[np.float64], quantiles: tuple[float, ...]
) -> tuple[float | None, ...]:
    """When a distribution of times reaches each quantile.

    Args:
        days: A grid of times, ascending, shape (n,).
        chances: The chance of failure within each, shape (n,).
        quantiles: In (0, 1), ascending.

    Returns:
        Days, one a quantile, ascending; None where the chance stays below the quantile over the whole grid.

    Example:
        >>> crossing_times(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.5, 0.7]), (0.1, 0.6, 0.9))
        (1.0, 2.5, None)
    """
    # Uncertainty about the level gives very short times a little too much; a distribution never falls.
    risen = np.maximum.accumulate(chances)
    return tuple(float(np.interp(q, risen, days)) if risen[-1] >= q else None for q in quantiles)
