"""Clock: the system's time, and a simulation's time that several processes share."""

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

_CLOCK = struct.Struct("<qd")


class SystemClock:
    """The machine's own clock."""

    speed = 1.0

    def now_us(self) -> int:
        """Microseconds since the epoch, UTC."""
        return time.time_ns() // 1_000

    def now(self) -> datetime:
        """The same, as an aware UTC time."""
        return datetime.fromtimestamp(self.now_us() / 1e6, UTC)


class SimulationClock:
    """The time of a simulation, driven by whoever publishes it and read by every process through one small file.

    It moves only when the driver moves it, so a machine that is too slow makes the simulation slower and never makes
    its data late. It never goes back, and a restart finds it where it stood.

    Args:
        path: The file that holds the time; made if it is missing.
        start_us: Where time begins if the file is new, microseconds since the epoch.
    """

    def __init__(self, path: Path, start_us: int = 0) -> None:
        if not path.exists() or path.stat().st_size != _CLOCK.size:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_CLOCK.pack(start_us, 1.0))
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), _CLOCK.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.close()
        self._file.close()

    @property
    def speed(self) -> float:
        """Simulated seconds a real second, as the driver last said."""
        return float(_CLOCK.unpack(self._memory[: _CLOCK.size])[1])

    def now_us(self) -> int:
        """Microseconds since the epoch, UTC, in simulated time."""
        return int(_CLOCK.unpack(self._memory[: _CLOCK.size])[0])

    def advance(self, at_us: int, speed: float) -> None:
        """Move to `at_us` (ignored if that is in the past) and say how fast time runs now."""
        self._memory[: _CLOCK.size] = _CLOCK.pack(max(at_us, self.now_us()), speed)
