"""Burst edge: a fall of pressure within seconds that stays, and what else says that the pipe tore."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from models.detector import State
from models.thresholds import Tunable

PRESSURE: Final = "pressure_kpa"
FLOW: Final = "flow_m3_h"
SOUND: Final = "pipe_vibration_um_s2"

_S_US = 1_000_000
FEWEST_SECONDS: Final = 3
"""Of samples before a fall. Chosen by: one sample may be a spike; three make a median that is not."""
_RECOVERED = 0.5
"""Share of the least drop that must be left of it. Chosen by: half-way between torn and sound."""
WAITS_US = 30 * 60 * _S_US
"""How long a fall waits for flow or sound. Chosen by: two records of a logger that listens every quarter of an hour."""
_PACE_US = 2 * _S_US
SOUNDS: Final = 96
"""A day of records, one every quarter of an hour: the loudest rush hour is among them."""
FLOWS: Final = 2
"""While no pressure is down. A fall that begins at the moment of the newest is held against the one before."""
_TRACE_POINTS = 120

WITHIN: Final = Tunable("pipe.burst.edge_within_s", "s", 2.0, 60.0, 10.0, "DOMAIN 1.1: in less than 10 s")
TUNABLES = (
    Tunable("pipe.burst.edge_drop_kpa", "kPa", 10.0, 1_000.0, 50.0, "DOMAIN 1.1: sudden burst, dP of -0.05 MPa"),
    Tunable("pipe.burst.edge_drop_share", "1", 0.05, 0.9, 0.15, "DOMAIN 1.1: or of -15 %"),
    WITHIN,
    Tunable("pipe.burst.edge_stays_s", "s", 10.0, 900.0, 120.0, "DOMAIN 1.1: does not recover in 120 s"),
    Tunable(
        "pipe.burst.edge_flow_step_m3_h",
        "m3/h",
        0.2,
        100.0,
        2.0,
        "chosen by: BattLeDIM's torn pipes lose 5.1 m3/h or more (DOMAIN 1.3), a flat's taps draw less than 1",
    ),
    Tunable(
        "pipe.burst.edge_sound_ratio",
        "1",
        1.2,
        20.0,
        1.4,
        "chosen by: of 24 simulated tears each, least and median are 3.3 and 4.2 after the mildest leak, 1.2 and "
        "1.46 after the gravest; whole pipes reach 1.58, and their pressure stays",
    ),
)


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The values in force for one riser, in the order and units of `TUNABLES`."""

    drop_kpa: float
    drop_share: float
    within_s: float
    stays_s: float
    flow_step_m3_h: float
    sound_ratio: float

    def least_drop_kpa(self, before_kpa: float) -> float:
        """The smaller of the two limits: a zone of low pressure loses its water with a smaller fall."""
        return min(self.drop_kpa, self.drop_share * max(before_kpa, 0.0))


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall that has stayed down.

    Attributes:
        at_us: When it began.
        before_kpa: Median of the seconds before.
        now_kpa: The lasting pressure, median since.
        trace: Some of the samples around it, times and kPa, ascending.
    """

    at_us: int
    before_kpa: float
    now_kpa: float
    trace: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """What another quantity says of a fall: what it was before, what it is since, and whether a tear does that."""

    metric: str
    before: float
    since: float
    tears: bool


def take_pressure(logger: State, at_us: int, kpa: float, settings: EdgeSettings) -> None:
    """Take a logger's next sample: a fall may begin with it, or end.

    Args:
        logger: Of one pressure logger, `{}` at first; changed.
        at_us: Later than the sample before.
        kpa: The pressure.
        settings: In force.
    """
    within_us = settings.within_s * _S_US
    recent = [told for told in logger.get("recent", []) if at_us - told[0] <= within_us]
    logger["recent"] = [*recent, sample(at_us, kpa)]
    fall = logger.get("fall")
    if fall is not None:
        limit = settings.least_drop_kpa(fall["before_kpa"])
        if fall["before_kpa"] - kpa < _RECOVERED * limit or at_us - fall["at_us"] > WAITS_US:
            del logger["fall"]
        elif len(fall["trace"]) < _TRACE_POINTS and at_us - fall["trace"][-1][0] >= _PACE_US:
            fall["trace"].append(sample(at_us, kpa))
    elif len(recent) >= FEWEST_SECONDS:
        before = median(v for _, v in recent)
        if before - kpa >= settings.least_drop_kpa(before) > 0.0:
            logger["fall"] = {"at_us": at_us, "before_kpa": round(before, 2), "trace": [*recent, sample(at_us, kpa)]}


def sample(at_us: int, kpa: float) -> list[float]:
    """A pressure as it is remembered: to ten pascals, finer than any logger."""
    return [at_us, round(kpa, 2)]


def lasting_fall(logger: State, at_us: int, settings: EdgeSettings) -> Fall | None:
    """The fall that has not recovered for as long as it takes, as far as the logger has spoken up to `at_us`."""
    fall = logger.get("fall")
    if fall is None or at_us - fall["at_us"] < settings.stays_s * _S_US:
        return None
    since = [v for t, v in fall["trace"] if t >= fall["at_us"]]
    trace = tuple((t, v) for t, v in fall["trace"])
    return Fall(fall["at_us"], fall["before_kpa"], float(median(since)), trace)


def note_flow(state: State, at_us: int, m3_h: float) -> None:
    """Take in a riser's flow, the first of every two seconds."""
    kept = state.get("flow")
    # By the clock and not by the last one kept, so that a message alone keeps what it keeps beside others.
    if not kept or kept[-1][0] // _PACE_US < at_us // _PACE_US:
        keep_flows(state, [[at_us, m3_h]])


def keep_flows(state: State, told: Sequence[list[float]]) -> None:
    """Keep the flows against which a fall may be held: since one that stands, and the last one before it.

    Args:
        state: Of the riser, changed.
        told: Moments and m3/h, ascending, at least one, each in another two seconds; `FLOWS` newest are enough where
            no fall stands.
    """
    newest_us = told[-1][0]
    kept = [one for one in [*state.get("flow", []), *told] if newest_us - one[0] <= WAITS_US]
    fell_us = _fell_us(state, newest_us)
    since = sum(at_us >= fell_us for at_us, _ in kept)
    state["flow"] = [*kept[-since - 1 : -since], *kept[-min(since, _TRACE_POINTS) :]]


def keep_sounds(state: State, told: Sequence[list[float]]) -> None:
    """Keep what is loudest of a riser's last `SOUNDS` vibration records, and all since a fall that stands.

    What is no louder than a later one will never be the loudest before a fall.

    Args:
        state: Of the riser, changed: `sound` holds moment, um/s2, and how many records have come since.
        told: Moments and um/s2, ascending, at least one.
    """
    aged = [[at_us, um_s2, since + len(told)] for at_us, um_s2, since in state.get("sound", [])]
    new = [[at_us, round(um_s2, 2), len(told) - 1 - n] for n, (at_us, um_s2) in enumerate(told)]
    fell_us, loudest, kept = _fell_us(state, told[-1][0]), 0.0, list[list[float]]()
    for one in reversed([*aged, *new]):
        at_us, um_s2, since = one
        if since >= SOUNDS:
            break
        if at_us >= fell_us or um_s2 > loudest:
            kept.append(one)
        if at_us < fell_us:
            loudest = max(loudest, um_s2)
    state["sound"] = kept[::-1]


def note_sound(state: State, at_us: int, um_s2: float) -> None:
    """Take in a riser's next vibration record."""
    keep_sounds(state, [[at_us, um_s2]])


def witness(state: State, fall: Fall, settings: EdgeSettings) -> Witness | None:
    """What flow, or without a meter sound, says of a fall; None while neither has spoken since.

    A tear lets out more than was drawn before and hisses; a closed valve and a supply that fails do neither.
    """
    flow = _around(state.get("flow", []), fall.at_us)
    if flow is not None:
        before, since = flow[0][-1], float(median(flow[1]))
        return Witness(FLOW, before, since, since - before >= settings.flow_step_m3_h)
    sound = _around([one[:2] for one in state.get("sound", [])], fall.at_us)
    if sound is None:
        return None
    before, since = max(sound[0]), float(median(sound[1]))
    return Witness(SOUND, before, since, since >= settings.sound_ratio * before)


def _around(told: list[list[float]], at_us: int) -> tuple[list[float], list[float]] | None:
    before, since = [v for t, v in told if t < at_us], [v for t, v in told if t >= at_us]
    return (before, since) if before and since else None


def _fell_us(state: State, newest_us: float) -> float:
    """When the first fall that stands began; else the newest moment, as the next one cannot begin before."""
    begun: list[float] = [logger["fall"]["at_us"] for logger in state["loggers"].values() if "fall" in logger]
    return min([newest_us, *begun])
