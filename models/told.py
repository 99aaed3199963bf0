"""Told: what one device said over a stretch of event time, as arrays, of which readings are made when somebody asks."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ingest.history import Series
from ingest.readings import UNSCORED, Reading

_UNSCORED = int(UNSCORED)
_ORDER = attrgetter("at_us", "device", "metric")

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Told:
    """The words of one device: a word is what it said of one moment.

    Attributes:
        device: Its id.
        at_us: int64, shape (words,), ascending, no duplicates, microseconds since the epoch.
        values: By metric, ascending, float64, shape (words,), in the metric's unit; NaN where it was not said.
        quality: By metric, uint8, shape (words,), flags of `ingest.readings.Quality`; a metric without flags has none.
    """

    device: str
    at_us: npt.NDArray[np.int64]
    values: Mapping[str, npt.NDArray[np.float64]]
    quality: Mapping[str, npt.NDArray[np.uint8]]

    @classmethod
    def of(cls, device: str, series: Mapping[str, Series]) -> "Told":
        """The scoreable readings of a device's series.

        Args:
            device: Its id.
            series: By metric, over one stretch of time.
        """
        scored = {metric: _scored(series[metric]) for metric in sorted(series)}
        kept = {metric: one for metric, one in scored.items() if one.at_us.size}
        if not kept:
            return cls(device, np.empty(0, np.int64), {}, {})
        first, *others = kept.values()
        if all(np.array_equal(first.at_us, other.at_us) for other in others):
            values = {metric: one.value for metric, one in kept.items()}
            return cls(device, first.at_us, values, {m: one.quality for m, one in kept.items() if one.quality.any()})
        at_us = np.unique(np.concatenate([one.at_us for one in kept.values()]))
        rows = {metric: np.searchsorted(at_us, one.at_us) for metric, one in kept.items()}
        values = {m: _placed(np.full(at_us.shape, np.nan), rows[m], one.value) for m, one in kept.items()}
        flagged = {m: one for m, one in kept.items() if one.quality.any()}
        quality = {m: _placed(np.zeros(at_us.shape, np.uint8), rows[m], one.quality) for m, one in flagged.items()}
        return cls(device, at_us, values, quality)

    def then(self, later: "Told") -> "Told":
        """This, and what the same device said afterwards."""
        if not self.at_us.size:
            return later
        if not later.at_us.size:
            return self
        sizes = self.at_us.size, later.at_us.size
        values = {
            m: _joined(self.values, later.values, m, sizes, np.nan) for m in sorted({*self.values, *later.values})
        }
        quality = {m: _joined(self.quality, later.quality, m, sizes, 0) for m in {*self.quality, *later.quality}}
        return Told(self.device, np.concatenate([self.at_us, later.at_us]), values, quality)

    def part(self, low: int, high: int) -> "Told":
        """Words low <= number < high; views, nothing is copied."""
        values = {metric: one[low:high] for metric, one in self.values.items()}
        return Told(self.device, self.at_us[low:high], values, {m: one[low:high] for m, one in self.quality.items()})

    def without(self, metric: str, stretches: Sequence[Sequence[int]]) -> "Told":
        """What is left without a metric in stretches [from, until); words of which nothing is left are gone."""
        wrong = np.zeros(self.at_us.shape, np.bool_)
        for from_us, until_us in stretches:
            wrong[self.at_us.searchsorted(from_us) : self.at_us.searchsorted(until_us)] = True
        values = {**self.values, metric: np.where(wrong, np.nan, self.values[metric])}
        empty = np.all([np.isnan(one) for one in values.values()], axis=0)
        if not empty.any():
            return Told(self.device, self.at_us, values, self.quality)
        some = {m: one[~empty] for m, one in values.items()}
        return Told(self.device, self.at_us[~empty], some, {m: one[~empty] for m, one in self.quality.items()})

    def readings(self) -> list[Reading]:
        """Its readings, ascending by (at_us, metric)."""
        columns = []
        for metric, values in self.values.items():
            flags = self.quality.get(metric)
            columns.append((metric, values.tolist(), [0] * values.size if flags is None else flags.tolist()))
        return [
            Reading(self.device, metric, at_us, values[n], flags[n])
            for n, at_us in enumerate(self.at_us.tolist())
            for metric, values, flags in columns
            # What is no number was not said: no message that holds one is let in.
            if not math.isnan(values[n])
        ]


class ToldReadings(Sequence[Reading]):
    """The readings of an asset's devices in one window, made when the first is asked for.

    Args:
        told: Of each device, what lies in the window; none of it empty.
    """

    __slots__ = ("_made", "_told")

    def __init__(self, told: Sequence[Told]) -> None:
        self._told = told
        self._made: tuple[Reading, ...] | None = None

    @property
    def told(self) -> Sequence[Told]:
        """Of each device, the arrays that lie in the window."""
        return self._told

    @property
    def all(self) -> tuple[Reading, ...]:
        """All of them, ascending by (at_us, device, metric)."""
        if self._made is None:
            readings = [r for told in self._told for r in told.readings()]
            if len(self._told) > 1:
                readings.sort(key=_ORDER)
            self._made = tuple(readings)
        return self._made

    def said(self, metric: str, start_us: int, end_us: int) -> list[tuple[int, float]]:
        """See `Window.said`; no reading is made for it."""
        found: list[tuple[int, str, float]] = []
        for told in self._told:
            values = told.values.get(metric)
            if values is None:
                continue
            low, high = int(told.at_us.searchsorted(start_us)), int(told.at_us.searchsorted(end_us))
            pairs = zip(told.at_us[low:high].tolist(), values[low:high].tolist(), strict=True)
            found += [(at_us, told.device, value) for at_us, value in pairs if not math.isnan(value)]
        if len(self._told) > 1:
            found.sort(key=itemgetter(0, 1))
        return [(at_us, value) for at_us, _, value in found]

    def by_device(self, metric: str) -> dict[str, list[float]]:
        """See `Window.by_device`; no reading is made for it."""
        columns = {one.device: one.values[metric] for one in self._told if metric in one.values}
        known = {device: values[~np.isnan(values)].tolist() for device, values in columns.items()}
        return {device: values for device, values in known.items() if values}

    def without(self, doubted: Iterable[tuple[str, str, Sequence[Sequence[int]]]]) -> "ToldReadings | None":
        """What is left of it; None if nothing is.

        Args:
            doubted: Device, metric, and stretches [from, until) of which nothing is to be believed.
        """
        told = {one.device: one for one in self._told}
        for device, metric, stretches in doubted:
            if device in told and metric in told[device].values:
                told[device] = told[device].without(metric, stretches)
        kept = [one for one in told.values() if one.at_us.size]
        return ToldReadings(kept) if kept else None

    def __bool__(self) -> bool:
        """There is at least one: a word that says nothing is none."""
        return True

    def __len__(self) -> int:
        """How many."""
        return len(self.all)

    def __iter__(self) -> Iterator[Reading]:
        """One after the other."""
        return iter(self.all)

    @overload
    def __getitem__(self, at: int) -> Reading: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Reading, ...]: ...
    def __getitem__(self, at: int | slice) -> Reading | tuple[Reading, ...]:
        """One or some."""
        return self.all[at]


def _scored(series: Series) -> Series:
    flagged = (series.quality & _UNSCORED) != 0
    if not flagged.any():
        return series
    return Series(series.at_us[~flagged], series.value[~flagged], series.quality[~flagged])


def _placed(empty: Numbers, rows: npt.NDArray[np.intp], values: Numbers) -> Numbers:
    empty[rows] = values
    return empty


def _joined(
    before: Mapping[str, Numbers], after: Mapping[str, Numbers], metric: str, sizes: tuple[int, int], missing: float
) -> Numbers:
    known = before[metric] if metric in before else after[metric]
    return np.concatenate(
        [
            side[metric] if metric in side else np.full(size, missing, known.dtype)
            for side, size in zip((before, after), sizes, strict=True)
        ]
    )
