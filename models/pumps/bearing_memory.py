"""Pump memory: blocks of steady running, what is usual at each speed, and the trend of the vibration."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from models.detector import State
from models.pumps.bearing_prognosis import grown
from models.pumps.samples import PumpSample
from models.statistics.local_trend import Trend
from models.statistics.pictures import steps, with_row
from models.statistics.usual import Usual

BLOCK_US = 300_000_000
"""Five minutes; DOMAIN 3: monitors send every 1 to 5 minutes."""

HISTORY_HOURS, HISTORY_DECIMALS, HISTORY_STEP_S = 72, 2, 300
_ROW_EVERY_US = 20_000_000
"""So that a block has fifteen rows at most: more make its median no better, and the state too large."""

_DIFFUSION = 0.03
"""Of the log velocity, per square root of a day. Chosen by: the same hour's median of a healthy simulated pump,
brought to one speed, wanders by 0.015 from day to day; a real one's conditions vary more."""

_HOUR_S = 3_600.0
_DAY_S = 86_400.0
_SLOPE_WANDER = 0.04
_MEASUREMENT_SD = 0.04
_MOST_BANDS = 6
_GAP_S = 900.0  # a longer one is a stop, and counts no more
_STALE_S = 43_200.0
_LOW_SHARE = 0.2  # sustained means: exceeded by four fifths of the hour, so that one stray block does not reset it
_PRIOR_SPREAD = 0.05
_FROZEN = 3.0  # spreads, as everywhere
_FOLLOW_LOG = 2e-5  # a block; a tenth in a month of running
_LEAST_SPREAD = 0.02
_UNTOLD = (None, None, None, None, None, "")
"""What is left out at the end of a stored row: the time and velocity never are."""
_FOLLOW_SPREAD = 3e-4  # so that it takes weeks of running, and a slow fault does not widen its own band


@dataclass(frozen=True, slots=True)
class Running:
    """A pump's last hour of steady running, of as many blocks as it took.

    Attributes:
        hour_is_full: Whether there has been an hour.
        velocity: What four fifths of the hour exceeded, mm/s.
        change: The same of the difference to usual at the same speed, mm/s; 0 while that is being learnt.
        usual: Usual velocity at the speed it runs at now, mm/s, or None.
        envelope: Median, m/s2, or None if not sent.
        usual_envelope: Usual at the speed it runs at now, m/s2, or None.
        envelope_sigma: Spreads by which the envelope lies above usual at each block's speed, 0 if unknown.
        kurtosis: Median, or None if not sent.
        kurtosis_peak: Highest hourly median since it was last calm, or None.
        velocity_sigma: Spreads by which the velocity lies above usual for four fifths of the hour, 0 if unknown.
        temperature: What the bearing kept for the last two blocks, C, or None if not sent.
        part: The part of the bearing that is heard in most blocks, or empty.
    """

    hour_is_full: bool
    velocity: float
    change: float
    usual: float | None
    envelope: float | None
    usual_envelope: float | None
    envelope_sigma: float
    kurtosis: float | None
    kurtosis_peak: float | None
    velocity_sigma: float = 0.0
    temperature: float | None = None
    part: str = ""


def add(state: State, sample: PumpSample) -> None:
    """Put a steady sample into the block that is being gathered; of many in a row every now and then one."""
    if sample.at_us - state.get("row_us", sample.at_us - _ROW_EVERY_US) < _ROW_EVERY_US:
        return
    state["row_us"] = sample.at_us
    kurtosis = None if sample.kurtosis is None else round(sample.kurtosis, 2)
    row = [sample.band, round(sample.velocity, 4), _log(sample.envelope), kurtosis, sample.temperature, sample.part]
    state.setdefault("block", []).append(row)


def close_block(state: State, at_us: int, learning_blocks: float) -> bool:
    """Sum up the block into the hour and the baseline of its speed; false if the pump did not run steadily in it."""
    rows = state.pop("block", [])
    state["closed_us"] = at_us
    if not rows:
        return False
    band = Counter(r[0] for r in rows).most_common(1)[0][0]
    same = [r for r in rows if r[0] == band]
    velocity = median([r[1] for r in same])
    part = Counter(r[5] for r in same).most_common(1)[0][0]
    block = [at_us // 1_000_000, band, round(velocity, 4), *(_median(same, column) for column in (2, 3, 4)), part]
    state["hour"] = _hour_stored(_last_hour([*hour_of(state), block]))
    _learn(state, block, learning_blocks)
    return True


def hour_of(state: State) -> list[list[Any]]:
    """The blocks of the last hour of running, oldest first.

    Each is when it ended (seconds, of a whole minute), its band, its median velocity (mm/s), envelope (its logarithm),
    kurtosis and temperature, each None if not sent, and the part of the bearing that was heard most, or empty.
    """
    hour = state.get("hour", {"rows": []})
    untold = [*_UNTOLD, hour.get("band")]
    blocks = []
    for told in hour["rows"]:
        row = [*told, *untold[len(told) :]]
        blocks.append([60 * (hour["minute"] - row[0]), row[-1], *row[1:-1]])
    return blocks


def running(state: State) -> Running:
    """The last hour, seen against what is usual at each block's speed."""
    blocks = hour_of(state)
    bands = state.get("bands", {})
    differences, sigmas, envelopes = [], [], []
    for _, band, velocity, envelope, *_ in blocks:
        known = bands.get(band, {})
        if "usual" in known:
            differences.append(velocity - math.exp(known["usual"][0]))
            sigmas.append(Usual(*known["usual"]).z(math.log(velocity)))
            if envelope is not None and known.get("envelope"):
                envelopes.append(Usual(*known["envelope"]).z(envelope))
    now, seen = bands.get(blocks[-1][1], {}), len(differences) * 2 > len(blocks)
    envelope, warmth = _median(blocks, 3), [b[5] for b in blocks[-2:]]
    part, count = Counter(b[6] for b in blocks).most_common(1)[0]
    return Running(
        hour_is_full=_seconds(blocks) >= _HOUR_S,
        velocity=_sustained([b[2] for b in blocks]),
        change=_sustained(differences) if seen else 0.0,
        usual=math.exp(now["usual"][0]) if "usual" in now else None,
        envelope=None if envelope is None else math.exp(envelope),
        usual_envelope=math.exp(now["envelope"][0]) if now.get("envelope") else None,
        envelope_sigma=median(envelopes) if envelopes else 0.0,
        kurtosis=_median(blocks, 4),
        kurtosis_peak=state.get("kurtosis_peak"),
        velocity_sigma=_sustained(sigmas) if seen else 0.0,
        temperature=min(warmth) if len(warmth) > 1 and None not in warmth else None,
        part=part if count * 2 > len(blocks) else "",
    )


def remember_hour(state: State, kurtosis_watch: float) -> None:
    """Once an hour of running: take the median into the history, the trend and the highest kurtosis."""
    blocks = hour_of(state)
    at_s = blocks[-1][0]
    if _seconds(blocks) < _HOUR_S or at_s - state.get("hour_s", -math.inf) < _HOUR_S:
        return
    trended_s = state.get("trend_s", state.get("hour_s", at_s))
    state["hour_s"] = at_s
    velocity = median([b[2] for b in blocks])
    point = [at_s // HISTORY_STEP_S, steps(velocity, HISTORY_DECIMALS)]
    state["history"] = with_row(state.get("history", []), point, HISTORY_HOURS)
    kurtosis = _median(blocks, 4)
    if kurtosis is not None:
        peak = max(kurtosis, state.get("kurtosis_peak") or 0.0)
        state.pop("kurtosis_peak", None)
        if peak > kurtosis_watch:
            state["kurtosis_peak"] = round(peak, 2)
    if "trend" in state:
        state["trend_s"] = trended_s
    _move_trend(state, blocks, at_s)


def reference_usual(state: State) -> float | None:
    """Usual velocity in mm/s at the speed the pump runs at most, or None while that is being learnt."""
    bands = state.get("bands", {})
    known = [b for b in bands.values() if "usual" in b]
    return math.exp(max(known, key=lambda b: float(b["count"]))["usual"][0]) if known else None


def _tracked(trend: Trend | None, days: float, measured: float) -> Trend:
    """The trend of the log velocity at the reference speed after another hour.

    Args:
        trend: Before, or None at the first hour.
        days: Since then.
        measured: The hour's median, log of mm/s.
    """
    if trend is None:
        return Trend(measured, 0.0, _MEASUREMENT_SD**2, 0.0, 1e-4)
    return trend.moved(max(1e-3, days), _DIFFUSION, _SLOPE_WANDER).corrected(measured, _MEASUREMENT_SD**2)


def _move_trend(state: State, blocks: list[list[float]], at_s: float) -> None:
    """Track the log velocity brought to the reference speed, so that a change of speed is no change of condition.

    `trend_s` says when it was tracked last, and is left out where that is `hour_s`.
    """
    reference, bands = reference_usual(state), state.get("bands", {})
    ratios = [math.log(b[2]) - bands[b[1]]["usual"][0] for b in blocks if "usual" in bands.get(b[1], {})]
    if reference is None or len(ratios) * 2 < len(blocks):
        return
    before = Trend(*state["trend"]) if "trend" in state else None
    days = (at_s - state.pop("trend_s", at_s)) / _DAY_S
    trend = _tracked(before, days, math.log(reference) + median(ratios))
    worn = Trend(*state["growth"]) if state.get("growth") else None
    worn = grown(worn, days, math.expm1(median(ratios)))
    state["trend"] = trend.packed()
    state.pop("growth", None)
    if worn:
        state["growth"] = worn.packed()


def _learn(state: State, block: list[float], learning_blocks: float) -> None:
    bands = state.setdefault("bands", {})
    _, name, velocity, envelope, *_ = block
    if name not in bands and len(bands) >= _MOST_BANDS:
        return
    band = bands.setdefault(name, {"count": 0, "learnt": []})
    band["count"] += 1
    if "usual" in band and not _has_calmed(band, math.log(velocity), learning_blocks):
        _follow(band, math.log(velocity), envelope)
        return
    band["learnt"].append([round(math.log(velocity), 3), envelope])
    if len(band["learnt"]) < learning_blocks:
        return
    velocities, envelopes = zip(*band.pop("learnt"), strict=True)
    band["usual"] = _packed(Usual.learnt(velocities, _PRIOR_SPREAD))
    known = [e for e in envelopes if e is not None]
    band["envelope"] = _packed(Usual.learnt(known, _PRIOR_SPREAD)) if known else None


def _has_calmed(band: State, velocity: float, learning_blocks: float) -> bool:
    """Whether it has been calmer for as long as usual takes to learn, aligned or repaired; usual is then forgotten."""
    calmer = Usual(*band["usual"]).z(velocity) < -_FROZEN
    count = band.pop("calmer", 0) + 1 if calmer else 0
    if count < learning_blocks:
        if count:
            band["calmer"] = count
        return False
    for known in ("usual", "envelope", "calmer"):
        band.pop(known, None)
    band["learnt"] = []
    return True


def _follow(band: State, velocity: float, envelope: float | None) -> None:
    """Follow slowly while quiet; far away it is frozen."""
    for key, value in (("usual", velocity), ("envelope", envelope)):
        if value is None or not band.get(key):
            continue
        usual = Usual(*band[key])
        if abs(usual.z(value)) < _FROZEN:
            band[key] = _packed(usual.followed(value, _FOLLOW_LOG, _LEAST_SPREAD, _FOLLOW_SPREAD))


def _last_hour(blocks: list[list[float]]) -> list[list[float]]:
    """The newest blocks that make up an hour of running, none older than half a day."""
    newest, ran_s = blocks[-1][0], BLOCK_US / 1e6
    for first in range(len(blocks) - 1, 0, -1):
        if ran_s >= _HOUR_S or newest - blocks[first - 1][0] > _STALE_S:
            return blocks[first:]
        ran_s += min(blocks[first][0] - blocks[first - 1][0], _GAP_S)
    return blocks


def _hour_stored(blocks: list[list[Any]]) -> State:
    """The blocks of an hour as JSON: minutes before the newest, and what is told beside what was not."""
    minute, band = blocks[-1][0] // 60, blocks[-1][1]
    untold, rows = [*_UNTOLD, band], []
    for at_s, its_band, *values in blocks:
        row = [minute - at_s // 60, *values, its_band]
        while row[-1] == untold[len(row) - 1]:
            row.pop()
        rows.append(row)
    return {"minute": minute, "band": band, "rows": rows}


def _seconds(blocks: list[list[float]]) -> float:
    """How long the blocks ran; the first one stands for a block's length."""
    gaps = (min(b[0] - a[0], _GAP_S) for a, b in pairwise(blocks))
    return BLOCK_US / 1e6 + sum(gaps)


def _sustained(values: Sequence[float]) -> float:
    return sorted(values)[int(_LOW_SHARE * len(values))]


def _median(rows: list[list[float]], column: int) -> float | None:
    known = [r[column] for r in rows if r[column] is not None]
    return round(median(known), 3) if known else None


def _log(value: float | None) -> float | None:
    return round(math.log(value), 4) if value is not None and value > 0 else None


def _packed(usual: Usual) -> list[float]:
    return [round(usual.level, 6), round(usual.spread, 6)]
