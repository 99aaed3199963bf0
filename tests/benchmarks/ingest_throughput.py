"""Ingest throughput: from publish to acknowledged, against a paho client that only acknowledges."""

import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

import structlog
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.subscribe import Subscriber
from ingest.topics import DEVICE_FILTERS, telemetry_topic
from tests.ingest.community import DEVICES, NOW_US, SITE, FixedClock, community
from tests.servers import Mosquitto, wait_until

MESSAGES = 20_000
REPETITIONS = 5
RECEIVE_MAXIMUM = 1_000
"""Both sides take as many messages in hand."""


def message(number: int) -> tuple[str, bytes]:
    """The topic and payload of one message of four metrics."""
    device = DEVICES[number % len(DEVICES)]
    values = {
        "pressure_kpa": 312.4 + number % 7,
        "flow_m3_h": 1.25,
        "pipe_vibration_um_s2": 123.25 + number % 11,
        "pipe_temperature_c": 12.5,
    }
    return telemetry_topic(SITE, device), encode_telemetry(device, [Sample(NOW_US + number, values)])


def publish(port: int, first: int, count: int) -> None:
    """Publish so many messages at QoS 1 and return once the broker has them all."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(1_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for info in [client.publish(*message(number), qos=1) for number in range(first, first + count)]:
        info.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def queue_for(port: int, client_id: str, first: int) -> None:
    """Leave a persistent session with the messages waiting in it, so that only the receiving side is measured."""
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3_600
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
    granted = threading.Event()
    client.on_subscribe = lambda *_: granted.set()
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.subscribe([(topic_filter, 1) for topic_filter in DEVICE_FILTERS])
    client.loop_start()
    granted.wait(10)
    client.disconnect()
    client.loop_stop()
    # In a process of its own: a publisher in this one would share its interpreter.
    subprocess.run([sys.executable, "-m", __spec__.name, str(port), str(first), str(MESSAGES)], check=True)


def ceiling(port: int, first: int) -> float:
    """Messages a second that paho receives and acknowledges by itself, with nothing else to do."""
    queue_for(port, "ceiling", first)
    received = 0

    def count(client: Client, _data: object, _message: MQTTMessage) -> None:
        nonlocal received
        received += 1
        if received == MESSAGES:
            client.disconnect()

    properties = Properties(PacketTypes.CONNECT)
    properties.ReceiveMaximum = RECEIVE_MAXIMUM
    client = Client(CallbackAPIVersion.VERSION2, "ceiling", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = count
    started = perf_counter()
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_forever()
    return MESSAGES / (perf_counter() - started)


def ingest(port: int, first: int, folder: Path) -> float:
    """Messages a second that ingest receives, decodes, judges, stores and acknowledges."""
    settings = IngestSettings(port=port, client_id="ingest", receive_maximum=RECEIVE_MAXIMUM)
    queue_for(port, settings.client_id, first)
    stop = threading.Event()
    with closing(SqliteLog(folder / f"{first}.db")) as log:
        quarantine = SqliteQuarantine(folder / f"{first}.db")
        subscriber = Subscriber(settings, log, community(), FixedClock(NOW_US + first), quarantine)
        running = threading.Thread(target=subscriber.run, args=(stop,))
        started = perf_counter()
        running.start()
        wait_until(lambda: subscriber.counts().messages >= MESSAGES, within_s=60, what="all messages")
        took_s = perf_counter() - started
        stop.set()
        running.join()
        stored = log.head()
    if stored != MESSAGES:
        message = f"{stored} of {MESSAGES} messages stored"
        raise AssertionError(message)
    return MESSAGES / took_s


def main() -> None:
    """Measure both by turns, and print the medians and their ratio."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as name:
        broker = Mosquitto(Path(name) / "mosquitto")
        broker.start()
        measured: dict[Callable[..., float], list[float]] = {ceiling: [], ingest: []}
        try:
            for repetition in range(REPETITIONS):
                first = repetition * 2 * MESSAGES
                measured[ceiling].append(ceiling(broker.port, first))
                measured[ingest].append(ingest(broker.port, first + MESSAGES, Path(name)))
        finally:
            broker.stop()
    reached, possible = median(measured[ingest]), median(measured[ceiling])
    print(  # noqa: T201 -- what a benchmark is for
        f"ingest: {reached:,.0f} messages/s stored and acknowledged, raw paho {possible:,.0f}/s, "
        f"ratio {reached / possible:.2f} (median of {REPETITIONS}, {MESSAGES:,} messages of four metrics)"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        publish(*map(int, sys.argv[1:]))
    else:
        main()
