"""Publish: to a real broker, everything once and in order, and nothing before its own time."""

import math
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from typing import Any

import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from device_simulators.calendar import SECOND_US
from device_simulators.community import Community
from device_simulators.errors import BrokerRefusedError, BrokerUnreachableError
from device_simulators.line import Broker
from device_simulators.message import Message
from device_simulators.pace import Pace, Phase, steady
from device_simulators.publish import Progress, Watcher, publish
from tests.servers import Mosquitto, free_port, wait_until

START = 1_764_000_000_000_000
FAST = steady(math.inf)


class SharedTime:
    """Simulated time as the publisher sets it."""

    def __init__(self) -> None:
        self.now_us = 0

    def set(self, at_us: int, _speed: float) -> None:
        """As `Watcher.set_now` is called."""
        self.now_us = at_us


@contextmanager
def _listening(port: int, time: SharedTime | None = None) -> Iterator[list[tuple[str, bytes, int]]]:
    """A subscriber whose session outlives the broker's restarts; gathers topic, payload and the time of arrival."""
    heard: list[tuple[str, bytes, int]] = []
    subscribed = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "listener", clean_session=False)
    client.reconnect_delay_set(1, 1)
    client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _c, _d, m: heard.append((m.topic, m.payload, time.now_us if time else 0))
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert subscribed.wait(10)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


def _numbered(count: int) -> list[Message]:
    return [Message(f"t/{n % 3}", str(n).encode(), START + n * SECOND_US) for n in range(count)]


@pytest.mark.needs("mosquitto")
def test_everything_arrives_once_and_in_order(mosquitto: Mosquitto) -> None:
    """A thousand messages of the community, stills included, reach a subscriber once each, in order per topic."""
    messages = list(islice(Community(1, START, "parking"), 1_000))
    with _listening(mosquitto.port) as heard:
        done = publish(messages, Broker("127.0.0.1", mosquitto.port), FAST, Watcher(), threading.Event())
        wait_until(lambda: len(heard) >= len(messages), what="all messages")

    assert (done.sent, done.acknowledged, done.at_us) == (1_000, 1_000, messages[-1].at_us)
    for topic in {message.topic for message in messages}:
        assert [payload for name, payload, _ in heard if name == topic] == [
            message.payload for message in messages if message.topic == topic
        ]
    assert len(heard) == len(messages)


@pytest.mark.needs("mosquitto")
def test_only_what_is_to_be_retained_is(mosquitto: Mosquitto) -> None:
    """A message marked so is kept by the broker for those who come later; the others are not."""
    messages = [Message("kept", b"still", START, retain=True), Message("gone", b"event", START + 1)]
    publish(messages, Broker("127.0.0.1", mosquitto.port), FAST, Watcher(), threading.Event())
    with _listening(mosquitto.port) as heard:
        wait_until(lambda: heard, what="the retained message")

    assert [topic for topic, _, _ in heard] == ["kept"]


@pytest.mark.needs("mosquitto")
def test_nothing_arrives_before_its_own_time(mosquitto: Mosquitto) -> None:
    """When a message is heard the simulated clock already shows its time; the clock never goes back."""
    time, seen = SharedTime(), list[int]()

    def set_now(at_us: int, speed: float) -> None:
        time.set(at_us, speed)
        seen.append(at_us)

    messages = _numbered(500)
    with _listening(mosquitto.port, time) as heard:
        publish(messages, Broker("127.0.0.1", mosquitto.port), FAST, Watcher(set_now), threading.Event())
        wait_until(lambda: len(heard) == 500, what="all messages")

    assert all(now_us >= START + int(payload) * SECOND_US for _, payload, now_us in heard)
    assert all(later >= earlier for earlier, later in pairwise(seen))
    assert seen[-1] == messages[-1].at_us


@pytest.mark.needs("mosquitto")
def test_a_broker_that_restarts_loses_nothing(mosquitto: Mosquitto) -> None:
    """The broker is stopped and started in the middle: every message is heard, and all are acknowledged."""
    messages = _numbered(1_500)
    middle, stop, connections = threading.Event(), threading.Event(), list[bool]()

    def progress(progress: Progress) -> None:
        connections.append(progress.connected)
        if progress.done > 300:
            middle.set()

    def restart() -> None:
        middle.wait(20)
        mosquitto.stop(signal.SIGTERM)
        try:
            mosquitto.start()
        except AssertionError:
            stop.set()  # or the publisher would wait for it for ever
            raise

    restarting = threading.Thread(target=restart)
    restarting.start()
    pace = Pace((Phase(None, math.inf),), max_messages_s=1_000.0)
    with _listening(mosquitto.port) as heard:
        watcher = Watcher(progress=progress)
        done = publish(messages, Broker("127.0.0.1", mosquitto.port), pace, watcher, stop)
        wait_until(lambda: len({payload for _, payload, _ in heard}) == len(messages), what="all messages")
    restarting.join()

    assert done.acknowledged == done.sent == len(messages)
    assert False in connections


@pytest.mark.needs("mosquitto")
def test_it_waits_for_a_reader_that_is_behind(mosquitto: Mosquitto) -> None:
    """No message goes out that is further than the lead ahead of what the reader says it has stored."""
    stored = [START]
    leads: list[int] = []

    def set_now(at_us: int, _speed: float) -> None:
        leads.append(at_us - stored[0])

    def progress(progress: Progress) -> None:
        stored[0] = progress.at_us

    pace = Pace((Phase(None, math.inf),), max_lead_us=60 * SECOND_US)
    watcher = Watcher(set_now, progress, stored_us=lambda: stored[0])
    done = publish(_numbered(200), Broker("127.0.0.1", mosquitto.port), pace, watcher, threading.Event())

    assert done.sent == 200
    assert max(leads) <= 60 * SECOND_US


@pytest.mark.needs("mosquitto")
def test_stopping_ends_it_cleanly(mosquitto: Mosquitto) -> None:
    """Once stopped it sends no more, and what it sent is acknowledged."""
    stop = threading.Event()

    def set_now(at_us: int, _speed: float) -> None:
        if at_us >= START + 20 * SECOND_US:
            stop.set()

    done = publish(_numbered(500), Broker("127.0.0.1", mosquitto.port), FAST, Watcher(set_now), stop)

    assert done.sent == done.acknowledged
    assert 20 <= done.sent <= 22


def test_a_missing_broker_is_named() -> None:
    """Where nobody listens the error says host, port and what to do."""
    port = free_port()

    with pytest.raises(
        BrokerUnreachableError, match=rf"no MQTT broker answers at 127\.0\.0\.1:{port} \(.+\); start one"
    ):
        publish([], Broker("127.0.0.1", port), FAST, Watcher(), threading.Event())


class _Closed(Mosquitto):
    """A broker that lets no stranger in."""

    def _command(self) -> list[str]:
        config = self.folder / "closed.conf"
        if not config.exists():  # asked again while the broker reads it
            config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous false\nuser root\n", encoding="utf-8")
        return [super()._command()[0], "-c", str(config)]


@pytest.mark.needs("mosquitto")
def test_a_refusing_broker_is_named(tmp_path: Any) -> None:
    """A broker that says no is told apart from one that is not there, and the password is not in the error."""
    server = _Closed(tmp_path / "closed")
    server.start()
    try:
        with pytest.raises(BrokerRefusedError, match="refuses the connection: Not authorized") as refused:
            publish([], Broker("127.0.0.1", server.port, "me", "secret"), FAST, Watcher(), threading.Event())
    finally:
        server.stop()

    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Broker("h", 1, "me", "secret"))
