"""SKAB search: settings chosen on some recordings by a written procedure, to be judged on others.

The procedure: draw settings at random from `SPACE`, seeded; take the tenth of them that do best on the kept recordings;
let them vote row by row; choose the one whose alarms are most like the vote. The single best of many draws fits its
recordings by luck; the one nearest to the vote of the good ones carries over better.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.deviation.memory import DeviationSettings
from models.evaluation.skab_arrays import Bools, Floats, Stack, deviations
from models.evaluation.skab_tally import Tally

SPACE: dict[str, tuple[float, ...]] = {
    "block": (10, 20, 30),
    "smoothing": (0.05, 0.07, 0.1),
    "follow": (200.0, 400.0, 800.0),
    "free": (2.0, 2.5, 3.0, 3.5, 4.0),
    "drift_share": (0.6, 0.7, 0.8),
    "raise_at": (1.5, 2.0, 3.0, 4.0, 6.0),
    "release_share": (0.1, 0.15, 0.2, 0.3, 0.4),
    "settle": (30, 60, 120),
}
DRAWS = 1500
SEED = 0
MOST_FALSE = 0.12
"""The share of sound rows that may be alarmed. Source: what is asked of SKAB's outliers."""

_BEST_SHARE = 0.1
_FALSE_WEIGHT = 3.0
_BATCH = 16
_SHIFT = frozenset({"block", "smoothing", "follow", "free", "drift_share"})


@dataclass(frozen=True, slots=True)
class Trials:
    """What every drawn setting says of every recording.

    Attributes:
        settings: Those drawn.
        alarms: Of judged rows, shape (settings, rows, recordings).
        stack: The recordings.
    """

    settings: tuple[DeviationSettings, ...]
    alarms: Bools
    stack: Stack

    def tally(self, setting: int, kept: Bools) -> Tally:
        """The judged rows of the recordings kept, shape (recordings,), under one setting."""
        judged, true = self.stack.judged[:, kept], self.stack.anomalous[:, kept]
        said = self.alarms[setting][:, kept]
        counts = (int(np.sum(judged & rows)) for rows in (said & true, said & ~true, ~said & true, ~said & ~true))
        return Tally(*counts)


def drawn(default: DeviationSettings, count: int = DRAWS, seed: int = SEED) -> list[DeviationSettings]:
    """Settings drawn evenly from `SPACE`; what it does not name is as in `default`."""
    rng = np.random.default_rng(seed)
    return [_turned(default, {n: v[rng.integers(len(v))] for n, v in SPACE.items()}) for _ in range(count)]


def tried(stack: Stack, settings: Sequence[DeviationSettings], say: Callable[[str], None] = lambda _: None) -> Trials:
    """Run every setting over every recording."""
    alarms = np.zeros((len(settings), *stack.judged.shape), dtype=np.bool_)
    for numbers in _batches(settings):
        for row, high, _ in deviations(stack.values, [settings[n] for n in numbers]):
            alarms[numbers, row] = high & stack.judged[row]
        say(f"SKAB: settings like {settings[numbers[0]].shift.block} rows a block")
    return Trials(tuple(settings), alarms, stack)


def chosen(trials: Trials, kept: Bools) -> int:
    """The number of the setting that the procedure chooses, looking at nothing but the recordings kept."""
    worth = np.array([_worth(trials.tally(n, kept)) for n in range(len(trials.settings))])
    best = np.argsort(-worth, kind="stable")[: max(3, round(_BEST_SHARE * len(worth)))]
    said = trials.alarms[best][:, :, kept]
    vote = said.mean(axis=0) > 0.5  # noqa: PLR2004 -- a majority
    alike = 2.0 * (said & vote).sum(axis=(1, 2)) / np.maximum(1, said.sum(axis=(1, 2)) + vote.sum())
    return int(best[int(np.argmax(alike))])


def held_out(trials: Trials, parts: npt.NDArray[np.str_]) -> list[tuple[str, int, Tally]]:
    """Leave out one part after the other, choose on the rest, judge the part.

    Args:
        trials: Of all recordings.
        parts: The part each recording belongs to, shape (recordings,).

    Returns:
        Of each part its name, the setting chosen without it, and what that setting reaches on it.
    """
    found = []
    for part in sorted(set(parts.tolist())):
        setting = chosen(trials, parts != part)
        found.append((part, setting, trials.tally(setting, parts == part)))
    return found


def _worth(tally: Tally) -> float:
    return tally.f1() - _FALSE_WEIGHT * max(0.0, tally.false_alarm_rate() - MOST_FALSE)


def _turned(default: DeviationSettings, values: dict[str, Any]) -> DeviationSettings:
    shift = replace(default.shift, **{n: v for n, v in values.items() if n in _SHIFT})
    return replace(default, shift=shift, **{n: v for n, v in values.items() if n not in _SHIFT})


def _batches(settings: Sequence[DeviationSettings]) -> Iterator[list[int]]:
    for block in sorted({s.shift.block for s in settings}):
        alike = [n for n, s in enumerate(settings) if s.shift.block == block]
        yield from (alike[i : i + _BATCH] for i in range(0, len(alike), _BATCH))


def learnt_alarms(values: Floats, learning_rows: int, most: float = 3.0) -> Bools:
    """The baseline that costs nothing: rows where any channel is more than `most` robust sigma from its learnt middle.

    Args:
        values: In each channel's unit, shape (n, channels).
        learning_rows: Rows that say what is usual.
        most: Robust sigma (1.4826 times the median absolute deviation).
    """
    learnt = values[:learning_rows]
    middle = np.median(learnt, axis=0)
    sigma = 1.4826 * np.median(np.abs(learnt - middle), axis=0)
    return np.any(np.abs(values - middle) > most * np.maximum(sigma, 1e-9), axis=1)  # type: ignore[no-any-return]
