"""Night stretches: what risers said in the hours up to the end of a night, which is gathered and not judged yet."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.registry import Asset
from models.blocks import EVER, Block
from models.detector import Memory, State
from models.pipes import transients
from models.pipes.nights import PRESSURE, NightHours
from models.stretches import StretchWindow


@dataclass(frozen=True, slots=True)
class NightStretch:
    """The windows of one riser in a block, up to the one in which a night ends.

    Attributes:
        block: The block.
        columns: Those of the riser.
        hours: The night that is running or comes next, the same for all of them.
        start_us: Of the first window in which something was said, microseconds since the epoch.
        until_us: The end of the last one.
    """

    block: Block
    columns: Sequence[int]
    hours: NightHours
    start_us: int
    until_us: int

    @property
    def asset(self) -> Asset:
        """The riser."""
        return self.block.assets[self.columns[0]]

    @property
    def is_whole(self) -> bool:
        """Whether these are all windows of the riser in the block."""
        until_us: int = self.block.until_us[self.columns[0]].item()
        return self.until_us == until_us

    def said(self, column: int, metric: str) -> list[float]:
        """All that a device said of a metric in the block, in the order of time."""
        values = self.block.values[metric][:, column]
        found: list[float] = values[~np.isnan(values)].tolist()
        return found

    def windows(self, from_us: int = EVER) -> Iterator[StretchWindow]:
        """The windows that end after a time, one after the other, also those in which nothing was said."""
        width_us = self.block.width_us
        for start_us in range(max(self.start_us, from_us - from_us % width_us), self.until_us, width_us):
            yield StretchWindow(self.block, self.columns, start_us, start_us + width_us)


def night_stretches(
    block: Block, memory: Memory, hours_of: Callable[[Asset, int], NightHours], left: dict[str, int]
) -> Iterator[NightStretch]:
    """The stretches of those risers of which nothing is to be judged before their ends; they are woken as nights end.

    Args:
        block: What was said.
        memory: Its states hold what `closed` a night; its timers are set.
        hours_of: The night that is running or comes next for a riser in the window that starts at a time.
        left: Filled: the other risers, and from when on the night of one ends in the block.
    """
    width_us = block.width_us
    first, last = ((row - row % width_us).tolist() for row in (block.at_us[0], block.at_us[-1]))
    untils = block.until_us.tolist()
    for riser, columns in block.columns_of().items():
        asset, start_us, until_us = block.assets[columns[0]], min(first[n] for n in columns), untils[columns[0]]
        hours, state = hours_of(asset, start_us), memory.states.get(riser)
        wake_us = hours.end_us - 1
        due_us = wake_us - wake_us % width_us
        # Who waits for its night to be judged, or was to be woken at another time, is no such riser.
        waits = state is None or not state.get("closed", {"judged": True}).get("judged")
        if waits or due_us <= start_us or memory.wake_us.get(riser, wake_us) != wake_us:
            left[riser] = EVER
            continue
        if hours_of(asset, min(max(last[n] for n in columns), due_us - width_us)) != hours:
            left[riser] = EVER
            continue
        if due_us < until_us:
            left[riser] = due_us
        memory.wake_us[riser] = wake_us
        yield NightStretch(block, columns, hours, start_us, min(due_us, until_us))


def said_by(block: Block, metric: str) -> list[bool]:
    """By column, whether a metric was said."""
    values = block.values.get(metric)
    if values is None:
        return [False] * len(block.assets)
    said: npt.NDArray[np.bool_] = np.any(~np.isnan(values), axis=0)
    return list(said.tolist())


@dataclass(frozen=True, slots=True)
class Swings:
    """Between what pressures the devices of a block moved.

    Attributes:
        low: By column the lowest, kPa; NaN where none was said.
        high: By column the highest.
    """

    low: Sequence[float]
    high: Sequence[float]

    @classmethod
    def of(cls, block: Block) -> "Swings":
        """Those of a block."""
        values = block.values.get(PRESSURE, np.full(block.at_us.shape, np.nan))
        return cls(np.fmin.reduce(values, axis=0).tolist(), np.fmax.reduce(values, axis=0).tolist())

    def take(self, state: State, stretch: NightStretch) -> None:
        """Take what a riser's loggers said, all at once where no pressure turns, else hour by hour.

        Args:
            state: See `transients.take_pressures`.
            stretch: All windows of the riser.
        """
        for column in stretch.columns:
            device, low, high = stretch.block.devices[column].id, self.low[column], self.high[column]
            if math.isnan(low) or transients.stays(state, device, low, high):
                continue
            if transients.take_together(state, device, stretch.said(column, PRESSURE)):
                continue
            for window in stretch.windows():
                transients.take_pressures(state, device, window.by_device(PRESSURE).get(device, ()))
