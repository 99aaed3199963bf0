"""Sensor calm: a window in which nothing is wrong with a sensor, for all sensors at once.

What `series_quality.take`, `habits.hear_word`, `drift.add` and `DeviceWatch` do word by word is done here elementwise,
in the same order, so that every number is the same to the last bit. Where anything would follow from a word but that it
was heard, the whole asset is left to `DeviceWatch`, untouched.
"""

import math

import numpy as np
import numpy.typing as npt

from ingest.series_quality import FINE, FINE_WEIGHT, FIRST_DAY_US, GAPS, LEARNT_LONGEST_US, LONGER_THAN_HABIT, RUN, Rule
from models.sensors.drift import DAY_US
from models.sensors.habits import FEW_WORDS, FORGOTTEN_IN_US, HOLDS, LONGEST_HABIT
from models.sensors.rows import Rows
from models.sensors.series import share_of_jumps

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Moments = npt.NDArray[np.int64]

NEVER_US = 2**62
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


def hear_words(habits: Rows, at_us: Moments) -> Mask:
    """Take in that each device spoke, as `habits.hear_word` does; where that was unremarkable.

    Args:
        habits: Copies of rows, changed; what is in those that are remarkable is worth nothing.
        at_us: When each spoke.
    """
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


def hear_series(series: Rows, rule: Rule, at_us: Moments, value: Numbers, standing: Mask) -> Mask:
    """Take in one reading of each channel, as `Channel.hear` and `drift.add` do; where that was unremarkable.

    Args:
        series: Copies of rows of one metric, changed; what is in those that are remarkable is worth nothing.
        rule: Of the metric.
        at_us: Of each reading.
        value: In the metric's unit.
        standing: Where the machine stands and the metric is driven by it.
    """
    gap, pace, change = at_us - series["at_us"], series["pace_us"], value - series["value"]
    jumped = (np.abs(change) > rule.step) & (np.abs(change) > rule.rate_us * gap)
    moved = ~standing & (change != 0.0)
    calm: Mask = series["known"] & (gap > 0) & (gap <= 3 * pace) & ~(moved & jumped)
    series["pace_us"] = pace + (gap - pace) // 8
    _end_runs(series, rule, moved & (series["run"] > 1))
    series["same"] = np.where(moved, series["same"] - series["same"] * FINE_WEIGHT, series["same"])
    goes_on = ~standing & ~moved & _may_stick(series["value"], rule)
    series["since_us"] = np.where(goes_on, series["since_us"], at_us)
    series["run"] = np.where(goes_on, series["run"] + 1, 1)
    series["at_us"], series["value"] = at_us, value
    calm &= ~(goes_on & _is_held(series, rule))
    for row in np.flatnonzero(series["jumps"]).tolist():
        series["jumps"][row] = share_of_jumps(series["jumps"][row].item(), jumped=False)
    return calm


def add_to_days(series: Rows, at_us: Moments, value: Numbers) -> Mask:
    """Add one reading of each channel to the mean of its day, as `drift.add` does; where no day ended by it."""
    series["sum"] += value
    series["count"] += 1
    return at_us // DAY_US <= series["day"]


def _may_stick(value: Numbers, rule: Rule) -> Mask:
    """Where an equal value goes on with a run: not where the metric may keep still for ever, or rest for ever."""
    if math.isinf(rule.still_us):
        return np.zeros(value.shape, np.bool_)
    return np.abs(value) > rule.rests_at if math.isinf(rule.rest_us) else np.ones(value.shape, np.bool_)


def _end_runs(series: Rows, rule: Rule, ended: Mask) -> None:
    learns = ended & (np.abs(series["value"]) > rule.rests_at)
    lasted = np.minimum(series["at_us"] - series["since_us"], LEARNT_LONGEST_US)
    series["longest_us"] = np.where(learns, np.maximum(series["longest_us"], lasted), series["longest_us"])
    series["same"] = np.where(learns, series["same"] + FINE_WEIGHT, series["same"])


def _is_held(series: Rows, rule: Rule) -> Mask:
    """Where a run of equal values is too long, or in a fine series at all."""
    length, fine = series["at_us"] - series["since_us"], series["same"] < FINE
    resting = np.abs(series["value"]) <= rule.rests_at
    allowed = np.maximum(rule.still_us, LONGER_THAN_HABIT * series["longest_us"])
    young = series["since_us"] - series["born_us"] < FIRST_DAY_US
    allowed = np.where(young, np.maximum(allowed, FIRST_DAY_US), allowed)
    stuck = (series["run"] >= RUN) & np.where(resting, length >= rule.rest_us, fine | (length >= allowed))
    held: Mask = stuck | (~resting & fine)
    return held
