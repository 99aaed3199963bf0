"""Blocks: what many devices said over a stretch of event time, as arrays with a column a device and a row a word."""

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from ingest.registry import Asset, Device
from models.detector import Detector, Memory, State
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.told import Told
from models.windows import Window

_Number = TypeVar("_Number", np.int64, np.float64)

EVER, NEVER_US = -(2**62), 2**62
"""Before all windows, and after all of them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Windows in each of which a device spoke of one moment at most, and nothing happened but readings.

    A word is what a device said of one moment; row k holds the k-th word of every device that has so many. Devices that
    said more come first, so those of row k are the first ones, `spoke(k)` in number.

    Attributes:
        width_us: Of the windows, microseconds.
        assets: Whose windows they are, one a column. Of an asset that is here all that was said is here.
        devices: Who spoke, one a column.
        until_us: int64, shape (devices,): up to when all that was said is here, microseconds since the epoch.
        patience_us: int64, shape (devices,): for how much longer than others the asset's windows stay open.
        words: int64, shape (devices,), descending, 1 or more: how many words each said.
        at_us: int64, shape (words, devices), ascending in each column; the last word again behind its end.
        values: By metric in ascending order, float64, shape (words, devices), in the metric's unit; NaN where it was
            not said, and behind the end of a column.
    """

    width_us: int
    assets: tuple[Asset, ...]
    devices: tuple[Device, ...]
    until_us: npt.NDArray[np.int64]
    patience_us: npt.NDArray[np.int64]
    words: npt.NDArray[np.int64]
    at_us: npt.NDArray[np.int64]
    values: Mapping[str, npt.NDArray[np.float64]]

    def spoke(self, row: int) -> int:
        """How many devices said a word of this number; they are the first ones."""
        return int(np.searchsorted(-self.words, -row))

    def columns_of(self) -> dict[str, list[int]]:
        """By asset's id, its columns."""
        found: dict[str, list[int]] = {}
        for column, asset in enumerate(self.assets):
            found.setdefault(asset.id, []).append(column)
        return found

    def without(self, assets: Collection[str]) -> "Block":
        """The block without some assets, by id."""
        kept = np.array([asset.id not in assets for asset in self.assets], np.bool_)
        if kept.all():
            return self
        columns = np.flatnonzero(kept).tolist()
        rows = int(self.words[kept].max(initial=0))
        return Block(
            self.width_us,
            tuple(self.assets[n] for n in columns),
            tuple(self.devices[n] for n in columns),
            self.until_us[kept],
            self.patience_us[kept],
            self.words[kept],
            self.at_us[:rows, kept],
            {metric: one[:rows, kept] for metric, one in self.values.items()},
        )

    def windows(self, gone: Collection[str] = ()) -> Iterator["Columns"]:
        """Its windows in the order of time, the columns of an asset together in the order in which they spoke.

        Args:
            gone: Ids of assets that are passed over; there may be more of them from window to window.
        """
        who: dict[bytes, tuple[tuple[Asset, ...], tuple[Device, ...]]] = {}
        away, seen = np.zeros(len(self.assets), np.bool_), 0
        for end_us, rows, columns in self._by_window():
            if len(gone) > seen:
                away, seen = np.array([asset.id in gone for asset in self.assets], np.bool_), len(gone)
            here = ~away[columns]
            at = (rows[here], columns[here]) if seen else (rows, columns)
            if not at[1].size:
                continue
            key = at[1].tobytes()
            if key not in who:
                named = at[1].tolist()
                who[key] = tuple(self.assets[n] for n in named), tuple(self.devices[n] for n in named)
            values = {metric: one[at] for metric, one in self.values.items()}
            yield Columns(end_us - self.width_us, end_us, *who[key], self.at_us[at], values)

    def _by_window(self) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Of each window its end, and the rows and columns of what was said in it."""
        ends_us = self.ends_us
        numbers: dict[str, int] = {}
        owner = np.array([numbers.setdefault(asset.id, len(numbers)) for asset in self.assets])
        if len(numbers) == len(self.assets) and self.words[-1] == len(ends_us) and not np.ptp(ends_us, axis=1).any():
            everyone = np.arange(len(self.assets))
            for row, end_us in enumerate(ends_us[:, 0].tolist()):
                yield end_us, np.full(everyone.shape, row), everyone
            return
        rows, columns = np.nonzero(self.here())
        order = np.lexsort((self.at_us[rows, columns], owner[columns], ends_us[rows, columns]))
        rows, columns = rows[order], columns[order]
        ends, starts = np.unique(ends_us[rows, columns], return_index=True)
        for end_us, some in zip(ends.tolist(), np.split(np.arange(rows.size), starts[1:]), strict=True):
            yield end_us, rows[some], columns[some]

    def is_crowded(self) -> npt.NDArray[np.bool_]:
        """Shape (devices,): who spoke of several moments in one window."""
        numbers = self.at_us // self.width_us
        crowded: npt.NDArray[np.bool_] = ((np.diff(numbers, axis=0) == 0) & self.here()[1:]).any(axis=0)
        return crowded

    def here(self) -> npt.NDArray[np.bool_]:
        """Shape (words, devices): where something was said."""
        mask: npt.NDArray[np.bool_] = np.arange(len(self.at_us))[:, None] < self.words
        return mask

    @property
    def ends_us(self) -> npt.NDArray[np.int64]:
        """int64, shape (words, devices): the end of the window that a word lies in, microseconds since the epoch."""
        ends: npt.NDArray[np.int64] = self.at_us - self.at_us % self.width_us + self.width_us
        return ends


@dataclass(frozen=True, slots=True)
class Columns:
    """One window of a block: what those devices said that spoke in [start_us, end_us).

    Attributes:
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.
        assets: Whose window a column is of; the very tuple of the window before if the same devices spoke.
        devices: Who spoke, likewise.
        at_us: int64, shape (devices,), of what moment.
        values: By metric, float64, shape (devices,); see `Block`.
    """

    start_us: int
    end_us: int
    assets: tuple[Asset, ...]
    devices: tuple[Device, ...]
    at_us: npt.NDArray[np.int64]
    values: Mapping[str, npt.NDArray[np.float64]]


@runtime_checkable
class BlockDetector(Detector, Protocol):
    """A detector that looks at all devices at once where nothing is remarkable, and asset by asset where it is.

    `observe` alone says what is right; `observe_block` is a faster way to the same findings and the same states, bit
    for bit, over one window of many assets as over an hour of them.
    """

    def new_states(self) -> MutableMapping[str, State]:
        """An empty memory of assets; a mapping of its own kind where it keeps numbers in arrays."""
        ...

    def observe_block(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """The findings of those it can tell of at once, in any order, and which assets it left, from when on.

        What is left follows from states and words alone. The engine serves no timer of those that are not left: this
        does, as if it had been asked in the window that holds it, and it may set the next. An asset may be left from
        any window on (its start, microseconds since the epoch; `EVER` for all of them): up to there it was told of,
        and `observe` goes on from there.

        Args:
            block: What was said since the windows shown before.
            memory: As in `observe`; `states` is what `new_states` made.
            thresholds: Values in force.
        """
        ...


class LastBlock:
    """The block of the windows that were looked at last, as detectors of one width are mostly shown the same."""

    def __init__(self) -> None:
        self._windows: Sequence[Window] = ()
        self._block: Block | None = None

    def of(self, windows: Sequence[Window]) -> Block | None:
        """See `block_of`."""
        known = self._windows
        if len(windows) != len(known) or not all(map(is_, windows, known)):
            self._windows, self._block = windows, block_of(windows)
        return self._block


def block_of(windows: Iterable[Window]) -> Block | None:
    """The windows that fit a block; None if there are none.

    Args:
        windows: All of the same time, at most one an asset.
    """
    assets: list[Asset] = []
    devices: list[Device] = []
    at_us: list[int] = []
    cells: dict[str, tuple[list[int], list[float]]] = {}
    patience_us: list[int] = []
    width_us = end_us = 0
    for window in windows:
        if not _fits(window):
            continue
        end_us, width_us = window.end_us, window.end_us - window.start_us
        known = {device.id: device for device in window.devices}
        speaker = ""
        for reading in window.readings:
            if reading.device != speaker:
                speaker = reading.device
                assets.append(window.asset)
                devices.append(known[speaker])
                at_us.append(reading.at_us)
                patience_us.append(window.patience_us)
            column = cells.get(reading.metric)
            if column is None:
                column = cells[reading.metric] = ([], [])
            column[0].append(len(at_us) - 1)
            column[1].append(reading.value)
    if not assets:
        return None
    values = {metric: _row(len(at_us), *cells[metric]) for metric in sorted(cells)}
    until_us, words = np.full(len(at_us), end_us, np.int64), np.ones(len(at_us), np.int64)
    patience = np.array(patience_us, np.int64)
    return Block(
        width_us, tuple(assets), tuple(devices), until_us, patience, words, np.array([at_us], np.int64), values
    )


class Column(NamedTuple):
    """What a device told for an asset: the words low <= number < high, one or more.

    Attributes:
        asset: Whose.
        device: Who spoke.
        told: What it told.
        low: The first of the words that are meant.
        high: The first that is not.
        until_us: Up to when that is all that was said of the asset, microseconds since the epoch.
        patience_us: See `Block`.
    """

    asset: Asset
    device: Device
    told: Told
    low: int
    high: int
    until_us: int
    patience_us: int


def block_of_told(width_us: int, columns: Sequence[Column]) -> Block:
    """A block of what devices told.

    Args:
        width_us: Of the windows.
        columns: At least one; all of an asset that was told.
    """
    # Sorting keeps the order of those that are equal.
    ordered = sorted(columns, key=lambda column: column.low - column.high)
    words = np.array([column.high - column.low for column in ordered], np.int64)
    here = np.arange(words[0]) < words[:, None]
    at_us = _stacked([column.told.at_us[column.low : column.high] for column in ordered], here, 0)
    last_us = at_us[words - 1, np.arange(words.size)]
    at_us = at_us if here.all() else np.where(here.T, at_us, last_us)
    unsaid = np.full(words[0], np.nan)
    values = {
        metric: _stacked(
            [
                unsaid[low - high :] if (one := told.values.get(metric)) is None else one[low:high]
                for _, _, told, low, high, _, _ in ordered
            ],
            here,
            np.nan,
        )
        for metric in sorted({metric for column in ordered for metric in column.told.values})
    }
    return Block(
        width_us,
        tuple(column.asset for column in ordered),
        tuple(column.device for column in ordered),
        np.array([column.until_us for column in ordered], np.int64),
        np.array([column.patience_us for column in ordered], np.int64),
        words,
        at_us,
        values,
    )


def _stacked(
    columns: Sequence[npt.NDArray[_Number]], here: npt.NDArray[np.bool_], missing: float
) -> npt.NDArray[_Number]:
    """Columns side by side, and something behind the ends of those that are shorter.

    Args:
        columns: Of each what it holds.
        here: Shape (columns, rows), where something is held.
        missing: What is put behind the ends.
    """
    told = np.concatenate(columns)
    if told.size == here.size:
        return np.ascontiguousarray(told.reshape(here.shape).T)
    rows = np.full(here.shape, missing, told.dtype)
    rows[here] = told
    return np.ascontiguousarray(rows.T)


def _fits(window: Window) -> bool:
    """Whether something was said, each device spoke of one moment, and nothing else happened."""
    readings = window.readings
    if not readings or window.events or window.stills:
        return False
    if readings[0].at_us == readings[-1].at_us:
        return True
    # They ascend by moment, then by device: one that spoke of two moments is met again after another moment.
    return len({(r.at_us, r.device) for r in readings}) == len({r.device for r in readings})


def _row(columns: int, at: list[int], values: list[float]) -> npt.NDArray[np.float64]:
    row = np.full((1, columns), np.nan)
    row[0, at] = values
    return row
