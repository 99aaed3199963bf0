"""Pump evidence: what a crew is shown of a pump's vibration."""

import math

from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.pumps.bearing_condition import RAISE, Condition, PumpSettings, course_of, in_zone_c
from models.pumps.bearing_memory import HISTORY_DECIMALS, HISTORY_STEP_S, Running, hour_of
from models.pumps.iso_zones import IsoBounds
from models.statistics.local_trend import Trend
from models.statistics.pictures import rows_of
from models.statistics.traces import crossed_us, rounded


def pump_evidence(
    asset: str, state: State, now: Running, judged: Condition, scale: tuple[IsoBounds, PumpSettings]
) -> Evidence:
    """Everything the finding is explained with.

    Args:
        asset: The pump's id.
        state: Its memory.
        now: Its last hour.
        judged: Its condition.
        scale: Zones and settings it was judged by.
    """
    bounds, settings = scale
    quiet = _quiet_mm_s(now, bounds, settings)
    seen = _seen_mm_s(state, now, judged, bounds)
    limit = bounds.c if judged.in_zone_d else quiet
    signal = _trace(asset, state, seen, _normal(now, limit))
    course = course_of(state, bounds)
    judged_us = hour_of(state)[-1][0] * 1_000_000
    return Evidence(
        signal=signal,
        threshold=round(limit, 3),
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), round(limit, 3)),
        forecast=course.wear.forecast(judged_us) if course.wear else None,
        contributions=_contributions(seen, now, judged, course.trend),
        counterfactual=_counterfactual(now, judged, quiet, settings),
        facts=_facts(now, judged, bounds),
    )


def _facts(now: Running, judged: Condition, bounds: IsoBounds) -> dict[str, float | str]:
    facts: dict[str, float | str] = {
        "iso_zone": "D" if judged.in_zone_d else bounds.zone(now.velocity),
        "iso_class": bounds.machine_class,
        "bearing_stage": judged.stage,
        "change_mm_s": round(now.change, 2),
    }
    if judged.decided() in {"pair", "heat"}:
        facts["sign"] = now.part or "impacts" if judged.decided() == "pair" else "heat"
    elif _only_changed(now, judged, bounds):
        facts["rise_percent"] = round(100.0 * now.change / (now.usual or math.inf), 1)
    if now.part:
        facts["bearing_part"] = now.part
    if judged.crossing_chance is not None:
        facts["zone_d_chance"] = round(judged.crossing_chance, 3)
    return facts


def _counterfactual(now: Running, judged: Condition, quiet: float, settings: PumpSettings) -> Counterfactual | None:
    """What by itself would have kept it quiet; None where more than one rule raises."""
    if judged.raising() > 1:
        return None
    if judged.decided() == "heat":
        return Counterfactual("bearing_temperature_c", settings.hot_c, "C")
    if judged.decided() != "pair":
        return Counterfactual("velocity_rms_mm_s", math.floor(100.0 * quiet) / 100.0, "mm/s")
    if now.velocity_sigma >= settings.envelope_sigma or not (now.envelope and now.usual_envelope):
        return None
    # At its own speed the envelope would have had to stay within so many spreads.
    spread = math.log(now.envelope / now.usual_envelope) / now.envelope_sigma
    bound = math.floor(100.0 * now.usual_envelope * math.exp(settings.envelope_sigma * spread)) / 100.0
    return Counterfactual("envelope_rms_m_s2", bound, "m/s2") if spread > 0 else None


def _quiet_mm_s(now: Running, bounds: IsoBounds, settings: PumpSettings) -> float:
    """The velocity under which the pump would have stayed quiet."""
    changed = math.inf if now.usual is None else now.usual + settings.change_share * bounds.b
    return min(bounds.b, changed)


def _only_changed(now: Running, judged: Condition, bounds: IsoBounds) -> bool:
    """Whether the change against usual is what calls for a work order, the zone still being A or B."""
    zone_c = in_zone_c(now, bounds) or judged.in_zone_d
    return now.usual is not None and judged.parts["change"] >= RAISE and not zone_c


def _seen_mm_s(state: State, now: Running, judged: Condition, bounds: IsoBounds) -> float:
    """The velocity that decided: the minute's in zone D, usual plus change where that is it, else the hour's."""
    if judged.in_zone_d:
        return float(state["zone_d_mm_s"])
    if _only_changed(now, judged, bounds):
        return (now.usual or 0.0) + now.change
    return now.velocity


def _normal(now: Running, limit: float) -> tuple[float, ...]:
    """The edges of the normal band, mm/s; none while usual is being learnt."""
    return () if now.usual is None else (0.75 * now.usual, min(limit, 1.25 * now.usual))


def _trace(asset: str, state: State, seen: float, normal: tuple[float, ...]) -> Trace:
    history = rows_of(state.get("history", []))
    noted = [(at * HISTORY_STEP_S, step / 10**HISTORY_DECIMALS) for at, step in history]
    now_s = hour_of(state)[-1][0]
    points = [*(one for one in noted if one[0] <= now_s - HISTORY_STEP_S), (now_s, round(seen, 3))]
    low, high = ([edge] * len(points) for edge in normal) if normal else ([], [])
    return Trace(
        name="velocity_rms_mm_s",
        unit="mm/s",
        at_us=tuple(at_s * 1_000_000 for at_s, _ in points),
        value=tuple(v for _, v in points),
        low=rounded(low, 3),
        high=rounded(high, 3),
        asset=asset,
    )


def _contributions(seen_mm_s: float, now: Running, judged: Condition, trend: Trend | None) -> tuple[Contribution, ...]:
    usual = None if now.usual is None else round(now.usual, 2)
    envelope = None if now.usual_envelope is None else round(now.usual_envelope, 2)
    velocity = max(judged.parts["velocity"], judged.parts["change"])
    impacts = max(judged.parts["envelope"], judged.parts["pair"])
    rise = 100.0 * math.expm1(trend.slope) if trend else 0.0
    seen = [
        ("velocity_rms_mm_s", round(seen_mm_s, 2), "mm/s", usual, velocity),
        ("slope_per_day", round(rise, 2), "%", 0.0, judged.parts["slope"]),
        ("envelope_rms_m_s2", round(now.envelope or 0.0, 2), "m/s2", envelope, impacts),
        ("kurtosis", round(now.kurtosis or 3.0, 2), "1", 3.0, judged.parts["kurtosis"]),
        ("bearing_temperature_c", round(now.temperature or 0.0, 1), "C", None, judged.parts["heat"]),
    ]
    total = sum(part for *_, part in seen) or 1.0
    made = [Contribution(name, value, unit, known, round(part / total, 4)) for name, value, unit, known, part in seen]
    return tuple(sorted(made, key=lambda c: -c.weight))
