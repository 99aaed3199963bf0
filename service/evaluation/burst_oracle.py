"""Burst oracle: how well a burst could be foretold by who saw a simulated leak's hole with bare eyes, and no better."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from device_simulators.calendar import DAY_US
from device_simulators.faults import FIRST_HOLE_M, Crack
from device_simulators.pipes_fleet import CRITICAL_HOLES_M, GROWTH_DAYS
from models.pipes.burst_risk import HORIZON_DAYS

Floats = npt.NDArray[np.float64]

_GRID = 2_000


def oracle_chance(crack: Crack, at_us: int) -> float:
    """P(the crack tears within 72 h), by who knows when it began, how wide it was ever since, and the fleet's dice.

    Bayes' rule over the days D from onset to tear: the growth that has been seen goes on, D comes from the fleet's
    triangle, the critical hole from its range, and the crack has not torn yet. A detector that goes by sound can come
    near this and not pass it.

    Args:
        crack: As simulated; before its onset nothing is known, and after it tore nothing is left to say.
        at_us: The moment.
    """
    seen = (at_us - crack.onset_us) / DAY_US
    if not 0.0 < seen < (crack.burst_us - crack.onset_us) / DAY_US:
        return 0.0
    days, prior = _durations()
    rate = math.log(crack.critical_hole_m / FIRST_HOLE_M) / ((crack.burst_us - crack.onset_us) / DAY_US)
    hole = FIRST_HOLE_M * np.exp(rate * days)
    low, high = CRITICAL_HOLES_M
    # The density of D given the rate: the hole's own, times how much hole a day of D is worth.
    weight = prior * (hole >= low) * (hole <= high) * days * hole * (days >= seen)
    total = weight.sum()
    return float(weight[days <= seen + HORIZON_DAYS].sum() / total) if total else 1.0


@lru_cache(maxsize=1)
def _durations() -> tuple[Floats, Floats]:
    """Days from onset to tear, and how likely each is in the fleet, up to a factor."""
    least, middle, most = GROWTH_DAYS
    days = np.linspace(least, most, _GRID)
    return days, np.where(days < middle, (days - least) / (middle - least), (most - days) / (most - middle))
