"""Transients: how hard a riser's pressure strains it, day by day, counted as fatigue counts."""

import itertools
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

import rainflow

from models.detector import State

REFERENCE_KPA: Final = 100.0
"""A cycle of this range does the damage 1. Source: DOMAIN 1.2, "daily 1-bar cycles"."""
EXPONENT: Final = 3.0
"""Of the S-N curve. Source: DOMAIN 1.2: m = 3, weld-like steel; plastics have up to 8."""
TRANSIENT_KPA: Final = 200.0
"""Swing that counts as a transient. Source: DOMAIN 1.1: count dP of 0.2 MPa or more."""

_GATE_KPA = 20.0  # chosen by: 125 of them do the damage of one reference cycle; what people draw moves 10 to 20
_NEAR_GATE_KPA = _GATE_KPA - 0.1
_MOST_TURNS = 60
_PACE = 1 / 7  # chosen by: a week's mean, as a slamming valve has its working days


def take_pressures(state: State, device: str, values: Sequence[float]) -> None:
    """Take what a logger said next: only where the pressure turns by more than the gate is kept.

    Args:
        state: Of the riser, changed: `swings` holds the day by logger.
        device: The logger's id; each is counted by itself, as they hang at different heights.
        values: In kPa, in the order of time.
    """
    if not values or stays(state, device, min(values), max(values)):
        return
    day = _day(state, device)
    _turn(day["turns"], values)
    if len(day["turns"]) > _MOST_TURNS:
        _sum_up(day)


def take_together(state: State, device: str, values: Sequence[float]) -> bool:
    """Take what a logger said in several calls of `take_pressures`, if it makes no difference; whether it was taken."""
    day = _day(state, device)
    turns = [*day["turns"]]
    _turn(turns, values)
    if len(turns) > _MOST_TURNS:
        return False
    day["turns"] = turns
    return True


def _turn(turns: list[float], values: Sequence[float]) -> None:
    """Go on with turns, each rounded to a tenth of a kPa."""
    for value in values:
        if len(turns) < 2:  # noqa: PLR2004 -- a direction takes two
            if not turns or abs(round(value, 1) - turns[0]) >= _GATE_KPA:
                turns.append(round(value, 1))
            continue
        last = turns[-1]
        # Rounding takes longer than all else, and most values lie between two turns whatever they are rounded to.
        if turns[-2] < last:
            if value > last:
                turns[-1] = round(value, 1)
            elif last - value >= _NEAR_GATE_KPA and last - round(value, 1) >= _GATE_KPA:
                turns.append(round(value, 1))
        elif value < last:
            turns[-1] = round(value, 1)
        elif value - last >= _NEAR_GATE_KPA and round(value, 1) - last >= _GATE_KPA:
            turns.append(round(value, 1))


def stays(state: State, device: str, low: float, high: float) -> bool:
    """Take what a logger said next if by nothing of it the pressure turns; whether it was taken.

    Args:
        state: See `take_pressures`.
        device: The logger's id.
        low: The lowest of its pressures, kPa.
        high: The highest.
    """
    return _stays(_day(state, device)["turns"], round(low, 1), round(high, 1))


def _day(state: State, device: str) -> State:
    days: State = state.setdefault("swings", {})
    day: State = days.setdefault(device, {"turns": [], "damage": 0.0, "count": 0, "most": 0.0})
    return day


def _stays(turns: list[float], low: float, high: float) -> bool:
    """Whether by no value between two the pressure turns; then the last turn goes on to the farther one."""
    if not turns:
        return False
    if len(turns) == 1:
        return max(high - turns[0], turns[0] - low) < _GATE_KPA
    rises = turns[-1] > turns[-2]
    last = max(turns[-1], high) if rises else min(turns[-1], low)
    stays = (last - low if rises else high - last) < _GATE_KPA
    if stays:
        turns[-1] = last
    return stays


def close_day(state: State) -> None:
    """Sum up the day into `strain`: damage a day as a week has it, and of the day the transients and the most kPa."""
    # Of equals the first by name counts, whichever spoke first.
    days = [day for _, day in sorted(state.pop("swings", {}).items())]
    for day in days:
        _sum_up(day)
    worst = max(days, key=itemgetter("damage"), default={"damage": 0.0, "count": 0, "most": 0.0})
    damage = damage_of(state)
    followed = damage + _PACE * (worst["damage"] - damage)
    state["strain"] = [float(f"{followed:.4g}"), worst["count"], round(worst["most"], 1)]


def damage_of(state: State) -> float:
    """The damage a day as the last week had it, in cycles of `REFERENCE_KPA`."""
    return float(state["strain"][0]) if "strain" in state else 0.0


def _sum_up(day: State) -> None:
    """Count the cycles of the turns so far; the last turn begins what comes next."""
    turns = day["turns"]
    cycles = ((span, count) for span, _, count, _, _ in rainflow.extract_cycles(turns))
    damage = sum(count * (span / REFERENCE_KPA) ** EXPONENT for span, count in cycles)
    day["damage"] = round(day["damage"] + damage, 3)
    swings = [abs(b - a) for a, b in itertools.pairwise(turns)]
    day["count"] += sum(swing >= TRANSIENT_KPA for swing in swings)
    day["most"] = max([*swings, day["most"]])
    day["turns"] = turns[-1:]
