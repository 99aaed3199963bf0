"""Phases: a deviation begins, comes to rest, falls back and ends, and each of these is a change point."""

from dataclasses import dataclass
from enum import Enum

REST_SAMPLES = 20
FALL_SHARE = 0.6
"""Chosen by: the middle of what was tried on SKAB; between 10 and 50, and 0.4 and 0.8, its NAB score moves by 5."""


class Phase(Enum):
    """Where an asset is in a deviation."""

    QUIET = "quiet"
    RISING = "rising"
    HELD = "held"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class PhaseRule:
    """When a deviation has come to rest, and when it falls.

    Attributes:
        rest: Samples without a new peak from which on it is at rest.
        fall_share: Share of the peak under which one at rest falls back.
        rise_share: Share by which a distance must pass the last rise to be a new one.
    """

    rest: int = REST_SAMPLES
    fall_share: float = FALL_SHARE
    rise_share: float = 0.1


@dataclass(slots=True)
class PhaseWatch:
    """Follows one asset; feed it sample by sample.

    Attributes:
        phase: After the last sample.
        peak: The largest distance of this deviation, in spreads.
        risen: The distance of the last rise that counted, in spreads.
        resting: Samples since then.
    """

    phase: Phase = Phase.QUIET
    peak: float = 0.0
    risen: float = 0.0
    resting: int = 0

    def take(self, deviates: bool, distance: float, rule: PhaseRule) -> bool:  # noqa: FBT001 -- a sample's two words
        """Whether this sample, `distance` spreads away, is a change point; nothing later is known."""
        before = self.phase
        if not deviates:
            self.phase = Phase.QUIET
        elif before is Phase.QUIET:
            self.phase, self.peak, self.risen, self.resting = Phase.RISING, distance, distance, 0
        else:
            self._last(distance, rule)
        return self.phase is not before

    def _last(self, distance: float, rule: PhaseRule) -> None:
        self.resting += 1
        if self.phase is Phase.RISING:
            if distance > (1.0 + rule.rise_share) * self.risen:
                self.risen, self.resting = distance, 0
            elif self.resting >= rule.rest:
                self.phase = Phase.HELD
        self.peak = max(self.peak, distance)
        if self.phase is Phase.HELD and distance < rule.fall_share * self.peak:
            self.phase = Phase.FALLING
