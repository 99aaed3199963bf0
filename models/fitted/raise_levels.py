"""Raise levels: how high a score must be so that a sound asset exceeds it so rarely, from the maxima of sound days.

Scores of one asset follow each other, so single ones are not exchangeable; the highest of each day nearly are. Days of
all assets of a class are pooled: of one asset alone the rate scatters by as much as its size (DOMAIN 6.4).
"""

import math

import numpy as np
import numpy.typing as npt

from models.fitted.errors import TooFewRowsError

Floats = npt.NDArray[np.float64]

FEWEST_DAYS = 60
"""Source: DOMAIN 6.4, start at 60 days."""

_GUMBEL_MEAN = 0.5772156649015329
_YEAR_DAYS = 365.25


def empirical_level(maxima: Floats, false_a_year: float) -> float:
    """The split-conformal level: sound, exchangeable days exceed it on at most `false_a_year` days a year and asset.

    Args:
        maxima: Highest score of each sound day, shape (n,).
        false_a_year: Days; where it asks for more than n days can tell, the highest of all is the answer.

    Raises:
        TooFewRowsError: Fewer than `FEWEST_DAYS`.

    Source:
        DOMAIN 6.4: p = (1 + #{cal >= s}) / (n + 1).
    """
    ordered = _enough(maxima)
    rank = math.ceil((ordered.size + 1) * (1.0 - false_a_year / _YEAR_DAYS))
    return float(ordered[min(rank, ordered.size) - 1])


def gumbel_level(maxima: Floats, false_a_year: float) -> float:
    """The same from a Gumbel fitted by moments: steadier, and under-covering where tails are heavy (DOMAIN 6.4).

    Args:
        maxima: As for `empirical_level`.
        false_a_year: Likewise.

    Raises:
        TooFewRowsError: Fewer than `FEWEST_DAYS`.
    """
    ordered = _enough(maxima)
    scale = float(ordered.std()) * math.sqrt(6.0) / math.pi
    location = float(ordered.mean()) - _GUMBEL_MEAN * scale
    return location - scale * math.log(-math.log1p(-false_a_year / _YEAR_DAYS))


def pooled(by_asset: dict[str, Floats], weight_days: float = FEWEST_DAYS) -> Floats:
    """The maxima of a class in one asset's terms: each asset's location and scale shrunk to the class's, then undone.

    Args:
        by_asset: Highest scores of sound days.
        weight_days: How many days of its own an asset needs to count as much as its class.

    Returns:
        All maxima on the scale of the class, shape (n,).
    """
    everything = np.concatenate([*by_asset.values(), np.empty(0)])
    if not everything.size:
        return everything
    middle, spread = float(np.median(everything)), float(everything.std()) or 1.0
    parts = [everything[:0]]
    for own in by_asset.values():
        share = own.size / (own.size + weight_days)
        location = share * float(np.median(own)) + (1.0 - share) * middle
        scale = share * (float(own.std()) or spread) + (1.0 - share) * spread
        parts.append(middle + spread * (own - location) / scale)
    return np.concatenate(parts)


def _enough(maxima: Floats) -> Floats:
    if maxima.size < FEWEST_DAYS:
        raise TooFewRowsError("sound asset-days with a score", maxima.size, FEWEST_DAYS)
    return np.sort(maxima)
