"""Burst risk: from a riser's nights to the chance that it bursts, free of windows, readings and evidence."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.statistics.calibration import BetaMap
from models.statistics.first_passage import Passage
from models.statistics.local_trend import Trend
from models.thresholds import Tunable

Floats = npt.NDArray[np.float64]

HORIZON_DAYS = 3.0
"""72 hours. Source: the product's promise (DESIGN, DOMAIN 1.4)."""

CALIBRATION = BetaMap(low=1.067, high=0.317, intercept=-0.215)
"""Fitted by `python -m models.evaluation.burst_fleet` (seed 1); held-out figures in models/detectors/pipes.md."""

ONSET_SLOPE_SD = 0.2
"""How fast a leak that has just shown itself may grow, log units a day.

Chosen by: ln 8 in 4 to 98 days is 0.02 to 0.5 a day."""

ONSET_LEVEL_SD = 1.0
"""How far it may have jumped when it showed itself, log units, so that a step is not read as growth.

Chosen by the fleet of `burst_fleet`: without it the Brier skill on held-out risers falls from 0.30 to 0.19."""


WARN = 0.30
"""Chance within 72 h from which on it is a burst warning. Source: DOMAIN 1.5."""

TUNABLES = (
    Tunable(
        "pipe.burst.failure_level_log_ratio",
        "1",
        0.7,
        4.6,
        2.08,
        "chosen by: ln 8, no published level exists; to be refitted once 30 bursts are known (DOMAIN 1.4)",
    ),
    Tunable("pipe.burst.failure_level_sd_log_ratio", "1", 0.0, 1.5, 0.31, "chosen by: 15 % of the level between pipes"),
    Tunable(
        "pipe.burst.diffusion_log_ratio_per_sqrt_day",
        "1/sqrt(d)",
        0.005,
        1.0,
        0.06,
        "chosen by: the fleet of `burst_fleet` is made with it; 0.03 to 0.2 change the held-out skill by 0.015",
    ),
    Tunable(
        "pipe.burst.slope_wander_log_ratio_per_day_sqrt_day",
        "1/d/sqrt(d)",
        0.0005,
        0.5,
        0.02,
        "chosen by: the held-out Brier skill is 0.30 at 0.01, 0.29 at 0.02, 0.25 at 0.06; less would lag fast leaks",
    ),
    Tunable("pipe.burst.frame_sigma", "sigma", 1.0, 10.0, 4.0, "DOMAIN 1.1: log-RMS z > 4"),
    Tunable("pipe.burst.persistent_share", "1", 0.1, 1.0, 0.7, "DOMAIN 1.1: in 70 % of the frames or more"),
    Tunable("pipe.burst.persistent_nights", "nights", 1.0, 7.0, 2.0, "DOMAIN 1.1: two consecutive nights or more"),
    Tunable("pipe.burst.pressure_sigma", "sigma", 1.0, 10.0, 3.0, "DOMAIN 1.1: 3 robust sigma for two nights"),
    Tunable(
        "pipe.burst.pressure_odds_ratio",
        "1",
        1.0,
        20.0,
        3.0,
        "chosen by: DOMAIN 1.5 takes noise and night loss together for a warning; 3 lifts 0.13 to 0.30",
    ),
    Tunable("pipe.burst.background_per_year", "1/a", 0.0, 2.0, 0.05, "DOMAIN 1.4: prior 0.05 a riser and year"),
)


@dataclass(frozen=True, slots=True)
class BurstSettings:
    """The values in force for one riser, in the order and units of `TUNABLES`."""

    failure_level: float
    failure_level_sd: float
    diffusion: float
    slope_wander: float
    frame_sigma: float
    persistent_share: float
    nights: float
    pressure_sigma: float
    pressure_odds: float
    background_per_year: float


def default_settings() -> BurstSettings:
    """What ships."""
    return BurstSettings(*(t.default for t in TUNABLES))


@dataclass(frozen=True, slots=True)
class Night:
    """What one night showed.

    Attributes:
        ratio: Median log ratio of vibration to usual, less what neighbours rose too.
        variance: Of the noise in `ratio`.
        high_share: Share of the night's records above the persistence level, in [0, 1].
        pressure_z: Spreads by which the night-minimum pressure lies below usual, neighbours subtracted; 0 if unknown.
        days: Since the last judged night, >= 1.
    """

    ratio: float
    variance: float
    high_share: float
    pressure_z: float = 0.0
    days: float = 1.0


@dataclass(frozen=True, slots=True)
class BurstBelief:
    """What is believed of a riser after its last night.

    Attributes:
        trend: Of the log ratio.
        high_nights: Judged nights in a row that persisted above the level.
        low_pressure_nights: Judged nights in a row with a pressure drop.
    """

    trend: Trend
    high_nights: int = 0
    low_pressure_nights: int = 0

    @classmethod
    def quiet(cls, variance: float) -> "BurstBelief":
        """Of a riser whose usual has just been learnt."""
        return cls(trend=Trend(0.0, 0.0, variance, 0.0, 1e-4))

    def after(self, night: Night, settings: BurstSettings) -> "BurstBelief":
        """The belief after one more night."""
        high = night.high_share >= settings.persistent_share
        trend = self.trend.moved(night.days, settings.diffusion, settings.slope_wander)
        if high and self.high_nights == 0:
            # A leak starts: the calm slope learnt in quiet nights says nothing about how fast it will grow.
            trend = replace(
                trend,
                slope_variance=trend.slope_variance + ONSET_SLOPE_SD**2,
                level_variance=trend.level_variance + ONSET_LEVEL_SD**2,
            )
        low = night.pressure_z >= settings.pressure_sigma
        return BurstBelief(
            trend=trend.corrected(night.ratio, night.variance),
            high_nights=self.high_nights + 1 if high else 0,
            low_pressure_nights=self.low_pressure_nights + 1 if low else 0,
        )

    def persists(self, settings: BurstSettings) -> bool:
        """Whether the vibration has been high on enough nights in a row to believe it."""
        return self.high_nights >= settings.nights


def passage(belief: BurstBelief, settings: BurstSettings) -> Passage:
    """The first passage of the log ratio through the failure level."""
    return Passage(belief.trend, settings.failure_level, settings.failure_level_sd, settings.diffusion)


def raw_chances(belief: BurstBelief, settings: BurstSettings, days: Floats | float) -> Floats | float:
    """The uncalibrated chance that the indicator reaches its failure level; 0 while it does not persist.

    Args:
        belief: After the last night.
        settings: In force.
        days: From now, > 0, one or shape (n,).
    """
    if not belief.persists(settings):
        return np.zeros_like(days, dtype=np.float64) if isinstance(days, np.ndarray) else 0.0
    return passage(belief, settings).probability(days)


def burst_chances(belief: BurstBelief, settings: BurstSettings, days: Floats | float) -> Floats | float:
    """The calibrated chance of a burst within each time, all causes together.

    Independent causes combine as 1 - (1 - P_indicator)(1 - P_background); a lasting pressure drop beside a lasting
    noise multiplies the indicator's odds.

    Args:
        belief: After the last night.
        settings: In force.
        days: From now, > 0, one or shape (n,).

    Returns:
        In [0, 1], the shape of `days`.

    Source:
        DOMAIN 1.4 (combination of causes, Poisson background).
    """
    chance = CALIBRATION(raw_chances(belief, settings, days))
    if belief.low_pressure_nights >= settings.nights:
        chance = settings.pressure_odds * chance / (1.0 + (settings.pressure_odds - 1.0) * chance)
    background = -np.expm1(-settings.background_per_year * np.asarray(days) / 365.25)
    result: Floats = 1.0 - (1.0 - chance) * (1.0 - background)
    return float(result) if result.ndim == 0 else result
