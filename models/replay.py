"""Replay: the findings of the ordered path over stored readings, by the code that runs live."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from ingest.history import ReadingsGoneError, ReadingSource, Series
from ingest.log import Record
from ingest.readings import UNSCORED, Batch, Event, Reading
from ingest.registry import Device, Registry
from models.detector import Detector
from models.engine import Engine
from models.findings import Finding
from models.thresholds import ThresholdBook

SLICE_US = 7 * 86_400_000_000
"""What is read from the store at once; as arrays a week of one metric at 1 Hz is 10 MB. Chosen by that."""
CHUNK_US = 3_600_000_000
"""What is turned into readings at once. Chosen by memory: an hour of ten metrics at 1 Hz is 5 MB."""

_UNSCORED = int(UNSCORED)
_AT = attrgetter("at_us")


@dataclass(frozen=True, slots=True)
class _Slice:
    """What one device said in a slice of time."""

    device: Device
    series: dict[str, Series]
    events: list[Event]

    def between(self, start_us: int, end_us: int) -> Batch | None:
        """Its scoreable content in [start_us, end_us) as one batch, or None when there is none."""
        readings: list[Reading] = []
        for metric, series in self.series.items():
            low, high = np.searchsorted(series.at_us, (start_us, end_us))
            rows = zip(
                series.at_us[low:high].tolist(),
                series.value[low:high].tolist(),
                series.quality[low:high].tolist(),
                strict=True,
            )
            name = self.device.id
            readings += [Reading(name, metric, at, value, flags) for at, value, flags in rows if not flags & _UNSCORED]
        # What is of one moment lies together then, and is held as one thing.
        readings.sort(key=_AT)
        first, last = (bisect_left(self.events, moment, key=lambda e: e.at_us) for moment in (start_us, end_us))
        events = tuple(e for e in self.events[first:last] if not e.quality & _UNSCORED)
        if not readings and not events:
            return None
        return Batch(self.device.site, self.device.id, end_us, tuple(readings), events)


def replay(  # noqa: PLR0913, PLR0917 -- the engine's four, and which store and stretch of it
    store: ReadingSource,
    registry: Registry,
    detectors: Sequence[Detector],
    thresholds: ThresholdBook,
    lateness_us: int,
    start_us: int,
    end_us: int,
) -> Iterator[Finding]:
    """What the ordered path says about start_us <= at_us < end_us, site by site in the order the windows close.

    The findings are those of a live run that began at `start_us`, but for `Evidence.stills`: a store keeps no
    pictures, and no detector fires on one. Detectors begin without memory, so let `start_us` lie as far back as
    they learn. Bounds that are multiples of the detectors' widths cut no window in two. Memory is bounded by a
    week of arrays.

    Args:
        store: Read in slices; nothing is written.
        registry: Whose devices are read.
        detectors: As for the engine.
        thresholds: Values by event time, so that a replay sees what the live run saw.
        lateness_us: As live; it decides which windows are judged together.
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.

    Raises:
        StoreUnavailableError: The store cannot be reached.
        ReadingsGoneError: `start_us` lies before the readings that are kept.
    """
    kept_from_us = store.readings_from_us()
    if start_us < kept_from_us:
        raise ReadingsGoneError(start_us, kept_from_us)
    engine = Engine(registry, detectors, thresholds, lateness_us)
    for slice_start in range(start_us, end_us, SLICE_US):
        slice_end = min(slice_start + SLICE_US, end_us)
        slices = [_read(store, device, slice_start, slice_end) for device in registry.devices.values()]
        for chunk_start in range(slice_start, slice_end, CHUNK_US):
            chunk_end = min(chunk_start + CHUNK_US, slice_end)
            _offer(engine, [s.between(chunk_start, chunk_end) for s in slices])
            for site in registry.sites:
                yield from engine.advance(site, chunk_end)
    widest = max((d.spec.width_us for d in detectors), default=0)
    patience = max((d.reports_every_us for d in registry.devices.values()), default=0)
    for site in registry.sites:
        for finding in engine.advance(site, end_us + widest + lateness_us + patience):
            if finding.at_us < end_us:
                yield finding


def _read(store: ReadingSource, device: Device, start_us: int, end_us: int) -> _Slice:
    found = {metric: store.series(device.id, metric, start_us, end_us) for metric in store.metrics(device.id)}
    series = {metric: one for metric, one in found.items() if one.at_us.size}
    return _Slice(device, series, store.events(device.id, start_us, end_us))


def _offer(engine: Engine, batches: Sequence[Batch | None]) -> None:
    """Fill the engine's windows without moving its watermark, which waits until the chunk is complete."""
    for batch in batches:
        if batch is not None:
            engine.offer(Record(0, 0, batch), seen=True)
