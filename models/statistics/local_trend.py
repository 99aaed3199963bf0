"""Local trend: a Kalman filter of a level and its slope, both free to wander."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Trend:
    """What is believed of an indicator: where it is and how fast it moves.

    Attributes:
        level: In the indicator's unit.
        slope: Per day.
        level_variance: Of the belief in `level`.
        covariance: Between the two.
        slope_variance: Of the belief in `slope`.
    """

    level: float
    slope: float
    level_variance: float
    covariance: float
    slope_variance: float

    def moved(self, days: float, diffusion: float, slope_wander: float) -> "Trend":
        """The belief after a time without a measurement.

        Args:
            days: > 0.
            diffusion: Of the level, unit per square root of a day.
            slope_wander: Of the slope, unit per day per square root of a day.

        Source:
            Random-walk slope as in Si et al. 2013 (DOMAIN 1.4, S25); integrated white noise for the covariances.
        """
        p, c, s, q = self.level_variance, self.covariance, self.slope_variance, slope_wander**2
        return replace(
            self,
            level=self.level + self.slope * days,
            level_variance=p + 2 * days * c + days**2 * s + diffusion**2 * days + q * days**3 / 3,
            covariance=c + days * s + q * days**2 / 2,
            slope_variance=s + q * days,
        )

    def corrected(self, measured: float, variance: float) -> "Trend":
        """The belief after a measurement with the given noise variance (> 0)."""
        total = self.level_variance + variance
        level_gain, slope_gain = self.level_variance / total, self.covariance / total
        surprise = measured - self.level
        return Trend(
            level=self.level + level_gain * surprise,
            slope=self.slope + slope_gain * surprise,
            level_variance=(1 - level_gain) * self.level_variance,
            covariance=(1 - level_gain) * self.covariance,
            slope_variance=max(0.0, self.slope_variance - slope_gain * self.covariance),
        )

    def packed(self) -> list[float]:
        """As a list for a detector's state, five numbers rounded to 9 digits."""
        values = (self.level, self.slope, self.level_variance, self.covariance, self.slope_variance)
        return [float(f"{v:.9g}") for v in values]
