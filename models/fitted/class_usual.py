"""Class usual: what each asset of a class usually does in a day, and how far one of its days is from that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.fitted.site_words import AssetDay

Floats = npt.NDArray[np.float64]
Day = tuple[AssetDay, Mapping[str, float]]
"""An asset's day and its features by name."""

FURTHEST = 2
"""Features of a day that count. Chosen by: of 1, 2, 3 and 5 the one that found most faults of simulated pumps for few
sound days (seeds 5 and 6; general.md); a fault moves a few of some twenty."""

_FEWEST_DAYS = 14
"""Of an asset that are needed to know one of its features. Chosen by: two weekends."""
_POOLED = 0.25
"""Of the class's variance (in shares of the middle) that each asset's gets added. Chosen by: two weeks say little."""
_LEAST = 1e-4
"""Of the usual: a feature that never moved does not count for ever. Chosen by: a sensor's last digit."""
_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class ClassUsual:
    """What is usual of each asset, so that a large pump and a small one can be held against each other.

    Attributes:
        rows: Of each known asset which row of the tables is its own.
        features: Those that are looked at; an asset may lack some.
        middle: Median of sound days, in the feature's unit, shape (assets, features); NaN where unknown.
        spread: Of sound days, likewise, > 0.
    """

    rows: Mapping[str, int]
    features: tuple[str, ...]
    middle: Floats
    spread: Floats

    def knows(self, day: Day) -> bool:
        """Whether a day can be judged: its asset is known, and half of what is known of it was said."""
        (asset, _), look = day
        if asset not in self.rows:
            return False
        known = np.flatnonzero(~np.isnan(self.middle[self.rows[asset]]))
        return 2 * sum(self.features[column] in look for column in known) >= known.size

    def furthest(self, days: Sequence[Day]) -> Floats:
        """How far the features that are furthest from the asset's usual are, the furthest first.

        Args:
            days: That it `knows`; what is missing of a day or of its asset counts as usual.

        Returns:
            Logarithm of 1 and the spreads, shape (days, `FURTHEST`), 0 or more.
        """
        which = [self.rows[asset] for (asset, _), _ in days]
        away = np.abs(_table(days, self.features) - self.middle[which]) / self.spread[which]
        far = np.zeros((len(days), max(FURTHEST, len(self.features))))
        far[:, : len(self.features)] = np.log1p(np.nan_to_num(away))
        furthest: Floats = -np.sort(-far, axis=1)[:, :FURTHEST]
        return furthest


def usual_of(days: Sequence[Day]) -> ClassUsual:
    """What is usual, by sound days of a class; assets of which too few are there stay unknown."""
    features = tuple(sorted({name for _, look in days for name in look}))
    by_asset: dict[str, list[Day]] = {}
    for day in days:
        by_asset.setdefault(day[0][0], []).append(day)
    known = {asset: found for asset, own in sorted(by_asset.items()) if (found := _usual(_table(own, features)))}
    middle = np.array([one for one, _ in known.values()]).reshape(-1, len(features))
    own = np.array([one for _, one in known.values()]).reshape(-1, len(features))
    size = np.maximum(np.abs(middle), 1e-9)
    shares = [share[~np.isnan(share)] for share in (own / size).T]
    pooled = size * [np.median(share) if share.size else np.nan for share in shares]
    spread = np.maximum(np.sqrt(own**2 + _POOLED * pooled**2), _LEAST * size)
    return ClassUsual({asset: row for row, asset in enumerate(known)}, features, middle, spread)


def _usual(table: Floats) -> tuple[Floats, Floats] | None:
    """Middle and spread of each feature that enough days have, NaN for others; None if there is none."""
    middle, spread = np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
    for column, values in enumerate(table.T):
        said = values[~np.isnan(values)]
        if said.size >= _FEWEST_DAYS:
            middle[column] = np.median(said)
            spread[column] = _SIGMA * np.median(np.abs(said - middle[column]))
    return None if np.isnan(middle).all() else (middle, spread)


def _table(days: Sequence[Day], features: Sequence[str]) -> Floats:
    rows = [[look.get(name, np.nan) for name in features] for _, look in days]
    return np.array(rows, dtype=np.float64).reshape(len(days), len(features))
