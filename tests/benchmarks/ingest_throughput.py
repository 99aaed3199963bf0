"""Ingest throughput: messages stored and then acknowledged a second, as a share of what paho takes without storing.

The messages wait in the broker before anybody comes for them, so that only the receiving side is measured. One ingest
process is measured against one paho client that does nothing but acknowledge, and two on an MQTT 5 shared
subscription, which fill one log, against two such clients; all by turns, in processes of their own.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.sqlite_log import SqliteLog
from ingest.topics import telemetry_topic
from tests.benchmarks.receivers import Place, Receiver, Receivers, acknowledge, start_session, take_in
from tests.ingest.community import DEVICES, NOW_US, SITE
from tests.servers import Mosquitto

MESSAGES = 20_000
REPETITIONS = 3
KINDS: dict[str, Receiver] = {"raw paho": acknowledge, "ingest": take_in}


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


def measured(kind: str, many: int, folder: Path) -> float:
    """Messages a second that so many receivers of a kind take together."""
    # A broker of its own: sessions that earlier receivers left behind would have their share of the messages.
    broker = Mosquitto(folder / "mosquitto")
    broker.start()
    try:
        places = [Place(broker.port, f"{kind}-{n}", many > 1, folder / "log.db") for n in range(1, many + 1)]
        for place in places:
            start_session(place)
        # In a process of its own: a publisher in this one would share its interpreter.
        subprocess.run([sys.executable, "-m", __spec__.name, str(broker.port), "0", str(MESSAGES)], check=True)
        receivers = Receivers(KINDS[kind], places)
        began_s = perf_counter()
        receivers.begin()
        receivers.wait(MESSAGES)
        took_s = perf_counter() - began_s
        receivers.end()
    finally:
        broker.stop()
    if kind == "ingest":
        _must_hold(folder / "log.db")
    return MESSAGES / took_s


def _must_hold(log: Path) -> None:
    opened = SqliteLog(log)
    stored = len(opened.read(0, 2 * MESSAGES))
    opened.close()
    if stored != MESSAGES:
        message = f"{stored} of {MESSAGES} messages stored"
        raise AssertionError(message)


def main() -> None:
    """Measure all by turns, and print the medians and their ratios."""
    cases = [(kind, many) for many in (1, 2) for kind in KINDS]
    found: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for _ in range(REPETITIONS):
        for kind, many in cases:
            with tempfile.TemporaryDirectory() as folder:
                found[kind, many].append(measured(kind, many, Path(folder)))
    for many in (1, 2):
        reached, possible = median(found["ingest", many]), median(found["raw paho", many])
        what = "one process" if many == 1 else "two processes on a shared subscription"
        print(  # noqa: T201 -- what a benchmark is for
            f"{what}: {reached:,.0f} messages/s stored and acknowledged, raw paho likewise {possible:,.0f}/s, "
            f"ratio {reached / possible:.2f} (median of {REPETITIONS}, {MESSAGES:,} messages of four metrics)"
        )
    one, two = median(found["ingest", 1]), median(found["ingest", 2])
    print(f"two ingest processes take {two / one:.2f} times what one takes")  # noqa: T201 -- as above


if __name__ == "__main__":
    if len(sys.argv) > 1:
        publish(*map(int, sys.argv[1:]))
    else:
        main()
