"""Leak nights: the least flow of each night against a riser's own usual, summed up until a leak is certain."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import median
from typing import Any, Final

from models.detector import State
from models.pipes.nights import (
    ENDS_EVERY_US,
    FEWEST_SLOTS,
    FLOW,
    L_MIN_PER_M3_H,
    PRESSURE,
    NightHours,
    least_flow,
    slot_medians,
)
from models.statistics.pictures import rows_of, steps, with_row
from models.statistics.usual import Usual
from models.stretches import StretchWindow
from models.thresholds import Tunable
from models.windows import Window

LEARNING_NIGHTS: Final = 14
"""Chosen by: two weekends; the baseline then goes on to 28 nights (DOMAIN 1.1)."""
HISTORY_NIGHTS: Final = 60
FLOW_DECIMALS, _KPA_DECIMALS = 3, 2
_KPA_AT = 10_001
"""Where 0 kPa lies among the steps of a stored pressure: 0 is none, and no gauge tells less than a vacuum."""

_BASELINE_NIGHTS = 28  # DOMAIN 1.1: 28-day robust baseline
_LAG_NIGHTS = 7  # chosen by: a leak that grows for weeks must not teach its first week
_CALM_SHARE = 0.25  # chosen by: what the same tank leaves; while water is drawn the valve droops, which is no leak
_MOST_Z = 2.9  # chosen by: two nights stay under the limit of 5, three under that of 9: a tap was left open
_NIGHTS_ON_END, _RESTED = 3, 0.5  # chosen by: a leak never rests, and a cistern that ran for two nights has
_QUIET_Z = 3.0
_PRIOR_SHARE, _LEAST_SPREAD_L_MIN = 0.2, 0.05  # chosen by: nights of the simulated risers vary by 0.1 to 0.2
_PRESSURE_SPREAD_KPA = 1.5  # as in models.pipes.burst_memory
_SHARED_Z = 1.0
_MENDED, _MENDED_NIGHTS = 0.5, 2
_DISCHARGE = 0.62  # DOMAIN 1.2

TUNABLES = (
    Tunable("pipe.leak.slack_sigma", "sigma", 0.1, 2.0, 0.5, "DOMAIN 6.3: one-sided CUSUM with k = 0.5"),
    Tunable("pipe.leak.alone_sigma", "sigma", 4.0, 20.0, 9.0, "DOMAIN 6.3: h = 9 where one indicator must do"),
    Tunable("pipe.leak.fused_sigma", "sigma", 3.0, 20.0, 5.0, "DOMAIN 6.3: h = 5 where a second one agrees"),
    Tunable("pipe.leak.pressure_sigma", "sigma", 1.0, 10.0, 3.0, "DOMAIN 1.1: 3 robust sigma for two nights"),
    Tunable("pipe.leak.least_l_min", "L/min", 0.05, 20.0, 0.5, "DOMAIN 1.1: a hole of 1 mm at 3 bar loses 0.7"),
)


@dataclass(frozen=True, slots=True)
class LeakSettings:
    """The values in force for one riser, in the order and units of `TUNABLES`."""

    slack: float
    alone: float
    fused: float
    pressure: float
    least_l_min: float


@dataclass(frozen=True, slots=True)
class LeakNight:
    """A night as it was judged.

    Attributes:
        flow_l_min: The least flow.
        usual: Of nights without a leak, L/min.
        excess_z: Spreads over usual, less what the neighbours rose too.
        drop_kpa: Of the night's pressure under usual, 0 if unknown.
        pressure_agrees: It has been down for two nights.
        before: The CUSUM before the night, in sigma.
        summed: The CUSUM after it.
        limit: What it is held against.
        leak_l_min: Median excess of up to three high nights; 0 if there is none.
        lasts: It was there in three nights on end when the sum passed its limit, and has not been repaired since.
        hole_mm: Of a round hole that loses as much, 0 if the pressure is not known.
    """

    flow_l_min: float
    usual: Usual
    excess_z: float
    drop_kpa: float
    pressure_agrees: bool
    before: float
    summed: float
    limit: float
    leak_l_min: float
    lasts: bool
    hole_mm: float


def hole_mm(l_min: float, kpa: float) -> float:
    """The diameter of a round hole that loses this much at this pressure.

    Source:
        Q = Cd A sqrt(2 P / rho): DOMAIN 1.2; the table of DOMAIN 1.1 has 2 mm for 2.9 L/min at 3 bar.

    Example:
        >>> round(hole_mm(2.9, 300.0), 1)
        2.0
    """
    speed = math.sqrt(2.0 * kpa)  # in m/s, as kPa over 1,000 kg/m3
    return 1_000.0 * math.sqrt(4.0 * l_min / 60_000.0 / (math.pi * _DISCHARGE * speed)) if kpa > 0 else 0.0


def gather(night: dict[str, Any], window: Window | StretchWindow, hours: NightHours) -> None:
    """Add a window's quiet readings to the night: medians of flow and pressure for every ten minutes with a flow."""
    begin(night, hours)
    if window.end_us <= hours.start_us:
        return
    flows, pressures = slot_medians(window, FLOW, hours), slot_medians(window, PRESSURE, hours)
    for slot, flow in sorted(flows.items()):
        kpa = round(pressures[slot], 2) if slot in pressures else None
        night["slots"].append([round(flow * L_MIN_PER_M3_H, 3), kpa])


def begin(night: dict[str, Any], hours: NightHours) -> None:
    """Begin to gather a night, unless that is what is being gathered."""
    if night.get("day") != hours.day:
        night.clear()
        night.update(day=hours.day, slots=[])


def close(state: State, hours: NightHours) -> None:
    """Sum up the night that was gathered; it is judged a window later, beside the neighbours'."""
    night = state.pop("night", {})
    closed: dict[str, Any] = {
        "day": hours.day,
        "end_us": hours.end_us,
        "flow": None,
        "kpa": None,
        "z": None,
        "rise": 0.0,
    }
    if night.get("day") == hours.day and len(night["slots"]) >= FEWEST_SLOTS:
        closed["flow"] = round(least_flow([flow for flow, _ in night["slots"]]), 3)
        closed["kpa"] = _calm_kpa(night["slots"])
        usual = usual_flow(state)
        if usual:
            above = closed["flow"] - usual.level
            closed.update(
                z=round(usual.z(closed["flow"]), 3), rise=round(above / max(usual.level, _LEAST_SPREAD_L_MIN), 4)
            )
    state["closed"] = closed


def _calm_kpa(slots: Sequence[Sequence[Any]]) -> float | None:
    """The pressure where least was drawn, kPa: what a tank draws while it fills tells nothing of the pipe."""
    calm = sorted(slots, key=itemgetter(0))[: math.ceil(_CALM_SHARE * len(slots))]
    known = [kpa for _, kpa in calm if kpa is not None]
    return round(median(known), 2) if known else None


def judge(state: State, neighbours: Sequence[Mapping[str, Any]], settings: LeakSettings) -> LeakNight | None:
    """Take the closed night into the memory; None while the usual is being learnt.

    Args:
        state: Changed.
        neighbours: The nights that the neighbours closed, read only.
        settings: In force.
    """
    closed, usual = state["closed"], usual_flow(state)
    if usual is None:
        _keep_quiet(state, closed)
        return None
    shared = _shared_rise(closed, neighbours)
    expected = usual.level + shared * max(usual.level, _LEAST_SPREAD_L_MIN)
    # What is held against a neighbour's night has the scatter of two.
    excess = (closed["flow"] - expected) / usual.spread / (math.sqrt(2.0) if shared else 1.0)
    drop_kpa, agrees = _pressure(state, settings)
    before = state.get("summed", 0.0)
    summed = max(0.0, before + min(excess, _MOST_Z) - settings.slack)
    limit = settings.fused if agrees else settings.alone
    state["summed"] = round(min(summed, 2.0 * settings.alone), 4)
    if before >= settings.fused:
        # Of its own flow: a neighbour's cistern that runs for two nights repairs nothing here.
        _notice_repair(state, closed["flow"] - usual.level)
    if excess >= _SHARED_Z:
        state["sizes"] = [*state.get("sizes", []), round(closed["flow"] - expected, 3)][-3:]
    if state["summed"] < settings.slack + _QUIET_Z and excess < _QUIET_Z:
        _keep_quiet(state, closed)
    row = [closed["end_us"] // ENDS_EVERY_US, steps(closed["flow"], FLOW_DECIMALS)]
    state["history"] = with_row(state.get("history", []), row, HISTORY_NIGHTS)
    state["excess"] = [*state.get("excess", []), round(closed["flow"] - expected, 3)][-_NIGHTS_ON_END:]
    leak = float(median(state["sizes"])) if state.get("sizes") else 0.0
    on_end = len(state["excess"]) == _NIGHTS_ON_END and min(state["excess"]) >= _RESTED * leak
    lasts = state["lasts"] = state["summed"] > 0 and (state.get("lasts", False) or (on_end and summed >= limit))
    hole = hole_mm(leak, closed["kpa"]) if closed["kpa"] else 0.0
    return LeakNight(closed["flow"], usual, excess, drop_kpa, agrees, before, state["summed"], limit, leak, lasts, hole)


def _notice_repair(state: State, excess_l_min: float) -> None:
    """Two nights at less than half of the leak are a repair: the sum begins anew."""
    mended = excess_l_min < _MENDED * median(state["sizes"])
    state["fallen"] = state.get("fallen", 0) + 1 if mended else 0
    if state["fallen"] >= _MENDED_NIGHTS:
        state.update(summed=0.0, sizes=[], fallen=0)


def _shared_rise(closed: Mapping[str, Any], neighbours: Sequence[Mapping[str, Any]]) -> float:
    """By what share of usual the neighbours rose too: a hot night, a holiday. Of two the quieter counts."""
    known = [(n["rise"], n["z"]) for n in neighbours if n["day"] == closed["day"] and n["z"] is not None]
    rise, z = sorted(known)[(len(known) - 1) // 2] if known else (0.0, 0.0)
    return max(0.0, min(float(closed["rise"]), float(rise))) if z > _SHARED_Z else 0.0


def _pressure(state: State, settings: LeakSettings) -> tuple[float, bool]:
    known = [kpa for _, kpa in _settled(quiet_nights(state)) if kpa is not None]
    now = state["closed"]["kpa"]
    if not known or now is None:
        state["low"] = 0
        return 0.0, False
    usual = Usual.learnt(known, _PRESSURE_SPREAD_KPA)
    drop = usual.level - now
    state["low"] = state.get("low", 0) + 1 if drop >= settings.pressure * usual.spread else 0
    return round(drop, 2), state["low"] >= 2  # noqa: PLR2004 -- two nights, as the tunable's source says


def usual_flow(state: State) -> Usual | None:
    """The least flow of a riser's nights without a leak, L/min; None while it is being learnt."""
    nights = quiet_nights(state)
    if len(nights) < LEARNING_NIGHTS:
        return None
    flows = [flow for flow, _ in _settled(nights)]
    usual = Usual.learnt(flows, max(_PRIOR_SHARE * median(flows), _LEAST_SPREAD_L_MIN))
    return Usual(usual.level, max(usual.spread, _LEAST_SPREAD_L_MIN))


def quiet_nights(state: State) -> list[tuple[float, float | None]]:
    """Least flow (L/min) and pressure (kPa, None if it is not known) of the nights without a leak, oldest first."""
    return [
        (flow / 10**FLOW_DECIMALS, (kpa - _KPA_AT) / 10**_KPA_DECIMALS if kpa else None)
        for flow, kpa in rows_of(state.get("quiet", []))
    ]


def _keep_quiet(state: State, closed: Mapping[str, Any]) -> None:
    kpa = 0 if closed["kpa"] is None else max(1, steps(closed["kpa"], _KPA_DECIMALS) + _KPA_AT)
    row = [steps(closed["flow"], FLOW_DECIMALS), kpa]
    state["quiet"] = with_row(state.get("quiet", []), row, _BASELINE_NIGHTS + _LAG_NIGHTS)


def _settled(nights: list[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """Without the newest, which a leak that grows may have raised."""
    return nights[: max(LEARNING_NIGHTS, len(nights) - _LAG_NIGHTS)]
