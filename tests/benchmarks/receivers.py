"""Receivers: processes that take messages from a broker: ingest, and a paho client that only acknowledges.

Each begins when told to, so that importing and starting are not measured. What two of them take is shared between
them by an MQTT 5 shared subscription.
"""

import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.subscribe import Subscriber
from ingest.topics import DEVICE_FILTERS
from tests.ingest.community import NOW_US, FixedClock, community
from tests.servers import wait_until

RECEIVE_MAXIMUM = 1_000
"""Every receiver has as many messages in hand."""
SHARE = "bench"
_AN_HOUR_S = 3_600
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a receiver takes messages from and puts them.

    Attributes:
        port: Of the broker.
        name: Its client id.
        shared: Whether it shares the messages with another one.
        log: The log file; a client that only acknowledges needs none.
    """

    port: int
    name: str
    shared: bool
    log: Path


Receiver = Callable[[Place, Any, Event, Event], None]
"""Takes messages from a place, counts them, says that it is ready, and begins when told to."""


def acknowledge(place: Place, received: "Synchronized[int]", ready: Event, go: Event) -> None:
    """A paho client that counts and acknowledges, with nothing else to do."""

    def count(_client: Client, _data: object, _message: MQTTMessage) -> None:
        received.value += 1

    client = Client(CallbackAPIVersion.VERSION2, place.name, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = count
    ready.set()
    go.wait()
    client.connect("127.0.0.1", place.port, clean_start=False, properties=_session(RECEIVE_MAXIMUM))
    client.loop_forever()


def take_in(place: Place, received: "Synchronized[int]", ready: Event, go: Event) -> None:
    """Ingest: decodes, judges, stores, and then acknowledges."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    family = place.name.rsplit("-", 1)[0]
    settings = IngestSettings(
        port=place.port,
        # Without it each would take the other's session for that of a process that is no more, and empty it.
        group=(f"{family}-1", f"{family}-2") if place.shared else (),
        client_id=place.name,
        receive_maximum=RECEIVE_MAXIMUM,
        share=SHARE if place.shared else "",
        takes_sessions=not place.shared or place.name.endswith("1"),
    )
    subscriber = Subscriber(
        settings, SqliteLog(place.log), community(), FixedClock(NOW_US + 10**9), SqliteQuarantine(place.log)
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_tell, args=(subscriber, received), daemon=True).start()
    ready.set()
    go.wait()
    subscriber.run(stop)


def _tell(subscriber: Subscriber, received: "Synchronized[int]") -> None:
    pause = threading.Event()
    while not pause.wait(0.01):
        received.value = subscriber.counts().messages


def start_session(place: Place) -> None:
    """Make the session a receiver will find, so that messages can wait in it before it comes."""
    client = Client(CallbackAPIVersion.VERSION2, place.name, protocol=MQTTProtocolVersion.MQTTv5)
    granted = threading.Event()
    client.on_subscribe = lambda *_: granted.set()
    client.connect("127.0.0.1", place.port, clean_start=True, properties=_session(RECEIVE_MAXIMUM))
    prefix = f"$share/{SHARE}/" if place.shared else ""
    client.subscribe([(f"{prefix}{topic_filter}", 1) for topic_filter in DEVICE_FILTERS])
    client.loop_start()
    assert granted.wait(10)
    client.disconnect()
    client.loop_stop()


class Receivers:
    """Some receivers of one kind, ready to begin.

    Args:
        kind: What each does.
        places: One each.
    """

    def __init__(self, kind: Receiver, places: list[Place]) -> None:
        self._received = [_CONTEXT.Value("q", 0) for _ in places]
        self._go = _CONTEXT.Event()
        ready = [_CONTEXT.Event() for _ in places]
        self._children = [
            _CONTEXT.Process(target=kind, args=(place, received, told, self._go), daemon=True)
            for place, received, told in zip(places, self._received, ready, strict=True)
        ]
        for child in self._children:
            child.start()
        for told in ready:
            assert told.wait(60)

    def begin(self) -> None:
        """Let all of them begin."""
        self._go.set()

    def wait(self, messages: int) -> None:
        """Return when together they have had so many."""
        wait_until(lambda: sum(one.value for one in self._received) >= messages, 120, f"{messages} messages")

    def end(self) -> None:
        """Stop them."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            child.join(20)


def _session(receive_maximum: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _AN_HOUR_S
    properties.ReceiveMaximum = receive_maximum
    return properties
