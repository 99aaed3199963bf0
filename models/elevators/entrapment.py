"""Entrapment: the state machine that tells a car with somebody trapped from one that only stands.

Source: DOMAIN 2.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.readings import Reading
from ingest.registry import Asset
from models.detector import State
from models.elevators.entrapment_evidence import Cause, evidence_of_stop, note_motion
from models.elevators.fault_codes import fault_codes
from models.elevators.status import Status
from models.findings import Finding, Verdict
from models.thresholds import Tunable

FAILURE_MODE = "elevator.entrapment"
SECOND_US = 1_000_000
REPEAT_US = 60 * SECOND_US
"""How often the same word is said again while reports go on. A policy that holds, or that let a raise pass because the
last episode had just ended, needs to hear it again. Chosen by: charts show minutes."""

LEVEL = Tunable(
    "elevator.entrapment.level_s", "s", 30, 600, 90, "DOMAIN 2.3: deployed platforms use 45, 60 and 90 s; 90 s ships"
)
OFF_LEVEL = Tunable(
    "elevator.entrapment.off_level_s", "s", 10, 600, 60, "DOMAIN 2.3: deployed platforms use 30 and 60 s; 60 s ships"
)
ALARM = Tunable(
    "elevator.entrapment.alarm_unseen_s",
    "s",
    5,
    600,
    60,
    "DOMAIN 2.3: 60 s with the alarm button; holds when nobody was seen, else the button counts at once",
)
SIGHTINGS = Tunable(
    "elevator.entrapment.level_sightings_count",
    "count",
    1,
    20,
    3,
    "DOMAIN 2.3: at a landing somebody seen 3 times; a passive infrared sensor needs more than 3 rises",
)
STANDSTILL = Tunable("elevator.entrapment.standstill_m_s", "m/s", 0.01, 0.5, 0.1, "DOMAIN 2.3: abs(v) > 0.1 m/s moves")
MOVED = Tunable("elevator.entrapment.moved_s", "s", 1, 30, 2, "DOMAIN 2.3: moving for more than 2 s clears")
REFRACTORY = Tunable("elevator.entrapment.refractory_s", "s", 0, 600, 60, "DOMAIN 2.3: 60 s after a clear, as deployed")
VALID = Tunable(
    "elevator.entrapment.status_valid_s",
    "s",
    30,
    3600,
    600,
    "DOMAIN 7: offline_s 600; gateways report on change and every 5 min otherwise, so this is two missed reports",
)
TUNABLES = (LEVEL, OFF_LEVEL, ALARM, SIGHTINGS, STANDSTILL, MOVED, REFRACTORY, VALID)


_VERDICTS: Mapping[str, tuple[Verdict, float | None]] = {
    "raised": (Verdict.SCORED, 1.0),
    "clear": (Verdict.SCORED, 0.0),
    "unknown": (Verdict.UNKNOWN, None),
    "attended": (Verdict.NOT_APPLICABLE, None),
}


_MOMENTS = ("closed_us", "standing_us", "moving_us", "raised_us", "cleared_us")


class CarWatch:
    """One car's state machine; time is what `let_pass` and `hear` say it is.

    It speaks when something changes, and once a minute while reports say that nothing does; never out of silence.

    Armed while the door is closed and the car stands, in a mode in which nobody else has it in hand. Somebody is in
    the car if anyone was seen since the door last closed: presence need not show in every report. Raised by a timer
    (shorter outside the door zone), by the alarm button, or at once by a fault code that means entrapment. Cleared by
    an open door or by moving for more than 2 s, never by time. A timer runs on in silence while the last status is
    valid; after that the verdict is `UNKNOWN`.

    Args:
        asset: The elevator.
        state: Its memory, JSON, empty at first, changed in place.
        limits: Values of `TUNABLES` by name.
        now_us: The present, microseconds since the epoch.

    Attributes:
        said: The findings so far.
    """

    def __init__(self, asset: Asset, state: State, limits: Mapping[str, float], now_us: int) -> None:
        self.said: list[Finding] = []
        self._now_us = now_us
        self._asset = asset
        self._limits = limits
        self._state = state
        if not state:
            state |= {"blind": True, "sightings": 0, "word": "", "said_us": 0, "trace": [], "trace_of": ""}
        state |= {name: state.get(name) for name in _MOMENTS}
        self._status = Status(state, fault_codes(asset))

    def leave(self) -> None:
        """Keep nothing of moments that have not come; the watch is over."""
        for name in _MOMENTS:
            if self._state[name] is None:
                del self._state[name]

    def hear(self, at_us: int, readings: Sequence[Reading]) -> None:
        """Take in what was reported at one moment."""
        state, status = self._state, self._status
        self._now_us = at_us
        if state["blind"]:
            # The door may have opened unheard: who was seen before the silence counts no more.
            state["sightings"] = 0
            if state["raised_us"] is None:
                state |= {"closed_us": None, "standing_us": None, "moving_us": None}
        status.take(readings)
        self._hear_door()
        if state["closed_us"] is not None:
            state["sightings"] += sum(r.metric == "person_present" and r.value == 1.0 for r in readings)
        self._hear_motion()
        expires_us = self._expires_us()
        state["blind"] = expires_us is None or expires_us <= at_us
        if state["blind"]:
            self._say("unknown")
        else:
            self._judge()

    def let_pass(self, until_us: int) -> None:
        """Let time pass up to, not including, `until_us`, and do what falls due on the way."""
        while (due_us := self.next_us()) is not None and due_us < until_us:
            self._now_us = max(self._now_us, due_us)
            if self._expires_us() == due_us:
                self._state["blind"] = True
                self._say("unknown")
                return
            if self._moved_us() == due_us:
                self._state["standing_us"] = None
                self._clear()
            self._judge()

    def next_us(self) -> int | None:
        """The next moment at which something changes though nothing is heard, or None."""
        if self._state["blind"]:
            return None
        cause = self._cause()
        due = (self._expires_us(), self._moved_us(), cause.due_us if cause else None)
        return min((d for d in due if d is not None), default=None)

    def _hear_door(self) -> None:
        state, closed = self._state, self._status.value("door_closed")
        if closed == 1.0 and state["closed_us"] is None:
            state |= {"closed_us": self._now_us, "sightings": 0}
        elif closed == 0.0:
            state |= {"closed_us": None, "standing_us": None, "sightings": 0}
            self._clear()

    def _hear_motion(self) -> None:
        state, status = self._state, self._status
        metric = status.motion()
        if metric is None:
            return
        note_motion(state, metric, self._now_us, status.value(metric) or 0.0)
        if status.moves(self._limits[STANDSTILL.name]):
            state["moving_us"] = self._now_us if state["moving_us"] is None else state["moving_us"]
        else:
            state["moving_us"] = None
        if status.attended() or state["closed_us"] is None:
            state["standing_us"] = None
        elif state["moving_us"] is None and state["standing_us"] is None:
            state["standing_us"] = self._now_us

    def _judge(self) -> None:
        """Raise what is due, else say what the car is like."""
        state = self._state
        if state["raised_us"] is not None:
            # After silence this needs a new word for somebody in the car: until then it stays unknown.
            cause = self._reason()
            if cause is not None and cause.due_us <= self._now_us:
                self._say("raised", cause)
            return
        cause = self._cause()
        if cause is not None and cause.due_us <= self._now_us:
            state["raised_us"] = self._now_us
            self._say("raised", cause)
        else:
            self._say("attended" if self._status.attended() else "clear")

    def _clear(self) -> None:
        if self._state["raised_us"] is not None:
            self._state |= {"raised_us": None, "cleared_us": self._now_us}
            self._say("clear")

    def _expires_us(self) -> int | None:
        """When door or motion is no longer known if nothing more is heard; None when one never was."""
        motion = self._status.motion()
        heard = (self._status.heard_us("door_closed"), self._status.heard_us(motion) if motion else None)
        if heard[0] is None or heard[1] is None:
            return None
        return min(heard[0], heard[1]) + self._us(VALID)

    def _moved_us(self) -> int | None:
        """When the present motion will have lasted long enough to count, or None when it changes nothing."""
        state = self._state
        if state["moving_us"] is None or (state["standing_us"] is None and state["raised_us"] is None):
            return None
        return int(state["moving_us"]) + self._us(MOVED)

    def _cause(self) -> Cause | None:
        """Why and when it will be raised if nothing changes, or None."""
        state, reason = self._state, self._reason()
        if reason is None or state["raised_us"] is not None:
            return None
        if state["cleared_us"] is None:
            return reason
        return replace(reason, due_us=max(reason.due_us, state["cleared_us"] + self._us(REFRACTORY)))

    def _reason(self) -> Cause | None:
        """What speaks for somebody trapped and is due first, or None."""
        state, status = self._state, self._status
        since = state["standing_us"]
        if since is None or state["moving_us"] is not None:
            return None
        inside = status.value("person_present") == 1.0
        seen = inside or state["sightings"] > 0
        reasons: list[Cause] = []
        if status.entrapment_code() is not None:
            reasons.append(Cause("fault_code", since, 0.0))
        if status.alarm():
            wait = 0.0 if seen or status.value("person_present") is None else self._limits[ALARM.name]
            reasons.append(Cause("alarm_button", since + round(wait * SECOND_US), wait))
        if seen and status.outside_zone():
            reasons.append(Cause("outside_door_zone", since + self._us(OFF_LEVEL), self._limits[OFF_LEVEL.name]))
        elif inside or state["sightings"] >= self._limits[SIGHTINGS.name]:
            reasons.append(Cause("stopped_s", since + self._us(LEVEL), self._limits[LEVEL.name]))
        return min(reasons, key=lambda r: r.due_us, default=None)

    def _us(self, tunable: Tunable) -> int:
        return round(self._limits[tunable.name] * SECOND_US)

    def _say(self, word: str, cause: Cause | None = None) -> None:
        """Speak, unless it was said just now."""
        state = self._state
        if state["word"] == word and self._now_us - state["said_us"] < REPEAT_US:
            return
        state |= {"word": word, "said_us": self._now_us}
        verdict, score = _VERDICTS[word]
        evidence = None
        if cause is not None:
            evidence = evidence_of_stop(self._asset.id, cause, self._status, self._state, self._now_us)
        self.said.append(
            Finding(
                self._asset.id, FAILURE_MODE, self._now_us, verdict, score, evidence=evidence, thresholds=self._limits
            )
        )
