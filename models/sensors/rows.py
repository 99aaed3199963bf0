"""Sensor rows: the numbers of devices that are well, as arrays with a row a device; all else stays with their asset."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.registry import Asset, Device
from ingest.series_quality import RULES, Track, stuck
from models.detector import State
from models.row_states import RowStates
from models.sensors.habits import settle
from models.sensors.series import CALM_JUMPS

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
        *(("run", np.int64), ("pace_us", np.int64), ("longest_us", np.int64), ("same", np.float64)),
        *(("jumps", np.float64), ("point_s", np.int64), ("day", np.int64), ("sum", np.float64), ("count", np.int64)),
        ("known", np.bool_),
    ]
)
"""A `Track` in its order, then what else moves with every reading; `known` is false where there is no channel."""

_SETTLED = ("holds_us", "registered_us", "least_us")
_HEARD = HABIT.names[:4] if HABIT.names else ()
_TRACK, _JUMPS, _DAY = slice(0, 8), 8, slice(10, 13)


class SensorRows(RowStates[dict[str, int]]):
    """The states of `SensorFault`; those of a sound device lie in arrays, and a place is the rows of devices by id.

    Attributes:
        habits: Of dtype `HABIT`, shape (capacity,).
        series: By metric, of dtype `SERIES`, shape (capacity,).
        says: By metric or kind of event, bool, shape (capacity,): whether the device is known to say it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._row_of: dict[tuple[str, str], int] = {}
        self._capacity = 64
        self.habits: Rows = np.zeros(self._capacity, HABIT)
        self.series: dict[str, Rows] = {}
        self.says: dict[str, npt.NDArray[np.bool_]] = {}

    def settle(self, asset: Asset, device: Device, said_us: int, used: Mapping[str, float]) -> None:
        """Note of a packed device when it last had a finding, and what registry and thresholds say of its silence."""
        known, row = self._states[asset.id]["devices"][device.id], self._places[asset.id][device.id]
        settle(known["habit"], device, used)
        known["said_us"] = self.habits["said_us"][row] = said_us
        for name in _SETTLED:
            self.habits[name][row] = known["habit"][name]

    def column(self, metric: str) -> Rows:
        """The rows of one metric."""
        if metric not in self.series:
            self.series[metric] = np.zeros(self._capacity, SERIES)
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
        habit = known["habit"] | {"said_us": known["said_us"]}
        self.habits[row] = tuple(habit[name] for name in HABIT.names or ())
        for name in {*self.says, *known["says"]}:
            self.said(name)[row] = name in known["says"]
        for metric in {*self.series, *known["series"]}:
            series = known["series"].get(metric)
            if series is None:
                self.column(metric)["known"][row] = False
                continue
            day = known["days"].get(metric, {"day": 0, "sum": 0.0, "count": 0})
            self.column(metric)[row] = (
                *series["track"],
                series["jumps"],
                series["points"][-1][0],
                *(day["day"], day["sum"], day["count"]),
                True,
            )

    def _write_back(self, state: State, place: Mapping[str, int]) -> None:
        """See `RowStates`."""
        for device, row in place.items():
            known = state["devices"][device]
            known["habit"].update(zip(_HEARD, self.habits[row].item(), strict=False))
            for metric, series in known["series"].items():
                numbers = self.series[metric][row].item()
                series["track"], series["jumps"] = list(numbers[_TRACK]), numbers[_JUMPS]
                if metric in known["days"]:
                    known["days"][metric].update(zip(("day", "sum", "count"), numbers[_DAY], strict=True))


def _is_well(known: State) -> bool:
    """Whether nothing is wrong with a device, nor on the way to be."""
    habit = known["habit"]
    return (
        not known["high"]
        and known["clock"] is None
        and habit["offline_us"] is None
        and not habit["silence"]
        and habit["measures"]
        and all(_channel_is_well(metric, series) for metric, series in known["series"].items())
    )


def _channel_is_well(metric: str, series: State) -> bool:
    if series["jumping"] or series["drifting"] or series["jumps"] >= CALM_JUMPS:
        return False
    return not stuck(Track(*series["track"]), RULES[metric])


def _doubled(rows: Rows) -> Rows:
    return np.concatenate([rows, np.zeros_like(rows)])
