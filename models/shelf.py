"""Shelf: what devices told as arrays, until the watermark closes the windows in which they said it."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from ingest.registry import Device
from models.blocks import NEVER_US, Block, Column, block_of_told
from models.buffers import Bucket, Lane
from models.told import Told, ToldReadings
from models.windows import Window

_FEW = 4
"""So many windows are looked for one by one. Chosen by: that is as dear as to look at each word's once."""
_CROWD = 120
"""So many words a window are worth arrays where several are. Chosen by memory: of 1,000 devices an hour of five columns
takes 5 MB; who speaks more often is mostly one of a few, and the columns of all would be as long as its own."""
_NOTHING: Final = (False, ())
Span = tuple[Device, int, int]
"""A device and which of its words are meant: from one on, up to another."""


class Shelf:
    """The arrays of a registry's devices, and how far the windows of each lane were made of them.

    A lane's windows are made up to a time; what lies behind it stays on the shelf, and what lies before it is taken off
    when the next words come.
    """

    def __init__(self, lanes: Iterable[Lane]) -> None:
        self._lanes = tuple(lanes)
        self._told: dict[str, Told] = {}
        self._asked: tuple[bool, tuple[tuple[str, int, int, int], ...]] = _NOTHING
        self._block: Block | None = None

    def __bool__(self) -> bool:
        """Whether anything was ever put here."""
        return bool(self._told)

    def put(self, told: Told) -> None:
        """Put what a device told behind what it told before."""
        before = self._told.get(told.device)
        self._told[told.device] = told if before is None else before.then(told)

    def take_off(self) -> None:
        """Take off what lies in no open window any more."""
        open_from: dict[str, int] = {}
        for lane in self._lanes:
            for device in lane.devices:
                open_from[device.id] = min(open_from.get(device.id, lane.made_us), lane.made_us)
        self._asked, self._block = _NOTHING, None
        for device_id, told in self._told.items():
            low = int(told.at_us.searchsorted(open_from.get(device_id, NEVER_US)))
            self._told[device_id] = told.part(low, told.at_us.size)

    def window(self, lane: Lane, start_us: int, bucket: Bucket) -> Window:
        """A window of what is in its bucket and of what lies here."""
        end_us = start_us + lane.width_us
        told = [self._told[d.id].part(*span) for d, *span in self._between(lane, start_us, end_us)]
        if not told:
            return bucket.window(lane, start_us)
        if bucket.position is None:
            return Window(lane.asset, start_us, end_us, ToldReadings(told), (), (), lane.devices)
        made = bucket.window(lane, start_us)
        return Window(
            made.asset, made.start_us, made.end_us, ToldReadings(told), made.events, made.stills, made.devices
        )

    def starts(self, lane: Lane, from_us: int, end_us: int) -> list[int]:
        """Where the windows of a stretch of time begin that hold something, ascending."""
        width_us = lane.width_us
        if end_us - from_us <= _FEW * width_us:
            first_us = from_us - from_us % width_us
            few = ((start, max(from_us, start)) for start in range(first_us, end_us, width_us))
            return [start for start, at_us in few if any(self._between(lane, at_us, min(end_us, start + width_us)))]
        at_us = [self._told[d.id].at_us[low:high] for d, low, high in self._between(lane, from_us, end_us)]
        if not at_us:
            return []
        starts: list[int] = np.unique(np.concatenate([one - one % width_us for one in at_us])).tolist()
        return starts

    def block(self, lanes: Iterable[tuple[Lane, int]], *, crowded: bool = False) -> Block | None:
        """What was told in windows that were not made yet, as far as it fits a block.

        Args:
            lanes: Of one width, each with the time up to which its windows close.
            crowded: Whether a device may have spoken of several moments in a window.
        """
        columns: list[Column] = []
        width_us, most = 0, _CROWD if crowded else 1
        spans = list(lanes)
        if not spans:
            return None
        asked = crowded, tuple((lane.asset.id, lane.width_us, lane.made_us, end_us) for lane, end_us in spans)
        if asked == self._asked:
            # Detectors of one width are mostly shown the same.
            return self._block
        for lane, end_us in spans:
            width_us, kept_us = lane.width_us, lane.patience_us
            said = list(self._between(lane, lane.made_us, end_us))
            if all(self._are_few(*span, width_us // most) for span in said):
                columns += [
                    Column(lane.asset, d, self._told[d.id], low, high, end_us, kept_us) for d, low, high in said
                ]
        self._asked, self._block = asked, block_of_told(width_us, columns) if columns else None
        if self._block is not None and not crowded:
            block = self._block
            block = block.without({block.assets[n].id for n in np.flatnonzero(block.is_crowded()).tolist()})
            self._block = block if block.devices else None
        return self._block

    def _between(self, lane: Lane, start_us: int, end_us: int) -> Iterator[Span]:
        for device in lane.devices:
            told = self._told.get(device.id)
            if told is None:
                continue
            low, high = int(told.at_us.searchsorted(start_us)), int(told.at_us.searchsorted(end_us))
            if low < high:
                yield device, low, high

    def _are_few(self, device: Device, low: int, high: int, every_us: int) -> bool:
        """Whether words of a device, side by side, are no more than one in a time would be."""
        at_us = self._told[device.id].at_us
        first_us, last_us = at_us[low].item(), at_us[high - 1].item()
        few: bool = high - low <= last_us // every_us - first_us // every_us + 1
        return few
