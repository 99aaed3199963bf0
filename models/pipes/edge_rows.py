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
        first_us: By column, when it told its first pressure; `EVER` if it told none.
        closest_us: By column, the shortest pause between two of its words.
        newest: By column, its last pressure; empty if it told none.
        flows: By column, the last `FLOWS` that it told.
        sounds: By column, how many it told.
    """

    block: Block
    first_us: list[int]
    closest_us: list[int]
    newest: list[list[list[float]]]
    flows: list[list[list[float]]]
    sounds: list[int]

    @classmethod
    def of(cls, block: Block) -> "PressureTimes":
        """Those of a block."""
        said = _where_said(block, PRESSURE)
        first = np.where(said.any(axis=0), block.at_us[said.argmax(axis=0), np.arange(len(block.assets))], EVER)
        pauses = np.where(block.here()[1:], np.diff(block.at_us, axis=0), -EVER)
        return cls(
            block,
            first.tolist(),
            pauses.min(axis=0, initial=-EVER).tolist(),
            _newest(block, PRESSURE, 1),
            _newest(block, FLOW, FLOWS),
            _where_said(block, SOUND).sum(axis=0).tolist(),
        )

    def are_plain(self, place: Place, columns: Sequence[int], within_us: float) -> bool:
        """Whether all there is to do with what a riser's devices said is to keep it."""
        # Of two meters that speak within two seconds only the first counts.
        if len(columns) > 1 and any(sum(bool(told[n]) for n in columns) > 1 for told in (self.flows, self.sounds)):
            return False
        return all(self._are_apart(place, column, within_us) for column in columns)

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
        for at_us, kpa in told.newest[column]:
            place.newest[block.devices[column].id] = (int(at_us), kpa)
        if told.flows[column]:
            place.flows = [*place.flows, *told.flows[column]][-FLOWS:]
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


def _where_said(block: Block, metric: str) -> npt.NDArray[np.bool_]:
    """Shape (words, devices)."""
    values = block.values.get(metric)
    return np.zeros(block.at_us.shape, np.bool_) if values is None else ~np.isnan(values)


def _newest(block: Block, metric: str, count: int) -> list[list[list[float]]]:
    """By column the last words of a metric, so many at most: moments and values, in time."""
    found: list[list[list[float]]] = [[] for _ in block.assets]
    if metric not in block.values:
        return found
    said, columns = _where_said(block, metric), np.arange(len(block.assets))
    for _ in range(count):
        rows = len(said) - 1 - said[::-1].argmax(axis=0)
        some = said[rows, columns]
        told = zip(
            columns[some].tolist(),
            block.at_us[rows, columns][some].tolist(),
            block.values[metric][rows, columns][some].tolist(),
            strict=True,
        )
        for column, at_us, value in told:
            found[column].insert(0, [at_us, value])
        said[rows, columns] = False
    return found


def _said(block: Block, column: int, metric: str) -> list[list[float]]:
    """Moment and value of what a device said of a metric, in time."""
    words = slice(block.words[column])
    pairs = zip(block.at_us[words, column].tolist(), block.values[metric][words, column].tolist(), strict=True)
    return [[at_us, value] for at_us, value in pairs if not math.isnan(value)]
