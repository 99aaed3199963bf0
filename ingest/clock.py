"""Clock: the Protocol by which the service knows what time it is; nothing in the product reads the system clock."""

from typing import Protocol


class Clock(Protocol):
    """The service's time. In production it is the system's; in a simulation it is the simulation's."""

    def now_us(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...

    @property
    def speed(self) -> float:
        """How many seconds of this clock pass in a real second now; 1 but in a simulation, where it may change."""
        ...
