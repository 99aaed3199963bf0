"""Sump: what the sensors of one device tell of water where none should be, and of the pump that keeps it away."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from models.conclusions import RAISE
from models.detector import State
from models.pumps import run_time
from models.pumps.operation import CURRENT, RUNNING
from models.pumps.starts import Starts
from models.statistics.ramp import ramp

LEVEL, FLOOR, PIT, STARTS = "water_level_mm", "water_present", "pit_water_present", "starts_total"

WET = {PIT: "pit_wet_s", FLOOR: "floor_wet_s"}
"""What a wet immersion sensor contributes: for how long."""

_SCORES = {PIT: 0.95, FLOOR: 0.8, LEVEL: 0.7}
_SEVERITIES = {PIT: 2, FLOOR: 1, LEVEL: 1}
"""Chosen by: people ride in the car above the pit (I); water that stands is somebody's job of today (II)."""

_S_US = 1_000_000
_IDLE_A = 0.5
_STARTS_SEEN = 8
_LEAST_STARTS = 3


@dataclass(frozen=True, slots=True)
class FloodSettings:
    """The values in force for one building; see the Tunables of `building_flood` for units and sources."""

    wet_s: float
    above_start_mm: float
    above_for_s: float
    starts_per_hour: float
    run_time_ratio: float


@dataclass(frozen=True, slots=True)
class Part:
    """What one sign of a device gives.

    Attributes:
        name: The sign's, as its contribution is called.
        value: What was seen.
        limit: What it may be.
        score: In [0, 1], 0.5 where the limit is passed.
        severity: As in a finding.
    """

    name: str
    value: float
    limit: float
    score: float
    severity: int = 0


def take(sump: State, at_us: int, values: Mapping[str, float]) -> None:
    """Take in what a device said at one moment, ascending from call to call; `sump` is its JSON dict, changed."""
    sump["heard_us"] = at_us
    for name in (PIT, FLOOR):
        if name in values:
            _wet(sump, name, at_us, values[name] > 0.0)
    running = _running(values)
    if running is not None or STARTS in values:
        Starts(sump).take(at_us, running, values.get(STARTS))
    if running is not None:
        if running and sump.get("running") is False:
            _note_start(sump, values.get(LEVEL))
        sump["running"] = running
        run_time.take(sump, at_us, running)
    if LEVEL in values:
        sump["level"] = round(values[LEVEL], 1)


def judge_level(sump: State, at_us: int, registered_mm: float | None, settings: FloodSettings) -> None:
    """Follow for how long the level has been too high; to be called after `take` of a moment that told it.

    Args:
        sump: JSON dict of the device, changed: `limit_mm`, `above_us`.
        at_us: The moment.
        registered_mm: The start level that the registry tells, or None: then the level at which it was seen to start.
        settings: In force.
    """
    seen = sump.get("started_mm", [])
    learnt = float(median(seen)) if len(seen) >= _LEAST_STARTS else None
    start_mm = learnt if registered_mm is None else registered_mm
    sump["limit_mm"] = None if start_mm is None else round(start_mm + settings.above_start_mm, 1)
    if sump["limit_mm"] is None or sump["level"] <= sump["limit_mm"]:
        sump.pop("above_us", None)
    else:
        sump.setdefault("above_us", at_us)


def parts(sump: State, at_us: int, settings: FloodSettings) -> list[Part]:
    """What each sign of a device gives at a moment; none for what is not told or not learnt yet."""
    found = [wet_part(n, sump[f"{n}_us"], at_us, settings.wet_s) for n in (PIT, FLOOR) if f"{n}_us" in sump]
    if sump.get("limit_mm") is not None:
        lasted = "above_us" in sump and at_us - sump["above_us"] >= settings.above_for_s * _S_US
        score = _SCORES[LEVEL] if lasted else 0.4 * ("above_us" in sump)
        found.append(Part(LEVEL, sump["level"], sump["limit_mm"], score, _SEVERITIES[LEVEL] * lasted))
    if "bins" in sump and (Starts(sump).is_full(at_us) or sum(sump["bins"]) > settings.starts_per_hour):
        count, limit = float(sum(sump["bins"])), settings.starts_per_hour
        score = ramp(count, (0.0, limit, limit + 1.0, 3.0 * limit), (0.0, 0.4, RAISE, 0.69))
        found.append(Part("sump_starts_per_hour", count, limit, score))
    longer = run_time.ratio(sump)
    if longer is not None:
        limit = settings.run_time_ratio
        score = ramp(longer, (1.0, limit, limit + 1e-9, 3.0 * limit), (0.0, 0.45, RAISE, 0.69))
        found.append(Part("run_time_ratio", longer, limit, score))
    return found


def wet_part(name: str, since_us: int | None, at_us: int, wet_s: float) -> Part:
    """What an immersion sensor gives.

    Args:
        name: `PIT` or `FLOOR`.
        since_us: Since when it has been wet, or None when it is dry.
        at_us: The moment.
        wet_s: For how long it must be wet.
    """
    seconds = 0.0 if since_us is None else (at_us - since_us) / _S_US
    lasted = since_us is not None and seconds >= wet_s
    score = _SCORES[name] if lasted else 0.4 * (since_us is not None)
    return Part(WET[name], seconds, wet_s, score, _SEVERITIES[name] * lasted)


def wet_dues_us(sump: State, settings: FloodSettings) -> list[int]:
    """When each immersion sensor that is wet will have been so for long enough; it may lie in the past."""
    since = [sump[f"{name}_us"] for name in (PIT, FLOOR) if sump.get(f"{name}_us") is not None]
    return [at_us + round(settings.wet_s * _S_US) for at_us in since]


def _wet(sump: State, name: str, at_us: int, wet: bool) -> None:  # noqa: FBT001 -- a reading's value
    key = f"{name}_us"
    if not wet:
        sump[key] = None
    elif sump.get(key) is None:
        sump[key] = at_us


def _running(values: Mapping[str, float]) -> bool | None:
    if RUNNING in values:
        return values[RUNNING] > 0.0
    return values[CURRENT] > _IDLE_A if CURRENT in values else None


def _note_start(sump: State, level: float | None) -> None:
    """The level at which it started: the higher one of before and after, as the first sample may show it pumped."""
    told = [known for known in (sump.get("level"), level) if known is not None]
    if told:
        sump["started_mm"] = [*sump.get("started_mm", []), round(max(told), 1)][-_STARTS_SEEN:]
