"""Stretches: what many devices said over several wide windows, taken in at once where nothing follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Protocol, runtime_checkable

import numpy as np

from ingest.registry import Asset
from models.blocks import Block
from models.detector import Detector, Memory
from models.findings import Finding
from models.thresholds import ThresholdBook


@runtime_checkable
class StretchDetector(Detector, Protocol):
    """A detector of wide windows, in which a device speaks often, that takes in several of them at once.

    `observe` alone says what is right; this is a faster way to the same findings and states, bit for bit.
    """

    def observe_stretch(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """See `BlockDetector.observe_block`; but a device may have spoken of several moments in a window."""
        ...


@dataclass(frozen=True, slots=True)
class StretchWindow:
    """One window of a block: what it holds of an asset, asked as a `Window` is.

    Attributes:
        block: The block.
        columns: Those of the asset.
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.
    """

    block: Block
    columns: Sequence[int]
    start_us: int
    end_us: int

    @property
    def asset(self) -> Asset:
        """Whose window it is."""
        return self.block.assets[self.columns[0]]

    def said(self, metric: str, start_us: int, end_us: int) -> list[tuple[int, float]]:
        """See `Window.said`."""
        found: list[tuple[int, str, float]] = []
        for column in self.columns:
            device = self.block.devices[column].id
            pairs = self._pairs(column, metric, max(start_us, self.start_us), min(end_us, self.end_us))
            found += [(at_us, device, value) for at_us, value in pairs]
        if len(self.columns) > 1:
            found.sort(key=itemgetter(0, 1))
        return [(at_us, value) for at_us, _, value in found]

    def by_device(self, metric: str) -> dict[str, list[float]]:
        """See `Window.by_device`."""
        known = {
            self.block.devices[n].id: [value for _, value in self._pairs(n, metric, self.start_us, self.end_us)]
            for n in self.columns
        }
        return {device: values for device, values in known.items() if values}

    def _pairs(self, column: int, metric: str, start_us: int, end_us: int) -> list[tuple[int, float]]:
        values = self.block.values.get(metric)
        if values is None or start_us >= end_us:
            return []
        at_us = self.block.at_us[: self.block.words[column], column]
        low, high = np.searchsorted(at_us, (start_us, end_us)).tolist()
        pairs = zip(at_us[low:high].tolist(), values[low:high, column].tolist(), strict=True)
        # What was not said is no number, and equals nothing.
        return [(moment, value) for moment, value in pairs if value == value]  # noqa: PLR0124
