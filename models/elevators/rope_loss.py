"""Rope loss: how much of its diameter a rope has lost, trip by trip, and when it will have lost too much."""

import math
from dataclasses import dataclass, replace

import numpy as np

from models.detector import State
from models.findings import Forecast, TimeToFailure
from models.statistics import prognosis
from models.statistics.first_passage import Passage
from models.statistics.local_trend import Trend
from models.statistics.pictures import rows_of, with_row, without_newest
from models.statistics.traces import rounded

_DAY_US = 86_400_000_000
_TRIPS = 1_000.0
"""The trend's unit of time: a rope ages by the trip, not by the day (DOMAIN 2.4)."""

_SLOPE, _SLOPE_SD = 0.02, 0.05
"""Per cent a thousand trips of a rope nobody knows yet. Chosen by: 7 to 10 years (DOMAIN 2.4, S49) of 40,000 trips to
6 %; ropes that wear out within two years are three times as fast."""
_DIFFUSION = 0.02
"""Per cent per root of a thousand trips. Chosen by: a tenth of a per cent in a year of 30,000 trips."""
_SLOPE_WANDER = 0.002
"""Per cent a thousand trips, per root of a thousand. Chosen by: wear may double within half a year."""
_OUTLIER = 4.0
_NEW_PERCENT = 2.0
_GRID_DAYS = np.geomspace(0.5, 1_500.0, 100)
_FORECAST_DAYS = np.arange(0.0, 181.0, 15.0)
_RATE_DAYS = 30
_LEAST_RATE_DAYS = 3


@dataclass(frozen=True, slots=True)
class RopeLoss:
    """What is believed of a rope.

    Attributes:
        trend: Loss in per cent of the nominal diameter, per thousand trips.
        at_trips: Thousands of trips at the last measurement.
        count: How many measurements have been believed.
        suspect: The last one, if it was too far off to be believed alone, else None.
    """

    trend: Trend
    at_trips: float
    count: int
    suspect: float | None = None

    @classmethod
    def first(cls, percent: float, trips: float, noise: float) -> "RopeLoss":
        """Of a rope measured for the first time."""
        return cls(Trend(percent, _SLOPE, noise**2, 0.0, _SLOPE_SD**2), trips, 1)

    @classmethod
    def of(cls, stored: State) -> "RopeLoss":
        """As it was stored."""
        return cls(Trend(*stored["trend"]), stored["at_trips"], stored["count"], stored["suspect"])

    def stored(self) -> State:
        """As JSON."""
        return {
            "trend": self.trend.packed(),
            "at_trips": self.at_trips,
            "count": self.count,
            "suspect": self.suspect,
        }

    def at(self, trips: float) -> Trend:
        """The belief after so many thousand trips."""
        ahead = trips - self.at_trips
        return self.trend.moved(ahead, _DIFFUSION, _SLOPE_WANDER) if ahead > 0 else self.trend

    def measured(self, percent: float, trips: float, noise: float) -> "RopeLoss":
        """The belief after one more measurement.

        One that is far off is believed once the next agrees: a calliper slips, or is held at another place. One that
        is far below and as of a new rope is a new rope.

        Args:
            percent: Loss, of the nominal diameter.
            trips: Thousands of trips so far.
            noise: Standard deviation of a measurement, per cent.
        """
        before = self.at(trips)
        away = percent - before.level
        if away < -_OUTLIER * noise and percent < _NEW_PERCENT:
            return RopeLoss.first(percent, trips, noise)
        if abs(away) > _OUTLIER * math.hypot(noise, math.sqrt(before.level_variance)):
            if self.suspect is None or abs(percent - self.suspect) > _OUTLIER * noise:
                return replace(self, suspect=percent)
            return RopeLoss.first(percent, trips, noise)
        return RopeLoss(before.corrected(percent, noise**2), max(trips, self.at_trips), self.count + 1)


def hear_trips(state: State, at_us: int, total: float) -> None:
    """Keep the counter once a day for a month, for the rate."""
    days, row = state.get("trip_days", []), [at_us // _DAY_US, round(total)]
    if days and (row[1] < days[1] or row[0] < days[0]):
        days = []  # a new controller counts from nought
    if days and days[0] == row[0]:
        days = without_newest(days)
    state["trip_days"] = with_row(days, row, _RATE_DAYS + 1)


def trips_a_day(state: State) -> float | None:
    """Thousands of trips a day in the last month; None while fewer than three days are known or nobody rides."""
    days = rows_of(state.get("trip_days", []))
    if not days or days[-1][0] - days[0][0] < _LEAST_RATE_DAYS:
        return None
    rate = (days[-1][1] - days[0][1]) / (days[-1][0] - days[0][0]) / _TRIPS
    return rate if rate > 0 else None


def trips_so_far(state: State) -> float | None:
    """Thousands of trips, or None if nobody counts them."""
    days = state.get("trip_days", [])
    return days[1] / _TRIPS if days else None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A rope's future in days.

    Attributes:
        passage: Of the loss, by the day, through a limit.
        now_us: The present.
    """

    passage: Passage
    now_us: int

    @classmethod
    def of(cls, trend: Trend, limit: float, rate: float, now_us: int) -> "Ahead":
        """From a trend by the thousand trips and the thousands of trips a day."""
        by_day = Trend(
            trend.level,
            trend.slope * rate,
            trend.level_variance,
            trend.covariance * rate,
            trend.slope_variance * rate**2,
        )
        return cls(Passage(by_day, limit, 0.0, _DIFFUSION * math.sqrt(rate)), now_us)

    def chance(self, days: float) -> float:
        """That the limit is reached within so many days."""
        return float(self.passage.probability(days))

    def time_to_failure(self) -> TimeToFailure | None:
        """When the limit is reached; None if not within four years."""
        chances = np.asarray(self.passage.probability(_GRID_DAYS))
        return prognosis.time_to_failure(_GRID_DAYS, chances, self.now_us)

    def forecast(self) -> Forecast:
        """Where the loss is going in half a year."""
        z90 = 1.2815515655446004
        low, middle, high = (rounded(self.passage.forecast(_FORECAST_DAYS, z).tolist(), 3) for z in (-z90, 0.0, z90))
        at_us = tuple(self.now_us + round(d * _DAY_US) for d in _FORECAST_DAYS)
        return Forecast(at_us, p10=low, p50=middle, p90=high)
