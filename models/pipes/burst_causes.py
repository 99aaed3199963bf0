"""Burst causes: what tears a riser open, each with its own chance, and all of them together.

A leak that grows (`burst_risk`), transients that tire the pipe (`transients`), frost (`freeze_risk`), and what tears
without a word: independent causes, of which one is enough.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.pipes.burst_risk import BurstBelief, BurstSettings, Floats, leak_chances
from models.thresholds import Tunable

CAUSE_TUNABLES: Final = (
    Tunable("pipe.burst.background_per_year", "1/a", 0.0, 2.0, 0.05, "DOMAIN 1.4: prior 0.05 a riser and year"),
    Tunable(
        "pipe.burst.transient_share",
        "1",
        0.0,
        10.0,
        1.0,
        "DOMAIN 1.4: background times 1 + c D/D_ref; c = 1 chosen by: a pipe tires as fast as Miner's sum grows",
    ),
)


@dataclass(frozen=True, slots=True)
class CauseSettings:
    """The values in force for one riser, in the order and units of `CAUSE_TUNABLES`."""

    background_per_year: float
    transient_share: float


@dataclass(frozen=True, slots=True)
class Causes:
    """What is known of every cause.

    Attributes:
        belief: Of the leak.
        damage: Of the pressure's cycles a day, as a multiple of one cycle of `transients.REFERENCE_KPA`.
        freeze: P(the pipe freezes within 72 h); None where no weather is known.
    """

    belief: BurstBelief
    damage: float = 0.0
    freeze: float | None = None


def burst_chances(
    causes: Causes, settings: BurstSettings, others: CauseSettings, days: Floats | float
) -> Floats | float:
    """The chance of a burst within each time, all causes together but frost.

    Frost is told of a building as `pipe.freeze`, once and not riser by riser: it belongs to the probability that is
    said (`with_frost`) and not to what raises an order.

    Args:
        causes: What is known.
        settings: In force, of the leak.
        others: In force, of the other causes.
        days: From now, > 0, one or shape (n,).

    Returns:
        In [0, 1], the shape of `days`.

    Source:
        DOMAIN 1.4: P = 1 - (1 - P_leak)(1 - P_transients)(1 - P_freeze)(1 - P_background), Poisson background whose
        rate is multiplied by 1 + c D_day / D_ref.
    """
    chance = np.asarray(leak_chances(causes.belief, settings, days))
    rate = others.background_per_year * (1.0 + others.transient_share * causes.damage)
    result: Floats = 1.0 - (1.0 - chance) * np.exp(-rate * np.asarray(days) / 365.25)
    return float(result) if result.ndim == 0 else result


def with_frost(chance: float, causes: Causes) -> float:
    """The chance within 72 hours, frost included."""
    return 1.0 - (1.0 - chance) * (1.0 - (causes.freeze or 0.0))
