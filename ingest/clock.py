"""Clock: the Protocol by which the service knows what time it is; nothing in the product reads the system clock."""

from typing import Final, Protocol

HURRIED: Final = 10.0
"""A clock that runs faster than this (a simulation making up for days) tells nothing about how long messages took or
who is silent: what is under way is hours old by it."""


class Clock(Protocol):
    """The service's time. In production it is the system's; in a simulation it is the simulation's."""

    def now_us(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...

    @property
    def speed(self) -> float:
        """How many seconds of this clock pass in a real second now; 1 but in a simulation, where it may change."""
        ...
