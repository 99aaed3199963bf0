"""Sensor calm: words in which nothing is wrong with a sensor, for all sensors at once.

What `series_quality.take`, `habits.hear_word`, `drift.add` and `DeviceWatch` do word by word is done here elementwise,
in the same order, so that every number is the same to the last bit. Where anything would follow from a word but that it
was heard, the whole asset is left to `DeviceWatch`, untouched.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.series_quality import (
    ALL_SAME,
    FINE,
    FIRST_DAY_US,
    GAPS,
    LEARNT_LONGEST_US,
    LONGER_THAN_HABIT,
    RUN,
    RUNS_OF,
    Rule,
)
from models.blocks import NEVER_US
from models.sensors.drift import DAY_US, all_in_steps
from models.sensors.habits import FEW_WORDS, FORGOTTEN_IN_US, HOLDS, LONGEST_HABIT
from models.sensors.rows import Rows
from models.sensors.series import share_of_jumps

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Moments = npt.NDArray[np.int64]

_SAFE = 9e18  # a product of microseconds may not leave the 63 bits of an integer


def known_habits(habits: Rows) -> Mask:
    """By row what `habits.is_known` says."""
    known: Mask = (habits["at_us"] - habits["born_us"] >= DAY_US) & (habits["words"] >= FEW_WORDS)
    return known


def silent_after_us(habits: Rows) -> Moments:
    """By row what `habits.silent_after_us` says of a device that measures; `NEVER_US` where nobody can tell."""
    usual = np.maximum(GAPS * habits["pace_us"], LONGEST_HABIT * habits["longest_us"])
    usual = np.maximum(np.maximum(usual, HOLDS * habits["holds_us"]), habits["least_us"])
    learnt = np.where(known_habits(habits), usual, NEVER_US)
    return np.where(habits["registered_us"] != 0, habits["registered_us"], learnt)


@dataclass(frozen=True, slots=True)
class Said:
    """Words, or readings of one metric, of several devices.

    Attributes:
        counts: int64, shape (devices,), descending, 1 or more: how many each said.
        at_us: int64, shape (words, devices), ascending in each column; the last again behind its end.
    """

    counts: Moments
    at_us: Moments

    def spoke(self) -> list[int]:
        """By row, how many devices said so many: the first ones."""
        rows: list[int] = np.searchsorted(-self.counts, -np.arange(len(self.at_us))).tolist()
        return rows

    def here(self) -> Mask:
        """Shape (words, devices): where something was said."""
        mask: Mask = np.arange(len(self.at_us))[:, None] < self.counts
        return mask

    def of(self, devices: Mask) -> "Said":
        """Of some of the devices."""
        counts = self.counts[devices]
        return Said(counts, self.at_us[: counts[0] if counts.size else 0, devices])

    def gaps(self, before_us: Moments) -> Moments:
        """Shape (words, devices): since the word before; 0 behind the end of a column.

        Args:
            before_us: Of each device its word before the first here.
        """
        gaps = np.empty_like(self.at_us)
        np.subtract(self.at_us[0], before_us, out=gaps[0])
        np.subtract(self.at_us[1:], self.at_us[:-1], out=gaps[1:])
        return gaps


def hear_words(habits: Rows, said: Said) -> tuple[Mask, Moments]:
    """Take in that devices spoke, as `habits.hear_word` does.

    Args:
        habits: Copies of rows, a row a device, changed; what is in those that are remarkable is worth nothing.
        said: When each spoke.

    Returns:
        Whose words were unremarkable; and, shape (words, devices), from when on each is silent if it says no more.
    """
    pace_us, after_us = habits["pace_us"], silent_after_us(habits)
    gaps = said.gaps(habits["at_us"])
    steady = ((gaps == pace_us) | ~said.here()).all(axis=0) & (pace_us > 0) & (habits["longest_us"] == pace_us)
    # A longest pause as long as the usual one fades by less than the next pause brings back.
    steady &= known_habits(habits) & (pace_us < after_us) & (pace_us.astype(np.float64) ** 2 < _SAFE)
    from_us = said.at_us + after_us
    calm = steady.copy()
    last_us = said.at_us[-1]
    habits["at_us"][steady] = last_us[steady]
    habits["words"][steady] += said.counts[steady]
    if not steady.all():
        rest, some = ~steady, said.of(~steady)
        changed = habits[rest]
        calm[rest], from_us[: len(some.at_us), rest] = _hear_one_by_one(changed, some)
        habits[rest] = changed
    return calm, from_us


def _hear_one_by_one(habits: Rows, said: Said) -> tuple[Mask, Moments]:
    calm = np.ones(habits.shape, np.bool_)
    from_us = np.empty_like(said.at_us)
    for row, spoke in enumerate(said.spoke()):
        some = habits[:spoke]
        calm[:spoke] &= _hear_word(some, said.at_us[row, :spoke])
        from_us[row, :spoke] = said.at_us[row, :spoke] + silent_after_us(some)
    return calm, from_us


def _hear_word(habits: Rows, at_us: Moments) -> Mask:
    pause = at_us - habits["at_us"]
    pace, longest = habits["pace_us"], habits["longest_us"]
    calm: Mask = (pause > 0) & (pause < silent_after_us(habits)) & (pace > 0)
    fades = np.minimum(np.maximum(pause, 1), FORGOTTEN_IN_US)
    calm &= longest.astype(np.float64) * fades < _SAFE
    faded = longest - longest * fades // FORGOTTEN_IN_US
    habits["at_us"] = at_us
    habits["words"] += 1
    habits["pace_us"] = pace + (np.minimum(pause, 3 * pace) - pace) // 8
    habits["longest_us"] = np.maximum(pause, faded)
    return calm


def hear_readings(series: Rows, rule: Rule, said: Said, value: Numbers, standing: Mask) -> tuple[Mask, Mask]:
    """Take in the readings of one metric, as `Channel.hear` does.

    Args:
        series: Copies of rows, a row a device, changed; what is in those that are remarkable is worth nothing.
        rule: Of the metric.
        said: When each was measured.
        value: Shape (readings, devices), in the metric's unit.
        standing: Of the same shape: where the machine stands and the metric is driven by it.

    Returns:
        Whose readings were unremarkable; and, shape (readings, devices), which of them only repeat the one before in a
        series that is fine, and are not to be believed.
    """
    here, gaps = said.here(), said.gaps(series["at_us"])
    change = np.empty_like(value)
    np.subtract(value[0], series["value"], out=change[0])
    np.subtract(value[1:], value[:-1], out=change[1:])
    size = np.abs(change)
    lively = (size > 0.0) & ~((size > rule.step) & (size > rule.rate_us * gaps)) & (gaps > 0) & ~standing
    lively = (lively | ~here).all(axis=0) & (series["run"] == 1) & (series["jumps"] == 0.0) & series["known"]
    calm, held = np.zeros(lively.shape, np.bool_), np.zeros(value.shape, np.bool_)
    if lively.any():
        changed = series[lively]
        calm[lively] = _hear_lively(changed, said.of(lively), value[:, lively])
        series[lively] = changed
    if not lively.all():
        rest, part, changed = ~lively, said.of(~lively), series[~lively]
        rows = len(part.at_us)
        calm[rest], held[:rows, rest] = _hear_any(changed, rule, part, value[:rows, rest], standing[:rows, rest])
        series[rest] = changed
    return calm, held


def _hear_lively(series: Rows, said: Said, value: Numbers) -> Mask:
    """Of series in which each reading differs from the one before, by no jump."""
    gaps = said.gaps(series["at_us"])
    pace, same = series["pace_us"].copy(), series["same"].copy()
    calm = np.ones(pace.shape, np.bool_)
    paced = bool((gaps[said.here()] == np.broadcast_to(pace, gaps.shape)[said.here()]).all()) and bool((pace > 0).all())
    for row, spoke in enumerate(said.spoke()):
        same[:spoke] -= same[:spoke] // RUNS_OF
        if not paced:
            gap = gaps[row, :spoke]
            calm[:spoke] &= gap <= 3 * pace[:spoke]
            pace[:spoke] += (gap - pace[:spoke]) // 8
    last = said.counts - 1, np.arange(same.size)
    series["pace_us"], series["same"], series["run"] = pace, same, 1
    series["at_us"] = series["since_us"] = said.at_us[last]
    series["value"] = value[last]
    return calm


def _hear_any(series: Rows, rule: Rule, said: Said, value: Numbers, standing: Mask) -> tuple[Mask, Mask]:
    calm, held = np.ones(series.shape, np.bool_), np.zeros(value.shape, np.bool_)
    for row, spoke in enumerate(said.spoke()):
        some, now = series[:spoke], slice(spoke)
        fine, held[row, now] = _hear_reading(some, rule, said.at_us[row, now], value[row, now], standing[row, now])
        calm[:spoke] &= fine
    return calm, held


def _hear_reading(series: Rows, rule: Rule, at_us: Moments, value: Numbers, standing: Mask) -> tuple[Mask, Mask]:
    gap, pace, change = at_us - series["at_us"], series["pace_us"], value - series["value"]
    jumped = (np.abs(change) > rule.step) & (np.abs(change) > rule.rate_us * gap)
    moved = ~standing & (change != 0.0)
    calm: Mask = series["known"] & (gap > 0) & (gap <= 3 * pace) & ~(moved & jumped)
    series["pace_us"] = pace + (gap - pace) // 8
    _end_runs(series, rule, moved & (series["run"] > 1))
    series["same"] = np.where(moved, series["same"] - series["same"] // RUNS_OF, series["same"])
    goes_on = ~standing & ~moved & _may_stick(series["value"], rule)
    series["since_us"] = np.where(goes_on, series["since_us"], at_us)
    series["run"] = np.where(goes_on, series["run"] + 1, 1)
    series["at_us"], series["value"] = at_us, value
    calm &= ~(goes_on & _is_stuck(series, rule))
    repeats: Mask = goes_on & (series["same"] < FINE) & (np.abs(value) > rule.rests_at)
    for row in np.flatnonzero(series["jumps"]).tolist():
        series["jumps"][row] = share_of_jumps(series["jumps"][row].item(), jumped=False)
    return calm, repeats


@dataclass(frozen=True, slots=True)
class Days:
    """What was added to the means of days.

    Attributes:
        calm: Shape (devices,): who did not end two days.
        rows: int64, shape (devices,): the first reading of a new day; -1 where no day ended.
        day: int64, shape (devices,): the day that ended, if one did.
        sum: int64, shape (devices,), of its readings, in steps of `drift.in_steps`.
        count: int64, shape (devices,), of its readings.
    """

    calm: Mask
    rows: Moments
    day: Moments
    sum: Moments
    count: Moments


def add_to_days(series: Rows, said: Said, value: Numbers) -> Days:
    """Add readings to the means of their days, as `drift.add` does.

    Args:
        series: Copies of rows, a row a device, changed.
        said: When each was measured.
        value: Shape (readings, devices).
    """
    columns, last, days = np.arange(series.size), said.counts - 1, said.at_us // DAY_US
    ends = days[last, columns] > series["day"]
    rows = np.where(ends, (days <= series["day"]).sum(axis=0), -1)
    added = all_in_steps(np.where(said.here(), value, 0.0))
    sums = np.cumsum(np.concatenate([series["sum"][None], added]), axis=0)
    first = np.where(ends, rows, said.counts)
    ended = Days(
        ~ends | (days[np.maximum(rows, 0), columns] == days[last, columns]),
        rows,
        series["day"].copy(),
        sums[first, columns],
        series["count"] + first,
    )
    series["sum"], series["count"] = ended.sum, ended.count
    if ends.any():
        series["sum"][ends] = (sums[-1] - ended.sum)[ends]
        series["count"][ends] = said.counts[ends] - rows[ends]
        series["day"][ends] = days[last[ends], columns[ends]]
    return ended


def _may_stick(value: Numbers, rule: Rule) -> Mask:
    """Where an equal value goes on with a run: not where the metric may keep still for ever, or rest for ever."""
    if math.isinf(rule.still_us):
        return np.zeros(value.shape, np.bool_)
    return np.abs(value) > rule.rests_at if math.isinf(rule.rest_us) else np.ones(value.shape, np.bool_)


def _end_runs(series: Rows, rule: Rule, ended: Mask) -> None:
    learns = ended & (np.abs(series["value"]) > rule.rests_at)
    lasted = np.minimum(series["at_us"] - series["since_us"], LEARNT_LONGEST_US)
    series["longest_us"] = np.where(learns, np.maximum(series["longest_us"], lasted), series["longest_us"])
    series["same"] = np.where(learns, series["same"] + ALL_SAME // RUNS_OF, series["same"])


def _is_stuck(series: Rows, rule: Rule) -> Mask:
    """Where a run of equal values is too long."""
    length, fine = series["at_us"] - series["since_us"], series["same"] < FINE
    resting = np.abs(series["value"]) <= rule.rests_at
    allowed = np.maximum(rule.still_us, LONGER_THAN_HABIT * series["longest_us"])
    young = series["since_us"] - series["born_us"] < FIRST_DAY_US
    allowed = np.where(young, np.maximum(allowed, FIRST_DAY_US), allowed)
    stuck: Mask = (series["run"] >= RUN) & np.where(resting, length >= rule.rest_us, fine | (length >= allowed))
    return stuck
