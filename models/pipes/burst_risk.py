"""Burst risk: from a riser's nights to the chance that a leak tears it, free of windows, readings and evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from models.statistics.calibration import BetaMap
from models.statistics.first_passage import Passage
from models.statistics.local_trend import Trend
from models.thresholds import Tunable

Floats = npt.NDArray[np.float64]

HORIZON_DAYS = 3.0
"""72 hours. Source: the product's promise (DESIGN, DOMAIN 1.4)."""

HISS, LOSS, PRESSURE = "hiss", "loss", "pressure"
WITNESSES: Final = (HISS, LOSS, PRESSURE)
"""What else tells a leak from a noise: it sounds high, it takes water at night, it lowers the night's pressure."""

CALIBRATION = BetaMap(low=1.667, high=0.414, intercept=1.257)
"""From the first passage to a chance that comes true, every witness unknown.

Fitted, with `WITNESS_LOG_ODDS`, by `python -m service.evaluation.burst_nights`; held-out figures in
models/detectors/pipes.md."""

WITNESS_LOG_ODDS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {HISS: (0.057, -0.914), LOSS: (0.0, -0.682), PRESSURE: (0.054, -0.521)}
)
"""By witness what is added to the log-odds where it has spoken night after night, and where it denies."""

ONSET_SLOPE_SD = 0.2
"""How fast a leak that has just shown itself may grow, log units a day.

Chosen by: ln 8 in 4 to 98 days is 0.02 to 0.5 a day."""

ONSET_LEVEL_SD = 1.0
"""How far it may have jumped when it showed itself, log units, so that a step is not read as growth.

Chosen by: as far as a leak's level differs from pipe to pipe; a new constant noise then grows for nobody."""


WARN = 0.30
"""Chance within 72 h from which on it is a burst warning. Source: DOMAIN 1.5."""

TUNABLES = (
    Tunable(
        "pipe.burst.failure_level_log_ratio",
        "1",
        0.7,
        4.6,
        1.9,
        "chosen by: of 1.8 to 2.5 the best on `burst_nights` (its holes of 2 to 8 mm are 3 to 11 times usual); no "
        "published level exists, to be refitted once 30 bursts are known (DOMAIN 1.4)",
    ),
    Tunable(
        "pipe.burst.failure_level_sd_log_ratio",
        "1",
        0.0,
        1.5,
        0.5,
        "chosen by: of 0.3 to 0.6 the best on `burst_nights`",
    ),
    Tunable(
        "pipe.burst.diffusion_log_ratio_per_sqrt_day",
        "1/sqrt(d)",
        0.005,
        1.0,
        0.06,
        "chosen by: 0.03 to 0.1 change the skill on `burst_nights` by 0.01",
    ),
    Tunable(
        "pipe.burst.slope_wander_log_ratio_per_day_sqrt_day",
        "1/d/sqrt(d)",
        0.0005,
        0.5,
        0.02,
        "chosen by: less would lag leaks of a few days, more would see growth in noise",
    ),
    Tunable("pipe.burst.frame_sigma", "sigma", 1.0, 10.0, 4.0, "DOMAIN 1.1: log-RMS z > 4"),
    Tunable("pipe.burst.persistent_share", "1", 0.1, 1.0, 0.7, "DOMAIN 1.1: in 70 % of the frames or more"),
    Tunable("pipe.burst.persistent_nights", "nights", 1.0, 7.0, 2.0, "DOMAIN 1.1: two consecutive nights or more"),
    Tunable("pipe.burst.witness_sigma", "sigma", 1.0, 10.0, 3.0, "DOMAIN 1.1: 3 robust sigma for two nights"),
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
    witness_sigma: float


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
        z: Spreads by which each witness that is known is over its usual in the direction of a leak, neighbours
            subtracted.
        days: Since the last judged night, >= 1.
    """

    ratio: float
    variance: float
    high_share: float
    z: Mapping[str, float] = field(default_factory=dict)
    days: float = 1.0


@dataclass(frozen=True, slots=True)
class BurstBelief:
    """What is believed of a riser after its last night.

    Attributes:
        trend: Of the log ratio.
        high_nights: Judged nights in a row that persisted above the level.
        spoken: Of each witness that is known the judged nights in a row on which it spoke.
    """

    trend: Trend
    high_nights: int = 0
    spoken: Mapping[str, int] = field(default_factory=dict)

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
        return BurstBelief(
            trend=trend.corrected(night.ratio, night.variance),
            high_nights=self.high_nights + 1 if high else 0,
            spoken={
                name: self.spoken.get(name, 0) + 1 if z >= settings.witness_sigma else 0 for name, z in night.z.items()
            },
        )

    def persists(self, settings: BurstSettings) -> bool:
        """Whether the vibration has been high on enough nights in a row to believe it."""
        return self.high_nights >= settings.nights

    def log_odds(self, settings: BurstSettings) -> dict[str, float]:
        """What each witness adds to the log-odds; one that is unknown, or has not made up its mind, adds nothing."""
        return {
            name: speaks if nights >= settings.nights else denies
            for name, nights in self.spoken.items()
            for speaks, denies in [WITNESS_LOG_ODDS[name]]
            if nights == 0 or nights >= settings.nights
        }


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


def leak_chances(belief: BurstBelief, settings: BurstSettings, days: Floats | float) -> Floats | float:
    """The calibrated chance that a leak tears the riser open within each time, its witnesses heard.

    Args:
        belief: After the last night.
        settings: In force.
        days: From now, > 0, one or shape (n,).

    Returns:
        In [0, 1], the shape of `days`.

    Source:
        DOMAIN 1.4 (first passage, recalibration, a learned layer over daily rows).
    """
    calibrated = replace(CALIBRATION, intercept=CALIBRATION.intercept + sum(belief.log_odds(settings).values()))
    return calibrated(raw_chances(belief, settings, days))
