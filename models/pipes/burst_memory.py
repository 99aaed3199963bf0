"""Burst memory: what a riser's past nights taught, and how one more night changes it."""

import math
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import numpy as np

from models.detector import State
from models.pipes.burst_risk import BurstBelief, BurstSettings, Night
from models.pipes.nights import NightHours, spread_within
from models.statistics.local_trend import Trend
from models.statistics.usual import Usual

HISTORY_NIGHTS = 60
"""Kept for the picture: the end of each in seconds, its log ratio, and what of the riser's own rise was subtracted."""

FEWEST_FRAMES = 2
"""Of a night, to say anything. Chosen by: a logger that reports hourly makes two in two hours."""

_MOST_FRAMES = 48
_PRIOR_SPREAD = 0.08  # chosen by: 0.03 from night to night in the simulated community; real pipes vary more
_LEAST_SPREAD = 0.04
_LEAST_WITHIN = 0.05
_PRIOR_PRESSURE_KPA = 1.5  # chosen by: a pressure-reducing valve holds its set-point to about 1 %
_LEAST_PRESSURE_KPA = 0.7
# A season changes a pipe's sound by a tenth a month; a leak of 98 days, the slowest of BattLeDIM's, by 0.021 a night.
_FOLLOW_LOG = 0.003
_FOLLOW_KPA = 0.3
_QUIET_SIGMA = 3.0
_FALL_NIGHTS = 2
_FALL_SHARE = 0.5
_FALL_SIGMA = 4.0
_RELEARNT_RISE = math.log(1.5)  # a repair may leave a pipe a little louder, a leak that paused must not become usual


@dataclass(frozen=True, slots=True)
class Judgement:
    """A night under judgement: the belief before and after, and what was seen.

    Attributes:
        before: Belief of the night before.
        after: Belief now.
        night: What was seen, neighbours subtracted.
        common: Log ratio that the neighbours rose too, >= 0.
        pressure_drop_kpa: Below usual, neighbours subtracted; 0 if unknown.
        spread: Of the log ratio in quiet nights.
    """

    before: BurstBelief
    after: BurstBelief
    night: Night
    common: float
    pressure_drop_kpa: float
    spread: float


def close(state: State, hours: NightHours) -> None:
    """Sum up the night that was gathered; it is judged one window later, when the neighbours' are summed up too."""
    night = state.pop("night", {})
    frames, pressures = night.get("frames", []), night.get("pressure", [])
    usual, pressure = _usual(state, "usual"), _usual(state, "pressure")
    closed: dict[str, Any] = {"day": hours.day, "end_us": hours.end_us, "ratio": None, "drop": None}
    if night.get("day") == hours.day and len(frames) >= FEWEST_FRAMES:
        closed["frames"] = frames[:: len(frames) // _MOST_FRAMES + 1]
        closed["log_rms"] = round(float(np.median(frames)), 4)
        if usual:
            closed.update(ratio=round(closed["log_rms"] - usual.level, 4), ratio_noise=usual.spread)
    if night.get("day") == hours.day and pressures:
        closed["kpa"] = min(pressures)
        if pressure:
            closed.update(drop=round(pressure.level - closed["kpa"], 3), drop_noise=pressure.spread)
    state["closed"] = closed


def common_rise(closed: dict[str, Any], neighbours: list[State], key: str) -> float:
    """How much of a night's `ratio` or `drop` the neighbours show too, at most all of it, 0 if within their noise.

    Of two neighbours the quieter counts: what only one of them shows is that one's own trouble.
    """
    own = closed[key]
    nights = [n["closed"] for n in neighbours if n.get("closed", {}).get("day") == closed["day"]]
    known = [(night[key], night[f"{key}_noise"]) for night in nights if night[key] is not None]
    if not known or own is None:
        return 0.0
    shared, noise = median_low([k[0] for k in known]), median_low([k[1] for k in known])
    # A sound riser beside a leaking one has nothing to subtract; it would seem to have fallen silent.
    return max(0.0, min(own, shared)) if shared > noise else 0.0


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
    usual = _usual(state, "usual")
    if usual is None or closed["ratio"] is None:
        _learn(state, learning_nights)
        return None
    common = common_rise(closed, neighbours, "ratio")
    drop = (closed["drop"] or 0.0) - common_rise(closed, neighbours, "drop")
    pressure = _usual(state, "pressure")
    edge = usual.level + common + settings.frame_sigma * math.hypot(usual.spread, state["within"])
    night = Night(
        ratio=closed["ratio"] - common,
        variance=usual.spread**2,
        high_share=float(np.mean(np.asarray(closed["frames"]) > edge)),
        pressure_z=drop / pressure.spread if pressure and closed["drop"] is not None else 0.0,
        days=float(max(1, closed["day"] - state["day"])),
    )
    before = _belief(state)
    after = before.after(night, settings)
    _remember(state, after, night, common)
    quiet = after.high_nights == 0 and abs(night.ratio) < _QUIET_SIGMA * usual.spread
    if quiet:
        _follow(state, usual, night.ratio, pressure, drop)
    _notice_fall(state, night, settings, usual)
    return Judgement(before, after, night, common, drop if closed["drop"] is not None else 0.0, usual.spread)


def _learn(state: State, learning_nights: float) -> None:
    closed = state["closed"]
    if "frames" not in closed:
        return
    state["learnt"].append([closed["log_rms"], round(spread_within(closed["frames"]), 4), closed.get("kpa")])
    if len(state["learnt"]) < learning_nights:
        return
    levels, withins, pressures = zip(*state.pop("learnt"), strict=True)
    usual = Usual.learnt(levels, _PRIOR_SPREAD)
    state["usual"] = [round(min(usual.level, state.pop("highest", math.inf)), 4), round(usual.spread, 4)]
    state["within"] = max(_LEAST_WITHIN, float(np.median(withins)))
    known = [p for p in pressures if p is not None]
    pressure = Usual.learnt(known, _PRIOR_PRESSURE_KPA) if known else None
    state["pressure"] = [round(pressure.level, 3), round(pressure.spread, 3)] if pressure else None
    _put(state, BurstBelief.quiet(usual.spread**2), closed["day"])
    state.update(history=state.get("history", []), peak=0.0, fallen=0)


def _remember(state: State, belief: BurstBelief, night: Night, common: float) -> None:
    closed = state["closed"]
    _put(state, belief, closed["day"])
    row = [closed["end_us"] // 1_000_000, round(night.ratio, 3), round(common, 3)]
    state["history"] = [*state["history"], row][-HISTORY_NIGHTS:]
    if belief.high_nights:
        state["peak"] = round(max(state["peak"], night.ratio), 4)


def _follow(state: State, usual: Usual, ratio: float, pressure: Usual | None, drop: float) -> None:
    followed = usual.followed(usual.level + ratio, _FOLLOW_LOG, _LEAST_SPREAD)
    state["usual"] = [round(followed.level, 5), round(followed.spread, 5)]
    if pressure and abs(drop) < _QUIET_SIGMA * pressure.spread:
        held = pressure.followed(pressure.level - drop, _FOLLOW_KPA, _LEAST_PRESSURE_KPA)
        state["pressure"] = [round(held.level, 3), round(held.spread, 3)]


def _notice_fall(state: State, night: Night, settings: BurstSettings, usual: Usual) -> None:
    """Learn anew after a repair or a moved sensor: two nights far below the peak, or far below usual."""
    mended = state["peak"] > 0 and night.high_share < settings.persistent_share
    mended = mended and night.ratio < _FALL_SHARE * state["peak"]
    moved = night.ratio < -max(_FALL_SIGMA * usual.spread, _RELEARNT_RISE)
    state["fallen"] = state["fallen"] + 1 if mended or moved else 0
    if state["fallen"] < _FALL_NIGHTS:
        return
    highest = usual.level + _RELEARNT_RISE
    history = state["history"]
    kept = {k: state[k] for k in ("closed",)}
    state.clear()
    state.update(kept, learnt=[], highest=round(highest, 4), history=history)


def _put(state: State, belief: BurstBelief, day: int) -> None:
    state.update(trend=belief.trend.packed(), high=belief.high_nights, low=belief.low_pressure_nights, day=day)


def _belief(state: State) -> BurstBelief:
    return BurstBelief(Trend(*state["trend"]), state["high"], state["low"])


def _usual(state: State, key: str) -> Usual | None:
    return Usual(*state[key]) if state.get(key) else None
