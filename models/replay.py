"""Replay: the findings of the ordered path over stored readings, by the code that runs live."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.history import ReadingsGoneError, ReadingSource
from ingest.log import Record
from ingest.readings import UNSCORED, Batch, Event
from ingest.registry import Device, Registry
from models.detector import Detector
from models.engine import Engine
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.told import Told

SLICE_US = 7 * 86_400_000_000
"""What is read from the store at once; as arrays a week of one metric at 1 Hz is 10 MB. Chosen by that."""
CHUNK_US = 7_200_000_000
"""What is judged at once. Chosen by: an asset that does anything remarkable in it is looked at window by window; sound
ones cost a fifth less than in hours, and no less in four."""
FIRST_US = 180_000_000
"""The first of it: nobody is known yet. Chosen by: who speaks every minute is known then, and fits blocks; who speaks
more seldom is after one of the next, each of which is twice as long."""

_UNSCORED = int(UNSCORED)


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
        engine.hold(_told(store, device.id, slice_start, slice_end) for device in registry.devices.values())
        happened = {d: store.events(d.id, slice_start, slice_end) for d in registry.devices.values()}
        for chunk_start, chunk_end in pairwise(_edges(slice_start, slice_end, is_first=slice_start == start_us)):
            for device, events in happened.items():
                _offer(engine, device, _between(events, chunk_start, chunk_end))
            for site in registry.sites:
                yield from engine.advance(site, chunk_end)
    widest = max((d.spec.width_us for d in detectors), default=0)
    patience = max((d.reports_every_us for d in registry.devices.values()), default=0)
    for site in registry.sites:
        for finding in engine.advance(site, end_us + widest + lateness_us + patience):
            if finding.at_us < end_us:
                yield finding


def _edges(start_us: int, end_us: int, *, is_first: bool) -> list[int]:
    """Where the chunks of a slice begin and end."""
    edges, length_us = [start_us], FIRST_US if is_first else CHUNK_US
    while edges[-1] < end_us:
        edges.append(min(edges[-1] + length_us, end_us))
        length_us = min(2 * length_us, CHUNK_US)
    return edges


def _told(store: ReadingSource, device: str, start_us: int, end_us: int) -> Told:
    return Told.of(device, {m: store.series(device, m, start_us, end_us) for m in store.metrics(device)})


def _between(events: Sequence[Event], start_us: int, end_us: int) -> tuple[Event, ...]:
    first, last = (bisect_left(events, moment, key=lambda e: e.at_us) for moment in (start_us, end_us))
    return tuple(e for e in events[first:last] if not e.quality & _UNSCORED)


def _offer(engine: Engine, device: Device, events: tuple[Event, ...]) -> None:
    """Fill windows with what happened without moving the watermark, which waits until the chunk is complete."""
    if events:
        engine.offer(Record(0, 0, Batch(device.site, device.id, events[-1].at_us, events=events)), seen=True)
