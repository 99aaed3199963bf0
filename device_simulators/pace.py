"""Pace: how fast simulated time runs while it is published, phase by phase."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from device_simulators.calendar import DAY_US, SECOND_US

_SLACK_S = 0.25


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of simulated time with one speed.

    Attributes:
        until_us: Its last moment, microseconds since the epoch; None for the rest.
        speed: Simulated seconds a real second; infinite for as fast as possible.
    """

    until_us: int | None
    speed: float


@dataclass(frozen=True, slots=True)
class Pace:
    """The speeds of a publication.

    Attributes:
        phases: One after the other; after the last one its speed stays.
        max_messages_s: Never more messages a second than this, so that what reads them keeps up.
        in_flight: How many messages may wait for the broker's acknowledgement.
        max_lead_us: How much simulated time may pass beyond what the reader has stored, if the reader tells.
    """

    phases: tuple[Phase, ...]
    max_messages_s: float = 3_000.0
    in_flight: int = 100
    max_lead_us: int = DAY_US // 4


def steady(speed: float) -> Pace:
    """One speed throughout; `math.inf` for as fast as `max_messages_s` lets it.

    Example:
        >>> steady(60.0).phases
        (Phase(until_us=None, speed=60.0),)
    """
    return Pace((Phase(None, speed),))


def hurried(fast_forward_until_us: int, days_a_second: float = 0.8, lively: float = 20.0, then: float = 6.0) -> Pace:
    """The pace for somebody who watches: history at a gallop, twelve lively minutes, then calmer.

    Args:
        fast_forward_until_us: Where history ends.
        days_a_second: Speed of history, in simulated days a real second.
        lively: Speed of the twelve minutes after it, in simulated seconds a real second.
        then: Speed of all the rest.
    """
    return Pace(
        (
            Phase(fast_forward_until_us, days_a_second * DAY_US / SECOND_US),
            Phase(fast_forward_until_us + 12 * 60 * SECOND_US, lively),
            Phase(None, then),
        )
    )


class Metronome:
    """Says when the next message is due. When the world is too slow, time slips; it is never caught up in a rush.

    Args:
        pace: The speeds.
        start_us: Simulated time at which it begins.
        seconds: A monotonic clock.
    """

    def __init__(self, pace: Pace, start_us: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._phases = list(pace.phases)
        self._gap_s = 1.0 / pace.max_messages_s
        self._seconds = seconds
        self._from_us = start_us
        self._from_s = self._slot_s = seconds()

    @property
    def speed(self) -> float:
        """Simulated seconds a real second, now."""
        return self._phases[0].speed

    def now_us(self) -> int:
        """Simulated time, microseconds since the epoch; at infinite speed it stands until the next message."""
        if math.isinf(self.speed):
            return self._from_us
        return self._from_us + round((self._seconds() - self._from_s) * self.speed * SECOND_US)

    def due_in_s(self, at_us: int) -> float:
        """Real seconds until a message of `at_us` is due; 0 or less when it is."""
        while len(self._phases) > 1 and at_us > (self._phases[0].until_us or at_us):
            begins_us = self._phases.pop(0).until_us or at_us
            self._restart(max(begins_us, self._from_us))
        now_s = self._seconds()
        due_s = self._from_s + (at_us - self._from_us) / SECOND_US / self.speed
        if due_s < now_s - _SLACK_S:
            self._restart(at_us)
        return max(due_s, self._slot_s) - now_s

    def sent(self) -> None:
        """A message has gone out: the next one waits its turn."""
        self._slot_s = max(self._slot_s, self._seconds() - _SLACK_S) + self._gap_s

    def _restart(self, at_us: int) -> None:
        self._from_us, self._from_s = at_us, self._seconds()
