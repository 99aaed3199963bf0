"""Rate: how fast a counter grows, from what it said when somebody asked."""

import threading
import time
from collections import deque
from collections.abc import Callable

_OVER_S = 10.0


class Rate:
    """The growth of a counter a real second, over the last ten seconds.

    Args:
        now_s: Monotonic seconds of the real world, which a simulated clock does not change.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._samples: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def sample(self, total: int) -> float:
        """Take up what the counter says now; its growth a second since the oldest sample, 0 with the first.

        Example:
            >>> rate = Rate(iter((0.0, 2.0)).__next__)
            >>> rate.sample(100), rate.sample(300)
            (0.0, 100.0)
        """
        with self._lock:
            now_s = self._now_s()
            self._samples.append((now_s, total))
            while len(self._samples) > 2 and self._samples[1][0] <= now_s - _OVER_S:  # noqa: PLR2004 -- one before the stretch
                self._samples.popleft()
            first_s, first = self._samples[0]
        return (total - first) / (now_s - first_s) if now_s > first_s else 0.0
