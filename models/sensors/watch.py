"""Sensor watch: one device in one window: what it said, what is wrong with it, and what is to be said of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ingest.device_clock import CLOCK_EVENT
from ingest.metrics import METRICS
from ingest.readings import Event, Quality, Reading
from ingest.registry import Asset, Device
from models.detector import Memory, State
from models.findings import Evidence, Finding, Verdict
from models.sensors.drift import add, way_of
from models.sensors.evidence import Trouble, sensor_evidence, worst_first
from models.sensors.habits import hear_word, is_known, new_habit, settle, silent_after_us
from models.sensors.series import JUDGED, Channel, hear_all
from models.sensors.settings import (
    CLOCK,
    DRIFT,
    FAILURE_MODE,
    HOUR_US,
    JUMPS,
    MINUTE_US,
    STUCK,
    TUNABLES,
)
from models.sensors.silence import Beside, silence_of, silent
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

RAISE = 0.5

OFFLINE_EVENT = "device.offline"
"""What a gateway says of a device that is gone; whatever the device says afterwards takes it back."""

_AHEAD = int(Quality.CLOCK_AHEAD)
_RIGHT_AFTER_US = 30 * MINUTE_US
_ASK_AGAIN_US = 15 * MINUTE_US
_SUSPECT = 0.25
_MOST_SAID = 200  # more than there are metrics; kinds of events come from outside


class DeviceWatch:
    """One device over one window of its home asset.

    Args:
        device: As the registry has it.
        window: Of its home asset.
        memory: Changed where it is about this asset.
        thresholds: Values in force.

    Attributes:
        wake_us: When its silence must be asked about, or None.
    """

    def __init__(self, device: Device, window: Window, memory: Memory, thresholds: ThresholdBook) -> None:
        self._device = device
        self._window = window
        self._states = memory.states
        self._used = thresholds.values(TUNABLES, window.asset, window.start_us)
        alone = len(window.devices) == 1
        self._readings = [r for r in window.readings if alone or r.device == device.id]
        self._events = [e for e in window.events if alone or e.device == device.id]
        self.wake_us: int | None = None

    def hear(self) -> list[Finding]:
        """What is to be said of what it said: at once when something changes, else once an hour while it speaks."""
        known = self._known()
        if known is None or not (self._readings or self._events):
            return []
        return self._speak(known, self._hear(known))

    def ask(self, beside: Callable[[Window], Beside], *, due: bool) -> list[Finding]:
        """What is to be said of its silence, when all that closed together was heard.

        Args:
            beside: The devices of a window's site, looked at only when this one may be silent.
            due: Whether its silence is to be judged; else only if its gateway gives it up.
        """
        if not due and not any(e.kind == OFFLINE_EVENT for e in self._events):
            return []
        known = self._known()
        return [] if known is None else self._fall_silent(known, beside)

    def _known(self) -> State | None:
        """What is remembered of it, or None before its first word."""
        asset = self._window.asset
        known: State | None = None
        if asset.id in self._states:
            # Only what is asked for by its key may be changed; see `RowStates`.
            known = self._states[asset.id]["devices"].get(self._device.id)
        if known is not None or not (self._readings or self._events):
            return known
        home = self._states.setdefault(asset.id, {"site": asset.site, "devices": {}})
        first_us = min([r.at_us for r in self._readings] + [e.at_us for e in self._events])
        known = {
            "habit": new_habit(first_us),
            "says": [],
            "series": {},
            "days": {},
            "clock": None,
            "high": False,
            "said_us": first_us - HOUR_US,
        }
        home["devices"][self._device.id] = known
        settle(known["habit"], self._device, self._used)
        return known

    def _limit(self, tunable: Tunable) -> float:
        return self._used[tunable.name]

    def _hear(self, known: State) -> Mapping[str, Channel]:
        """Take in what was said; the channels as they are then."""
        habit = known["habit"]
        after_us = silent_after_us(habit, habit["registered_us"], habit["least_us"])
        for at_us in sorted({r.at_us for r in self._readings} | {e.at_us for e in self._events}):
            hear_word(habit, at_us, after_us)
        habit["measures"] = habit["measures"] or bool(self._readings)
        new = {r.metric for r in self._readings} | {e.kind for e in self._events}
        if not new <= set(known["says"]) and len(known["says"]) < _MOST_SAID:
            known["says"] = sorted(new | set(known["says"]))[:_MOST_SAID]
        for event in self._events:
            self._hear_event(known, event)
        words_us = [r.at_us for r in self._readings] + [e.at_us for e in self._events if e.kind != OFFLINE_EVENT]
        spoke_us = max(words_us, default=0)
        if habit["offline_us"] is None or spoke_us > habit["offline_us"]:
            # Whatever its gateway said before, it is there.
            habit.update(offline_us=None, silence="")
        self._hear_clock(known)
        judged = [r for r in self._readings if r.metric in JUDGED]
        channels = hear_all(known["series"], judged, self._limit(JUMPS)) if judged or known["series"] else {}
        self._hear_days(known, judged, channels)
        return channels

    def _hear_event(self, known: State, event: Event) -> None:
        if event.kind == OFFLINE_EVENT:
            # A gateway may say it again and again; it is gone since the first time.
            known["habit"]["offline_us"] = known["habit"]["offline_us"] or event.at_us
        elif event.kind == CLOCK_EVENT and event.attributes.get("sure"):
            since_us = known["clock"]["since_us"] if known["clock"] else event.at_us
            known["clock"] = {"off_s": event.attributes["off_s"], "at_us": event.at_us, "since_us": since_us}

    def _hear_clock(self, known: State) -> None:
        """Forget that its clock was wrong once it has not been for half an hour."""
        clock = known["clock"]
        right_us = max((r.at_us for r in self._readings if not r.quality & _AHEAD), default=0)
        if clock is not None and right_us >= clock["at_us"] + _RIGHT_AFTER_US:
            known["clock"] = None

    def _hear_days(self, known: State, judged: list[Reading], channels: Mapping[str, Channel]) -> None:
        ended = {r.metric for r in judged if METRICS[r.metric].compared if add(known["days"], r)}
        for metric in sorted(ended):
            limit = METRICS[metric].drift * self._limit(DRIFT)
            way = way_of(known["days"][metric], self._neighbours(metric))
            channel = channels[metric]
            far = abs(way.far) if way is not None else 0.0
            new = way is not None and way.slow and far >= limit
            channel.drifting = far >= limit / 2 if channel.drifting else new
            known["days"][metric]["far"] = round(way.far, 2) if way is not None and channel.drifting else 0.0
            known["series"][metric] = channel.stored()

    def _neighbours(self, metric: str) -> Iterator[State]:
        for asset in self._window.asset.neighbours:
            for device in self._states.get(asset, {"devices": {}})["devices"].values():
                if metric in device["days"]:
                    yield device["days"][metric]

    def _speak(self, known: State, channels: Mapping[str, Channel]) -> list[Finding]:
        """A finding when something changed, or when the last one is an hour old."""
        troubles = worst_first(list(self._troubles(known, channels)))
        at_us = max([r.at_us for r in self._readings] + [e.at_us for e in self._events])
        score = round(troubles[0].score, 4) if troubles else 0.0
        high = score >= RAISE
        if high == known["high"] and at_us < known["said_us"] + HOUR_US:
            return []
        known.update(high=high, said_us=at_us)
        settle(known["habit"], self._device, self._used)
        if not troubles and not is_known(known["habit"]):
            return [self._finding(at_us, None)]
        if score < _SUSPECT:
            return [self._finding(at_us, score)]
        facts = self._facts(known, troubles[0])
        return [self._finding(at_us, score, sensor_evidence(self._device.id, troubles, channels, facts))]

    def _troubles(self, known: State, channels: Mapping[str, Channel]) -> Iterator[Trouble]:
        clock = known["clock"]
        if clock is not None:
            yield Trouble("clock", abs(clock["off_s"]), self._limit(CLOCK), "s")
        if not is_known(known["habit"]):
            return
        for metric, channel in channels.items():
            if channel.stuck:
                seen_us, limit_us = channel.flat(self._limit(STUCK) * 1e6)
                yield Trouble("stuck", seen_us / 1e6, limit_us / 1e6, "s", metric)
            if channel.jumping:
                yield Trouble("jumping", 100.0 * channel.jumps, 100.0 * self._limit(JUMPS), "%", metric)
            if channel.drifting:
                limit, far = METRICS[metric].drift * self._limit(DRIFT), abs(known["days"][metric]["far"])
                yield Trouble("drifting", far, limit, METRICS[metric].unit, metric)

    def _facts(self, known: State, worst: Trouble) -> dict[str, float | str]:
        if worst.kind == "clock":
            return {"since_us": known["clock"]["since_us"], "off_s": known["clock"]["off_s"]}
        track = known["series"][worst.metric]["track"]
        if worst.kind == "stuck":
            return {"since_us": track[3], "value": track[1]}
        if worst.kind == "drifting":
            return {"apart": known["days"][worst.metric]["far"]}
        return {}

    def _fall_silent(self, known: State, beside: Callable[[Window], Beside]) -> list[Finding]:
        """A finding when it has been silent for too long, once; else when to look again."""
        habit, end_us, device = known["habit"], self._window.end_us, self._device.id
        soonest = silence_of(habit)
        if soonest is None or habit["silence"]:
            return []
        self.wake_us = soonest.from_us
        if soonest.from_us >= end_us:
            return []
        site = beside(self._window)
        silence = site.silence_of(device)
        if silence is None or silence.from_us >= end_us:
            self.wake_us = None if silence is None else silence.from_us
            return []
        if site.is_told(device, silence) or not site.is_first(device, silence):
            self.wake_us = end_us + _ASK_AGAIN_US
            return []
        self.wake_us = None
        at_us = max(silence.from_us, self._window.start_us)
        habit["silence"] = silence.trouble.told_as
        known.update(high=True, said_us=at_us)
        site.tell(device, silence)
        said = silent(self._window.asset.id, device, at_us, silence, site.together(silence))
        return [replace(said, thresholds=self._used)]

    def _finding(self, at_us: int, score: float | None, evidence: Evidence | None = None) -> Finding:
        said = word_on(self._device, self._window.asset, at_us, score, self._used)
        return said if evidence is None else replace(said, evidence=evidence)


def word_on(device: Device, asset: Asset, at_us: int, score: float | None, used: Mapping[str, float]) -> Finding:
    """What is said of a device; without a score that it is too early to say."""
    verdict = Verdict.TOO_EARLY if score is None else Verdict.SCORED
    return Finding(asset.id, FAILURE_MODE, at_us, verdict, score, subject=device.id, thresholds=used)
