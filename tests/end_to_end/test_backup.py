"""Backup: a service restored from a backup that was made while it worked knows what it knew, and goes on."""

import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.database import Database
from device_simulators.line import Broker
from device_simulators.message import Message
from device_simulators.pace import Pace, Phase
from device_simulators.publish import Watcher, publish
from ingest.log import Record
from ingest.quarantine import Query
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from service.archive import Archive, Manifest
from service.clock import SimulationClock
from service.folders import DataFolder
from service.restore import LEAP
from tests.end_to_end.chain import community_registry, raised, score_log
from tests.end_to_end.parts import PartProcess, parts
from tests.end_to_end.test_killed import four_days, position
from tests.servers import Mosquitto, wait_until

START_US = 1_764_000_000_000_000
BEFORE, AFTER = 1_500, 1_000
"""Messages before the backup, enough for orders, and after the restore; those during the backup have no end."""
TIMER = "elevator.entrapment.off_level_s"
TURNED = {"scope": {"kind": "default", "id": ""}, "value": 60.0, "who": "李工", "why": "it stays as it is"}
"""A version that changes no number, so that the log scored anew gives the same."""
PARTS = ("ingest", "score", "api")


class Publishing(threading.Thread):
    """Publishes messages in the background until they end or it is stopped, moving the service's time along."""

    def __init__(self, mosquitto: Mosquitto, folder: DataFolder, messages: Iterator[Message], most_s: float) -> None:
        super().__init__(name="publisher", daemon=True)
        self.stop = threading.Event()
        self.done = 0
        self._broker = Broker("127.0.0.1", mosquitto.port)
        self._folder, self._all, self._most_s = folder, messages, most_s

    def run(self) -> None:  # noqa: D102 -- threading.Thread.run
        with SimulationClock(self._folder.clock, START_US) as clock:
            pace = Pace((Phase(None, math.inf),), max_messages_s=self._most_s)
            watcher = Watcher(lambda at_us, _speed: clock.advance(at_us, 1.0))
            publish(self._messages(), self._broker, pace, watcher, threading.Event())

    def _messages(self) -> Iterator[Message]:
        for message in self._all:
            yield message
            self.done += 1
            if self.stop.is_set():
                return


def publish_all(mosquitto: Mosquitto, folder: DataFolder, messages: Iterator[Message]) -> int:
    """Publish messages quickly; the service's time then."""
    publishing = Publishing(mosquitto, folder, messages, 2_000.0)
    publishing.start()
    publishing.join()
    return now_us(folder)


def now_us(folder: DataFolder) -> int:
    """The service's time."""
    with SimulationClock(folder.clock) as clock:
        return clock.now_us()


def command(*arguments: str) -> str:
    """What a `precomplaint` command says; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(folder: DataFolder, upto: int = 2**62) -> list[Record]:
    """What a service has stored."""
    with closing(SqliteLog(folder.log)) as log:
        return [record for record in log.read(0, 100_000) if record.position <= upto]


def what_it_knows(api: str, folder: DataFolder) -> dict[str, Any]:
    """Orders with what happened to them, thresholds and quarantine."""
    with (
        closing(SqliteQuarantine(folder.log)) as quarantine,
        httpx.Client(base_url=f"{api}/api/v1", timeout=20) as client,
    ):
        orders = client.get("/work-orders", params={"limit": 200}).raise_for_status().json()["items"]
        return {
            "orders": {order["id"]: client.get(f"/work-orders/{order['id']}").json()["history"] for order in orders},
            "thresholds": client.get(f"/thresholds/{TIMER}/versions").raise_for_status().json(),
            "quarantine": quarantine.find(Query()),
        }


def act(api: str, broker: Broker) -> None:
    """What people and a broken device do: accept an order, turn a threshold, send rubbish."""
    with httpx.Client(base_url=f"{api}/api/v1", timeout=20) as client:
        first = client.get("/work-orders").json()["items"][0]["id"]
        client.post(f"/work-orders/{first}/moves", json={"to": "accepted", "who": "李工"}).raise_for_status()
        client.put(f"/thresholds/{TIMER}", json=TURNED).raise_for_status()
    rubbish = Message("precomplaint/v1/lakeside/elevator-1-gateway/telemetry", b"{", START_US)
    publish(iter([rubbish]), broker, Pace((Phase(None, math.inf),)), Watcher(), threading.Event())


def kill(running: dict[str, PartProcess]) -> None:
    """All at once, as when the power goes."""
    for part in running.values():
        part.stop(signal.SIGKILL)


def series_of(api: str, of: Sequence[Record]) -> tuple[int, int]:
    """How many readings of the first pressure in these records there are, in the history and in the log."""
    first = next(r for record in of for r in record.batch.readings if r.metric == "pressure_kpa")
    day = {"start": "2025-11-24T00:00:00Z", "end": "2025-12-20T00:00:00Z"}
    asked = {"device": first.device, "metric": first.metric, **day}
    found = httpx.get(f"{api}/api/v1/readings", params=asked, timeout=20).raise_for_status().json()
    logged = {r.at_us for one in of for r in one.batch.readings if (r.device, r.metric) == (first.device, first.metric)}
    return len(found["at"]), len(logged)


def first_life(
    mosquitto: Mosquitto, folder: DataFolder, archive: Path, messages: Iterator[Message]
) -> tuple[dict[str, Any], Manifest]:
    """Work, act, back up while messages pour in and parts are killed; what was known, and what the backup says."""
    with parts(folder.root, mosquitto, *PARTS) as running:
        api = running["api"].url
        publish_all(mosquitto, folder, islice(messages, BEFORE))
        wait_until(lambda: httpx.get(f"{api}/api/v1/work-orders", timeout=20).json()["items"], 60, "an order")
        act(api, Broker("127.0.0.1", mosquitto.port))
        wait_until(lambda: what_it_knows(api, folder)["quarantine"], 20, "the rubbish in quarantine")
        wait_until(lambda: position(folder.database) == SqliteLog(folder.log).head(), 60, "all to be scored")
        known = what_it_knows(api, folder)
        busy = Publishing(mosquitto, folder, messages, 200.0)
        busy.start()
        wait_until(lambda: busy.done > 100, 20, "messages to pour in")
        with ThreadPoolExecutor(1) as beside:
            made = beside.submit(command, "backup", str(archive), "--data", str(folder.root))
            wait_until(lambda: made.done() or list(folder.backups.glob(".work-*")), 60, "the backup to begin")
            for name in ("score", "ingest"):
                running[name].stop(signal.SIGKILL)
                running[name].start()
        assert made.result()
        assert busy.is_alive()
        kill(running)
        busy.stop.set()
        busy.join()
    with Archive(archive) as opened:
        return known, opened.manifest


@pytest.mark.needs("mosquitto")
@pytest.mark.timeout(300)
def test_a_restored_service_knows_what_it_knew_and_goes_on(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Backed up while messages pour in and parts die, restored elsewhere: the same up to it, and right from there."""
    first, second, messages = DataFolder(tmp_path / "first"), DataFolder(tmp_path / "second"), four_days()
    known, manifest = first_life(mosquitto, first, tmp_path / "backup.tar", messages)
    checked = command("backup", "--check", str(tmp_path / "backup.tar"))
    said = command("restore", str(tmp_path / "backup.tar"), "--data", str(second.root))
    head = manifest.positions["log"]
    kept, restored = records(first, head), records(second, head)
    with SimulationClock(second.clock) as clock:
        clock.advance(now_us(first), 1.0)  # outside, time went on while nothing worked
    with parts(second.root, mosquitto, *PARTS) as running:
        api = running["api"].url
        wait_until(lambda: position(second.database) == SqliteLog(second.log).head(), 60, "what was not scored yet")
        knows = what_it_knows(api, second)
        last_us = publish_all(mosquitto, second, islice(messages, AFTER))
        wait_until(lambda: max(SqliteLog(second.log).watermarks().values()) == last_us, 60, "the new messages")
        wait_until(lambda: position(second.database) == SqliteLog(second.log).head(), 60, "them to be scored")
        wait_until(lambda: len(set(series_of(api, records(second)))) == 1, 60, "all to be in the history")
    new = [record for record in records(second) if record.position > head]
    found, expected = (
        raised(Database(second.database)),
        score_log(second.log, tmp_path / "scored", community_registry()),
    )

    assert kept == restored
    assert 0 < manifest.positions["history"] <= head
    assert 0 < manifest.positions["scored"] <= head
    assert f"position {head:,}" in checked
    assert f"{LEAP:,}" in said
    assert {number: knows["orders"].get(number) for number in known["orders"]} == known["orders"]
    assert (knows["thresholds"], knows["quarantine"]) == (known["thresholds"], known["quarantine"])
    assert len(known["orders"]) > 0
    assert min(record.position for record in new) == LEAP
    assert found == expected
    assert len(found) > len(known["orders"])
