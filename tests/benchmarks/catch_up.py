"""Catch-up: how fast what has piled up during an outage is worked off, as a multiple of the rate at which it arrives.

Real mosquitto, ingest, score and api processes in the machine's own time. 500 messages a second of 1,000 devices (one
of each every other second) go on arriving all the time, from a process of their own. Each part in turn is
stopped for ten seconds and started again; from the moment it does its work until nothing waits any more, what it worked
off a second is divided by what arrived a second.
"""

import itertools
import math
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import httpx

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.sqlite_log import SqliteLog
from ingest.topics import telemetry_topic
from service.folders import DataFolder
from tests.benchmarks.entrapment_path import connected
from tests.benchmarks.many_devices import KINDS, assets, registry
from tests.end_to_end.parts import PartProcess, parts
from tests.servers import Mosquitto, wait_until

ARRIVE_S = 500
OUTAGE_S = 10.0
_NEARLY = ARRIVE_S // 5
"""So many waiting are what arrives while one looks."""
_LOOK_S = 0.05
_GLANCE_S = 0.01
_LAG = "precomplaint_forward_lag_positions"
_ONE_IN = 10
"""Of the devices of `many_devices`: what is measured here is messages."""


def talk(port: int, published: "Synchronized[int]") -> None:
    """Publish every device in turn until killed, and count; ahead of its time it waits."""
    client, started_s = connected(port), time.monotonic()
    devices = [
        (telemetry_topic(site, f"{asset}-{device}"), f"{asset}-{device}", values)
        for site, kind, asset in assets(_ONE_IN)
        for device, values in KINDS[kind][1].items()
    ]
    for number, (topic, device, values) in enumerate(itertools.cycle(devices)):
        said = {metric: value + number % 5 * 0.1 for metric, value in values.items()}
        client.publish(topic, encode_telemetry(device, [Sample(time.time_ns() // 1_000, said)]), qos=1)
        published.value = number + 1
        ahead_s = (number + 1) / ARRIVE_S - (time.monotonic() - started_s)
        if ahead_s > _LOOK_S:
            time.sleep(ahead_s)


@contextmanager
def talking(port: int) -> Iterator["Synchronized[int]"]:
    """Everybody talks, in a process of their own; how many messages there were so far."""
    context = multiprocessing.get_context("forkserver")
    published = context.Value("q", 0)
    child = context.Process(target=talk, args=(port, published), daemon=True)
    child.start()
    try:
        yield published
    finally:
        child.kill()
        child.join()


def worked_off(
    part: PartProcess, done: Callable[[], float], due: Callable[[], float], *, tells_itself: bool = False
) -> float:
    """How many times the arrival rate a part does after an outage.

    Args:
        part: Stopped, and started again.
        done: How far it is.
        due: How far it should be.
        tells_itself: How far it is can only be asked of itself, once it runs.
    """
    part.stop()
    time.sleep(OUTAGE_S)
    if tells_itself:
        part.start()
        from_done = done()
    else:
        # It may have caught up before it says that it is ready: what counts begins with its first step.
        stood, starter = done(), threading.Thread(target=part.start)
        starter.start()
        wait_until(lambda: time.sleep(_GLANCE_S) or done() > stood, 60, "the first step")
        from_done = done()
    began_s = time.monotonic()
    wait_until(lambda: time.sleep(_LOOK_S) or due() - done() <= _NEARLY, 240, "all that had piled up")
    return (done() - from_done) / (time.monotonic() - began_s) / ARRIVE_S


def measure(port: int, folder: DataFolder, running: dict[str, PartProcess]) -> None:
    """Print the three figures."""
    log = SqliteLog(folder.log)

    def behind() -> float:
        """Positions that the history is behind; just after a start nobody knows."""
        while True:
            told = httpx.get(f"{running['api'].url}/metrics", timeout=20).raise_for_status().text
            lag = float(next(line.split()[1] for line in told.splitlines() if line.startswith(_LAG)))
            if not math.isnan(lag):
                return lag
            time.sleep(_LOOK_S)

    with talking(port) as published:
        wait_until(lambda: log.head() > 5 * ARRIVE_S, 120, "messages")
        cases: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
            "ingest": (log.head, lambda: published.value),
            "score": (lambda: log.head() - float(running["api"].status()["lag_positions"]), log.head),
            "api": (lambda: log.head() - behind(), log.head),
        }
        for name, (done, due) in cases.items():
            times = worked_off(running[name], done, due, tells_itself=name == "api")
            what = "the history's forwarder" if name == "api" else name
            print(  # noqa: T201 -- what a benchmark is for
                f"{what}: {times:.1f} times the arrival rate of {ARRIVE_S:,} messages/s, after {OUTAGE_S:.0f} s away"
            )
    log.close()


def main() -> None:
    """Measure ingest, scorer and forwarder."""
    with tempfile.TemporaryDirectory() as name:
        broker, folder = Mosquitto(Path(name) / "mosquitto"), DataFolder(Path(name) / "service")
        broker.start()
        settings = {"CLOCK__KIND": "system", "REGISTRY": str(registry(Path(name) / "registry.toml", _ONE_IN))}
        try:
            with parts(folder.root, broker, "ingest", "score", "api", **settings) as running:
                measure(broker.port, folder, running)
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
