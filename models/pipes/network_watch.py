"""Network watch: which leaks a water network has, day by day, from how far each channel is from what is expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import numpy as np

from models.pipes.network_fault import NetworkFault
from models.pipes.network_relations import Floats, plain

SMOOTHING = 0.2
"""Weight of the newest day. Chosen by: of 0.2, 0.25, 0.3 and 0.4 the fewest false and repeated warnings at as many
leaks warned of in time, simulated years 2018 of L-Town, seeds 1 to 3."""
RAISE_SPREADS = 4.5
"""Chosen by: of 4.5, 5 and 5.5 the most leaks of the same years warned of in time (67, 67 and 54 %), at 0.58, 0.39 and
0.28 false or repeated warnings a month. DOMAIN 6.3 gives the price of a step: three to seven times as many."""

MOST_FAULTS = 16
"""Known at a time. Chosen by: L-Town ends 2019 with 15 open leaks, and a state must stay small."""

_PRIOR_DAYS = 7  # seven days know a spread to a third only: pooled with that of the other loggers
_WILD = 15.0
# What one day counts for if the day before was not off the same way: four spreads, or twice as far as that one. Chosen
# by: of 3, 4, 5 and no bound 4, 4, 6 and 9 false leaks in 96 simulated networks and years (seeds 21 to 24), and on
# L-Town 2018, seeds 1 to 3, 71, 75, 75 and 75 % warned of in time, 12, 15, 13 and 13 days ahead. A second day that has
# to agree leaves 1 of the 4, with 71 % and 10 days.
_ALONE = 4.0
_TWICE = 2.0
_CLEAR_DAY = 8.0  # so many spreads in one day need no second day to know the direction
# A leak's effect taken back: clearly more than noise, the right way round, and a good part of a day of it at least.
_REPAIR_NORM = 2.5
_REPAIR_COSINE = 0.85
_REPAIR_SHARE = 0.3
_PASSED_SHARE = 0.3
_FADED_SHARE = 0.6
"""Chosen by: six times what smoothing leaves of a spread, at the least size that raises a fault (3.4)."""
_FOLLOW = 0.015  # 67 days: a season passes, a leak of BattLeDIM (17 to 98 days to its peak) does not
_FOLLOW_AFTER_REPAIR = 0.3
_REPAIR_DAYS = 4
_SPREAD_PACE = 0.03
# Head loss is not linear in flow: a direction learnt small is off by some of it when the leak is large.
_YOUNG_MISMATCH = 0.5
_MISMATCH = 0.2
# One wrong logger shows as its own column of the relations. Of a simulated network of six loggers 1 - cos^2 falls under
# 0.005 once a drift has a size of 30, and is 0.015 at least of a large leak; while small, noise hides which it is, and
# it is held to be the logger until it leaves more than two squared spreads a channel unexplained: the 95 % quantile of
# chi-squared with eight degrees is 1.94 for each of them (with one, 7 false leaks on seeds 21 to 24 and not 4).
_LONE_COSINE = 0.8
_LONE_NOISE = 2.0
_LONE_ROUGHNESS = 0.01
_TAKEN_SHARE = 0.4


class Change(StrEnum):
    """What a day changed."""

    LEAK = "leak"
    REPAIR = "repair"
    LONE_LOGGER = "lone_logger"
    """One logger alone has moved: it drifts, the pressure does not."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Day:
    """What a day came to.

    Attributes:
        change: The one change that was seen.
        logger: Row among the loggers of whom it is said, or -1.
        away: Of each channel, how far it is from its baseline, in its unit, below zero where pressure fell.
        spreads: Of each logger, the smoothed unexplained distance in spreads of its own smoothed noise.
    """

    change: Change
    logger: int
    away: Floats
    spreads: Floats


@dataclass(slots=True)
class NetworkWatch:
    """Judges daily residuals one after the other: raised once a leak, explained away from then on, ended by its repair.

    What a known fault does to all channels is a direction that grows or shrinks; it is subtracted before anything new
    is looked for, so a leak that goes on growing is not found again and does not hide another one beside it.

    Attributes:
        base: Residuals of an ordinary day, shape (channels,).
        spread: Of the daily residuals, in the unit of each channel.
        columns: What a logger that is wrong by one unit does to all residuals: column by logger, (channels, loggers).
        loggers: Which channels are pressures.
        faults: Known ones, oldest first.
        smoothed: EWMA of the unexplained distances of all channels, in spreads.
        quiet_days: On which the baseline was learnt.
        settling_days: For which it still follows quickly after a repair.
        waits: Yesterday was far off; it was passed over, because a flushed hydrant is gone today and a leak is not.
        before: How far each channel was off yesterday, in spreads: a day alone counts for little.
    """

    base: Floats
    spread: Floats
    columns: Floats
    loggers: list[int]
    faults: list[NetworkFault] = field(default_factory=list)
    smoothed: Floats = field(default_factory=lambda: np.zeros(0))
    quiet_days: int = 0
    settling_days: int = 0
    waits: bool = False
    before: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def learnt(cls, residuals: Floats, weights: Floats, loggers: Sequence[int]) -> Self:
        """From the residuals of the first days, shape (days, channels), at least three days."""
        days, here = len(residuals), list(loggers)
        variance = residuals.var(axis=0, ddof=1)
        pooled = variance.copy()
        pooled[here] = variance[here].mean()
        spread = np.sqrt(((days - 1) * variance + _PRIOR_DAYS * pooled) / (days - 1 + _PRIOR_DAYS))
        return cls(
            base=residuals.mean(axis=0),
            spread=np.maximum(spread, 1e-9),
            columns=weights[:, here],
            loggers=here,
            smoothed=np.zeros(residuals.shape[1]),
            before=np.zeros(residuals.shape[1]),
            quiet_days=days,
        )

    def explained(self) -> Floats:
        """What the known faults do to each channel, in its unit."""
        return sum((fault.effect() for fault in self.faults), np.zeros(len(self.base)))

    def expected(self) -> Floats:
        """The residuals of a day on which nothing new happens."""
        return self.base + self.explained()

    def judge(self, residuals: Floats, raise_spreads: float = RAISE_SPREADS) -> Day:
        """Take one more day.

        Args:
            residuals: Of the day, shape (channels,).
            raise_spreads: From which smoothed distance on a fault is raised.
        """
        away = residuals - self.base
        ended = self._ended(away)
        if ended is not None:
            self.faults.remove(ended)
            self.settling_days, self.smoothed, self.before = _REPAIR_DAYS, np.zeros(len(away)), np.zeros(len(away))
            return self._day(Change.REPAIR, ended.logger, away)
        growing = [fault for fault in self.faults if not fault.settled]
        self.waits = not self.waits and self._is_far_off(away, growing)
        if self.waits:
            self.before = (away - self.explained()) / self._tolerance(growing)
            return self._day(Change.NONE, -1, away)
        self._grow(growing, away)
        unexplained = away - self.explained()
        z = unexplained / self._tolerance(growing)
        self.smoothed = (1 - SMOOTHING) * self.smoothed + SMOOTHING * self._counted(z)
        self.before = z
        if self._spreads().min() < -raise_spreads:
            return self._raise(unexplained, z, away)
        for fault in growing:
            fault.learn(unexplained / len(growing), self.spread)
        self._follow(z, quiet=not growing)
        return self._reconsidered(away)

    def _day(self, change: Change, logger: int, away: Floats) -> Day:
        return Day(change, logger, away, self._spreads())

    def _counted(self, z: Floats) -> Floats:
        """What of a day counts: less where yesterday was not off the same way, as on a day on which all wash."""
        most = np.maximum(_ALONE, np.where(np.sign(z) == np.sign(self.before), _TWICE * np.abs(self.before), 0.0))
        result: Floats = np.clip(np.clip(z, -most, most), -_WILD, _WILD)
        return result

    def _spreads(self) -> Floats:
        """The smoothed distances of the loggers in spreads of what smoothing leaves of the noise."""
        result: Floats = self.smoothed[self.loggers] / np.sqrt(SMOOTHING / (2 - SMOOTHING))
        return result

    def _tolerance(self, growing: Sequence[NetworkFault]) -> Floats:
        """The spread, and what the direction of a fault that is still changing may be wrong by."""
        wrong = np.zeros(len(self.base))
        for fault in growing:
            wrong += (_YOUNG_MISMATCH if fault.young else _MISMATCH) * np.abs(fault.effect())
        result: Floats = np.sqrt(self.spread**2 + wrong**2)
        return result

    def _is_far_off(self, away: Floats, growing: Sequence[NetworkFault]) -> bool:
        """Whether a day is clearly unlike any before, where no fault has begun just now."""
        z = ((away - self.explained()) / self._tolerance(growing))[self.loggers]
        worst = int(np.abs(z).argmax())
        agrees = self.before[self.loggers[worst]] * np.sign(z[worst]) > _ALONE
        return abs(float(z[worst])) > _CLEAR_DAY and not agrees and not any(fault.young for fault in growing)

    def _ended(self, away: Floats) -> NetworkFault | None:
        """The fault whose effect is being taken back at once, or whose effect has passed by itself."""
        moved = (away - self.explained()) / self.spread
        norm = float(np.linalg.norm(moved))
        for fault in sorted(self.faults, key=lambda f: -f.size):
            if fault.size < _PASSED_SHARE * fault.peak and not fault.young:
                return fault
            if norm > _REPAIR_NORM * np.sqrt(len(self.loggers)) and not fault.fresh:
                known = fault.effect() / self.spread
                length = float(np.linalg.norm(known))
                cosine = -float(moved @ known) / (norm * length)
                if cosine > _REPAIR_COSINE and norm > _REPAIR_SHARE * length:
                    return fault
        return next((fault for fault in self.faults if fault.settled and self._has_faded(fault)), None)

    def _has_faded(self, fault: NetworkFault) -> bool:
        """Whether the last days agree that a small fault, whose end no single day shows, is not there any more."""
        known = fault.effect() / self.spread
        length, back = float(np.linalg.norm(known)), -float(self.smoothed @ known)
        norm = float(np.linalg.norm(self.smoothed))
        return back > _FADED_SHARE * length**2 and back > _REPAIR_COSINE * norm * length

    def _grow(self, growing: Sequence[NetworkFault], away: Floats) -> None:
        """Let the sizes of the faults that are not settled follow, as far as a size may move in a day."""
        if not growing:
            return
        moved = (away - self.explained()) / self.spread
        directions = np.array([fault.direction / self.spread for fault in growing])
        slack = np.diag([fault.day_step() ** -2 for fault in growing])
        steps = np.linalg.solve(directions @ directions.T + slack, directions @ moved)
        for fault, step in zip(growing, steps.tolist(), strict=True):
            fault.resize(step)

    def _raise(self, unexplained: Floats, z: Floats, away: Floats) -> Day:
        """A new fault: what is unexplained today if that is clear, else what the last days agree on."""
        spreads = self._spreads()
        clear = float(np.abs(z[self.loggers]).max()) > _CLEAR_DAY
        effect = unexplained if clear else self.smoothed * self.spread
        logger = self._subject(spreads)
        fault = NetworkFault.begun(logger, effect, self.spread, lone=self._is_lone(effect))
        self._make_room()
        self.faults.append(fault)
        change = Change.LONE_LOGGER if fault.lone else Change.LEAK
        day = Day(change, logger, away, spreads)
        self.smoothed, self.before = np.zeros(len(self.base)), np.zeros(len(self.base))
        return day

    def _make_room(self) -> None:
        """Of too many faults that nobody repairs the oldest becomes part of the baseline."""
        if len(self.faults) >= MOST_FAULTS:
            self.base = self.base + self.faults.pop(0).effect()

    def _subject(self, spreads: Floats) -> int:
        """The logger that fell most of those that no known fault has, unless the others fell much less."""
        taken = {fault.logger for fault in self.faults}
        order = [int(n) for n in np.argsort(spreads)]
        free = next((n for n in order if n not in taken), order[0])
        return free if spreads[free] < _TAKEN_SHARE * spreads[order[0]] else order[0]

    def _is_lone(self, effect: Floats) -> bool:
        """Whether one logger that is wrong explains all that was seen, but for noise and a rough direction."""
        seen = effect / self.spread
        alone = self.columns / self.spread[:, None]
        norm = float(np.linalg.norm(seen))
        cosine = float(np.abs(seen @ alone / np.linalg.norm(alone, axis=0)).max()) / norm
        left = 1 - cosine**2
        return cosine > _LONE_COSINE and left < max(_LONE_NOISE * len(seen) / norm**2, _LONE_ROUGHNESS)

    def _reconsidered(self, away: Floats) -> Day:
        """Nothing new, unless what looked like one wrong logger has come to show elsewhere: then it was a leak."""
        for fault in self.faults:
            grew = fault.size > fault.sizes[0]  # what has passed leaves no direction to judge by
            if fault.lone and grew and not fault.young and not self._is_lone(fault.effect()):
                fault.lone = False
                return self._day(Change.LEAK, fault.logger, away)
        return self._day(Change.NONE, -1, away)

    def _follow(self, z: Floats, *, quiet: bool) -> None:
        """Let the baseline drift with the seasons, slower than leaks grow, and slower still beside one that grows."""
        mild = np.clip(z, -3.0, 3.0)
        if self.settling_days:
            self.settling_days, pace = self.settling_days - 1, _FOLLOW_AFTER_REPAIR
        elif quiet:
            self.quiet_days += 1
            pace = max(_FOLLOW, 1.0 / self.quiet_days)
            seen = 1.05 * (mild * self.spread) ** 2
            self.spread = np.sqrt((1 - _SPREAD_PACE) * self.spread**2 + _SPREAD_PACE * seen)
        else:
            pace = _FOLLOW / 2
        self.base = self.base + pace * mild * self.spread

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "base": plain(self.base),
            "spread": plain(self.spread),
            "faults": [fault.to_json() for fault in self.faults],
            "smoothed": plain(self.smoothed),
            "quiet_days": self.quiet_days,
            "settling_days": self.settling_days,
            "waits": self.waits,
            "before": plain(self.before),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], weights: Floats, loggers: Sequence[int]) -> Self:
        """What `to_json` made plain, beside the relations it was learnt with."""
        return cls(
            base=np.array(kept["base"]),
            spread=np.array(kept["spread"]),
            columns=weights[:, list(loggers)],
            loggers=list(loggers),
            faults=[NetworkFault.from_json(fault) for fault in kept["faults"]],
            smoothed=np.array(kept["smoothed"]),
            quiet_days=kept["quiet_days"],
            settling_days=kept["settling_days"],
            waits=kept["waits"],
            before=np.array(kept["before"]),
        )
