"""Sensor watch: one device in one window: what it said, what is wrong with it, and what is to be said of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ingest.device_clock import CLOCK_EVENT
from ingest.metrics import METRICS
from ingest.readings import Event, Quality, Reading
from ingest.registry import Asset, Device
from models.detector import Memory, State
from models.findings import Evidence, Finding, Verdict
from models.sensors.drift import DAY_US, add, end_day, new_days, way_of
from models.sensors.evidence import Trouble, sensor_evidence, worst_first
from models.sensors.habits import habit_of, hear_word, is_known, keep_habit, new_habit, settle, silent_after_us
from models.sensors.series import JUDGED, Channel, hear_all, said_by
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
        habit = habit_of(known)
        found = self._speak(known, habit, self._hear(known, habit))
        keep_habit(known, habit)
        return found

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
        habit = new_habit(first_us)
        settle(habit, self._device, self._used)
        known = {"series": {}, "said_us": first_us - HOUR_US}
        keep_habit(known, habit)
        home["devices"][self._device.id] = known
        return known

    def _limit(self, tunable: Tunable) -> float:
        return self._used[tunable.name]

    def _hear(self, known: State, habit: State) -> Mapping[str, Channel]:
        """Take in what was said; the channels as they are then."""
        before = dict(habit)
        after_us = silent_after_us(habit, habit["registered_us"], habit["least_us"])
        for at_us in sorted({r.at_us for r in self._readings} | {e.at_us for e in self._events}):
            hear_word(habit, at_us, after_us)
        habit["measures"] = habit["measures"] or bool(self._readings)
        for event in self._events:
            self._hear_event(known, habit, event)
        words_us = [r.at_us for r in self._readings] + [e.at_us for e in self._events if e.kind != OFFLINE_EVENT]
        spoke_us = max(words_us, default=0)
        if habit["offline_us"] is None or spoke_us > habit["offline_us"]:
            # Whatever its gateway said before, it is there.
            habit.update(offline_us=None, silence="")
        self._hear_clock(known)
        judged = [r for r in self._readings if r.metric in JUDGED]
        channels = hear_all(known["series"], before, judged, self._limit(JUMPS))
        self._hear_days(judged, channels)
        known["series"] = {metric: channel.stored(habit) for metric, channel in channels.items()}
        self._hear_names(known)
        return channels

    def _hear_names(self, known: State) -> None:
        """Keep what it is known to say, besides what is judged."""
        new = {r.metric for r in self._readings} | {e.kind for e in self._events}
        known_names = said_by(known)
        if not new <= known_names and len(known_names) < _MOST_SAID:
            said = new | set(known.get("says", ()))
            known["says"] = sorted(said - known["series"].keys())[:_MOST_SAID]

    def _hear_event(self, known: State, habit: State, event: Event) -> None:
        if event.kind == OFFLINE_EVENT:
            # A gateway may say it again and again; it is gone since the first time.
            habit["offline_us"] = habit["offline_us"] or event.at_us
        elif event.kind == CLOCK_EVENT and event.attributes.get("sure"):
            since_us = known["clock"]["since_us"] if "clock" in known else event.at_us
            known["clock"] = {"off_s": event.attributes["off_s"], "at_us": event.at_us, "since_us": since_us}

    def _hear_clock(self, known: State) -> None:
        """Forget that its clock was wrong once it has not been for half an hour."""
        clock = known.get("clock")
        right_us = max((r.at_us for r in self._readings if not r.quality & _AHEAD), default=0)
        if clock is not None and right_us >= clock["at_us"] + _RIGHT_AFTER_US:
            del known["clock"]

    def _hear_days(self, judged: list[Reading], channels: Mapping[str, Channel]) -> None:
        ended: set[str] = set()
        for reading in judged:
            metric = reading.metric
            if not METRICS[metric].compared:
                continue
            channel, day = channels[metric], reading.at_us // DAY_US
            if channel.days is None:
                channel.days = new_days()
            if day > channel.day:
                end_day(channel.days, channel.day)
                channel.day = day
                ended.add(metric)
            add(channel.days, reading.value)
        for metric in sorted(ended):
            self._compare(channels[metric], channels[metric].days or {})

    def _compare(self, channel: Channel, days: State) -> None:
        """Whether a channel drifts away from its neighbours, once a day of it has ended."""
        limit = METRICS[channel.metric].drift * self._limit(DRIFT)
        way = way_of(days, self._neighbours(channel.metric))
        far = abs(way.far) if way is not None else 0.0
        new = way is not None and way.slow and far >= limit
        channel.drifting = far >= limit / 2 if channel.drifting else new
        days.pop("far", None)
        if way is not None and channel.drifting:
            days["far"] = round(way.far, 2)

    def _neighbours(self, metric: str) -> Iterator[State]:
        for asset in self._window.asset.neighbours:
            for device in self._states.get(asset, {"devices": {}})["devices"].values():
                days = device["series"].get(metric, {}).get("days")
                if days is not None:
                    yield days

    def _speak(self, known: State, habit: State, channels: Mapping[str, Channel]) -> list[Finding]:
        """A finding when something changed, or when the last one is an hour old."""
        troubles = worst_first(list(self._troubles(known, habit, channels)))
        at_us = max([r.at_us for r in self._readings] + [e.at_us for e in self._events])
        score = round(troubles[0].score, 4) if troubles else 0.0
        high = score >= RAISE
        if high == ("high" in known) and at_us < known["said_us"] + HOUR_US:
            return []
        _say(known, at_us, high=high)
        settle(habit, self._device, self._used)
        if not troubles and not is_known(habit):
            return [self._finding(at_us, None)]
        if score < _SUSPECT:
            return [self._finding(at_us, score)]
        facts = self._facts(known, channels, troubles[0])
        return [self._finding(at_us, score, sensor_evidence(self._device.id, troubles, channels, facts))]

    def _troubles(self, known: State, habit: State, channels: Mapping[str, Channel]) -> Iterator[Trouble]:
        clock = known.get("clock")
        if clock is not None:
            yield Trouble("clock", abs(clock["off_s"]), self._limit(CLOCK), "s")
        if not is_known(habit):
            return
        for metric, channel in channels.items():
            if channel.stuck:
                seen_us, limit_us = channel.flat(self._limit(STUCK) * 1e6)
                yield Trouble("stuck", seen_us / 1e6, limit_us / 1e6, "s", metric)
            if channel.jumping:
                yield Trouble("jumping", 100.0 * channel.jumps, 100.0 * self._limit(JUMPS), "%", metric)
            if channel.drifting:
                limit, far = METRICS[metric].drift * self._limit(DRIFT), (channel.days or {})["far"]
                yield Trouble("drifting", abs(far), limit, METRICS[metric].unit, metric)

    def _facts(self, known: State, channels: Mapping[str, Channel], worst: Trouble) -> dict[str, float | str]:
        if worst.kind == "clock":
            return {"since_us": known["clock"]["since_us"], "off_s": known["clock"]["off_s"]}
        track = channels[worst.metric].track
        if worst.kind == "stuck":
            return {"since_us": track.since_us, "value": track.value}
        if worst.kind == "drifting":
            return {"apart": (channels[worst.metric].days or {})["far"]}
        return {}

    def _fall_silent(self, known: State, beside: Callable[[Window], Beside]) -> list[Finding]:
        """A finding when it has been silent for too long, once; else when to look again."""
        habit, end_us, device = habit_of(known), self._window.end_us, self._device.id
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
        known["silence"] = silence.trouble.told_as
        _say(known, at_us, high=True)
        site.tell(device, silence)
        said = silent(self._window.asset.id, device, at_us, silence, site.together(silence))
        return [replace(said, thresholds=self._used)]

    def _finding(self, at_us: int, score: float | None, evidence: Evidence | None = None) -> Finding:
        said = word_on(self._device, self._window.asset, at_us, score, self._used)
        return said if evidence is None else replace(said, evidence=evidence)


def _say(known: State, at_us: int, *, high: bool) -> None:
    """Note what was said of a device, and when; that all is well by leaving it out."""
    known["said_us"] = at_us
    known.pop("high", None)
    if high:
        known["high"] = True


def word_on(device: Device, asset: Asset, at_us: int, score: float | None, used: Mapping[str, float]) -> Finding:
    """What is said of a device; without a score that it is too early to say."""
    verdict = Verdict.TOO_EARLY if score is None else Verdict.SCORED
    return Finding(asset.id, FAILURE_MODE, at_us, verdict, score, subject=device.id, thresholds=used)
