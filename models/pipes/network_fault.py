"""Network fault: what one leak, or one logger that drifts, does to all channels of a water network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.pipes.network_relations import Floats, plain

_YOUNG_DAYS = 3
"""The day of its onset is seen in part only; by the third its direction is whole."""
_FRESH_DAYS = 2
_SETTLED_DAYS = 14
_SETTLED_GROWTH = 1.1
"""A leak that grew by less than a tenth in a fortnight has reached its peak; the slowest of BattLeDIM's, 98 days to
its peak, grows by a third in the fortnight before it (its area goes with the square of time)."""
_LEAST_STEP = 0.5
_STEP_SHARE = 0.1
_LEAST_SIZE = 0.1
_FIRST_WEIGHT = 0.25
_FORGETTING = 0.97


@dataclass(slots=True)
class NetworkFault:
    """A fault that is known, so that what it does is not found again.

    Attributes:
        logger: Row among the loggers of the one it is called by.
        size: Length of its effect in spreads.
        direction: Its effect at size 1, in the unit of each channel.
        weight: How much was seen of the direction: the sum of squared sizes, of which old ones are forgotten.
        peak: The largest size it had.
        sizes: Of the last days, oldest first.
        days: Since it was raised.
        settled: It does not change any more: its size is held, so that it hides nothing new.
        lone: It is one logger that drifts, and no leak.
    """

    logger: int
    size: float
    direction: Floats
    weight: float
    peak: float
    sizes: list[float]
    days: int = 0
    settled: bool = False
    lone: bool = False

    @classmethod
    def begun(cls, logger: int, effect: Floats, spread: Floats, *, lone: bool) -> Self:
        """A new one.

        Args:
            logger: Row of the logger it is called by.
            effect: On each channel, in its unit.
            spread: Of each channel, in its unit.
            lone: Whether it is one logger that drifts.
        """
        size = float(np.linalg.norm(effect / spread))
        return cls(logger, size, effect / size, _FIRST_WEIGHT * size**2, size, [size], lone=lone)

    @property
    def fresh(self) -> bool:
        """Whether it is too new to have been repaired."""
        return self.days < _FRESH_DAYS

    @property
    def young(self) -> bool:
        """Whether its direction is still rough."""
        return self.days < _YOUNG_DAYS

    def effect(self) -> Floats:
        """On each channel, in its unit."""
        return self.size * self.direction

    def day_step(self) -> float:
        """How far its size may move in a day, in spreads: anywhere on the day after it began."""
        return _LEAST_STEP + (_STEP_SHARE + (1.0 if self.young else 0.0)) * self.size

    def resize(self, step: float) -> None:
        """Let its size move."""
        self.size = max(_LEAST_SIZE, self.size + step)

    def learn(self, unexplained: Floats, spread: Floats) -> None:
        """End a day on which it is not settled: turn the direction towards what it left unexplained.

        Args:
            unexplained: Its share of what is left, in the unit of each channel.
            spread: Of each channel.
        """
        self.days += 1
        self.weight = _FORGETTING * self.weight + self.size**2
        turned = self.direction + self.size / self.weight * unexplained
        length = float(np.linalg.norm(turned / spread))
        self.direction = turned / length
        self.size, self.weight = self.size * length, self.weight * length**2
        self.peak = max(self.peak, self.size)
        self.sizes = [*self.sizes, self.size][-_SETTLED_DAYS:]
        if self.days >= _SETTLED_DAYS and self.size < _SETTLED_GROWTH * self.sizes[0]:
            self.settled = True

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "logger": self.logger,
            "size": self.size,
            "direction": plain(self.direction),
            "weight": self.weight,
            "peak": self.peak,
            "sizes": plain(self.sizes),
            "days": self.days,
            "settled": self.settled,
            "lone": self.lone,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_json` made plain."""
        return cls(**{**kept, "direction": np.array(kept["direction"])})
