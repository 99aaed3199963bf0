"""Deviation turn: assets of which an hour has ended or a sample counts, judged at once where they share their settings.

It is done to copies of their numbers: of an asset that is not near its baselines, nothing is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from models.blocks import NEVER_US
from models.deviation.calm import close_hours, excess, follow, move, note_pace, speak_still, warm_up
from models.deviation.cells import Cells, Mask, Moments, run_of
from models.deviation.digits import Numbers
from models.deviation.hour_profile import HOUR_US
from models.deviation.memory import DeviationSettings
from models.deviation.rows import DeviationRows

_IN_ANY_ORDER = 2


@dataclass(frozen=True, slots=True)
class Words:
    """What was said of one metric, by row.

    Attributes:
        said: bool, where something was.
        values: float64, in the metric's unit.
    """

    said: Mask
    values: Numbers

    def at(self, places: Moments) -> "Words":
        """Those at some places; nothing was said at a negative one."""
        return Words(self.said[places] & (places >= 0), self.values[places])


class Turn:
    """Assets in which nothing deviates, at work on what they said.

    Args:
        states: Read, until `keep`.
        rows: Of all devices of these assets.
        settings: In force for each of them.
        used: The thresholds they come from.

    Attributes:
        rows: As given.
        owners: By row, that of its asset.
        near: By row, whether its asset does not deviate, and nothing else is to be done but to keep what was heard.
        used: As given.
    """

    def __init__(
        self, states: DeviationRows, rows: Moments, settings: DeviationSettings, used: Mapping[str, float]
    ) -> None:
        self._states, self._settings, self.used = states, settings, used
        self.rows, self.owners = rows, states.owner[rows]
        self._at = run_of(rows)
        self._cells = {
            metric: cells.copy_of(self._at)
            for metric, cells in states.cells.items()
            if (cells.since_us[self._at] != NEVER_US).any()
        }
        self._judged_us: Moments = np.zeros(states.assets.size, np.int64)
        self._totals: Numbers = np.zeros(states.assets.size)
        self._lively: Mask = np.zeros(states.assets.size, np.bool_)
        self._kept: Moments = np.zeros(0, np.int64)
        self.near: Mask = np.ones(rows.shape, np.bool_)

    def hear(self, at_us: Moments, words: Mapping[str, Words]) -> None:
        """Take in what each asset said at one moment, as `memory.take` does.

        Args:
            at_us: By row; the same in all rows of an asset that said something.
            words: By metric.
        """
        moved = np.zeros(self.rows.shape, np.bool_)
        for metric, cells in self._cells.items():
            if metric in words:
                moved |= self._hear(cells, at_us, words[metric])
        if moved.any():
            self._judge(moved, at_us)

    def keep(self, kept: Mask) -> None:
        """Take over the rows of assets in which nothing deviates, shape as `near`."""
        self._states.changes += 1
        for metric, cells in self._cells.items():
            self._states.cells[metric].put(self._at, cells, kept)
        assets, owners = self._states.assets, self.owners[kept]
        assets["turned"][owners] = True
        kept_ones = self._kept = np.unique(owners[self._judged_us[owners] > 0])
        still = assets["flat"][kept_ones] & (self._totals[kept_ones] == 0.0)
        assets["quiet_s"][kept_ones[still]] = self._judged_us[kept_ones[still]] // 1_000_000
        for owner in kept_ones[~still].tolist():
            self._states.add_point(owner, self._judged_us[owner].item(), round(self._totals[owner].item(), 3))

    def judged(self) -> Iterator[tuple[int, int, float | None]]:
        """Of each asset that was kept and judged: its row, when, and its score; none where all its channels drift."""
        for owner, at_us, total, lively in zip(
            *(one[self._kept].tolist() for one in (np.arange(self._totals.size), self._judged_us)),
            *(one[self._kept].tolist() for one in (self._totals, self._lively)),
            strict=True,
        ):
            score = 1.0 - 0.5 ** (round(total, 3) / self._settings.raise_at) if total else 0.0
            yield owner, at_us, score if lively else None

    def _hear(self, cells: Cells, at_us: Moments, words: Words) -> Mask:
        """Take in one metric; where a warm channel moved by it."""
        samples, counts = self._samples(cells, at_us, words)
        channels = cells.channel
        self.near &= ~counts | channels["exists"]
        counts &= channels["exists"]
        note_pace(channels, counts, at_us)
        warm: Mask = counts & channels["warm"]
        self.near &= warm_up(channels, counts & ~channels["warm"], samples, self._settings.shift)
        move(channels, warm, samples, self._settings.shift)
        return warm

    def _samples(self, cells: Cells, at_us: Moments, words: Words) -> tuple[Numbers, Mask]:
        """What was said, or of an asset that follows people what it means for hours that have ended."""
        if self._settings.profile is None:
            return words.values, words.said.copy()
        closing = words.said & (at_us - cells.since_us >= HOUR_US)
        residual, counts = close_hours(cells, closing, self._settings.profile)
        cells.since_us[:] = np.where(closing, at_us - at_us % HOUR_US, cells.since_us)
        cells.count += words.said
        cells.sum += np.where(words.said, words.values, 0.0)
        return residual, counts

    def _judge(self, moved: Mask, at_us: Moments) -> None:
        """Follow what is near, of assets of which a channel moved."""
        judged_us = np.zeros_like(self._judged_us)
        judged_us[self.owners[moved]] = at_us[moved]
        judged = judged_us > 0
        self._judged_us[judged] = judged_us[judged]
        self._lively[judged] = False
        moment_us = judged_us[self.owners]
        totals, terms = np.zeros(judged_us.shape), np.zeros(judged_us.shape, np.int64)
        for cells in self._cells.values():
            fresh = speak_still(cells.channel, moment_us) & (moment_us > 0)
            spreads = excess(cells.channel, fresh, self._settings)
            far = np.flatnonzero(spreads)
            np.add.at(totals, self.owners[far], spreads[far])
            np.add.at(terms, self.owners[far], 1)
            follow(cells.channel, fresh, self._settings.shift)
            self._lively[self.owners[fresh & (cells.channel["drifts"] == 0)]] = True
        # The sum of more than two depends on their order.
        self.near &= ~((totals >= self._settings.raise_at) | (terms > _IN_ANY_ORDER))[self.owners]
        self._totals[judged] = totals[judged]
