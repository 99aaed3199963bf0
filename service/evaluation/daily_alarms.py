"""Daily alarms: what a robust z-score and the last value would alarm of each asset, an alarm a day at most."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from device_simulators.calendar import day_of, end_of_day
from ingest.log import Record
from ingest.readings import UNSCORED
from ingest.registry import Registry

_UNSCORED = int(UNSCORED)
_LEARNT_DAYS = 28  # DOMAIN 1.1: the robust baseline of night flows
_LIMIT = 3.5
"""Robust z-score of an outlier. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993."""
_MAD = 1.4826  # of a normal's standard deviation
_OPEN_DAYS = 7  # an alarm so soon after one is the same order; chosen by: the week of a policy's refractory time

Floats = npt.NDArray[np.float64]


class Rule(StrEnum):
    """What costs nothing."""

    Z_SCORE = "robust z-score"
    """A day's mean against the 28 before, in robust spreads."""
    LAST_VALUE = "last value"
    """A day's step from the day before against the 28 steps before."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An order that a rule would have made.

    Attributes:
        rule: By which.
        asset: Of which asset; no failure mode, for it knows none.
        at_us: The end of its first day, microseconds since the epoch.
    """

    rule: Rule
    asset: str
    at_us: int


@dataclass(slots=True)
class DayBook:
    """Sums of every metric and counts of every kind of event, a device and local day.

    Attributes:
        days: By device and metric, then by day: sum and count.
    """

    days: dict[tuple[str, str], dict[int, list[float]]] = field(default_factory=dict)

    def read(self, record: Record) -> None:
        """Take in one record."""
        device = record.batch.device
        for one in record.batch.readings:
            if not one.quality & _UNSCORED:
                self._add(device, one.metric, one.at_us, one.value)
        for event in record.batch.events:
            self._add(device, f"event {event.kind}", event.at_us, 1.0)

    def _add(self, device: str, metric: str, at_us: int, value: float) -> None:
        days = self.days.setdefault((device, metric), {})
        held = days.get(day := day_of(at_us))
        if held is None:
            days[day] = [value, 1.0]
        else:
            held[0] += value
            held[1] += 1.0

    def alarms(self, registry: Registry) -> list[Alarm]:
        """Of every asset and rule, ascending; what stays within a week is one."""
        raised: dict[tuple[Rule, str], set[int]] = {}
        for (device, metric), days in self.days.items():
            counted = metric.startswith("event ")
            numbers, values = _series(days, counted=counted)
            for rule, unusual in ((Rule.Z_SCORE, values), (Rule.LAST_VALUE, np.diff(values, prepend=values[:1]))):
                found = {int(numbers[i]) for i in _outliers(unusual)}
                for asset in registry.devices[device].assets:
                    raised.setdefault((rule, asset), set()).update(found)
        return sorted(_orders(raised), key=lambda one: (one.at_us, one.rule, one.asset))


def _series(days: Mapping[int, list[float]], *, counted: bool) -> tuple[npt.NDArray[np.int64], Floats]:
    """Days and their means; of events the counts, with a 0 for each day without."""
    if not counted:
        numbers = np.array(sorted(days), dtype=np.int64)
        return numbers, np.array([days[int(n)][0] / days[int(n)][1] for n in numbers])
    numbers = np.arange(min(days), max(days) + 1, dtype=np.int64)
    return numbers, np.array([days[int(n)][1] if int(n) in days else 0.0 for n in numbers])


def _outliers(values: Floats) -> npt.NDArray[np.int64]:
    """Which values lie far from the 28 before; where those are all alike nobody can tell."""
    if values.size <= _LEARNT_DAYS:
        return np.zeros(0, dtype=np.int64)
    before = np.lib.stride_tricks.sliding_window_view(values, _LEARNT_DAYS)[:-1]
    middle = np.median(before, axis=1)
    spread = _MAD * np.median(np.abs(before - middle[:, None]), axis=1)
    far = np.abs(values[_LEARNT_DAYS:] - middle) > _LIMIT * spread
    return np.flatnonzero(far & (spread > 0.0)) + _LEARNT_DAYS


def _orders(raised: Mapping[tuple[Rule, str], Iterable[int]]) -> Iterator[Alarm]:
    for (rule, asset), days in raised.items():
        last = -_OPEN_DAYS - 1
        for day in sorted(days):
            if day - last > _OPEN_DAYS:
                yield Alarm(rule, asset, end_of_day(day))
            last = day
