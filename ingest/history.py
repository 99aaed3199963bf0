"""History: the Protocol of the time-series stores, and the derived series that are kept beside the readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ingest.errors import IngestError
from ingest.log import Record
from ingest.readings import Event
from ingest.registry import Registry

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
EVER_US = -(2**62)
"""Before everything: where a history begins that nothing was taken from."""


class StoreUnavailableError(IngestError):
    """A store did not take or give what it was asked for; nothing is lost, and asking again later is right.

    Attributes:
        store: Which one: a file or a URL.
        reason: What it said, in one sentence.
        retry_after_s: Not before so many seconds, if it said that; else 0.
    """

    def __init__(self, store: str, reason: str, retry_after_s: float = 0.0) -> None:
        self.store = store
        self.reason = reason
        self.retry_after_s = retry_after_s
        super().__init__(f"the time-series store {store} is unavailable: {reason}")


class ReadingsGoneError(IngestError):
    """Single readings were asked for of a time of which only summaries are kept."""

    def __init__(self, start_us: int, kept_from_us: int) -> None:
        self.start_us, self.kept_from_us = start_us, kept_from_us
        start, kept = (
            datetime.fromtimestamp(us / 1e6, UTC).isoformat(timespec="seconds") for us in (start_us, kept_from_us)
        )
        super().__init__(
            f"of the time before {kept} only summaries are kept, so nothing can be replayed from {start}: begin at "
            f"{kept} or later, or keep readings for longer (history.keep_readings_days)"
        )


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a store keeps what, in microseconds of event time; 0 is for ever.

    Attributes:
        readings_us: Single readings, events and scores. 400 days: a year to compare with, and a month to do it in.
        minutes_us: Summaries of a minute, which take the place of readings. Three years: three winters.
        hours_us: Summaries of an hour. For ever: a series takes 0.2 MB a year.
    """

    readings_us: int = 400 * DAY_US
    minutes_us: int = 3 * 365 * DAY_US
    hours_us: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a derived series (a score, a threshold, a work order), for charts and annotations.

    Attributes:
        series: The measurement's name: one of the table in `ingest/stores/README.md`.
        at_us: Event time, microseconds since the epoch.
        tags: Few and bounded: site, asset, failure_mode, name. An empty tag is the same as no tag.
        fields: At least one; finite numbers (kept as floats) and short texts.
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


@dataclass(frozen=True, slots=True)
class Summary:
    """One metric of one device over windows of time, of readings that can be believed (not `OUT_OF_RANGE`).

    A late reading counts: it says when it came, not that it is wrong. A window without a reading has no row.

    Attributes:
        at_us: int64, shape (n,), ascending: where each window starts, a multiple of its width since the epoch.
        low: float64, shape (n,), the smallest value.
        high: float64, shape (n,), the largest value.
        mean: float64, shape (n,), of the readings, not weighted by time.
        count: int64, shape (n,), how many readings.
        last: float64, shape (n,), the value of the newest reading.
    """

    at_us: npt.NDArray[np.int64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]
    last: npt.NDArray[np.float64]


class ReadingSource(Protocol):
    """What a replay reads: single readings and events of the past, wherever they are kept.

    Every method raises `StoreUnavailableError` while what is behind it cannot be reached.
    """

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """The readings of one metric with start_us <= at_us < end_us, ascending."""
        ...

    def readings_from_us(self) -> int:
        """From when on single readings are kept; before it only summaries. `EVER_US` if nothing was ever dropped."""
        ...

    def metrics(self, device: str) -> list[str]:
        """The metrics of which the store ever took a reading of this device, sorted."""
        ...

    def events(self, device: str, start_us: int, end_us: int) -> list[Event]:
        """The events of one device with start_us <= at_us < end_us, ascending; those of one moment in log order."""
        ...


class ReadingStore(ReadingSource, Protocol):
    """A time-series store; every implementation passes `tests/contracts/reading_store.py`.

    Writing the same records or points again changes nothing: at-least-once in, each reading stored once. Of two
    readings with the same device, metric and time the first in log order stays. An event that says the same again
    (device, kind, time and attributes) is stored once. One writer thread at a time; readers from any thread.

    Every method but `close` raises `StoreUnavailableError` while the store cannot be reached.
    """

    def write(self, records: Sequence[Record]) -> None:
        """Store the readings and events of log records and remember the last position.

        Args:
            records: In log order, going on after `position()`; what lies at or before it is skipped.

        Raises:
            StoreUnavailableError: The position has not moved: the caller comes back with the same records, and what
                was stored of them is recognised.
        """
        ...

    def tend(self) -> bool:
        """Do some of what is not a matter of one write (summaries, retries that were asked for); whether it did.

        What it does bears being done again, and what it does not do now only comes later.
        """
        ...

    def position(self) -> int:
        """The log position up to which records are stored, 0 at the start."""
        ...

    def write_points(self, points: Sequence[Point]) -> None:
        """Store derived points; a point with the same series, time and tags is overwritten."""
        ...

    def summary(self, device: str, metric: str, start_us: int, end_us: int, step_us: int) -> Summary:
        """One metric in whole windows of `step_us` that reach into start_us <= at_us < end_us.

        Read from the coarsest rows that serve the step. Where only minutes or hours are left and the step is
        shorter, there is one row a minute or hour, in the window in which that one starts.
        """
        ...

    def points(self, series: str, tags: Mapping[str, str], start_us: int, end_us: int) -> list[Point]:
        """The derived points of a series that carry at least `tags`, with start_us <= at_us < end_us, ascending."""
        ...

    def close(self) -> None:
        """Release the file or connection; calling it twice does nothing."""
        ...


def watch_points(registry: Registry, at_us: int) -> list[Point]:
    """Which device watches which asset, as points of the series `watch`.

    A reading names its device only, because one device may watch several assets; a dashboard finds the readings of
    an asset through these points. One point a pair, so as many series as the registry has pairs.

    Args:
        registry: The sites, assets and devices of today.
        at_us: When this holds from, microseconds since the epoch; the scorer writes them when it starts.
    """
    return [
        Point(
            series="watch",
            at_us=at_us,
            tags={
                "site": registry.assets[asset].site,
                "asset": asset,
                "asset_class": registry.assets[asset].asset_class.value,
                "device": device.id,
            },
            fields={"reports_every_s": device.reports_every_us / 1e6},
        )
        for device in registry.devices.values()
        for asset in device.assets
    ]
