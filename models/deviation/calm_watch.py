"""Deviation calm watch: all assets whose windows closed together, as far as nothing about them deviates.

In most minutes what an asset that follows people says only joins its running hours. Where an hour ends, and at each
word of an asset of steady duty, its channels are judged; of one that is near its baselines nothing else follows.
"""

from collections.abc import Iterator, Mapping, MutableMapping

import numpy as np

from models.blocks import NEVER_US, Columns
from models.detector import Memory
from models.deviation.cells import Mask, Moments
from models.deviation.channels import matters
from models.deviation.hour_profile import HOUR_US
from models.deviation.routine import rest
from models.deviation.rows import DeviationRows, Seats
from models.deviation.settings import SILENT_US, TUNABLES, settings_of
from models.deviation.turn import Turn, Words
from models.thresholds import ThresholdBook


class CalmWatch:
    """One window of many assets; what was said is taken in when it is made.

    Args:
        columns: What was said.
        states: Changed.
        seats: Where they have the numbers of those who spoke.
        memory: Its `wake_us` is changed.
        thresholds: Values in force.

    Attributes:
        good: By row of the columns, whether its asset was dealt with.
        turns: Assets that were judged.
    """

    def __init__(
        self, columns: Columns, states: DeviationRows, seats: Seats, memory: Memory, thresholds: ThresholdBook
    ) -> None:
        self._columns, self._states, self._seats = columns, states, seats
        self.turns: list[Turn] = []
        self.good: Mask = self._packed(memory.wake_us)
        self._overdue: dict[str, int] = {}
        self._serve_timers(memory.wake_us)
        self._resting: Mask = self._at_rest()
        self._heard: Mask = np.zeros_like(self.good)
        self._turning: Mask = np.zeros_like(self.good)
        words = self._words()
        self._decide()
        if self._turning.any():
            self._turn(words, thresholds)
        self._add(words)
        self._note_moments(memory.wake_us)

    def left(self) -> dict[str, int]:
        """From which window on assets are left, by id: from this one, or from one before in which they were silent."""
        start_us = self._columns.start_us
        gone = {self._columns.assets[row].id: start_us for row in np.flatnonzero(~self.good).tolist()}
        return gone | self._overdue

    def early(self) -> Iterator[tuple[str, int]]:
        """Of each asset without a baseline, of which nothing was told for an hour: its id, and when it spoke."""
        known = self._states.assets[self._seats.owned_at]
        cold = self.good & self._heard & ~known["warm"]
        if not cold.any():
            return
        due = cold & (known["spoke_us"] >= known["told_us"] + SILENT_US)
        owners = np.unique(self._seats.owners[due])
        self._states.changes += owners.size
        spoke_us = self._states.assets["told_us"][owners] = self._states.assets["spoke_us"][owners]
        for owner, at_us in zip(owners.tolist(), spoke_us.tolist(), strict=True):
            yield self._states.asset_of[owner].id, at_us

    def _packed(self, wake_us: Mapping[str, int]) -> Mask:
        """By row, whether its asset's numbers lie in the arrays; those that are known are put there first."""
        packed: Mask = self._states.assets["packed"][self._seats.owned_at].copy()
        for row in np.flatnonzero(~packed).tolist():
            asset = self._columns.assets[row].id
            place = self._states.place_of(asset)
            if place is not None:
                packed[row] = True
                self._states.assets["due_us"][place.asset] = wake_us.get(asset, 0)
        return packed

    def _serve_timers(self, wake_us: MutableMapping[str, int]) -> None:
        """Take away the timers of this window; who had one in an empty window before it is left from there on."""
        columns, due_us = self._columns, self._states.assets["due_us"][self._seats.owned_at]
        width_us = columns.end_us - columns.start_us
        for row in np.flatnonzero(self.good & (due_us > 0) & (due_us < columns.end_us)).tolist():
            asset, was_due_us = columns.assets[row].id, due_us[row].item()
            if was_due_us < columns.start_us and asset in wake_us:
                self.good[row] = False
                self._overdue[asset] = was_due_us - was_due_us % width_us
            else:
                wake_us.pop(asset, None)

    def _at_rest(self) -> Mask:
        """By row, whether what is said there does not count, because a machine that may stands at that moment."""
        seats, at_us = self._seats, self._columns.at_us
        rests = rest(self._columns)
        rests &= ~self._states.assets["steady"][seats.owned_at]
        if not rests.any() or isinstance(seats.owned_at, slice):
            return rests
        stood_us = np.zeros(self._states.assets.size, np.int64)
        stood_us[seats.owners[rests]] = at_us[rests]
        # Another device may have spoken of another moment, at which it may not stand: that takes a closer look.
        self.good &= ~self._whole(rests) | rests | (at_us == stood_us[seats.owners])
        return self._whole(rests)

    def _words(self) -> dict[str, Words]:
        """What was said that counts, by metric; what is not of a known channel's running hour is noted."""
        words: dict[str, Words] = {}
        for metric, values in self._columns.values.items():
            if not matters(metric):
                continue
            cells = self._states.cells_of(metric)
            said = ~(cells.skipped[self._seats.at] | np.isnan(values))
            if not said.any():
                continue
            running_us = self._columns.at_us - cells.since_us[self._seats.at]
            # A channel that is not known begins in a far future. What it says counts even of a machine that stands,
            # where it has channels left to others.
            self.good &= ~said | (running_us >= 0)
            said &= ~self._resting
            self._heard |= said
            self._turning |= said & (running_us >= HOUR_US)
            words[metric] = Words(said, values)
        return words

    def _decide(self) -> None:
        """Leave whole assets, and judge whole assets."""
        if not self._heard.all():
            self.good &= self._may_be_silent()
        if self._turning.any():
            self._turning = self._whole(self._turning)
            self.good &= ~self._turning | self._states.assets["calm"][self._seats.owned_at]
        if not self.good.all():
            self.good = ~self._whole(~self.good)
            self._turning &= self.good

    def _may_be_silent(self) -> Mask:
        """By row, whether its asset said something with a level, or nothing is to be said of it if it did not."""
        known = self._states.assets[self._seats.owned_at]
        spoke_us, end_us = known["spoke_us"], self._columns.end_us
        untold = ~known["left"] | (self._columns.at_us < known["told_us"] + SILENT_US)
        lately = (end_us <= spoke_us + SILENT_US) | (end_us <= known["due_us"])
        silent = np.where(spoke_us == NEVER_US, untold, lately & (known["channels"] | untold))
        return self._whole(self._heard) | silent

    def _whole(self, rows: Mask) -> Mask:
        """By row, whether this is so of any row of its asset."""
        some = np.zeros(self._states.assets.size, np.bool_)
        some[self._seats.owners[rows]] = True
        return some[self._seats.owners]

    def _turn(self, words: Mapping[str, Words], thresholds: ThresholdBook) -> None:
        """Judge those that are to be judged; those that deviate are left."""
        moments = self._moments()
        place = np.full(self._states.devices, -1)
        place[self._seats.rows] = np.arange(self._seats.rows.size)
        for turn in self._groups(thresholds):
            places = place[turn.rows]
            at_us = self._columns.at_us[places]
            for moment in range(moments[places].max() + 1):
                now = np.where(moments[places] == moment, places, -1)
                turn.hear(at_us, {metric: one.at(now) for metric, one in words.items()})
            kept = self._near(turn)
            turn.keep(kept)
            self.turns.append(turn)

    def _near(self, turn: Turn) -> Mask:
        """By row of a turn whether all of its asset is near; else the asset is left."""
        far = np.zeros(self._states.assets.size, np.bool_)
        far[turn.owners[~turn.near]] = True
        self.good &= ~far[self._seats.owners]
        return ~far[turn.owners]

    def _groups(self, thresholds: ThresholdBook) -> Iterator[Turn]:
        """Those that are to be judged, by what settings they have in common."""
        states, start_us = self._states, self._columns.start_us
        owners = np.unique(self._seats.owners[self._turning]).tolist()
        used = [thresholds.values(TUNABLES, states.asset_of[owner], start_us) for owner in owners]
        kinds = [states.kind_of[owner] for owner in owners]
        groups: dict[tuple[object, ...], list[int]] = {}
        for n, key in enumerate(zip(map(id, used), kinds, strict=True)):
            groups.setdefault(key, []).append(n)
        for group in groups.values():
            chosen = np.zeros(states.assets.size, np.bool_)
            chosen[[owners[n] for n in group]] = True
            rows = np.flatnonzero(chosen[states.owner[: states.devices]])
            values = used[group[0]]
            yield Turn(states, rows, settings_of(states.asset_of[owners[group[0]]], values), values)

    def _moments(self) -> Moments:
        """By row, how many moments of its asset come before."""
        owners, at_us = self._seats.owners, self._columns.at_us
        same = owners[1:] == owners[:-1]
        later = np.cumsum(np.concatenate([[0], same & (at_us[1:] != at_us[:-1])]))
        first = np.where(np.concatenate([[True], ~same]), later, 0)
        return later - np.maximum.accumulate(first)

    def _add(self, words: Mapping[str, Words]) -> None:
        """Add to running hours what was said of those that are not judged."""
        adding = self.good & ~self._turning
        for metric, one in words.items():
            cells, here = self._states.cells[metric], self._seats.at
            said = one.said & adding
            if isinstance(here, slice):
                np.add(cells.count[here], 1, out=cells.count[here], where=said)
                np.add(cells.sum[here], one.values, out=cells.sum[here], where=said)
            else:
                cells.count[here[said]] += 1
                cells.sum[here[said]] += one.values[said]

    def _note_moments(self, wake_us: MutableMapping[str, int]) -> None:
        """Note when each spoke last, and have those woken an hour after that who will not be woken before."""
        known, owners, end_us = self._states.assets, self._seats.owners, self._columns.end_us
        spoke = self.good & self._heard
        if isinstance(self._seats.owned_at, slice) and spoke.all():
            known["spoke_us"][self._seats.owned_at] = self._columns.at_us
        else:
            # The rows of an asset ascend in time: the last one stays.
            known["spoke_us"][owners[spoke]] = self._columns.at_us[spoke]
        owned = known[self._seats.owned_at]
        late = self.good & (owned["due_us"] < end_us)
        if not late.any():
            return
        late &= owned["spoke_us"] != NEVER_US
        due = np.unique(owners[late])
        self._states.changes += due.size
        known["due_us"][due] = [
            wake_us.setdefault(self._states.asset_of[owner].id, spoke_us + SILENT_US)
            for owner, spoke_us in zip(due.tolist(), known["spoke_us"][due].tolist(), strict=True)
        ]
