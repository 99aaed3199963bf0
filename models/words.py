"""Words: what an asset's devices said in one window, and the detectors that hear nothing else."""

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter

from ingest.registry import Asset
from models.blocks import EVER, Block
from models.detector import Memory, State
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window

Word = tuple[int, str, dict[str, float]]
"""When, by which device, and the values by metric."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an asset's devices said in [start_us, end_us).

    Attributes:
        asset: Whose devices.
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.
        said: Ascending by moment and device, the metrics of each in the order of the alphabet.
    """

    asset: Asset
    start_us: int
    end_us: int
    said: Sequence[Word]

    @classmethod
    def of(cls, window: Window) -> "Words":
        """Those of a window."""
        spoken = groupby(window.readings, key=attrgetter("at_us", "device"))
        said = [(at_us, device, {r.metric: r.value for r in several}) for (at_us, device), several in spoken]
        return cls(window.asset, window.start_us, window.end_us, said)

    def newest_us(self, metrics: Container[str]) -> int | None:
        """When one of some metrics was last said, or None."""
        for at_us, _, values in reversed(self.said):
            if any(metric in metrics for metric in values):
                return at_us
        return None


class WordDetector(ABC):
    """A `BlockDetector` that judges each asset by itself, window after window, by what its devices said.

    A block is shown to it without a window or a reading being made. A detector that is one has `spec` and
    `hear`.
    """

    @abstractmethod
    def hear(self, words: Words, memory: Memory, thresholds: ThresholdBook) -> Sequence[Finding]:
        """What is to be said of one window of an asset, ascending.

        Args:
            words: Empty where only a timer is served.
            memory: Read and changed where it is about this asset.
            thresholds: Values in force.
        """

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found = [f for window in windows for f in self.hear(Words.of(window), memory, thresholds)]
        return sorted(found, key=attrgetter("at_us", "asset", "failure_mode", "subject"))

    def new_states(self) -> dict[str, State]:
        """See `BlockDetector.new_states`."""
        return {}

    def observe_block(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Hear every asset to the end of the block; none is left."""
        found: list[Finding] = []
        for columns in block.columns_of().values():
            for words in _with_timers(block, columns, memory):
                found += self.hear(words, memory, thresholds)
        return found, {}


def _with_timers(block: Block, columns: Sequence[int], memory: Memory) -> Iterator[Words]:
    """The windows of an asset in a block, and those without a word in which a timer falls due."""
    asset, until_us, free_us = block.assets[columns[0]], block.until_us[columns[0]].item(), EVER
    said = _said(block, columns)
    for start_us, several in groupby(said, key=lambda word: word[0] - word[0] % block.width_us):
        end_us = start_us + block.width_us
        yield from _timers(block, asset, memory, free_us, start_us)
        if memory.wake_us.get(asset.id, end_us) < end_us:
            del memory.wake_us[asset.id]
        yield Words(asset, start_us, end_us, list(several))
        free_us = end_us
    yield from _timers(block, asset, memory, free_us, until_us)


def _timers(block: Block, asset: Asset, memory: Memory, free_us: int, until_us: int) -> Iterator[Words]:
    """Windows without a word between two times, as long as somebody wants to be woken in the next."""
    while (wake_us := memory.wake_us.get(asset.id)) is not None:
        at_us = max(wake_us, free_us)
        start_us = at_us - at_us % block.width_us
        if start_us >= until_us:
            return
        del memory.wake_us[asset.id]
        free_us = start_us + block.width_us
        yield Words(asset, start_us, free_us, ())


def _said(block: Block, columns: Sequence[int]) -> list[Word]:
    found: list[Word] = []
    for column in columns:
        device, count = block.devices[column].id, block.words[column].item()
        told = [(metric, values[:count, column].tolist()) for metric, values in block.values.items()]
        for row, at_us in enumerate(block.at_us[:count, column].tolist()):
            # What was not said is no number, and equals nothing.
            values = {metric: cells[row] for metric, cells in told if cells[row] == cells[row]}
            found.append((at_us, device, values))
    if len(columns) > 1:
        found.sort(key=itemgetter(0, 1))
    return found
