"""Entrapment path: from a published entrapment to its work order in the API, while everything else goes on talking.

Real mosquitto, ingest, score and api processes in the machine's own time. The other devices send 1,000 messages a
second at QoS 1 from a process of their own; entrapments are published one after the other, each at another elevator.
"""

import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.sqlite_log import SqliteLog
from ingest.topics import telemetry_topic
from service.folders import DataFolder
from service.wiring import COMMUNITY
from tests.end_to_end.parts import PartProcess, parts
from tests.servers import Mosquitto, wait_until

SITE = "lakeside"
RISERS = [f"b3-u{unit}-riser-mid" for unit in (1, 2, 3)]
WARM_UP, MEASURED = 5, 100
LOAD_S = 1_000
"""Messages a second of everything else."""
POLL_S = 0.01


def elevator(number: int) -> str:
    """The id of one of the elevators that get stuck."""
    return f"bench-e{number}"


def registry(path: Path) -> Path:
    """The simulated community's registry, with as many more elevators as get stuck."""
    tables = [COMMUNITY.read_text(encoding="utf-8")]
    for number in range(WARM_UP + MEASURED):
        name = elevator(number)
        tables.append(
            f'[[asset]]\nid = "{name}"\nsite = "{SITE}"\nclass = "elevator"\n'
            f'place_zh = "{number} 号梯"\nplace_en = "Elevator {number}"\n\n'
            f'[[device]]\nid = "{name}-gateway"\nsite = "{SITE}"\nassets = ["{name}"]\n'
        )
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def telemetry(device: str, values: dict[str, float]) -> tuple[str, bytes]:
    """Topic and payload of what a device says of this moment."""
    return telemetry_topic(SITE, device), encode_telemetry(device, [Sample(time.time_ns() // 1_000, values)])


def background(number: int) -> tuple[str, bytes]:
    """One of the messages that everybody else sends: a riser's pressure or vibration, or the pump's condition."""
    riser = RISERS[number % 3]
    match number // 3 % 3:
        case 0:
            return telemetry(f"{riser}-pressure", {"pressure_kpa": 400.0 + number % 7, "flow_m3_h": 1.2})
        case 1:
            return telemetry(f"{riser}-vibration", {"pipe_vibration_um_s2": 900.0 + number % 11})
    condition = {"velocity_rms_mm_s": 1.1, "envelope_rms_m_s2": 0.8, "kurtosis": 3.0, "speed_rpm": 2_900.0}
    return telemetry("pump-1-monitor", condition | {"current_a": 12.0 + number % 3})


def entrapment(number: int) -> tuple[str, bytes]:
    """What a gateway sends whose controller says that somebody is trapped."""
    status = {"service_mode": 1.0, "car_running": 0.0, "car_speed_m_s": 0.0, "door_closed": 1.0, "door_zone": 0.0}
    return telemetry(f"{elevator(number)}-gateway", status | {"person_present": 1.0, "fault_code": 101.0, "floor": 5.0})


def connected(port: int) -> Client:
    """A client whose network runs in a thread."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(1_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    wait_until(client.is_connected, what="the broker")
    return client


def talk(port: int) -> None:
    """Publish the background load until killed; ahead of its time it waits."""
    client, started = connected(port), time.monotonic()
    for number in itertools.count():
        client.publish(*background(number), qos=1)
        ahead_s = (number + 1) / LOAD_S - (time.monotonic() - started)
        if ahead_s > POLL_S:
            time.sleep(ahead_s)


@contextmanager
def loaded(port: int) -> Iterator[None]:
    """Everybody else talks, in a process of their own."""
    child = subprocess.Popen([sys.executable, "-m", __spec__.name, str(port)])
    try:
        yield
    finally:
        child.kill()
        child.wait()


def measure(port: int, api: PartProcess) -> list[float]:
    """Seconds from publishing each entrapment to its work order in an answer of the API."""
    publisher, dice, took_s = connected(port), random.Random(1), []  # noqa: S311 -- spreads the moments
    with httpx.Client(base_url=api.url, timeout=20) as client:
        for number in range(WARM_UP + MEASURED):
            # Not in step with anything that has a rhythm of its own.
            time.sleep(dice.uniform(0.05, 0.15))
            began = time.perf_counter()
            publisher.publish(*entrapment(number), qos=1)
            query = {"asset": elevator(number), "limit": "1"}
            while not client.get("/api/v1/work-orders", params=query).raise_for_status().json()["items"]:
                time.sleep(POLL_S)
            took_s.append(time.perf_counter() - began)
        total = client.get("/api/v1/work-orders", params={"limit": "1"}).json()["total"]
    publisher.disconnect()
    publisher.loop_stop()
    if total != WARM_UP + MEASURED:
        message = f"{total} work orders of {WARM_UP + MEASURED} entrapments"
        raise AssertionError(message)
    return took_s[WARM_UP:]


def main() -> None:
    """Measure, and print the median, the 99th percentile and what was stored meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        broker, folder = Mosquitto(Path(name) / "mosquitto"), DataFolder(Path(name) / "service")
        broker.start()
        settings = {"CLOCK__KIND": "system", "REGISTRY": str(registry(Path(name) / "registry.toml"))}
        try:
            with parts(folder.root, broker, "ingest", "score", "api", **settings) as running, loaded(broker.port):
                log = SqliteLog(folder.log)
                wait_until(lambda: log.head() > 3 * LOAD_S, 60, "the load")
                before, began = log.head(), time.monotonic()
                took_s = measure(broker.port, running["api"])
                stored_s = (log.head() - before) / (time.monotonic() - began)
                log.close()
        finally:
            broker.stop()
    middle, slow = np.quantile(took_s, [0.5, 0.99])
    print(  # noqa: T201 -- what a benchmark is for
        f"entrapment to work order: median {1_000 * middle:.0f} ms, p99 {1_000 * slow:.0f} ms, longest "
        f"{1_000 * max(took_s):.0f} ms ({MEASURED} entrapments while {stored_s:,.0f} messages/s were stored; "
        f"{LOAD_S:,} asked for)"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        talk(int(sys.argv[1]))
    else:
        main()
