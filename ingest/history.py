"""History: the Protocol of the time-series stores, and the derived series that are kept beside the readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ingest.log import Record
from ingest.readings import Event


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a derived series (a score, a threshold, a work order), for charts and annotations.

    Attributes:
        series: The measurement's name: `score`, `threshold` or `work_order`.
        at_us: Event time, microseconds since the epoch.
        tags: Few and bounded: site, asset, failure_mode, name.
        fields: Numbers and short texts.
    """

    series: str
    at_us: int
    tags: Mapping[str, str]
    fields: Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one device over time.

    Attributes:
        at_us: int64, shape (n,), ascending, no duplicates, microseconds since the epoch.
        value: float64, shape (n,), in the metric's unit.
        quality: uint8, shape (n,), flags of `ingest.readings.Quality`.
    """

    at_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.uint8]


class ReadingStore(Protocol):
    """A time-series store; every implementation passes `tests/contracts/reading_store.py`.

    Writing the same records or points again changes nothing: at-least-once in, each reading stored once. Of two
    readings with the same device, metric and time the first in log order stays.
    """

    def write(self, records: Sequence[Record]) -> None:
        """Store the readings and events of log records and remember the last position, all or nothing.

        Raises:
            StoreUnavailableError: Nothing is lost: the caller comes back with the same records.
        """
        ...

    def position(self) -> int:
        """The log position up to which records are stored, 0 at the start."""
        ...

    def write_points(self, points: Sequence[Point]) -> None:
        """Store derived points; a point with the same series, time and tags is overwritten."""
        ...

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """The readings of one metric with start_us <= at_us < end_us, ascending."""
        ...

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """The events of one device with start_us <= at_us < end_us, ascending."""
        ...

    def points(self, series: str, tags: Mapping[str, str], start_us: int, end_us: int) -> list[Point]:
        """The derived points that carry at least `tags`, ascending."""
        ...

    def close(self) -> None:
        """Release the file or connection; calling it twice does nothing."""
        ...
