"""Sensor calm watch: all devices whose windows closed together, as far as nothing is wrong with any of an asset's."""

from collections.abc import Callable, Iterator
from itertools import groupby

import numpy as np

from ingest.metrics import METRICS
from ingest.registry import Asset, Device
from ingest.series_quality import DRIVERS, RULES
from models.columns import Columns
from models.sensors.calm import (
    NEVER_US,
    Mask,
    Moments,
    add_to_days,
    hear_series,
    hear_words,
    known_habits,
    silent_after_us,
)
from models.sensors.rows import Rows, SensorRows
from models.sensors.series import JUDGED, POINT_EVERY_US, with_point
from models.sensors.settings import HOUR_US


class CalmWatch:
    """The rows of one site's devices at their home assets, heard, and nothing kept until `keep` is called.

    Args:
        columns: What was said.
        states: Read; rows of assets that are well are put into its arrays.
        is_due: Whether an asset's silence must be asked about.

    Attributes:
        calm: By row of `here`, whether all that there is to do of its asset is to keep what was heard.
        here: Rows of the columns that belong to a device at its home.
        left: Ids of the assets that are not calm.
    """

    def __init__(self, columns: Columns, states: SensorRows, is_due: Callable[[str], bool]) -> None:
        self._columns, self._states = columns, states
        self.left: set[str] = set()
        self.here, self._rows, self._due = self._seated(is_due)
        self._at_us = columns.at_us[self.here]
        self._habits: Rows = states.habits[self._rows]
        self._series: dict[str, tuple[Mask, Rows]] = {}
        self.calm: Mask = hear_words(self._habits, self._at_us)
        self._hear_metrics()
        self._from_us: Moments = self._habits["at_us"] + silent_after_us(self._habits)
        self._speaks: Mask = self._at_us >= self._habits["said_us"] + HOUR_US
        # To speak settles anew when silence is due; which of the two comes first is known to `DeviceWatch`.
        self.calm &= ~self._due | (~self._speaks & (self._from_us >= columns.end_us))
        self._leave_whole_assets()

    def keep(self) -> None:
        """Take over what was heard of the calm ones."""
        self._states.habits[self._rows[self.calm]] = self._habits[self.calm]
        for metric, (said, series) in self._series.items():
            kept = self.calm[said]
            self._states.column(metric)[self._rows[said][kept]] = series[kept]
            self._keep_points(metric, np.flatnonzero(said)[kept], series[kept])

    def wake_ups(self) -> Iterator[tuple[str, int]]:
        """Of each calm device that is due: its asset, and from when on it is silent if it says nothing more."""
        for n in np.flatnonzero(self.calm & self._due & (self._from_us < NEVER_US)).tolist():
            yield self._columns.assets[self.here[n]].id, self._from_us[n].item()

    def speakers(self) -> Iterator[tuple[Asset, Device, int, bool]]:
        """Of each calm device of which an hour has said nothing: its asset, itself, the moment, whether it is known."""
        known = known_habits(self._habits)
        for n in np.flatnonzero(self.calm & self._speaks).tolist():
            row = self.here[n]
            yield self._columns.assets[row], self._columns.devices[row], self._at_us[n].item(), bool(known[n])

    def _seated(self, is_due: Callable[[str], bool]) -> tuple[Moments, Moments, Mask]:
        """Which rows of the columns are those of well assets, where they lie in the arrays, and who is to be asked."""
        columns = self._columns
        here: list[int] = []
        rows: list[int] = []
        due: list[bool] = []
        for asset, group in groupby(range(len(columns.assets)), key=lambda n: columns.assets[n].id):
            at_home = [n for n in group if columns.devices[n].assets[0] == asset]
            known, asked = self._states.place_of(asset), is_due(asset)
            # If one of its devices says nothing, whether it may is to be asked.
            silent = asked and known is not None and len(known) > len(at_home)
            if known is None or silent or any(columns.devices[n].id not in known for n in at_home):
                self.left.add(asset)
                continue
            here += at_home
            rows += [known[columns.devices[n].id] for n in at_home]
            due += [asked] * len(at_home)
        return np.array(here, np.int64), np.array(rows, np.int64), np.array(due, np.bool_)

    def _hear_metrics(self) -> None:
        for metric, values in self._columns.values.items():
            value = values[self.here]
            said = ~np.isnan(value)
            self.calm &= ~said | self._states.said(metric)[self._rows]
            if metric not in JUDGED or not said.any():
                continue
            series = self._states.column(metric)[self._rows[said]]
            at_us, heard, rule = self._at_us[said], value[said], RULES[metric]
            standing = self._stand()[said] if rule.driven else np.zeros(heard.shape, np.bool_)
            calm = hear_series(series, rule, at_us, heard, standing)
            if METRICS[metric].compared:
                calm &= add_to_days(series, at_us, heard)
            self._series[metric] = said, series
            self.calm[said] &= calm

    def _stand(self) -> Mask:
        """Which machines stand, by what was heard up to here; see `series_quality.stands`."""
        stand = np.zeros(self._rows.shape, np.bool_)
        for metric in reversed(DRIVERS):
            series = self._states.column(metric)[self._rows]
            if metric in self._series:
                said, heard = self._series[metric]
                series[said] = heard
            stand = np.where(series["known"], np.abs(series["value"]) <= RULES[metric].rests_at, stand)
        return stand

    def _leave_whole_assets(self) -> None:
        """Of an asset with a device that is not calm, nothing is kept."""
        assets = self._columns.assets
        self.left |= {assets[row].id for row in self.here[~self.calm]}
        for n in np.flatnonzero(self.calm).tolist() if self.left else ():
            self.calm[n] = assets[self.here[n]].id not in self.left

    def _keep_points(self, metric: str, rows: Moments, series: Rows) -> None:
        """Add to the pictures whose newest point is half an hour old."""
        due = np.flatnonzero(series["at_us"] >= series["point_s"] * 1_000_000 + POINT_EVERY_US)
        for n in due.tolist():
            row = self.here[rows[n]]
            at_us, value = series["at_us"][n].item(), series["value"][n].item()
            home = self._states.lasting(self._columns.assets[row].id)
            known = home["devices"][self._columns.devices[row].id]["series"][metric]
            known["points"] = with_point(known["points"], at_us, value)
            self._states.column(metric)["point_s"][self._rows[rows[n]]] = at_us // 1_000_000
