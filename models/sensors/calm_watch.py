"""Sensor calm watch: all devices of a block, as far as nothing is wrong with any of an asset's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.metrics import METRICS
from ingest.registry import Asset, Device
from ingest.series_quality import DRIVERS, RULES
from models.blocks import NEVER_US, Block
from models.sensors.calm import (
    Days,
    Mask,
    Moments,
    Numbers,
    Said,
    add_to_days,
    hear_readings,
    hear_words,
    known_habits,
)
from models.sensors.calm_days import DayEnd, Means, end_days
from models.sensors.calm_timers import CalmTimers
from models.sensors.habits import FEW_WORDS
from models.sensors.rows import Heard, Rows, SensorRows
from models.sensors.series import JUDGED, MOST_HELD, POINT_EVERY_US, POINT_US, with_held
from models.sensors.settings import HOUR_US

Used = Mapping[str, float]


@dataclass(slots=True)
class _Channel:
    """What is heard of one metric.

    Attributes:
        devices: Which of those at home say it, by number, those that say more first.
        said: When.
        value: Shape (readings, devices).
        series: Copies of their rows, as they are then.
        before_us: When each said it last before.
        held: Shape (readings, devices): which are not to be believed.
        days: Of what is compared with neighbours, what was added to its days.
    """

    devices: Moments
    said: Said
    value: Numbers
    series: Rows
    before_us: Moments
    held: Mask
    days: Days | None = None


class CalmWatch:
    """The devices of one site at their home assets, heard, and nothing kept until `keep` is called.

    Args:
        block: What was said.
        states: Read; rows of assets that are well are put into its arrays.
        wake_us: By asset, when its silence is to be asked about; those without are asked at their first word.
        used: The values in force for an asset in the window that starts at a time.

    Attributes:
        calm: By device at home, whether all that there is to do of its asset is to keep what was heard.
        left: Ids of the assets that are not calm.
    """

    def __init__(
        self, block: Block, states: SensorRows, wake_us: Mapping[str, int], used: Callable[[Asset, int], Used]
    ) -> None:
        self._block, self._states = block, states
        self.left: set[str] = set()
        self._here, self._rows = self._seated()
        self._said = Said(block.words[self._here], block.at_us[:, self._here])
        self._ends_us = block.ends_us[:, self._here]
        self._before: Rows = states.habits[self._rows]
        self._habits: Rows = self._before.copy()
        self._channels: dict[str, _Channel] = {}
        self.calm: Mask
        self._from_us: Moments
        self.calm, self._from_us = hear_words(self._habits, self._said)
        # Whoever looks back at when habits became known sees when a device spoke, not how often it had by then.
        few = self._before["words"] < FEW_WORDS
        self.calm &= ~few | (known_habits(self._before) == known_habits(self._habits))
        self._hear_metrics()
        self._used = self._agreed(used)
        self._spoke = self._speak()
        timers = CalmTimers(block, self._here, self._said, self._from_us, self._before, states)
        self._wakes = dict(timers.ask(wake_us))
        self.calm &= ~timers.silent
        self._leave_whole_assets()
        self._means = self._end_days()

    def keep(self) -> dict[str, int | None]:
        """Take over what was heard of the calm ones; by asset, when its silence is to be asked about, or None."""
        rows = self._rows[self.calm]
        self._states.habits[rows] = self._habits[self.calm]
        for metric, channel in self._channels.items():
            kept = self.calm[channel.devices]
            self._states.column(metric)[self._rows[channel.devices[kept]]] = channel.series[kept]
            self._keep_points(metric, channel, kept)
            self._keep_held(metric, channel, kept)
        for (asset, device, metric), means in self._means.items():
            self._states.lasting(asset)["devices"][device]["series"][metric]["days"].update(means=means)
        block, here = self._block, self._here[self.calm].tolist()
        columns = {(block.assets[column].id, block.devices[column].id): column for column in here}
        before_us = block.at_us[0].copy()
        before_us[self._here] = self._before["at_us"]
        self._states.heard = Heard(block, before_us, columns)
        return {asset: wake_us for asset, wake_us in self._wakes.items() if asset not in self.left}

    def speakers(self) -> Iterator[tuple[Asset, Device, int, bool, Used]]:
        """Of each word of a calm device an hour after it was spoken of: whose, when, whether its habits are known."""
        block = self._block
        for row, device, known in self._spoke:
            if self.calm[device]:
                column = self._here[device]
                at_us = self._said.at_us[row, device].item()
                yield block.assets[column], block.devices[column], at_us, known, self._used[device]

    def _seated(self) -> tuple[Moments, Moments]:
        """Which columns are those of devices at home with well assets, and where these lie in the arrays."""
        here: list[int] = []
        rows: list[int] = []
        block = self._block
        for column, (asset, device) in enumerate(zip(block.assets, block.devices, strict=True)):
            if device.assets[0] != asset.id:
                continue
            known = self._states.place_of(asset.id)
            row = None if known is None else known.get(device.id)
            if row is None:
                self.left.add(asset.id)
                continue
            here.append(column)
            rows.append(row)
        return np.array(here, np.int64), np.array(rows, np.int64)

    def _agreed(self, used: Callable[[Asset, int], Used]) -> list[Used]:
        """The values in force for each device; those are not calm for which they are no longer what they were."""
        found: list[Used] = []
        block, ends_us = self._block, self._ends_us
        first_us = (ends_us[:1] - block.width_us)[0].tolist() if len(ends_us) else []
        last_us = (ends_us[self._said.counts - 1, np.arange(self._rows.size)] - block.width_us).tolist()
        rows = self._rows.tolist()
        for n, column in enumerate(self._here.tolist()):
            asset, device = block.assets[column], block.devices[column]
            values = used(asset, first_us[n])
            found.append(values)
            if values != used(asset, last_us[n]) or not self._states.agrees(asset.id, device, rows[n], values):
                self.calm[n] = False
        return found

    def _hear_metrics(self) -> None:
        for metric, values in self._block.values.items():
            value = values[:, self._here]
            heard = ~np.isnan(value)
            said = heard.any(axis=0)
            self.calm &= ~said | self._states.said(metric)[self._rows]
            if metric not in JUDGED or not said.any():
                continue
            channel, standing = self._channel(metric, value, heard)
            calm, channel.held = hear_readings(channel.series, RULES[metric], channel.said, channel.value, standing)
            # Who looks back sees but the newest few: with more of them, one by one.
            calm &= channel.held.sum(axis=0) <= MOST_HELD
            if METRICS[metric].compared:
                channel.days = add_to_days(channel.series, channel.said, channel.value)
                calm &= channel.days.calm
            self._channels[metric] = channel
            self.calm[channel.devices] &= calm

    def _channel(self, metric: str, value: Numbers, heard: Mask) -> tuple[_Channel, Mask]:
        """The readings of a metric without the words in which it was not said, and where the machine stands then."""
        counts = heard.sum(axis=0)
        devices = np.flatnonzero(counts)
        devices = devices[np.argsort(-counts[devices], kind="stable")]
        series = self._states.column(metric)[self._rows[devices]]
        standing = self._stand(metric) if RULES[metric].driven else np.zeros((1, 1), np.bool_)
        standing = np.broadcast_to(standing, value.shape)
        if np.array_equal(counts[devices], self._said.counts[devices]):
            at_us = self._said.at_us[:, devices]
            said = Said(counts[devices], at_us)
            return _Channel(devices, said, value[:, devices], series, series["at_us"].copy(), heard[:0]), standing[
                :, devices
            ]
        most = int(counts[devices[0]])
        # Sorting keeps the order of those that are equal: what was said comes first, in time.
        words = np.argsort(~heard[:, devices], axis=0, kind="stable")[:most]
        at_us = np.take_along_axis(self._said.at_us[:, devices], words, axis=0)
        behind = np.arange(most)[:, None] >= counts[devices]
        at_us = np.where(behind, at_us[counts[devices] - 1, np.arange(devices.size)], at_us)
        gathered = np.take_along_axis(value[:, devices], words, axis=0)
        standing = np.take_along_axis(standing[:, devices], words, axis=0)
        return _Channel(
            devices, Said(counts[devices], at_us), gathered, series, series["at_us"].copy(), heard[:0]
        ), standing

    def _stand(self, metric: str) -> Mask:
        """Shape (words, devices): which machines stand when a metric is heard; see `series_quality.stands`.

        What comes before it in the alphabet was heard of the same moment, the others of the moment before.
        """
        stand = np.zeros(self._said.at_us.shape, np.bool_)
        for driver in reversed(DRIVERS):
            series = self._states.column(driver)[self._rows]
            values = self._block.values.get(driver)
            told = np.full((1, self._rows.size), np.nan) if values is None else values[:, self._here]
            known = np.where(series["known"], series["value"], np.nan)[None]
            value = _last_said(np.concatenate([known, told]))
            seen = value[1:] if driver < metric else value[:-1]
            seen = np.broadcast_to(seen[:1], stand.shape) if values is None else seen
            stand = np.where(np.isnan(seen), stand, np.abs(seen) <= RULES[driver].rests_at)
        return stand

    def _speak(self) -> list[tuple[int, int, bool]]:
        """The words an hour after a device was last spoken of: row, device, and whether its habits are known then."""
        found: list[tuple[int, int, bool]] = []
        latest, at_us = self._latest, self._said.at_us
        said_us = self._habits["said_us"].copy()
        for row, spoke in enumerate(self._said.spoke()):
            if latest[row] < said_us.min(initial=NEVER_US) + HOUR_US:
                continue
            due = np.flatnonzero(at_us[row, :spoke] >= said_us[:spoke] + HOUR_US)
            said_us[due] = at_us[row, due]
            then = self._before[due]
            then["at_us"] = at_us[row, due]
            then["words"] += row + 1
            found += zip([row] * due.size, due.tolist(), known_habits(then).tolist(), strict=True)
        self._habits["said_us"] = said_us
        return found

    @cached_property
    def _latest(self) -> list[int]:
        """By row, the time of the newest word."""
        latest: list[int] = self._said.at_us.max(axis=1, initial=-NEVER_US).tolist()
        return latest

    def _leave_whole_assets(self) -> None:
        """Of an asset with a device that is not calm, nothing is kept."""
        assets = [self._block.assets[column].id for column in self._here.tolist()]
        self.left |= {asset for asset, calm in zip(assets, self.calm.tolist(), strict=True) if not calm}
        if self.left:
            self.calm &= np.array([asset not in self.left for asset in assets], np.bool_)

    def _end_days(self) -> Means:
        """The means of days where one ended; those are not calm that drift then."""
        block, ends = self._block, list[DayEnd]()
        for metric, channel in self._channels.items():
            days = channel.days
            for number in np.flatnonzero(days.rows >= 0).tolist() if days is not None else ():
                at_home = int(channel.devices[number])
                if days is None or not self.calm[at_home]:
                    continue
                column, at_us = self._here[at_home], channel.said.at_us[days.rows[number], number].item()
                end_us = at_us - at_us % block.width_us + block.width_us
                asset, device = block.assets[column], block.devices[column]
                order = (end_us + block.patience_us[column].item(), end_us, asset.id, column)
                counted = days.day[number].item(), days.sum[number].item(), days.count[number].item()
                ends.append(DayEnd(order, asset, device.id, metric, *counted, self._used[at_home]))
        if not ends:
            return {}
        kept = {block.assets[column].id for column in self._here[self.calm].tolist()}
        means, left = end_days(ends, kept, self._states)
        for number, column in enumerate(self._here.tolist()):
            self.calm[number] &= block.assets[column].id not in left
        self.left |= left
        return means

    def _keep_held(self, metric: str, channel: _Channel, kept: Mask) -> None:
        """Note which readings are not to be believed."""
        block, at_us = self._block, channel.said.at_us
        # By device, and of each in the order of time.
        for number, row in np.argwhere((channel.held & kept).T).tolist():
            column = self._here[channel.devices[number]]
            home = self._states.lasting(block.assets[column].id)
            series = home["devices"][block.devices[column].id]["series"][metric]
            before_us, now_us = (at_us[row - 1] if row else channel.before_us)[number].item(), at_us[row, number].item()
            series["held"] = with_held(series.get("held", []), now_us, before_us, now_us)

    def _keep_points(self, metric: str, channel: _Channel, kept: Mask) -> None:
        """Add to the pictures whose newest point is half an hour old."""
        rows, at_us = self._rows[channel.devices], channel.said.at_us
        next_us = channel.series["point"] * POINT_US + POINT_EVERY_US
        next_us[~kept] = NEVER_US
        latest = at_us.max(axis=1).tolist()
        for row, spoke in enumerate(channel.said.spoke()):
            if latest[row] < next_us.min():
                continue
            due = np.flatnonzero(at_us[row, :spoke] >= next_us[:spoke])
            at = at_us[row, due] // POINT_US
            self._states.add_points(metric, rows[due], at, channel.value[row, due])
            next_us[due] = at * POINT_US + POINT_EVERY_US


def _last_said(value: Numbers) -> Numbers:
    """Shape (words, devices): the newest value up to each word; NaN before the first."""
    words = np.where(np.isnan(value), 0, np.arange(len(value))[:, None])
    return np.take_along_axis(value, np.maximum.accumulate(words, axis=0), axis=0)
