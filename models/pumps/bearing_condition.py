"""Pump condition: how bad a pump's vibration is, as a score, and what made it so."""

from dataclasses import dataclass

from models.detector import State
from models.pumps.bearing_memory import Running, reference_usual
from models.pumps.bearing_prognosis import Prognosis
from models.pumps.iso_zones import IsoBounds
from models.statistics.local_trend import Trend
from models.statistics.ramp import ramp

RAISE = 0.5
"""Score at which the rules of DOMAIN 3 call for a work order; everything below is for watching."""

ZONE_D_SEVERITY = 2

_WATCH_AT_MOST = 0.45
_ZONE_D_SCORE = 0.95
_DUE_SCORE = 0.75
_CROSSING = 0.5
_PAIR_AT_MOST = 0.7
_HOT_SCORE = 0.6
_TRIP_SCORE = 0.9
_WARM_C = 30.0  # below the alarm; from here on the temperature begins to count


@dataclass(frozen=True, slots=True)
class PumpSettings:
    """The values in force for one pump; see the Tunables of `pump_bearing` for units and sources."""

    settle_s: float
    zone_d_s: float
    change_share: float
    crossing_days: float
    envelope_sigma: float
    kurtosis_watch: float
    learning_blocks: float
    silent_s: float
    hot_c: float
    trip_c: float


@dataclass(frozen=True, slots=True)
class Course:
    """Where a pump's vibration is going.

    Attributes:
        trend: Of the log velocity at the reference speed, per day, or None while usual is being learnt.
        wear: When what has been added to usual takes it into zone D, or None while nothing has.
    """

    trend: Trend | None
    wear: Prognosis | None

    @property
    def rises(self) -> bool:
        """Whether the velocity does."""
        return self.trend is not None and self.trend.slope > 0


@dataclass(frozen=True, slots=True)
class Condition:
    """A pump's condition.

    Attributes:
        score: In [0, 1], see `condition`.
        severity: 0; 1 if zone D is near or the bearing hot; 2 if zone D is reached or the bearing over its trip.
        parts: What each rule gives by itself: `velocity`, `change`, `slope`, `pair`, `envelope`, `kurtosis`, `heat`.
        stage: Of bearing wear, 1 (sound) to 4 (zone D).
        crossing_chance: Of reaching zone D within the time set, or None below zone C or while nothing grows.
        in_zone_d: It has been in zone D for long enough.
    """

    score: float
    severity: int
    parts: dict[str, float]
    stage: int
    crossing_chance: float | None
    in_zone_d: bool

    def decided(self) -> str:
        """The part that gives the score; of equal ones the one that says more of the machine as a whole."""
        return max(self.parts, key=lambda name: self.parts[name])

    def raising(self) -> int:
        """How many of velocity, pair and heat would raise a work order by themselves."""
        shaking = max(self.parts[name] for name in ("velocity", "change", "slope"))
        return sum(score >= RAISE for score in (shaking, self.parts["pair"], self.parts["heat"]))


def condition(now: Running, course: Course, bounds: IsoBounds, settings: PumpSettings, *, in_zone_d: bool) -> Condition:
    """The condition of a pump; 0.5 is where a work order is due.

    The score is the worst of: the zone the velocity kept for an hour (0.2 at A/B, 0.5 at B/C, 0.8 at C/D), the change
    against usual (0.5 at 25 % of the B/C bound, 0.7 at three times that), 0.75 if it is in zone C and due in zone D,
    0.95 once in zone D for a minute, the bearing's temperature (0.6 over the alarm, 0.9 over the trip), and envelope
    and kurtosis: at most 0.45 each, because they tell early and never alone, and 0.5 to 0.7 where two signs agree.

    Source:
        DOMAIN 3, "Rules to ship" and bearing stages.
    """
    zone = ramp(now.velocity, (0.0, bounds.a, bounds.b, bounds.c, 2 * bounds.c), (0.0, 0.2, 0.5, 0.8, 0.9))
    change = now.change / (settings.change_share * bounds.b)
    changed = ramp(change, (0.0, 1.0, 3.0), (0.0, 0.5, 0.7))
    chance = _crossing_chance(course, settings) if in_zone_c(now, bounds) else None
    due = chance is not None and chance >= _CROSSING
    full = now.hour_is_full
    parts = {
        "velocity": _ZONE_D_SCORE if in_zone_d else zone * full,
        "change": changed * full,
        "slope": _DUE_SCORE if due and full else 0.0,
        "pair": _pair(now, course, settings) * full,
        "envelope": _WATCH_AT_MOST * _unit(now.envelope_sigma / (2 * settings.envelope_sigma)),
        "kurtosis": _WATCH_AT_MOST * _unit(((now.kurtosis or 3.0) - 3.0) / (2 * settings.kurtosis_watch - 3.0)),
        "heat": _heat(now.temperature, settings),
    }
    severity = ZONE_D_SEVERITY if in_zone_d or parts["heat"] >= _TRIP_SCORE else int(due and full)
    severity = max(severity, int(parts["heat"] >= _HOT_SCORE))
    stage = 4 if in_zone_d else _stage(now, course, settings)
    return Condition(max(parts.values()), severity, parts, stage, chance, in_zone_d)


def in_zone_c(now: Running, bounds: IsoBounds) -> bool:
    """Whether the hour was spent above the B/C bound."""
    return now.velocity > bounds.b


def zone_d_since(state: State, at_us: int, velocity: float, bounds: IsoBounds) -> int | None:
    """Since when every steady sample has been in zone D, microseconds, or None; `state` keeps it and the lowest one."""
    if velocity <= bounds.c:
        leave_zone_d(state)
        return None
    since, least = state.get("zone_d_us"), state.get("zone_d_mm_s", velocity)
    since, least = (at_us, velocity) if since is None else (int(since), min(least, velocity))
    state.update(zone_d_us=since, zone_d_mm_s=least)
    return since


def leave_zone_d(state: State) -> None:
    """Forget that it was in zone D."""
    for known in ("zone_d_us", "zone_d_mm_s", "in_zone_d"):
        state.pop(known, None)


def course_of(state: State, bounds: IsoBounds) -> Course:
    """Where a pump's vibration is going, as its memory has it."""
    trend = Trend(*state["trend"]) if "trend" in state else None
    usual = reference_usual(state)
    if state.get("growth") is None or usual is None:
        return Course(trend, None)
    return Course(trend, Prognosis(Trend(*state["growth"]), usual, bounds))


def _crossing_chance(course: Course, settings: PumpSettings) -> float | None:
    wear = course.wear
    if wear is None:
        return None
    return wear.raw_chance(settings.crossing_days) if wear.trend.slope > 0 else 0.0


def _pair(now: Running, course: Course, settings: PumpSettings) -> float:
    """0.5 to 0.7, by the larger of envelope and velocity in spreads, where a second sign agrees with it; else 0.

    Signs are the envelope, the velocity, a kurtosis over the watch level or one that falls while the velocity rises
    (stage 3), and a part of the bearing that is heard at its own frequency. Kurtosis is never the first sign.

    Source:
        DOMAIN 3: score = max(z(envelope), z(velocity)); kurtosis and crest never alone.
    """
    limit = settings.envelope_sigma
    strong = [now.envelope_sigma >= limit, now.velocity_sigma >= limit]
    knocks = (now.kurtosis or 0.0) > settings.kurtosis_watch or _is_late(now, course, settings)
    if not any(strong) or sum((*strong, knocks, bool(now.part))) < 2:  # noqa: PLR2004 -- a pair
        return 0.0
    highest = max(now.envelope_sigma, now.velocity_sigma)
    return ramp(highest, (limit, 5.0 * limit), (RAISE, _PAIR_AT_MOST))


def _heat(temperature: float | None, settings: PumpSettings) -> float:
    """What the bearing's temperature gives."""
    hot, trip = settings.hot_c, settings.trip_c
    at, gives = (hot - _WARM_C, hot, hot + 1e-9, trip, trip + 1e-9), (0.0, 0.4, _HOT_SCORE, 0.7, _TRIP_SCORE)
    return 0.0 if temperature is None else ramp(temperature, at, gives)


def _is_late(now: Running, course: Course, settings: PumpSettings) -> bool:
    """Whether kurtosis falls while the velocity rises: the knocks merge, and it only looks better."""
    if now.kurtosis is None or now.kurtosis_peak is None:
        return False
    rising = now.change > 0 and course.rises
    return rising and now.kurtosis < 0.8 * now.kurtosis_peak and now.envelope_sigma >= settings.envelope_sigma


def _stage(now: Running, course: Course, settings: PumpSettings) -> int:
    """3 when kurtosis falls while the velocity rises, 2 when only the bearing's own signs are up, else 1."""
    if _is_late(now, course, settings):
        return 3
    early = now.envelope_sigma >= settings.envelope_sigma or (now.kurtosis or 0.0) > settings.kurtosis_watch
    return 2 if early else 1


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
