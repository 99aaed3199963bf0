"""Demand: how much water people draw through the day, as a share of the day's mean."""

import numpy as np

from device_simulators.calendar import HOUR_US, Values, autoregressive, is_weekend, local_midnight

# Shape chosen by what residential demand curves share (two peaks, the weekend's first one later, nights at a tenth of
# the mean); each sums to about 24, so that 1.0 is the mean.
_WEEKDAY = (
    *(0.16, 0.10, 0.07, 0.07, 0.12, 0.45, 1.30, 2.10, 1.75, 1.20, 1.05, 1.15),
    *(1.20, 0.95, 0.80, 0.80, 0.95, 1.35, 1.80, 2.05, 1.85, 1.45, 0.95, 0.42),
)
_WEEKEND = (
    *(0.22, 0.13, 0.08, 0.07, 0.09, 0.22, 0.60, 1.20, 1.80, 1.85, 1.60, 1.50),
    *(1.40, 1.15, 1.00, 1.00, 1.10, 1.35, 1.65, 1.85, 1.70, 1.35, 0.90, 0.46),
)


def demand_pattern(midnight_us: int, at_us: Values) -> Values:
    """Expected demand over the day's mean at times of one local day.

    Args:
        midnight_us: The day's local midnight.
        at_us: Shape (n,), within that day.

    Returns:
        Shape (n,), dimensionless, mean about 1 over a day.
    """
    shape = np.array(_WEEKEND if is_weekend(midnight_us) else _WEEKDAY)
    # Each figure stands in the middle of its hour.
    values: Values = np.interp((at_us - midnight_us) / HOUR_US, np.arange(24) + 0.5, shape, period=24)
    return values


def demand(random: np.random.Generator, midnight_us: int, at_us: Values, spread: float = 0.3) -> Values:
    """Demand as it happens: the pattern times noise of a few minutes' memory, for evenly spaced times.

    Args:
        random: Its dice.
        midnight_us: The day's local midnight.
        at_us: Shape (n,), about a minute apart.
        spread: Standard deviation of the noise's logarithm.

    Returns:
        Shape (n,), dimensionless, positive.
    """
    noise = np.exp(autoregressive(random, len(at_us), 0.8, spread) - spread**2 / 2)
    values: Values = demand_pattern(midnight_us, at_us) * noise
    return values


def supply_wander_kpa(random: np.random.Generator, at_us: Values) -> Values:
    """Slow wander of the supply's set-point, the same for all that it feeds, in kPa, shape (n,), about +-1.5."""
    phase = random.uniform(0.0, 2 * np.pi)
    start_us = local_midnight(int(at_us[0]))
    swing = np.sin(2 * np.pi * (at_us - start_us) / (9 * HOUR_US) + phase)
    values: Values = 0.7 * swing + random.normal(0.0, 0.5)
    return values
