"""Deviation rows: the numbers of assets' channels as arrays, a row a device; what moves seldom stays in the dicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ingest.registry import Asset, Device
from models.blocks import NEVER_US
from models.detector import State
from models.deviation.cells import Cells, Index, Moments, run_of
from models.deviation.channels import awaited_of, has_level, left_of, metric_of
from models.deviation.history import is_flat, stretched, with_point
from models.deviation.level_shift import is_warm
from models.deviation.settings import is_steady
from models.pipes.nights import clock_of
from models.row_states import RowStates

if TYPE_CHECKING:
    from models.deviation.routine import Routine

_MOST_SEATS = 64
"""Of a large fleet's seats one takes 50 kB; sites and patiences that are seldom the same would fill the memory."""

ASSETS = np.dtype(
    [
        *((name, np.bool_) for name in ("packed", "steady", "calm", "flat", "warm", "channels", "left", "turned")),
        *((name, np.int64) for name in ("spoke_us", "told_us", "due_us", "quiet_s")),
    ]
)
"""Of an asset whose numbers are here (`packed`): whether it is of steady duty, neither deviates nor settles (`calm`),
was near its baselines at the last points of its history (`flat`), has a warm channel, any channels, any left to others,
and whether more has moved than running hours (`turned`). Then its memory's moments, `NEVER_US` for none, when it is
woken, and the last point of a flat history."""


@dataclass(frozen=True, slots=True)
class Seats:
    """Where those who are spoken of in columns have their numbers.

    Attributes:
        assets: Of the columns.
        devices: Of the columns.
        rows: int64, shape (rows of the columns,): of each device.
        owners: int64, likewise: the row of its asset.
        at: `rows`, as a slice if they are one.
        owned_at: `owners`, as a slice if they are one.
        routines: By what metrics are spoken of.
    """

    assets: tuple[Asset, ...]
    devices: tuple[Device, ...]
    rows: Moments
    owners: Moments
    at: Index
    owned_at: Index
    routines: "dict[tuple[str, ...], Routine]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an asset's numbers lie.

    Attributes:
        asset: Its row.
        channels: Of each channel its name, its metric and its row.
    """

    asset: int
    channels: tuple[tuple[str, str, int], ...]


class DeviationRows(RowStates[Place]):
    """The states of `AssetDeviation`.

    Attributes:
        cells: By metric.
        owner: int64, by device's row the row of its asset.
        assets: Of dtype `ASSETS`.
        asset_of: By asset's row.
        kind_of: By asset's row, what besides thresholds decides how it is judged.
        changes: Counts what changed more than running hours and when an asset spoke.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[str, Cells] = {}
        self.owner: Moments = np.zeros(64, np.int64)
        self.assets: npt.NDArray[np.void] = np.zeros(64, ASSETS)
        self.changes = 0
        self.asset_of: list[Asset] = []
        self.kind_of: list[tuple[object, ...]] = []
        self._asset_rows: dict[str, int] = {}
        self._device_rows: dict[str, dict[str, int]] = {}
        self._devices = 0
        self._seats: dict[str, Seats] = {}

    @property
    def devices(self) -> int:
        """How many rows of devices there are."""
        return self._devices

    def due_us(self, asset: str) -> int:
        """When an asset is to be woken whose numbers are here; `NEVER_US` if they are not."""
        place = self._places.get(asset)
        due_us: int = NEVER_US if place is None else self.assets["due_us"][place.asset].item() or NEVER_US
        return due_us

    def seats(self, assets: tuple[Asset, ...], devices: tuple[Device, ...]) -> Seats:
        """Where those have their numbers; remembered, because it is mostly the same ones that close together."""
        known = self._seats.get(assets[0].id)
        if known is not None and _same(known.assets, assets) and _same(known.devices, devices):
            return known
        owners = np.array([self._asset_row(asset) for asset in assets], np.int64)
        rows = np.array([self._device_row(a.id, d.id) for a, d in zip(assets, devices, strict=True)], np.int64)
        seats = Seats(assets, devices, rows, owners, run_of(rows), run_of(owners))
        if len(self._seats) >= _MOST_SEATS:
            self._seats.clear()
        self._seats[assets[0].id] = seats
        return seats

    def cells_of(self, metric: str) -> Cells:
        """The channels of one metric."""
        cells = self.cells.get(metric)
        if cells is None:
            cells = self.cells[metric] = Cells.empty(self.owner.size)
            for asset in self._places:
                self._skip(asset, self._states[asset], {metric: cells})
        return cells

    def add_point(self, row: int, at_us: int, total: float) -> None:
        """Note how far a packed asset was from its baselines when it was judged, and what that makes of its history."""
        state, known = self._states[self.asset_of[row].id], self.assets[row]
        if known["flat"]:
            state["history"] = stretched(state["history"], known["quiet_s"].item())
        history = state["history"] = with_point(state["history"], at_us, total)
        state["total"] = total
        known["flat"], known["quiet_s"] = is_flat(history) and total == 0.0, round(sum(history[::2]))

    def _asset_row(self, asset: Asset) -> int:
        row = self._asset_rows.setdefault(asset.id, len(self._asset_rows))
        if row == len(self.asset_of):
            self.asset_of.append(asset)
            self.kind_of.append(_kind(asset))
            self._device_rows[asset.id] = {}
        if self.asset_of[row] is not asset:
            self.asset_of[row], self.kind_of[row] = asset, _kind(asset)
        if row == self.assets.size:
            self.changes += 1
            self.assets = np.concatenate([self.assets, np.zeros_like(self.assets)])
        return row

    def _device_row(self, asset: str, device: str) -> int:
        rows = self._device_rows[asset]
        row = rows.get(device)
        if row is None:
            row = rows[device] = self._devices
            self._devices += 1
            if row == self.owner.size:
                self.changes += 1
                self.owner = np.concatenate([self.owner, np.zeros_like(self.owner)])
                self.cells = {metric: cells.grown() for metric, cells in self.cells.items()}
            self.owner[row] = self._asset_rows[asset]
        return row

    def _read_in(self, asset: str, state: State) -> Place:
        """See `RowStates`."""
        self.changes += 1
        row = self._asset_rows[asset]
        profiles, channels = state.get("profiles", {}), state["channels"]
        steady, history = is_steady(self.asset_of[row]), state["history"]
        names = [(name, metric_of(name)) for name in (channels if steady else profiles)]
        place = Place(row, tuple((n, m, self._device_row(asset, n.removesuffix(f" {m}"))) for n, m in names))
        for _, metric, _ in place.channels:
            self.cells_of(metric)
        self._skip(asset, state, self.cells)
        awaited = awaited_of(self.asset_of[row], state)
        for name, metric, at in place.channels:
            if metric not in awaited:
                self.cells[metric].read_in(at, profiles.get(name), channels.get(name))
        warm = any(is_warm(channel) for channel in channels.values())
        spoke_us = state["spoke_us"]
        self.assets[row] = (
            *(True, steady, not state["high"] and not state["settling"], is_flat(history) and state["total"] == 0.0),
            *(warm, bool(channels), bool(state["left"]), False),
            *(NEVER_US if spoke_us is None else spoke_us, state["told_us"], 0, round(sum(history[::2]))),
        )
        return place

    def _skip(self, asset: str, state: State, by_metric: Mapping[str, Cells]) -> None:
        """Note that there is no channel in an asset's rows, and which metrics are left to others there."""
        known = self.asset_of[self._asset_rows[asset]]
        left, awaited = left_of(known, state), awaited_of(known, state)
        rows = list(self._device_rows[asset].values())
        for metric, cells in by_metric.items():
            cells.skipped[rows] = metric not in awaited and (metric in left or not has_level(metric))
            cells.since_us[rows] = NEVER_US
            cells.channel["exists"][rows] = False

    def _vacate(self, place: Place) -> None:
        self.changes += 1
        self.assets["packed"][place.asset] = False

    def _write_back(self, state: State, place: Place) -> None:
        """See `RowStates`."""
        known = self.assets[place.asset]
        spoke_us, turned = known["spoke_us"].item(), bool(known["turned"])
        state["spoke_us"] = None if spoke_us == NEVER_US else spoke_us
        state["told_us"] = known["told_us"].item()
        for name, metric, row in place.channels:
            cells = self.cells[metric]
            if not known["steady"]:
                cells.write_hour(row, state["profiles"][name])
            if turned and not known["steady"]:
                cells.write_hours(row, state["profiles"][name])
            if turned and name in state["channels"]:
                cells.write_channel(row, state["channels"][name])
        if turned and known["flat"]:
            state["history"] = stretched(state["history"], known["quiet_s"].item())
        self.assets["turned"][place.asset] = False


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return one is other or one == other


def _kind(asset: Asset) -> tuple[object, ...]:
    return is_steady(asset), clock_of(asset).key
