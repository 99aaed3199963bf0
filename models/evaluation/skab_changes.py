"""SKAB changes: how well the phases of a deviation tell SKAB's change points, rules chosen on other recordings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from models.deviation.memory import DeviationSettings
from models.deviation.phases import PhaseRule, PhaseWatch
from models.evaluation.nab import ChangeTally, change_tally
from models.evaluation.skab_arrays import Bools, Floats, deviations
from models.evaluation.skab_search import Trials, chosen

RULES = tuple(PhaseRule(rest, fall) for rest, fall in product((10, 20, 30, 40, 50), (0.4, 0.5, 0.6, 0.7, 0.8)))
MOST_FALSE_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Times:
    """The clock of one recording.

    Attributes:
        at_s: Of each row, shape (n,).
        changes_s: Of the change points among judged rows, ascending.
    """

    at_s: Floats
    changes_s: tuple[float, ...]


def held_out_changes(trials: Trials, times: Sequence[Times], parts: npt.NDArray[np.str_]) -> ChangeTally:
    """Leave out one part after the other: settings and rule are chosen on the rest, and the part is scored."""
    total = ChangeTally()
    for part in sorted(set(parts.tolist())):
        kept = parts != part
        high, distance = _followed(trials, trials.settings[chosen(trials, kept)])
        by_rule = [_scored(trials, times, (high, distance), rule) for rule in RULES]
        rule = max(by_rule, key=lambda tallies: _worth(_sum(t for t, k in zip(tallies, kept, strict=True) if k)))
        total += _sum(t for t, k in zip(rule, kept, strict=True) if not k)
    return total


def _sum(tallies: Iterable[ChangeTally]) -> ChangeTally:
    return sum(tallies, start=ChangeTally())


def _worth(tally: ChangeTally) -> float:
    return tally.score() - max(0, tally.false - MOST_FALSE_CHANGES)


def _followed(trials: Trials, settings: DeviationSettings) -> tuple[Bools, Floats]:
    high = np.zeros(trials.stack.judged.shape, dtype=np.bool_)
    distance = np.zeros(high.shape)
    for row, says, total in deviations(trials.stack.values, [settings]):
        high[row], distance[row] = says[0], total[0]
    return high, distance


def _scored(
    trials: Trials, times: Sequence[Times], followed: tuple[Bools, Floats], rule: PhaseRule
) -> list[ChangeTally]:
    high, distance = followed
    found = []
    for column, clock in enumerate(times):
        watch = PhaseWatch()
        rows = np.flatnonzero(trials.stack.judged[:, column])
        told = [
            float(clock.at_s[row])
            for row in rows
            if watch.take(bool(high[row, column]), float(distance[row, column]), rule)
        ]
        found.append(change_tally(clock.changes_s, told))
    return found
