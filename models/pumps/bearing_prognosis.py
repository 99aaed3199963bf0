"""Bearing prognosis: when a bearing's wear, which grows exponentially, takes the pump into zone D."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.findings import Forecast, TimeToFailure
from models.pumps.iso_zones import IsoBounds
from models.statistics import prognosis
from models.statistics.calibration import BetaMap
from models.statistics.first_passage import Passage
from models.statistics.local_trend import Trend
from models.statistics.traces import rounded

HORIZON_DAYS = 3.0
CALIBRATION = BetaMap(low=0.943, high=0.521, intercept=0.257)
"""Source: fitted by `python -m models.evaluation.bearing_fleet` on its fleet of seed 1."""

BEGINS, ENDS = 0.15, 0.05
"""Growth of the velocity over usual, as a share of it, from which on it is followed, and under which it is over. Chosen
by: an hour's median scatters by 4 %."""

_FIRST_PACE, _FIRST_PACE_SD = 0.1, 0.1
"""Per day, before anything is known: e-fold in ten days. Chosen by: from a first spall to zone C in 10 to 40 days."""
_DIFFUSION = 0.1
_PACE_WANDER = 0.01
_MEASUREMENT_SD = 0.04
_GRID_DAYS = np.geomspace(0.02, 180.0, 120)
_FORECAST_DAYS = np.arange(15.0)
_Z90 = 1.2815515655446004
_DAY_US = 86_400_000_000

Floats = npt.NDArray[np.float64]


def grown(trend: Trend | None, days: float, growth: float) -> Trend | None:
    """The trend of the logarithm of the growth after another hour; None while there is nothing that grows.

    What wear adds to the healthy velocity grows exponentially, so its logarithm is a straight line long before the
    velocity's is (Gebraeel 2006, DOMAIN 1.4).

    Args:
        trend: Before, or None.
        days: Since then.
        growth: Of the hour's velocity over usual at the same speed, as a share of usual.
    """
    if growth < (BEGINS if trend is None else ENDS):
        return None
    variance = (_MEASUREMENT_SD * (1.0 + growth) / growth) ** 2
    if trend is None:
        return Trend(math.log(growth), _FIRST_PACE, variance, 0.0, _FIRST_PACE_SD**2)
    return trend.moved(max(1e-3, days), _DIFFUSION, _PACE_WANDER).corrected(math.log(growth), variance)


@dataclass(frozen=True, slots=True)
class Prognosis:
    """Where a bearing's wear is going.

    Attributes:
        trend: Of the logarithm of its growth, per day.
        usual: Velocity without it, mm/s.
        bounds: Of its zones.
    """

    trend: Trend
    usual: float
    bounds: IsoBounds

    def is_over(self) -> bool:
        """Whether at the speed of `usual` it is in zone D already: there is nothing left to foretell."""
        return self.trend.level >= self._to_reach()

    def raw_chance(self, days: float) -> float:
        """The chance that zone D is reached within so many days, as the trend has it."""
        return float(self._passage().probability(days))

    def chance(self) -> float:
        """The chance that zone D is reached within 72 h that comes true; see `CALIBRATION`."""
        return float(CALIBRATION(self.raw_chance(HORIZON_DAYS)))

    def time_to_zone_d(self, at_us: int) -> TimeToFailure | None:
        """When zone D is reached; None without a rise that reaches it within half a year."""
        if self.trend.slope <= 0:
            return None
        return prognosis.time_to_failure(_GRID_DAYS, np.asarray(self._passage().probability(_GRID_DAYS)), at_us)

    def forecast(self, at_us: int) -> Forecast:
        """The velocity of the next fortnight at the speed of `usual`, mm/s."""
        passage = self._passage()
        low, middle, high = (
            rounded((self.usual * (1.0 + np.exp(passage.forecast(_FORECAST_DAYS, z)))).tolist(), 3)
            for z in (-_Z90, 0.0, _Z90)
        )
        return Forecast(tuple(at_us + round(d * _DAY_US) for d in _FORECAST_DAYS), low, middle, high)

    def _passage(self) -> Passage:
        return Passage(self.trend, self._to_reach(), 0.0, _DIFFUSION)

    def _to_reach(self) -> float:
        return math.log(max(self.bounds.c / self.usual - 1.0, 1e-3))
