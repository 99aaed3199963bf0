"""Watch: the frame in which elevators are judged by what they report and by the features of their trips."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from ingest.readings import Batch, Quality, Reading
from ingest.registry import Asset
from models.detector import Memory, State
from models.elevators.fault_codes import fault_codes
from models.elevators.signs import RAISE, Sign, judged, sign_of_code
from models.elevators.status import IN_HAND, STATUS_METRICS, Status
from models.findings import Finding, Verdict
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
SILENT_US = 24 * HOUR_US
"""After so long without a word nothing is known. Chosen by: a house that sleeps late on a holiday is no silence."""

_NOTED = 0.05
_AHEAD = int(Quality.CLOCK_AHEAD)
_ACTS = STATUS_METRICS - {"floor"}


@dataclass(slots=True)
class Car:
    """One elevator in one window.

    Attributes:
        asset: The elevator.
        state: Its memory, JSON.
        limits: Values in force, by name.
        status: What it last said of itself.
        now_us: The present.
        due_us: When something falls due though nothing is heard, or None.
    """

    asset: Asset
    state: State
    limits: Mapping[str, float]
    status: Status
    now_us: int
    due_us: int | None = None


Moment = Mapping[str, float]
"""What was said at one moment, by metric."""


class Rule(Protocol):
    """What one failure mode goes by."""

    @property
    def failure_mode(self) -> str:
        """Dotted."""
        ...

    @property
    def heeds(self) -> frozenset[str]:
        """The metrics it goes by, besides the status."""
        ...

    @property
    def recalls(self) -> frozenset[str]:
        """What of the status it asks for later, besides `IN_HAND`."""
        ...

    @property
    def tunables(self) -> tuple[Tunable, ...]:
        """What may be turned."""
        ...

    def hear(self, car: Car, moment: Moment) -> None:
        """Take in what was said at `car.now_us`; not asked while somebody else has the car in hand."""
        ...

    @property
    def acts_on(self) -> frozenset[str]:
        """Those of them after which `at_once` may have changed; what the status says always may."""
        ...

    def at_once(self, car: Car) -> Sequence[Sign]:
        """What must not wait: conditions of the car, and what has just failed."""
        ...

    def signs(self, car: Car) -> Sequence[Sign]:
        """What else speaks for the fault, also weakly; asked once an hour. Empty where nothing can be judged."""
        ...

    def is_learning(self, car: Car) -> bool:
        """Whether trips are measured and nothing is known yet of what is usual: then only what is certain is said."""
        ...


def observed(rule: Rule, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    """What a rule says of windows that closed together; see `Detector.observe`.

    It speaks at once of what must not wait, and once an hour while reports come.
    """
    found = [f for window in windows for f in _observed(rule, window, memory, thresholds)]
    return sorted(found, key=lambda f: (f.at_us, f.asset))


def announced(rule: Rule, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
    """A message with the mode and a fault code that is this failure mode; see `ArrivalJudge`."""
    found: list[Finding] = []
    if not any(r.metric == "fault_code" for r in batch.readings):
        return found
    for at_us, readings in _moments(batch.readings):
        if not {"service_mode", "fault_code"} <= {r.metric for r in readings}:
            continue
        status = Status({}, fault_codes(asset))
        status.take(readings)
        code = status.fault()
        if code is not None and code.failure_mode == rule.failure_mode and not status.attended():
            found.append(judged(_bare(rule, asset, at_us, thresholds), [sign_of_code(code)], {}))
    return found


def _observed(rule: Rule, window: Window, memory: Memory, thresholds: ThresholdBook) -> Iterable[Finding]:
    asset = window.asset
    heeds = rule.heeds
    heard = [r for r in window.readings if r.metric in heeds or r.metric in STATUS_METRICS]
    state = memory.states.get(asset.id)
    if state is None:
        if not heard:
            return
        state = memory.states[asset.id] = {"spoke_us": window.start_us, "said_us": 0, "said": None, "status": {}}
    used = _used(rule, asset, window.start_us, thresholds)
    status = Status(state["status"], fault_codes(asset))
    car = Car(asset, state, used, status, window.start_us, state.get("due_us"))
    for at_us, readings in _moments(heard):
        yield from _due(rule, car, at_us)
        state["spoke_us"], car.now_us = at_us, at_us
        moment = {r.metric: r.value for r in readings}
        _notice_clock(car, readings)
        car.status.take([r for r in readings if r.metric in STATUS_METRICS], rule.recalls | IN_HAND)
        if not car.status.attended():
            rule.hear(car, moment)
        acts = not _ACTS.isdisjoint(moment) or not rule.acts_on.isdisjoint(moment)
        if acts or at_us >= state["said_us"] + HOUR_US:
            yield from _said(rule, car)
    yield from _let_pass(rule, car, window, memory)
    for name in ("due_us", "since_us"):
        if not state.get(name, True):
            del state[name]


def _notice_clock(car: Car, readings: Sequence[Reading]) -> None:
    """Forget the status where readings of a clock that is ahead and of one that is not meet.

    When a clock is set back, what was said before and what is said now overlap in time: the open door of one trip and
    the motion of another would make a door that is open while the car moves.
    """
    ahead = any(reading.quality & _AHEAD for reading in readings)
    if ahead != ("ahead" in car.state):
        car.status.forget()
        car.state.pop("since_us", None)
        car.state.pop("ahead", None)
    if ahead:
        car.state["ahead"] = True


def _let_pass(rule: Rule, car: Car, window: Window, memory: Memory) -> Iterable[Finding]:
    """What falls due before the window ends, and when to look again.

    The time to ask about silence is moved only once it has come: else every window would open an empty one a day later.
    """
    asset, last_us = car.asset.id, window.end_us - 1
    silent_us = car.state["spoke_us"] + SILENT_US
    if silent_us <= last_us:
        car.state.update(said=None, said_us=last_us)
        memory.wake_us[asset] = window.start_us + SILENT_US
        yield Finding(asset, rule.failure_mode, max(silent_us, window.start_us), Verdict.UNKNOWN)
        return
    yield from _due(rule, car, window.end_us)
    car.state["due_us"] = car.due_us
    look_us = min(memory.wake_us.get(asset, silent_us), car.due_us or silent_us)
    memory.wake_us[asset] = max(window.end_us, look_us)


def _due(rule: Rule, car: Car, until_us: int) -> Iterable[Finding]:
    """What falls due before a moment though nothing was heard; never before the present."""
    while car.due_us is not None and car.due_us < until_us:
        car.now_us = max(car.due_us, car.now_us)
        yield from _said(rule, car)


def _said(rule: Rule, car: Car) -> Iterable[Finding]:
    """A finding, if there is anything new to say."""
    state, at_us, car.due_us = car.state, car.now_us, None
    if car.status.attended():
        yield from _worded(rule, car, Verdict.NOT_APPLICABLE)
        return
    signs = list(rule.at_once(car))
    code = car.status.fault()
    if code is not None and code.failure_mode == rule.failure_mode:
        signs.append(sign_of_code(code))
    certain = max((sign.score for sign in signs), default=0.0) >= RAISE
    before = state["said"] if isinstance(state["said"], list) else None
    if not certain and at_us < state["said_us"] + HOUR_US:
        return
    if rule.is_learning(car):
        signs = [sign for sign in signs if sign.score >= RAISE]
        if not signs:
            yield from _worded(rule, car, Verdict.TOO_EARLY)
    else:
        signs += rule.signs(car)
    if not signs:
        return
    score = max(sign.score for sign in signs)
    severity = max((s.severity for s in signs if s.score >= RAISE), default=0)
    if (
        before is not None
        and at_us < state["said_us"] + HOUR_US
        and score < before[0] + _NOTED
        and severity == before[1]
    ):
        return
    state.update(said=[round(score, 4), severity], said_us=at_us)
    bare = Finding(car.asset.id, rule.failure_mode, at_us, Verdict.UNKNOWN, thresholds=car.limits)
    yield judged(bare, signs, state)


def _worded(rule: Rule, car: Car, verdict: Verdict) -> Iterable[Finding]:
    """A finding without a score, when it is new and once an hour."""
    if car.state["said"] == verdict.value and car.now_us < car.state["said_us"] + HOUR_US:
        return
    car.state.update(said=verdict.value, said_us=car.now_us)
    yield Finding(car.asset.id, rule.failure_mode, car.now_us, verdict)


def _moments(readings: Iterable[Reading]) -> Iterable[tuple[int, list[Reading]]]:
    ordered = sorted(readings, key=attrgetter("at_us"))
    return ((at_us, list(together)) for at_us, together in groupby(ordered, key=attrgetter("at_us")))


def _bare(rule: Rule, asset: Asset, at_us: int, thresholds: ThresholdBook) -> Finding:
    used = _used(rule, asset, at_us, thresholds)
    return Finding(asset.id, rule.failure_mode, at_us, Verdict.UNKNOWN, thresholds=used)


def _used(rule: Rule, asset: Asset, at_us: int, thresholds: ThresholdBook) -> Mapping[str, float]:
    return thresholds.values(rule.tunables, asset, at_us)
