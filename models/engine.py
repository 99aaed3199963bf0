"""Engine: feeds log records to detectors as event-time windows, the same live, in replay and after a restart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import structlog

from ingest.log import Record
from ingest.readings import UNSCORED, Batch
from ingest.registry import Asset, Registry
from models.agenda import Agenda, Close
from models.asked import Asked, order_of
from models.block_look import BlockLook
from models.blocks import EVER, LastBlock
from models.buffers import BEGINNING_US, Lane, words_of
from models.checkpoint import Checkpoint, StoredState
from models.detector import Detector
from models.findings import Finding
from models.gate import Gatekeeper, Present
from models.shelf import Shelf
from models.thresholds import ThresholdBook
from models.told import Told
from models.windows import Window

_UNSCORED = int(UNSCORED)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a record led to.

    Attributes:
        early: What the message proved by itself; the ordered findings confirm it later.
        ordered: The findings of the windows it closed. Over a run they are the same whatever order the messages
            came in, as long as none was later than the lateness bound.
    """

    early: tuple[Finding, ...] = ()
    ordered: tuple[Finding, ...] = ()


class Engine:
    """Buffers records per (asset, width), closes windows in event-time order, and asks the detectors.

    A window [s, e) of an asset closes when its site's watermark reaches e + lateness + the asset's patience. Windows
    of one site close in the order of that sum, then of width and start, and those equal in all three go to a detector
    in one call; so neither the steps of the watermark nor the order of arrival can be seen in the findings. Only
    windows in which something was said, or for which a detector asked to be woken, are made: a gap costs nothing.

    A `Gatekeeper` among the detectors is asked first, and the others are shown only what it believes.

    Args:
        registry: Which device speaks for which assets.
        detectors: Run on the assets of their classes, in this order.
        thresholds: Handed to the detectors.
        lateness_us: How much older than the site's watermark a reading may be when it arrives, microseconds.
    """

    def __init__(
        self, registry: Registry, detectors: Sequence[Detector], thresholds: ThresholdBook, lateness_us: int
    ) -> None:
        self._thresholds = thresholds
        last = LastBlock()
        self._asked = {d.spec.name: Asked(d, last) for d in detectors}
        self._sites = {site: Agenda() for site in registry.sites}
        self._position = 0
        self._changed: set[tuple[str, str]] = set()
        self._by_width: dict[int, list[Asked]] = {}
        self._gatekeepers = [(d, self._asked[d.spec.name]) for d in detectors if isinstance(d, Gatekeeper)]
        self._first = frozenset(gatekeeper.spec.name for gatekeeper, _ in self._gatekeepers)
        for asked in sorted(self._asked.values(), key=lambda one: one.spec.name not in self._first):
            self._by_width.setdefault(asked.spec.width_us, []).append(asked)
        self._lanes: dict[tuple[str, int], Lane] = {}
        lanes_of_asset: dict[str, list[Lane]] = {}
        for asset in registry.assets.values():
            bound = lateness_us + registry.patience_us(asset.id)
            widths = sorted({d.spec.width_us for d in detectors if asset.asset_class in d.spec.asset_classes})
            devices = registry.devices_of(asset.id)
            lanes_of_asset[asset.id] = [Lane(asset, width, bound, devices) for width in widths]
            for lane in lanes_of_asset[asset.id]:
                self._sites[asset.site].add(lane)
                self._lanes[asset.id, lane.width_us] = lane
        self._lanes_of = {
            d.id: [lane for a in d.assets for lane in lanes_of_asset[a]] for d in registry.devices.values()
        }
        self._shelf = Shelf(self._lanes.values())
        self._blocks = BlockLook(self._shelf, self._by_width, self._lanes, thresholds)
        self._judges_of: dict[str, list[tuple[Asked, Asset]]] = {
            device.id: [
                (asked, asset)
                for asset in (registry.assets[a] for a in device.assets)
                for asked in self._asked.values()
                if asked.judges_on_arrival and asset.asset_class in asked.spec.asset_classes
            ]
            for device in registry.devices.values()
        }

    def offer(self, record: Record, *, seen: bool = False) -> Heard:
        """What the next record of the log leads to.

        Args:
            record: In log order.
            seen: The record lies at or before the position of the restored checkpoint: it only fills the windows
                that were open then.

        Returns:
            Findings of both paths; from a seen record none.
        """
        self._position = max(self._position, record.position)
        batch = record.batch
        site = self._sites.get(batch.site)
        if site is None:
            return Heard()
        words = words_of(batch.readings)
        for lane in self._lanes_of.get(batch.device, ()):
            for start in lane.take_in(record, words, site.watermark_us):
                site.put(lane, start)
        if seen:
            return Heard()
        return Heard(tuple(self._judge(batch)), self.advance(batch.site, record.watermark_us))

    def hold(self, told: Iterable[Told]) -> None:
        """Fill windows with what devices told, as arrays; no watermark moves.

        The windows of an engine that holds arrays are not in its checkpoints: it replays what is stored elsewhere.

        Args:
            told: Of each device what follows on what was held of it before.
        """
        self._shelf.take_off()
        for one in told:
            self._shelf.put(one)

    def advance(self, site: str, watermark_us: int) -> tuple[Finding, ...]:
        """Move a site's watermark forward; the findings of the windows this closes, in the order they close.

        Args:
            site: Its id.
            watermark_us: Microseconds since the epoch; one that is not ahead of the present one does nothing.
        """
        place = self._sites[site]
        if watermark_us <= place.watermark_us:
            return ()
        place.watermark_us = watermark_us
        if not self._shelf:
            return tuple(f for _, _, found in self._closed(place) for f in found)
        said = list(self._blocks.look(place))
        self._changed.update((name, asset) for name in self._asked for asset in self._blocks.told(name))
        self._blocks.open_left(place)
        said += self._closed(place)
        self._blocks.end(place)
        ordered = [((*close, number, *order_of(f)), f) for close, number, found in said for f in found]
        return tuple(f for _, f in sorted(ordered, key=itemgetter(0)))

    def silences(self, now_us: int, received_us: Mapping[str, int]) -> tuple[Finding, ...]:
        """Early findings about who is silent, for sites whose watermark stands because nobody there speaks.

        Args:
            now_us: By the service's clock, when everything that has arrived was offered.
            received_us: By device id, when its newest message arrived.
        """
        found: list[Finding] = []
        bounds = {lane.asset.id: lane.bound_us for lane in self._lanes.values()}
        for gatekeeper, asked in self._gatekeepers:
            for site, place in self._sites.items():
                present = Present(site, now_us, received_us, place.watermark_us, bounds)
                found += gatekeeper.silences(present, asked.memory)
        return tuple(found)

    def checkpoint(self) -> Checkpoint:
        """Where the engine stands, with the states that changed since the checkpoint before.

        The caller stores it in the transaction of the findings; if that fails, this engine is behind what it
        believes, and the caller starts a new one from the stored state.
        """
        needed = [
            bucket.position
            for lane in self._lanes.values()
            for bucket in lane.open.values()
            if bucket.position is not None
        ]
        states = tuple(self._asked[detector].stored(asset) for detector, asset in sorted(self._changed))
        self._changed.clear()
        return Checkpoint(
            position=self._position,
            resume_position=min(needed) - 1 if needed else self._position,
            watermarks_us={
                s: place.watermark_us for s, place in self._sites.items() if place.watermark_us > BEGINNING_US
            },
            states=states,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over where another engine stood; to be called before the first record is offered."""
        self._position = checkpoint.position
        for site, watermark_us in checkpoint.watermarks_us.items():
            if site in self._sites:
                self._sites[site].watermark_us = watermark_us
        for stored in checkpoint.states:
            lane = self._lane_of(stored)
            if lane is None:
                log.warning("engine.state_discarded", detector=stored.detector, asset=stored.asset)
                continue
            self._asked[stored.detector].restore(stored)
            if stored.wake_us is not None:
                place = self._sites[lane.asset.site]
                place.wake(lane, stored.wake_us, place.watermark_us - lane.bound_us)

    def _judge(self, batch: Batch) -> Iterable[Finding]:
        judges = self._judges_of.get(batch.device)
        if not judges:
            return ()
        scoreable = _scoreable(batch)
        found = [f for asked, asset in judges for f in asked.judge_on_arrival(scoreable, asset, self._thresholds)]
        if len(found) > 1:
            found.sort(key=order_of)
        return found

    def _closed(self, place: Agenda) -> Iterator[tuple[Close, int, list[Finding]]]:
        """Of the windows that close together, one after the other: which they are, and what each detector says."""
        for close, lanes in place.closing():
            for number, found in self._close(lanes, close[2]):
                yield close, number, found

    def _close(self, closing: Sequence[Lane], start_us: int) -> Iterator[tuple[int, list[Finding]]]:
        """Ask every detector of this width about the windows that close together."""
        width = closing[0].width_us
        windows = [self._shelf.window(lane, start_us, lane.open.pop(start_us)) for lane in closing]
        gated = not self._gatekeepers
        for number, asked in enumerate(self._by_width[width]):
            if not gated and asked.spec.name not in self._first:
                windows, gated = [self._believed(window) for window in windows], True
            yield number, self._ask(asked, closing, windows)

    def _believed(self, window: Window) -> Window:
        for gatekeeper, asked in self._gatekeepers:
            window = gatekeeper.believed(window, asked.memory)
        return window

    def _ask(self, asked: Asked, closing: Sequence[Lane], windows: Sequence[Window]) -> list[Finding]:
        name, classes, wake_us = asked.spec.name, asked.spec.asset_classes, asked.memory.wake_us
        told = self._blocks.told(name)
        shown: list[tuple[Lane, Window]] = []
        for lane, window in zip(closing, windows, strict=True):
            asset = lane.asset
            if asset.asset_class not in classes or window.start_us < told.get(asset.id, EVER):
                continue
            woken = wake_us.get(asset.id, window.end_us) < window.end_us
            if woken:
                del wake_us[asset.id]
            if woken or window.readings or window.events or window.stills:
                shown.append((lane, window))
                self._changed.add((name, asset.id))
        if not shown:
            return []
        found = asked.observe([window for _, window in shown], self._thresholds)
        for lane, window in shown:
            due_us = asked.memory.wake_us.get(lane.asset.id)
            if due_us is not None:
                self._sites[lane.asset.site].wake(lane, due_us, window.end_us)
        return found

    def _lane_of(self, stored: StoredState) -> Lane | None:
        """Where a stored state belongs, or None when its detector or asset is gone or its meaning has changed."""
        asked = self._asked.get(stored.detector)
        if asked is None or asked.spec.version != stored.version:
            return None
        return self._lanes.get((stored.asset, asked.spec.width_us))


def _scoreable(batch: Batch) -> Batch:
    """The batch without its unscored readings and events; the batch itself when there are none."""
    if not any(r.quality & _UNSCORED for r in batch.readings) and not any(e.quality & _UNSCORED for e in batch.events):
        return batch
    return replace(
        batch,
        readings=tuple(r for r in batch.readings if not r.quality & _UNSCORED),
        events=tuple(e for e in batch.events if not e.quality & _UNSCORED),
    )
