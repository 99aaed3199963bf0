"""Burst memory: what a riser's past nights taught, and how one more night changes it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, median_low
from typing import Any, Final

from models.detector import State
from models.pipes.burst_risk import HISS, LOSS, PRESSURE, BurstBelief, BurstSettings, Night
from models.pipes.nights import ENDS_EVERY_US, FEWEST_SLOTS, NightHours, least_flow, spread_within
from models.statistics.local_trend import Trend
from models.statistics.pictures import steps, with_row
from models.statistics.usual import Usual

HISTORY_NIGHTS, RATIO_DECIMALS = 60, 3
"""Kept for the picture: the end of each in seconds, its log ratio, and what of the riser's own rise was subtracted."""

FEWEST_FRAMES = 2
"""Of a night, to say anything. Chosen by: a logger that reports hourly makes two in two hours."""

_MOST_FRAMES = 48
_LEAST_WITHIN = 0.05
_QUIET_SIGMA = 3.0
_FALL_NIGHTS = 2
_FALL_SHARE = 0.5
_FALL_SIGMA = 4.0
_BELIEVED = ("usual", "late", "within", "trend", "high", "spoken", "day", "peak", "fallen")
"""What of a state is gone once it is learnt anew."""
_RELEARNT_RISE = math.log(1.5)  # a repair may leave a pipe a little louder, a leak that paused must not become usual


@dataclass(frozen=True, slots=True)
class Kept:
    """A quantity of a night that has a usual.

    Attributes:
        sign: 1 where a leak raises it, -1 where it lowers it.
        prior: Spread from night to night of a riser that has just been learnt.
        least: The smallest spread believed.
        follow: The most by which the usual follows a quiet night.
    """

    sign: int
    prior: float
    least: float
    follow: float


_RATIO: Final = "ratio"
KEPT: Final[Mapping[str, Kept]] = {
    # Log vibration RMS. Prior chosen by: 0.03 from night to night in the simulated community; real pipes vary more.
    # A season changes a pipe's sound by a tenth a month; the slowest leak of BattLeDIM's, of 98 days, by 0.021 a night.
    _RATIO: Kept(1, 0.08, 0.04, 0.003),
    # Log median frequency; chosen by: as the RMS.
    HISS: Kept(1, 0.08, 0.04, 0.003),
    # Least flow in L/min. Chosen by: risers' nights vary by 0.1 to 0.2 (leak_nights); a hole of 1 mm loses 0.7.
    LOSS: Kept(1, 0.25, 0.1, 0.02),
    # kPa. Prior chosen by: a pressure-reducing valve holds its set-point to about 1 %.
    PRESSURE: Kept(-1, 1.5, 0.7, 0.3),
}
"""By name; the order in which the nights of learning hold them."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A night under judgement: the belief before and after, and what was seen.

    Attributes:
        before: Belief of the night before.
        after: Belief now.
        night: What was seen, neighbours subtracted.
        common: Log ratio that the neighbours rose too, >= 0.
        over: Of each witness that is known how far it is over its usual in the direction of a leak, neighbours
            subtracted: log ratio, L/min, kPa.
        spread: Of the log ratio in quiet nights.
    """

    before: BurstBelief
    after: BurstBelief
    night: Night
    common: float
    over: Mapping[str, float]
    spread: float


def close(state: State, hours: NightHours) -> None:
    """Sum up the night that was gathered; it is judged one window later, when the neighbours' are summed up too.

    `closed` then holds by quantity `now`, what it was, and `over`, how far over its usual and that one's spread.
    """
    night = state.pop("night", {})
    closed: dict[str, Any] = {"day": hours.day, "end_us": hours.end_us, "now": {}, "over": {}}
    state["closed"] = closed
    if night.get("day") != hours.day:
        return
    if len(night["frames"]) >= FEWEST_FRAMES:
        closed["frames"] = night["frames"][:: len(night["frames"]) // _MOST_FRAMES + 1]
        closed["now"][_RATIO] = round(median(night["frames"]), 4)
    if len(night["hz"]) >= FEWEST_FRAMES:
        closed["now"][HISS] = round(median(night["hz"]), 4)
    if len(night["flow"]) >= FEWEST_SLOTS:
        closed["now"][LOSS] = round(least_flow(night["flow"]), 3)
    if night["pressure"]:
        closed["now"][PRESSURE] = min(night["pressure"])
    for name, now in closed["now"].items():
        usual = _usual(state, name)
        if usual:
            closed["over"][name] = [round(KEPT[name].sign * (now - usual.level), 4), usual.spread]


def common_rise(closed: Mapping[str, Any], neighbours: Sequence[State], name: str) -> float:
    """How much of what a night is over its usual the neighbours show too, at most all of it, 0 if within their noise.

    Of two neighbours the quieter counts: what only one of them shows is that one's own trouble.
    """
    nights = [n["closed"] for n in neighbours if n.get("closed", {}).get("day") == closed["day"]]
    known = [night["over"][name] for night in nights if name in night["over"]]
    if not known or name not in closed["over"]:
        return 0.0
    shared, noise = median_low([over for over, _ in known]), median_low([spread for _, spread in known])
    # A sound riser beside a leaking one has nothing to subtract; it would seem to have fallen silent.
    return max(0.0, min(closed["over"][name][0], shared)) if shared > noise else 0.0


def judge(state: State, neighbours: list[State], settings: BurstSettings, learning_nights: float) -> Judgement | None:
    """Take the closed night into the memory.

    Args:
        state: Changed.
        neighbours: States of the neighbours, read only.
        settings: In force.
        learning_nights: How many nights make a baseline.

    Returns:
        None while the baseline is being learnt.
    """
    closed = state["closed"]
    usual = _usual(state, _RATIO)
    if usual is None:
        _learn(state, learning_nights)
        return None
    shared = {name: common_rise(closed, neighbours, name) for name in closed["over"]}
    over = {name: closed["over"][name][0] - shared[name] for name in closed["over"]}
    edge = usual.level + shared[_RATIO] + settings.frame_sigma * math.hypot(usual.spread, state["within"])
    night = Night(
        ratio=over.pop(_RATIO),
        variance=usual.spread**2,
        high_share=sum(frame > edge for frame in closed["frames"]) / len(closed["frames"]),
        z={name: value / closed["over"][name][1] for name, value in over.items()},
        days=float(max(1, closed["day"] - state["day"])),
    )
    before = _belief(state)
    after = before.after(night, settings)
    _remember(state, after, night, shared[_RATIO])
    if after.high_nights == 0 and abs(night.ratio) < _QUIET_SIGMA * usual.spread:
        _follow(state, night)
        _learn_late(state, learning_nights)
    _notice_fall(state, night, settings, usual)
    return Judgement(before, after, night, shared[_RATIO], over, usual.spread)


def _learn(state: State, learning_nights: float) -> None:
    closed = state["closed"]
    if "frames" not in closed:
        return
    now = closed["now"]
    state["learnt"].append([round(spread_within(closed["frames"]), 4), *(now.get(name) for name in KEPT)])
    if len(state["learnt"]) < learning_nights:
        return
    withins, *columns = zip(*state.pop("learnt"), strict=True)
    for (name, kept), values in zip(KEPT.items(), columns, strict=True):
        known = [value for value in values if value is not None]
        if known:
            _keep(state, name, Usual.learnt(known, kept.prior))
    usual = Usual(*state["usual"][_RATIO])
    _keep(state, _RATIO, Usual(min(usual.level, state.pop("highest", math.inf)), usual.spread))
    state["within"] = max(_LEAST_WITHIN, median(withins))
    _put(state, BurstBelief.quiet(usual.spread**2), closed["day"])
    state.update(history=state.get("history", []), peak=0.0, fallen=0)


def _remember(state: State, belief: BurstBelief, night: Night, common: float) -> None:
    closed = state["closed"]
    _put(state, belief, closed["day"])
    row = [closed["end_us"] // ENDS_EVERY_US, steps(night.ratio, RATIO_DECIMALS), steps(common, RATIO_DECIMALS)]
    state["history"] = with_row(state["history"], row, HISTORY_NIGHTS)
    if belief.high_nights:
        state["peak"] = round(max(state["peak"], night.ratio), 4)


def _follow(state: State, night: Night) -> None:
    """Let every usual follow a quiet night, each as far as it was quiet itself."""
    seen = {_RATIO: night.ratio / math.sqrt(night.variance), **night.z}
    for name, z in seen.items():
        usual, kept = Usual(*state["usual"][name]), KEPT[name]
        if abs(z) < _QUIET_SIGMA:
            there = usual.level + kept.sign * z * usual.spread
            _keep(state, name, usual.followed(there, kept.follow, kept.least))


def _learn_late(state: State, learning_nights: float) -> None:
    """Learn what a riser is told of only since its usual sound is known: a meter that was fitted later."""
    for name in state["closed"]["now"].keys() - state["usual"].keys():
        nights = state.setdefault("late", {}).setdefault(name, [])
        nights.append(state["closed"]["now"][name])
        if len(nights) >= learning_nights:
            _keep(state, name, Usual.learnt(state["late"].pop(name), KEPT[name].prior))


def _keep(state: State, name: str, usual: Usual) -> None:
    state.setdefault("usual", {})[name] = [round(usual.level, 5), round(usual.spread, 5)]


def _notice_fall(state: State, night: Night, settings: BurstSettings, usual: Usual) -> None:
    """Learn anew after a repair or a moved sensor: two nights far below the peak, or far below usual."""
    mended = state["peak"] > 0 and night.high_share < settings.persistent_share
    mended = mended and night.ratio < _FALL_SHARE * state["peak"]
    moved = night.ratio < -max(_FALL_SIGMA * usual.spread, _RELEARNT_RISE)
    state["fallen"] = state["fallen"] + 1 if mended or moved else 0
    if state["fallen"] < _FALL_NIGHTS:
        return
    for key in _BELIEVED:
        state.pop(key, None)
    state.update(learnt=[], highest=round(usual.level + _RELEARNT_RISE, 4))


def _put(state: State, belief: BurstBelief, day: int) -> None:
    state.update(trend=belief.trend.packed(), high=belief.high_nights, spoken=dict(belief.spoken), day=day)


def _belief(state: State) -> BurstBelief:
    return BurstBelief(Trend(*state["trend"]), state["high"], state["spoken"])


def _usual(state: State, name: str) -> Usual | None:
    known = state.get("usual", {}).get(name)
    return Usual(*known) if known else None
