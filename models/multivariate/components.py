"""Components: principal components of what channels do together, and how far one hour is from them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_LEAST_SPREAD = 1e-4
"""Of a channel's mean: a channel that never moved does not count for ever. Chosen by: a sensor's last digit."""
_RIDGE = 1e-3
"""Added to the correlations where one channel is told from the others. Chosen by: a sensor's own noise."""
_REACH = 20.0
"""Spreads beyond which a channel counts no more. Chosen by: one wild value must not hide the others."""


_LEAST_VARIANCE = 1e-3
"""Of a component, so that none is divided by nothing. Chosen by: what is left of six digits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of rows of k channels.

    Attributes:
        count: How many rows, those of long ago weighing less.
        mean: Of each channel, in its unit, shape (k,).
        covariance: Shape (k, k).
    """

    count: float
    mean: Numbers
    covariance: Numbers

    def with_row(self, row: Numbers) -> "Known":
        """With one row more.

        Source:
            Welford 1962, Technometrics 4(3), 419-420.
        """
        count = self.count + 1.0
        away = row - self.mean
        covariance = self.covariance + (np.outer(away, away) * (self.count / count) - self.covariance) / count
        return Known(count, self.mean + away / count, covariance)


@dataclass(frozen=True, slots=True)
class Judged:
    """How one row is seen.

    Attributes:
        apart: Q, each component in its own spread, as the root of its ratio to what is usual; about 1, larger is
            worse: the channels do not go together.
        far: T2, likewise: they go together, further than usual.
    """

    apart: float
    far: float


@dataclass(frozen=True, slots=True)
class Components:
    """What rows of k channels usually do together.

    Attributes:
        mean: Of each channel, in its unit, shape (k,).
        spread: Of each channel, in its unit, > 0, shape (k,).
        axes: Eigenvectors of the correlations, one a column, shape (k, k), the strongest last.
        variances: Theirs, ascending, > 0, shape (k,).
        kept: How many of the strongest are what the channels have in common; at least one, not all.
        precision: The inverse of the correlations, shape (k, k).

    Source:
        Hotelling 1947 (T2); Hawkins 1974, J. Am. Stat. Assoc. 69, 340-344 (Q with each component in its own spread,
        without which a tight relation that breaks is lost beside a loose one); DOMAIN 6.2 (L4).
    """

    mean: Numbers
    spread: Numbers
    axes: Numbers
    variances: Numbers
    kept: int
    precision: Numbers

    def expected(self, row: Numbers) -> Numbers:
        """What each channel would be by the others, in its unit, shape (k,)."""
        beside = self.precision @ self._scaled(row) / np.diag(self.precision)
        expected: Numbers = row - beside * self.spread
        return expected

    def _scaled(self, row: Numbers) -> Numbers:
        scaled: Numbers = np.clip((row - self.mean) / self.spread, -_REACH, _REACH)
        return scaled

    def judged(self, row: Numbers) -> Judged:
        """How far a row is from what is usual.

        Args:
            row: Of each channel, in its unit, shape (k,).
        """
        z = self._scaled(row)
        along = z @ self.axes
        rest = len(z) - self.kept
        squares = along * along / self.variances
        apart, far = float(squares[:rest].sum()) / rest, float(squares[rest:].sum()) / self.kept
        return Judged(float(np.sqrt(apart)), float(np.sqrt(far)))

    def shares(self, row: Numbers) -> Numbers:
        """What of the distance would be gone if one channel were as expected, shape (k,), adding up to 1.

        Source:
            Alcala and Qin 2009, Automatica 45(7), 1593-1600 (reconstruction-based contributions): of one channel that
            is at fault the share is the largest, which that of plain contributions need not be.
        """
        gone = (self.precision @ self._scaled(row)) ** 2 / np.diag(self.precision)
        total = float(gone.sum())
        shares: Numbers = gone / total if total > 0.0 else np.full(len(gone), 1.0 / len(gone))
        return shares

    def held(self, row: Numbers, reach: float) -> Numbers:
        """A row with what lies beyond `reach` spreads cut off, in each channel's unit."""
        held: Numbers = np.clip(row, self.mean - reach * self.spread, self.mean + reach * self.spread)
        return held


def components_of(known: Known, kept_share: float) -> Components:
    """The components of what is known of rows.

    Args:
        known: Of k >= 2 channels.
        kept_share: Of the variance that is common to the channels, in (0, 1).
    """
    least = np.maximum(_LEAST_SPREAD * np.abs(known.mean), 1e-9)
    spread = np.maximum(np.sqrt(np.diag(known.covariance)), least)
    correlation = known.covariance / np.outer(spread, spread)
    variances, axes = np.linalg.eigh(correlation)
    variances = np.maximum(variances, _LEAST_VARIANCE)
    strongest = np.cumsum(variances[::-1]) / variances.sum()
    kept = min(len(spread) - 1, 1 + int(np.searchsorted(strongest, kept_share)))
    precision = np.linalg.inv(correlation + _RIDGE * np.eye(len(spread)))
    return Components(known.mean, spread, axes, variances, kept, precision)
