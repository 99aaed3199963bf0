"""Publish: messages to a real broker over MQTT, at a pace, none lost."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from device_simulators.line import Broker, Line
from device_simulators.message import Message
from device_simulators.pace import Metronome, Pace

_TICK_S = 0.05
_REPORT_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a publication is.

    Attributes:
        done: Messages acknowledged.
        at_us: Simulated time, microseconds since the epoch.
        messages_s: Messages a second, over the last second.
        connected: Whether the broker is there; while it is not, time stands still.
    """

    done: int
    at_us: int
    messages_s: float
    connected: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication.

    Attributes:
        sent: Messages handed to the broker.
        acknowledged: Of these, how many it has acknowledged; the same unless it was stopped while the broker was away.
        at_us: Simulated time at the end, 0 if there was nothing.
    """

    sent: int
    acknowledged: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told what.

    Attributes:
        set_now: Is told the simulated time and its speed, just before a message of that time goes out and between
            messages once all that went out is acknowledged. So nothing arrives before its own time, and time is
            never further ahead of the acknowledged than the messages in flight. (`SimulationClock.advance` fits.)
        progress: Is told about ten times a second.
        stored_us: Says up to which simulated time the reader has stored; the publisher then waits for it. None: it
            does not wait.
    """

    set_now: Callable[[int, float], None] = lambda _at_us, _speed: None
    progress: Callable[[Progress], None] = lambda _progress: None
    stored_us: Callable[[], int] | None = None


def publish(
    messages: Iterable[Message], broker: Broker, pace: Pace, watcher: Watcher, stop: threading.Event
) -> Published:
    """Publish messages at QoS 1 in their order and wait until the last is acknowledged, or until stopped.

    While the broker is away it waits and sends what was not acknowledged again, so a reader may see a few messages
    twice, and none is missing.

    Args:
        messages: Ascending by `at_us`; taken one at a time.
        broker: Where to.
        pace: How fast.
        watcher: Who is told.
        stop: Set it to end; what is in flight gets five seconds to be acknowledged.

    Raises:
        BrokerUnreachableError: At the start nobody answers there.
        BrokerRefusedError: At the start it says no.
    """
    with Line(broker, pace.in_flight) as line:
        run = _Run(line, pace, watcher, stop)
        for message in messages:
            if not run.publish(message):
                break
        line.drain(stop)
        run.report(due=True)
        return Published(line.sent, line.acknowledged, run.at_us)


class _Run:
    """One publication under way."""

    def __init__(self, line: Line, pace: Pace, watcher: Watcher, stop: threading.Event) -> None:
        self._line = line
        self._pace = pace
        self._watcher = watcher
        self._stop = stop
        self._metronome: Metronome | None = None
        self._rate = 0.0
        self._reported_s = self._counted_s = time.monotonic()
        self._counted = 0
        self._stored_us = 0
        self.at_us = 0

    def publish(self, message: Message) -> bool:
        """Wait for the message's turn and hand it to the broker; False if stopped first."""
        metronome = self._metronome = self._metronome or Metronome(self._pace, message.at_us)
        while not self._stop.is_set():
            wait_s = metronome.due_in_s(message.at_us)
            leads = self._leads(message.at_us)
            if wait_s <= 0.0 and not leads:
                break
            self._stop.wait(min(max(wait_s, _TICK_S / 5), _TICK_S))
            now_us = min(metronome.now_us(), message.at_us)
            if self._line.all_acknowledged() and now_us > self.at_us and not leads:
                self._watcher.set_now(now_us, metronome.speed)
            self.report()
        if self._stop.is_set():
            return False
        self._watcher.set_now(message.at_us, metronome.speed)
        while not self._line.send(message, _TICK_S):
            if self._stop.is_set():
                return False
            self.report()
        metronome.sent()
        self.at_us = message.at_us
        self.report()
        return True

    def _leads(self, at_us: int) -> bool:
        """Whether the reader has fallen too far behind; it is asked only when what it last said no longer suffices."""
        stored_us = self._watcher.stored_us
        if stored_us is None or not self.at_us or at_us - self._stored_us <= self._pace.max_lead_us:
            return False
        self._stored_us = stored_us()
        return at_us - self._stored_us > self._pace.max_lead_us

    def report(self, *, due: bool = False) -> None:
        """Tell the watcher, if a tenth of a second has passed or it is due."""
        now_s = time.monotonic()
        if now_s - self._reported_s < _REPORT_EVERY_S and not due:
            return
        self._reported_s = now_s
        done = self._line.acknowledged
        if now_s - self._counted_s >= 1.0 or not self._rate:
            self._rate = (done - self._counted) / max(now_s - self._counted_s, 1e-3)
            self._counted, self._counted_s = done, now_s
        self._watcher.progress(Progress(done, self.at_us, self._rate, self._line.connected))
