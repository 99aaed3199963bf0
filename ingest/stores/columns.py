"""Columns: readings of log records as numpy columns, and which of them a store can hold already."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.log import Record

NEVER_US = np.iinfo(np.int64).min
"""The newest time of a series that holds nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings sorted by (series, at_us), no two with the same pair.

    Attributes:
        series: int32, shape (n,), numbers given by `SeriesBook`.
        at_us: int64, shape (n,), microseconds since the epoch.
        value: float64, shape (n,), in the metric's unit.
        quality: uint8, shape (n,), flags of `ingest.readings.Quality`.
    """

    series: npt.NDArray[np.int32]
    at_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.at_us)

    def where(self, mask: npt.NDArray[np.bool_]) -> "Columns":
        """The rows for which `mask`, shape (n,), is true."""
        return Columns(self.series[mask], self.at_us[mask], self.value[mask], self.quality[mask])

    def without(self, series: npt.NDArray[np.int32], at_us: npt.NDArray[np.int64]) -> "Columns":
        """The rows whose (series, at_us) is not among the given pairs, both of shape (m,)."""
        held = set(zip(series.tolist(), at_us.tolist(), strict=True))
        pairs = zip(self.series.tolist(), self.at_us.tolist(), strict=True)
        return self.where(np.fromiter((pair not in held for pair in pairs), np.bool_, len(self)))


class _Numbers(dict[tuple[str, str], int]):
    """Series numbers by (device, metric), in order of first sight."""

    def __missing__(self, key: tuple[str, str]) -> int:
        number = self[key] = len(self)
        return number


class SeriesBook:
    """The number of every series met, and the newest time a store holds of it.

    A reading newer than all its series holds cannot be there yet; only the others have to be looked up. That is what
    makes a store without a unique index exact and fast at once.
    """

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._newest_us = np.full(256, NEVER_US, np.int64)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, device: str, metric: str) -> int:
        """The number of a series, a new one if it was never met."""
        return self._numbers[device, metric]

    def find(self, device: str, metric: str) -> int | None:
        """The number of a series, or None if it was never met."""
        return self._numbers.get((device, metric))

    def keys(self, start: int = 0) -> list[tuple[str, str]]:
        """(device, metric) of the series numbered `start` and up, in the order of their numbers."""
        return list(self._numbers)[start:]

    def metrics(self, device: str) -> list[str]:
        """The metrics of a device that were met, sorted."""
        return sorted(metric for name, metric in list(self._numbers) if name == device)

    def columns(self, records: Sequence[Record]) -> Columns:
        """The readings of records; of several with the same series and time the first in log order."""
        readings = [r for record in records for r in record.batch.readings]
        n = len(readings)
        numbers = self._numbers
        series = np.fromiter((numbers[r.device, r.metric] for r in readings), np.int32, n)
        at_us = np.fromiter((r.at_us for r in readings), np.int64, n)
        order = np.lexsort((at_us, series))  # stable: among equals the first in log order stays first
        series, at_us = series[order], at_us[order]
        first = np.ones(n, np.bool_)
        first[1:] = (series[1:] != series[:-1]) | (at_us[1:] != at_us[:-1])
        value = np.fromiter((r.value for r in readings), np.float64, n)[order]
        quality = np.fromiter((r.quality for r in readings), np.uint8, n)[order]
        return Columns(series, at_us, value, quality).where(first)

    def perhaps_held(self, columns: Columns) -> npt.NDArray[np.bool_]:
        """Whether a row is not newer than what its series holds, shape (n,); only such a row can be held already."""
        self._grow()
        return columns.at_us <= self._newest_us[columns.series]

    def remember(self, columns: Columns) -> None:
        """Note that rows are durable now."""
        self._grow()
        np.maximum.at(self._newest_us, columns.series, columns.at_us)

    def set_newest(self, number: int, at_us: int) -> None:
        """Note the newest time of one series, as read back from a store."""
        self._grow()
        self._newest_us[number] = at_us

    def _grow(self) -> None:
        if len(self._numbers) > len(self._newest_us):
            more = np.full(len(self._numbers), NEVER_US, np.int64)
            self._newest_us = np.concatenate([self._newest_us, more])
