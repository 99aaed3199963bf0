"""Columns: what many devices said in windows that closed together, as arrays with a row a device."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ingest.registry import Asset, Device
from models.detector import Detector, Memory, State
from models.findings import Finding
from models.thresholds import ThresholdBook
from models.windows import Window


@dataclass(frozen=True, slots=True)
class Columns:
    """Windows of [start_us, end_us) in which each device spoke of one moment, and nothing happened but readings.

    Attributes:
        start_us: Inclusive, microseconds since the epoch.
        end_us: Exclusive.
        assets: Whose window a row is of, one a row; the rows of an asset lie together.
        devices: Who spoke, one a row.
        at_us: int64, shape (rows,), of what moment.
        values: By metric in ascending order, float64, shape (rows,), in the metric's unit; NaN where it was not said.
    """

    start_us: int
    end_us: int
    assets: tuple[Asset, ...]
    devices: tuple[Device, ...]
    at_us: npt.NDArray[np.int64]
    values: Mapping[str, npt.NDArray[np.float64]]


@runtime_checkable
class ColumnDetector(Detector, Protocol):
    """A detector that looks at all devices at once where nothing is remarkable, and asset by asset where it is.

    `observe` alone says what is right; `observe_columns` is a faster way to the same findings and the same states, bit
    for bit, and which assets it leaves must follow from their states and windows alone.
    """

    def new_states(self) -> MutableMapping[str, State]:
        """An empty memory of assets; a mapping of its own kind where it keeps numbers in arrays."""
        ...

    def observe_columns(
        self, columns: Columns, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], set[str]]:
        """The findings of those it can tell of at once, in any order, and the ids of the assets it left untouched.

        Args:
            columns: Windows that closed together; those that fit no columns are shown to `observe` as well.
            memory: As in `observe`; `states` is what `new_states` made.
            thresholds: Values in force.
        """
        ...


def columns_of(windows: Sequence[Window]) -> Columns | None:
    """The windows that fit as columns; None if there are none.

    Args:
        windows: All of the same time, at most one an asset.
    """
    assets: list[Asset] = []
    devices: list[Device] = []
    at_us: list[int] = []
    cells: dict[str, tuple[list[int], list[float]]] = {}
    for window in windows:
        if not _fits(window):
            continue
        known = {device.id: device for device in window.devices}
        speaker = ""
        for reading in window.readings:
            if reading.device != speaker:
                speaker = reading.device
                assets.append(window.asset)
                devices.append(known[speaker])
                at_us.append(reading.at_us)
            column = cells.get(reading.metric)
            if column is None:
                column = cells[reading.metric] = ([], [])
            column[0].append(len(at_us) - 1)
            column[1].append(reading.value)
    if not assets:
        return None
    values = {metric: _column(len(at_us), *cells[metric]) for metric in sorted(cells)}
    return Columns(
        windows[0].start_us, windows[0].end_us, tuple(assets), tuple(devices), np.array(at_us, np.int64), values
    )


def _fits(window: Window) -> bool:
    """Whether something was said, each device spoke of one moment, and nothing else happened."""
    readings = window.readings
    if not readings or window.events or window.stills:
        return False
    if readings[0].at_us == readings[-1].at_us:
        return True
    # They ascend by moment, then by device: one that spoke of two moments is met again after another moment.
    return len({(r.at_us, r.device) for r in readings}) == len({r.device for r in readings})


def _column(rows: int, at: list[int], values: list[float]) -> npt.NDArray[np.float64]:
    column = np.full(rows, np.nan)
    column[at] = values
    return column
