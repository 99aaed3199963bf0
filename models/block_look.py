"""Block look: what detectors tell of a shelf, all assets at once, and which windows are left to be made."""

from collections.abc import Iterator, Mapping, Sequence

from ingest.registry import AssetClass
from models.agenda import Agenda, Close
from models.asked import LEAST_COLUMNS, Asked
from models.blocks import EVER, NEVER_US, Block, BlockDetector
from models.buffers import Lane
from models.findings import Finding
from models.gate import Gatekeeper
from models.shelf import Shelf
from models.stretches import StretchDetector
from models.thresholds import ThresholdBook


class BlockLook:
    """Shows detectors a site's blocks before any window of it is made.

    Args:
        shelf: Where what devices told lies.
        by_width: The detectors of a width in the order in which they are asked, the gatekeepers first.
        lanes: By asset and width.
        thresholds: Handed to the detectors.
    """

    def __init__(
        self,
        shelf: Shelf,
        by_width: Mapping[int, Sequence[Asked]],
        lanes: Mapping[tuple[str, int], Lane],
        thresholds: ThresholdBook,
    ) -> None:
        self._shelf, self._lanes, self._thresholds = shelf, lanes, thresholds
        several = [(width, number, one) for width, asked in by_width.items() for number, one in enumerate(asked)]
        self._gatekeepers = [(one.detector, one) for *_, one in several if isinstance(one.detector, Gatekeeper)]
        self._first = frozenset(asked.spec.name for _, asked in self._gatekeepers)
        # Whom a gatekeeper leaves, nobody sees in a block.
        self._blocks = sorted(
            (one for one in several if isinstance(one[2].detector, BlockDetector | StretchDetector)),
            key=lambda one: one[2].spec.name not in self._first,
        )
        self._asked_of = {
            (kind, width): [one for one in asked if kind in one.spec.asset_classes]
            for width, asked in by_width.items()
            for kind in AssetClass
        }
        self._told: dict[str, dict[str, int]] = {}
        self._trusted: dict[str, bool] = {}
        self._last: tuple[Block, Block] | tuple[None, None] = None, None

    def told(self, detector: str) -> Mapping[str, int]:
        """By asset, from which of the windows that close now on a detector is to be shown it; it told of the others."""
        return self._told.get(detector, {})

    def look(self, site: Agenda) -> Iterator[tuple[Close, int, list[Finding]]]:
        """What is said of those assets of which a detector can tell: in which window, and by which one of its width."""
        for width, number, asked in self._blocks:
            yield from ((close, number, found) for close, found in self._shown(asked, width, site))

    def open_left(self, site: Agenda) -> None:
        """Open the windows that somebody must be shown."""
        for width, lanes in site.lanes.items():
            told_of = {
                kind: [(asked, self.told(asked.spec.name)) for asked in self._asked_of[kind, width]]
                for kind in AssetClass
            }
            for lane in lanes:
                self._open_left(site, lane, told_of[lane.asset.asset_class])

    def end(self, site: Agenda) -> None:
        """Note that all windows up to the watermark are closed."""
        for lanes in site.lanes.values():
            for lane in lanes:
                lane.made_us = lane.closed_until_us(site.watermark_us)
        self._told.clear()
        self._trusted.clear()
        self._last = None, None

    def _open_left(self, site: Agenda, lane: Lane, told_of: Sequence[tuple[Asked, Mapping[str, int]]]) -> None:
        asset = lane.asset.id
        from_us = max(lane.made_us, min((told.get(asset, EVER) for _, told in told_of), default=NEVER_US))
        until_us = lane.closed_until_us(site.watermark_us)
        if from_us >= until_us:
            return
        for start in self._shelf.starts(lane, from_us, until_us):
            site.open(lane, start)
        for asked, told in told_of:
            wake_us, told_us = asked.memory.wake_us.get(asset), told.get(asset, EVER)
            if wake_us is not None and told_us < NEVER_US and wake_us < until_us:
                site.wake(lane, wake_us, max(lane.made_us, told_us))

    def _shown(self, asked: Asked, width: int, site: Agenda) -> Iterator[tuple[Close, list[Finding]]]:
        is_gatekeeper, watermark_us = asked.spec.name in self._first, site.watermark_us
        lanes = [
            (lane, lane.closed_until_us(watermark_us))
            for lane in site.lanes.get(width, ())
            if asked.may_see_blocks(lane.asset) and (is_gatekeeper or self._is_trusted(lane))
        ]
        told = ((lane, until_us) for lane, until_us in lanes if not lane.holds_until(until_us))
        block = self._shelf.block(told, crowded=isinstance(asked.detector, StretchDetector))
        if block is not None and not is_gatekeeper:
            block = self._shown_of(block)
        if block is None or len(block.devices) < LEAST_COLUMNS:
            return
        found, left = asked.observe_block(block, self._thresholds)
        self._told[asked.spec.name] = {asset.id: left.get(asset.id, NEVER_US) for asset in block.assets}
        for one in found:
            start = one.at_us - one.at_us % width
            yield (self._lanes[one.asset, width].closes_at_us(start), width, start), [one]

    def _is_trusted(self, lane: Lane) -> bool:
        """Whether every gatekeeper could tell of a lane's devices in a block, and knew of each word in time."""
        trusted = self._trusted.get(lane.asset.id)
        if trusted is None:
            trusted = self._trusted[lane.asset.id] = all(
                self.told(gatekeeper.spec.name).get(device.assets[0], EVER) == NEVER_US
                and self._lanes[device.assets[0], gatekeeper.spec.width_us].bound_us == lane.bound_us
                for _, gatekeeper in self._gatekeepers
                for device in lane.devices
            )
        return trusted

    def _shown_of(self, block: Block) -> Block:
        """What is believed of a block; remembered, as detectors of one width are mostly shown the same."""
        if block is not self._last[0]:
            self._last = block, self._believed(block)
        return self._last[1]

    def _believed(self, block: Block) -> Block:
        for gatekeeper, asked in self._gatekeepers:
            # What is said in a narrower window is judged before it is known whether to believe it.
            if block.width_us >= asked.spec.width_us:
                block, doubted = gatekeeper.believed_block(block, asked.memory)
                block = block.without(doubted)
        return block
