"""Rate: how fast a counter grows, from what it said when somebody asked."""

import threading
from collections import deque

_OVER_US = 10_000_000


class Rate:
    """The growth of a counter a second, over the last ten seconds of whatever clock times the samples."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque()
        self._lock = threading.Lock()

    def sample(self, at_us: int, total: int) -> float:
        """Take up what the counter says now; its growth a second since the oldest sample, 0 with the first.

        Example:
            >>> rate = Rate()
            >>> rate.sample(0, 100), rate.sample(2_000_000, 300)
            (0.0, 100.0)
        """
        with self._lock:
            self._samples.append((at_us, total))
            while len(self._samples) > 2 and self._samples[1][0] <= at_us - _OVER_US:  # noqa: PLR2004 -- one before the stretch
                self._samples.popleft()
            first_us, first = self._samples[0]
        return (total - first) * 1e6 / (at_us - first_us) if at_us > first_us else 0.0
