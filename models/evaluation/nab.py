"""NAB score: how well change points are told, by the rules of SKAB's leaderboard.

Source:
    A. Lavin, S. Ahmad, "Evaluating Real-time Anomaly Detection Algorithms - the Numenta Anomaly Benchmark", 2015; as
    SKAB and its library tsad compute it: standard profile, a window of 60 s to the right of each change point, of two
    that overlap the right one is cut, a tangent instead of the sigmoid in a window.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_S = 60.0
_HIT, _FALSE, _MISSED = 1.0, -0.11, -1.0


@dataclass(frozen=True, slots=True)
class ChangeTally:
    """Change points over one or many recordings.

    Attributes:
        gained: Sum of what was scored.
        changes: True change points.
        missed: Those without a word in their window.
        false: Words outside all windows.
    """

    gained: float = 0.0
    changes: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: "ChangeTally") -> "ChangeTally":
        return ChangeTally(
            self.gained + other.gained,
            self.changes + other.changes,
            self.missed + other.missed,
            self.false + other.false,
        )

    def score(self) -> float:
        """0 for saying nothing, 100 for all at once and nothing else; NaN without change points."""
        if not self.changes:
            return math.nan
        least, most = _MISSED * self.changes, _HIT * self.changes
        return 100.0 * (self.gained - least) / (most - least)


def change_tally(true_s: Sequence[float], told_s: Sequence[float]) -> ChangeTally:
    """Hold what was told against one recording's change points; both in s, ascending.

    Of several words in one window the first counts and the others are neither right nor false.
    """
    windows = _windows(true_s)
    tally = ChangeTally(changes=len(windows))
    for begin, end in windows:
        first = next((t for t in told_s if begin <= t <= end), None)
        tally += ChangeTally(gained=_MISSED, missed=1) if first is None else ChangeTally(_worth(first, begin, end))
    false = sum(not any(begin <= t <= end for begin, end in windows) for t in told_s)
    return tally + ChangeTally(gained=_FALSE * false, false=false)


def _windows(true_s: Sequence[float]) -> list[tuple[float, float]]:
    windows: list[tuple[float, float]] = []
    for at_s in true_s:
        begin = max(at_s, windows[-1][1]) if windows else at_s
        windows.append((begin, at_s + WINDOW_S))
    return windows


def _worth(at_s: float, begin: float, end: float) -> float:
    """1 at the window's begin, -0.11 at its end."""
    share = (at_s - begin) / (end - begin) if end > begin else 0.0
    bend = math.tanh(math.pi * (share - 0.5)) / math.tanh(math.pi / 2)
    return (_HIT - _FALSE) / 2 * (1.0 - bend) + _FALSE
