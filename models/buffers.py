"""Buffers: what an asset's devices said, kept by window until the watermark closes it."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from ingest.log import Record
from ingest.readings import UNSCORED, Event, Reading, Still
from ingest.registry import Asset, Device
from models.windows import Window

_UNSCORED = int(UNSCORED)  # an IntFlag's & runs in Python and takes ten times as long as an int's
_METRIC = attrgetter("metric")
BEGINNING_US = -(2**63)
"""The watermark of a site that has not spoken: before all times."""


class Bucket:
    """The unsorted content of one window that is still open.

    Attributes:
        position: Log position of the first record with content here, or None while there is none.
    """

    __slots__ = ("_events", "_stills", "_words", "position")

    def __init__(self) -> None:
        self.position: int | None = None
        self._words: dict[tuple[int, str], tuple[Reading, ...]] = {}
        self._events: dict[tuple[int, str, str], list[Event]] = {}
        self._stills: dict[tuple[int, str, str], Still] = {}

    def hold_word(self, at_us: int, word: tuple[Reading, ...], position: int) -> None:
        """Keep what a device said of one moment, behind what it said of it before.

        An unscored reading is kept too: history keeps the first one in log order, whatever its quality, and a
        replay must meet the same one.
        """
        if self.position is None:
            self.position = position
        key = (at_us, word[0].device)
        self._words[key] = self._words.get(key, ()) + word

    def hold_event(self, event: Event, position: int) -> None:
        """Keep an event unless one that says the same is here already, whatever its quality, as history does."""
        if self.position is None:
            self.position = position
        held = self._events.setdefault((event.at_us, event.device, event.kind), [])
        if all(event.attributes != other.attributes for other in held):
            held.append(event)

    def hold_still(self, still: Still, position: int) -> None:
        """Keep a still unless the same one is here already."""
        if self.position is None:
            self.position = position
        self._stills.setdefault((still.at_us, still.device, still.sha256), still)

    def window(self, lane: "Lane", start_us: int) -> Window:
        """The content in the order every arrival order leads to, without what is never scored."""
        return Window(
            lane.asset,
            start_us,
            start_us + lane.width_us,
            readings=tuple([r for key in sorted(self._words) for r in _ordered_word(self._words[key])]),
            events=tuple(self._ordered_events()) if self._events else (),
            stills=tuple(self._stills[key] for key in sorted(self._stills)) if self._stills else (),
            devices=lane.devices,
        )

    def _ordered_events(self) -> list[Event]:
        """Scored events by time, device and kind; a camera's frame holds several, and those go by their content."""
        ordered: list[Event] = []
        for key in sorted(self._events):
            held = [e for e in self._events[key] if not e.quality & _UNSCORED]
            if len(held) > 1:
                held.sort(key=lambda e: json.dumps(e.attributes, sort_keys=True))
            ordered += held
        return ordered


def words_of(readings: Sequence[Reading]) -> list[tuple[int, tuple[Reading, ...]]]:
    """The readings of one device by the moment they are of: most messages hold one."""
    if len({r.at_us for r in readings}) == 1:
        return [(readings[0].at_us, tuple(readings))]
    return [(at_us, tuple(word)) for at_us, word in groupby(readings, key=lambda r: r.at_us)]


def _ordered_word(word: tuple[Reading, ...]) -> Iterator[Reading]:
    """What counts of a moment, by metric: of each the first reading, if it is scored."""
    before = ""
    # Sorting keeps the order of those that are equal.
    for reading in sorted(word, key=_METRIC):
        if reading.metric != before and not reading.quality & _UNSCORED:
            yield reading
        before = reading.metric


class Lane:
    """The open windows of one asset at one width.

    Attributes:
        asset: Whose they are.
        width_us: Their width, microseconds.
        bound_us: How long after its end a window stays open: the lateness bound plus the asset's patience.
        devices: Those that speak for the asset.
        open: Buckets by the window's start.
        patience_us: For how much longer they stay open than those of assets whose devices hold nothing back.
        made_us: Up to when windows were made of what lies on the engine's shelf.
    """

    __slots__ = ("asset", "bound_us", "devices", "made_us", "open", "patience_us", "width_us")

    def __init__(self, asset: Asset, width_us: int, bound_us: int, devices: tuple[Device, ...] = ()) -> None:
        self.asset = asset
        self.width_us = width_us
        self.bound_us = bound_us
        self.devices = devices
        self.open: dict[int, Bucket] = {}
        self.patience_us = max((device.reports_every_us for device in devices), default=0)
        self.made_us = BEGINNING_US

    def closes_at_us(self, start_us: int) -> int:
        """The watermark at which the window starting here closes."""
        return start_us + self.width_us + self.bound_us

    def closed_until_us(self, watermark_us: int) -> int:
        """Up to when windows are closed at a watermark: the end of the last of them."""
        until_us = watermark_us - self.bound_us
        return until_us - until_us % self.width_us

    def holds_until(self, end_us: int) -> bool:
        """Whether a bucket holds something of a window that begins before a time."""
        return any(bucket.position is not None and start < end_us for start, bucket in self.open.items())

    def take_in(self, record: Record, words: Sequence[tuple[int, tuple[Reading, ...]]], watermark_us: int) -> list[int]:
        """Put a record's content into its windows; what belongs to a closed one is left out.

        Args:
            record: From a device of the asset.
            words: Its readings by moment; see `words_of`.
            watermark_us: The site's watermark before this record.

        Returns:
            Starts of the windows that this opened.
        """
        batch = record.batch
        opened: list[int] = []
        for at_us, word in words:
            if (bucket := self._bucket(at_us, watermark_us, opened)) is not None:
                bucket.hold_word(at_us, word, record.position)
        for event in batch.events:
            if (bucket := self._bucket(event.at_us, watermark_us, opened)) is not None:
                bucket.hold_event(event, record.position)
        for still in batch.stills:
            if (bucket := self._bucket(still.at_us, watermark_us, opened)) is not None:
                bucket.hold_still(still, record.position)
        return opened

    def _bucket(self, at_us: int, watermark_us: int, opened: list[int]) -> Bucket | None:
        start = at_us - at_us % self.width_us
        bucket = self.open.get(start)
        if bucket is None:
            if self.closes_at_us(start) <= watermark_us:
                return None
            bucket = self.open[start] = Bucket()
            opened.append(start)
        return bucket
