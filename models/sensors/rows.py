"""Sensor rows: the numbers of devices that are well, as arrays with a row a device; all else stays with their asset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.registry import Device
from ingest.series_quality import Track
from models.blocks import Block
from models.detector import State
from models.row_states import RowStates
from models.sensors.habits import habit_of, keep_habit, settled
from models.sensors.series import CALM_JUMPS, POINTS, Channel, said_by, track_stored, with_point
from models.windows import Window

Rows = npt.NDArray[Any]
"""A structured array, a row a device."""

HABIT = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("at_us", "words", "pace_us", "longest_us"),
            *("born_us", "holds_us", "registered_us", "least_us", "said_us"),
        )
    ]
)
SERIES = np.dtype(
    [
        *(("at_us", np.int64), ("value", np.float64), ("born_us", np.int64), ("since_us", np.int64)),
        *(("run", np.int64), ("pace_us", np.int64), ("longest_us", np.int64), ("same", np.int64)),
        *(("jumps", np.float64), ("point", np.int64), ("day", np.int64), ("sum", np.int64), ("count", np.int64)),
        ("known", np.bool_),
    ]
)
"""A `Track` in its order, then what else moves with every reading; `known` is false where there is no channel."""

_TRACKED = SERIES.names[:8] if SERIES.names else ()
_TRACK, _JUMPS, _POINT, _DAY = slice(0, 8), 8, 9, slice(11, 13)


class Points:
    """Points of one metric that wait to be put into pictures, oldest first, a row a device.

    Args:
        capacity: Rows.
    """

    def __init__(self, capacity: int) -> None:
        self._counts = np.zeros(capacity, np.int64)
        self._at = np.zeros((capacity, POINTS), np.int64)
        self._value = np.zeros((capacity, POINTS))

    def double(self) -> None:
        """Make room for as many rows again."""
        self._counts, self._at, self._value = (_doubled(one) for one in (self._counts, self._at, self._value))

    def drop(self, row: int) -> None:
        """Forget those of a row."""
        self._counts[row] = 0

    def take(self, row: int) -> list[tuple[int, float]]:
        """Those of a row; none waits any more."""
        count, self._counts[row] = self._counts[row], 0
        return list(zip(self._at[row, :count].tolist(), self._value[row, :count].tolist(), strict=True))

    def add(self, rows: Rows, at: Rows, value: Rows) -> None:
        """Add a point to each of some rows; of those that are full the oldest goes."""
        full = rows[self._counts[rows] == POINTS]
        for numbers in (self._at, self._value):
            numbers[full, :-1] = numbers[full, 1:]
        self._counts[full] -= 1
        self._at[rows, self._counts[rows]], self._value[rows, self._counts[rows]] = at, value
        self._counts[rows] += 1


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a block, for who asks what was known when a window in the midst of it closed.

    Attributes:
        block: What was heard.
        before_us: int64, shape (devices,): of each device its newest word before the block.
        columns: By asset and device, which column it is.
    """

    block: Block
    before_us: npt.NDArray[np.int64]
    columns: dict[tuple[str, str], int]

    def newest_us(self, column: int, window: Window) -> int:
        """The newest word of a device when a window closed."""
        block = self.block
        at_us = block.at_us[: block.words[column], column]
        ends_us = at_us - at_us % block.width_us + block.width_us
        closes_us, now_us = ends_us + block.patience_us[column], window.end_us + window.patience_us
        # Of windows that close at one moment those that begin first come first.
        count = int(((closes_us < now_us) | ((closes_us == now_us) & (ends_us <= window.end_us))).sum())
        newest: int = at_us[count - 1].item() if count else self.before_us[column].item()
        return newest


class SensorRows(RowStates[dict[str, int]]):
    """The states of `SensorFault`; those of a sound device lie in arrays, and a place is the rows of devices by id.

    Attributes:
        habits: Of dtype `HABIT`, shape (capacity,).
        series: By metric, of dtype `SERIES`, shape (capacity,).
        says: By metric or kind of event, bool, shape (capacity,): whether the device is known to say it.
        heard: The words that came last into the arrays, and may be forgotten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._row_of: dict[tuple[str, str], int] = {}
        self._capacity = 64
        self.habits: Rows = np.zeros(self._capacity, HABIT)
        self.series: dict[str, Rows] = {}
        self.says: dict[str, npt.NDArray[np.bool_]] = {}
        self.heard: Heard | None = None
        self._agreed: dict[int, Mapping[str, float]] = {}
        self._points: dict[str, Points] = {}

    def newest_us(self, asset: str, device: str, window: Window) -> int | None:
        """The newest word of a packed device when a window closed; None if there is no later one than then."""
        if self.heard is None or asset not in self._places:
            return None
        column = self.heard.columns.get((asset, device))
        return None if column is None else self.heard.newest_us(column, window)

    def agrees(self, asset: str, device: Device, row: int, used: Mapping[str, float]) -> bool:
        """Whether registry and thresholds still say of a packed device's silence what they said before."""
        if self._agreed.get(row) is used:
            return True
        habit = habit_of(self._states[asset]["devices"][device.id])
        agreed = all(habit[name] == value for name, value in settled(device, used).items())
        if agreed:
            self._agreed[row] = used
        return agreed

    def add_points(self, metric: str, rows: Rows, at: Rows, value: Rows) -> None:
        """Add a point to the pictures of rows of a metric, as `series.with_point` does; the oldest go."""
        self._points[metric].add(rows, at, value)
        self.series[metric]["point"][rows] = at

    def column(self, metric: str) -> Rows:
        """The rows of one metric."""
        if metric not in self.series:
            self.series[metric] = np.zeros(self._capacity, SERIES)
            self._points[metric] = Points(self._capacity)
        return self.series[metric]

    def said(self, name: str) -> npt.NDArray[np.bool_]:
        """By row whether a metric or kind of event is known to be said."""
        if name not in self.says:
            self.says[name] = np.zeros(self._capacity, np.bool_)
        return self.says[name]

    def _row(self, asset: str, device: str) -> int:
        row = self._row_of.setdefault((asset, device), len(self._row_of))
        if row == self._capacity:
            self.habits = _doubled(self.habits)
            self.series = {metric: _doubled(one) for metric, one in self.series.items()}
            self.says = {name: _doubled(one) for name, one in self.says.items()}
            for points in self._points.values():
                points.double()
            self._capacity *= 2
        return row

    def _read_in(self, asset: str, state: State) -> dict[str, int] | None:
        """See `RowStates`; None if one of its devices is not well."""
        devices = state["devices"]
        if not all(_is_well(known) for known in devices.values()):
            return None
        rows = {device: self._row(asset, device) for device in devices}
        for device, row in rows.items():
            self._read_in_device(devices[device], row)
        return rows

    def _read_in_device(self, known: State, row: int) -> None:
        self._agreed.pop(row, None)
        habit = habit_of(known) | {"said_us": known["said_us"]}
        self.habits[row] = tuple(habit[name] for name in HABIT.names or ())
        says = said_by(known)
        for name in {*self.says, *says}:
            self.said(name)[row] = name in says
        for metric in {*self.series, *known["series"]}:
            series = known["series"].get(metric)
            if series is None:
                self.column(metric)["known"][row] = False
                continue
            channel = Channel.of(metric, series, habit)
            days = channel.days or {"sum": 0, "count": 0}
            numbers = tuple(getattr(channel.track, name) for name in _TRACKED)
            added = channel.day, days["sum"], days["count"]
            self.column(metric)[row] = (*numbers, channel.jumps, channel.points[0], *added, True)
            self._points[metric].drop(row)

    def _write_back(self, state: State, place: Mapping[str, int]) -> None:
        """See `RowStates`."""
        for device, row in place.items():
            known = state["devices"][device]
            habit = habit_of(known) | dict(zip(HABIT.names or (), self.habits[row].item(), strict=True))
            known["said_us"] = habit.pop("said_us")
            keep_habit(known, habit)
            for metric, series in known["series"].items():
                numbers = self.series[metric][row].item()
                series["track"] = track_stored(Track(*numbers[_TRACK]), habit)
                if "jumps" in series:
                    series["jumps"] = numbers[_JUMPS]
                    if not numbers[_JUMPS]:
                        del series["jumps"]
                if series["points"][0] != numbers[_POINT]:
                    for at, value in self._points[metric].take(row):
                        series["points"] = with_point(series["points"], metric, at, value)
                if "days" in series:
                    series["days"].update(zip(("sum", "count"), numbers[_DAY], strict=True))


def _is_well(known: State) -> bool:
    """Whether nothing is wrong with a device, nor on the way to be."""
    habit = habit_of(known)
    return (
        "high" not in known
        and "clock" not in known
        and habit["offline_us"] is None
        and not habit["silence"]
        and habit["measures"]
        and all(_is_well_channel(Channel.of(m, series, habit)) for m, series in known["series"].items())
    )


def _is_well_channel(channel: Channel) -> bool:
    return not (channel.jumping or channel.drifting or channel.jumps >= CALM_JUMPS or channel.stuck)


def _doubled(rows: Rows) -> Rows:
    return np.concatenate([rows, np.zeros_like(rows)])
