"""Edge rows: what whole risers said lately, kept as the blocks in which it came until somebody asks for it."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt

from models.blocks import EVER, Block
from models.detector import State
from models.pipes.burst_edge import FLOW, FLOWS, PRESSURE, SOUND, SOUNDS, keep_flows, keep_sounds, sample
from models.row_states import RowStates

_MOST_PARTS = 256
"""Live, a part is one word: so many hold a day of sounds, and are folded into the state at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """The vibration records of a riser in a block: their column, and how many they are."""

    block: Block
    column: int
    sounds: int


@dataclass(slots=True)
class Place:
    """What a whole riser said since its state was written.

    Attributes:
        newest: Of each pressure logger its newest sample: moment and kPa.
        flows: The newest ones, moments and m3/h, as many as count.
        parts: Its vibration records, as far as they may still count.
        sounds: How many they are.
    """

    newest: dict[str, tuple[int, float]]
    flows: list[list[float]] = field(default_factory=list)
    parts: deque[Part] = field(default_factory=deque)
    sounds: int = 0

    def add(self, part: Part) -> None:
        """Keep vibration records, and drop those of which none counts beside what came later."""
        self.parts.append(part)
        self.sounds += part.sounds
        while self.sounds - self.parts[0].sounds >= SOUNDS:
            self.sounds -= self.parts.popleft().sounds


@dataclass(frozen=True, slots=True)
class PressureTimes:
    """When the devices of a block said their pressures.

    Attributes:
        block: The block.
        first_us: By column; `EVER` of a device that told no pressure.
        last_us: By column, likewise.
        closest_us: By column, the shortest pause between two of its words.
        flows: By column, how many it told.
        sounds: By column, how many it told.
    """

    block: Block
    first_us: list[int]
    last_us: list[int]
    closest_us: list[int]
    flows: list[int]
    sounds: list[int]

    @classmethod
    def of(cls, block: Block) -> "PressureTimes":
        """Those of a block."""
        columns, words = np.arange(len(block.assets)), len(block.at_us)
        values = block.values.get(PRESSURE, np.full(block.at_us.shape, np.nan))
        said: npt.NDArray[np.bool_] = ~np.isnan(values)
        none = ~said.any(axis=0)
        first = np.where(none, EVER, block.at_us[said.argmax(axis=0), columns])
        last = np.where(none, EVER, block.at_us[words - 1 - said[::-1].argmax(axis=0), columns])
        here = np.arange(1, words)[:, None] < block.words
        pauses = np.where(here, np.diff(block.at_us, axis=0), -EVER)
        flows, sounds = (_counts(block, metric) for metric in (FLOW, SOUND))
        return cls(block, first.tolist(), last.tolist(), pauses.min(axis=0, initial=-EVER).tolist(), flows, sounds)

    def are_plain(self, place: Place, columns: Sequence[int], within_us: float) -> bool:
        """Whether all there is to do with what a riser's devices said is to keep it."""
        # Of two meters that speak within two seconds only the first counts.
        alone = all(sum(told[n] > 0 for n in columns) <= 1 for told in (self.flows, self.sounds))
        return alone and all(self._are_apart(place, column, within_us) for column in columns)

    def _are_apart(self, place: Place, column: int, within_us: float) -> bool:
        """Whether no sample of a device lies so close to the one before that a fall could be made of them."""
        if self.first_us[column] == EVER:
            return True
        before_us, _ = place.newest.get(self.block.devices[column].id, (EVER, 0.0))
        return self.closest_us[column] > within_us and self.first_us[column] - before_us > within_us


class EdgeRows(RowStates[Place]):
    """The states of `PipeBurstEdge`; those of risers whose pressure does not fall wait to be written."""

    def take(self, place: Place, block: Block, column: int, told: PressureTimes) -> None:
        """Keep what a riser's device said in a block, by no word of which a fall begins."""
        if told.last_us[column] > EVER:
            place.newest[block.devices[column].id] = (told.last_us[column], _newest(block, column, PRESSURE)[-1][1])
        if told.flows[column]:
            place.flows = [*place.flows, *_newest(block, column, FLOW)][-FLOWS:]
        if told.sounds[column]:
            place.add(Part(block, column, told.sounds[column]))
            if len(place.parts) > _MOST_PARTS:
                self._write_back(self._states[block.assets[column].id], place)

    def _read_in(self, asset: str, state: State) -> Place | None:  # noqa: ARG002 -- the contract's arguments
        """See `RowStates`; None while a pressure is down."""
        loggers = state["loggers"]
        if "torn" in state or any("fall" in logger for logger in loggers.values()):
            return None
        return Place({device: tuple(logger["recent"][-1]) for device, logger in loggers.items()})

    def _write_back(self, state: State, place: Place) -> None:
        """See `RowStates`."""
        flows, place.flows = place.flows, []
        parts, place.parts, place.sounds = place.parts, deque(), 0
        for device, (at_us, kpa) in place.newest.items():
            logger = state["loggers"].setdefault(device, {})
            if not logger or logger["recent"][-1][0] != at_us:
                # The samples before lie too far back to be kept beside it.
                logger["recent"] = [sample(at_us, kpa)]
        if flows:
            keep_flows(state, flows)
        if parts:
            keep_sounds(state, list(chain.from_iterable(_said(part.block, part.column, SOUND) for part in parts)))


def _counts(block: Block, metric: str) -> list[int]:
    values = block.values.get(metric)
    counts: list[int] = [0] * len(block.assets) if values is None else (~np.isnan(values)).sum(axis=0).tolist()
    return counts


def _newest(block: Block, column: int, metric: str) -> list[list[float]]:
    """The last `FLOWS` of `_said`, found from behind."""
    for first in range(max(0, block.words[column].item() - FLOWS), 0, -FLOWS):
        said = _said(block, column, metric, first)
        if len(said) >= FLOWS:
            return said[-FLOWS:]
    return _said(block, column, metric)[-FLOWS:]


def _said(block: Block, column: int, metric: str, first: int = 0) -> list[list[float]]:
    """Moment and value of what a device said of a metric from a word on, in time."""
    words = slice(first, block.words[column])
    pairs = zip(block.at_us[words, column].tolist(), block.values[metric][words, column].tolist(), strict=True)
    return [[at_us, value] for at_us, value in pairs if not math.isnan(value)]
