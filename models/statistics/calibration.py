"""Calibration: maps that make a stated probability come true, and the figures that say whether it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

Numbers: TypeAlias = float | npt.NDArray[np.float64]
Floats: TypeAlias = npt.NDArray[np.float64]

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class BetaMap:
    """A strictly rising map of chances, so that it can be applied to a whole distribution of failure times.

    logit(calibrated) = low ln(p) - high ln(1 - p) + intercept: Platt's line on the log-odds, with a slope of its own at
    each end.

    Attributes:
        low: Slope at small chances, > 0.
        high: Slope at large ones, > 0.
        intercept: Log-odds added.

    Source:
        Kull, Silva Filho, Flach 2017, "Beta calibration", AISTATS.
    """

    low: float
    high: float
    intercept: float

    def __call__(self, chance: Numbers) -> Numbers:
        """The calibrated chance, in (0, 1), of the argument's shape; a raw 0 stays 0."""
        raw = np.asarray(chance, dtype=np.float64)
        near, far = _log_ends(raw)
        result: Floats = np.where(raw <= 0.0, 0.0, expit(self.low * near - self.high * far + self.intercept))
        return float(result) if result.ndim == 0 else result


def fit_beta(chances: Floats, outcomes: Floats) -> BetaMap:
    """The map with the highest likelihood.

    Args:
        chances: Raw, in [0, 1], shape (n,).
        outcomes: 0 or 1, shape (n,); both must occur.
    """
    return fit_beta_with(chances, np.empty((chances.size, 0)), outcomes)[0]


def fit_beta_with(chances: Floats, said: Floats, outcomes: Floats, signs: Sequence[int] = ()) -> tuple[BetaMap, Floats]:
    """The map with the highest likelihood beside what else was said, and what each of that adds to the log-odds.

    Args:
        chances: Raw, in [0, 1], shape (n,).
        said: 1 where it was said, else 0, shape (n, k).
        outcomes: 0 or 1, shape (n,); both must occur.
        signs: Of each what it may do, shape (k,): 1 can only make it likelier, -1 only less likely.

    Returns:
        The map, and the log-odds, shape (k,).
    """
    near, far = _log_ends(chances)
    table = np.column_stack([near, -far, np.ones_like(near), said])

    def loss(parameters: Floats) -> float:
        odds = table @ parameters
        return float(np.mean(np.logaddexp(0.0, odds) - outcomes * odds))

    bounds: list[tuple[float | None, float | None]] = [(1e-3, None), (1e-3, None), (None, None)]
    bounds += [(0.0, None) if sign > 0 else (None, 0.0) for sign in signs]
    found = minimize(loss, np.r_[1.0, 1.0, np.zeros(1 + said.shape[1])], method="L-BFGS-B", bounds=bounds)
    low, high, intercept, *odds = (float(x) for x in found.x)
    return BetaMap(low, high, intercept), np.array(odds)


def _log_ends(chances: Floats) -> tuple[Floats, Floats]:
    held = np.clip(chances, _EDGE, 1 - _EDGE)
    return np.log(held), np.log1p(-held)


def brier(chances: Floats, outcomes: Floats) -> float:
    """The mean squared error of chances; 0 is perfect, the base rate's own is p(1-p)."""
    return float(np.mean((chances - outcomes) ** 2))


def brier_skill(chances: Floats, outcomes: Floats) -> float:
    """1 minus the Brier score over that of always saying the base rate; 0 is no skill, 1 perfect."""
    rate = float(outcomes.mean())
    return 1.0 - brier(chances, outcomes) / (rate * (1.0 - rate))


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table: what was said on average, what came true, and how often it was said."""

    said: float
    came_true: float
    count: int


def reliability(chances: Floats, outcomes: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """What came true against what was said, in bins of equal width; empty bins are left out."""
    which = np.minimum((chances * bins).astype(int), bins - 1)
    rows = ((chances[which == b], outcomes[which == b]) for b in range(bins))
    return tuple(Bin(float(said.mean()), float(came.mean()), said.size) for said, came in rows if said.size)


def calibration_error(chances: Floats, outcomes: Floats) -> float:
    """The expected calibration error: mean gap of the reliability table, weighted by count."""
    table = reliability(chances, outcomes)
    return sum(row.count * abs(row.said - row.came_true) for row in table) / sum(row.count for row in table)
