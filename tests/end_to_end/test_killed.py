"""Killed: real processes killed at random moments lose nothing, double nothing and raise exactly what is due."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

import pytest

from alerts.database import Database
from device_simulators.calendar import DAY_US
from device_simulators.community import Community
from device_simulators.line import Broker
from device_simulators.message import Message
from device_simulators.pace import Pace, Phase
from device_simulators.publish import Watcher, publish
from ingest.sqlite_log import SqliteLog
from service.clock import SimulationClock
from service.folders import DataFolder
from tests.end_to_end.chain import community_registry, fill_log, raised, score_log
from tests.end_to_end.parts import PartProcess, parts
from tests.servers import Mosquitto, wait_until

_START_US = 1_764_000_000_000_000
_KILLS = 20
_MESSAGES_S = 1_000.0
HURRY = 10_000.0
"""Seconds of the simulation a second, about; a clock that hurries tells nothing about how long things took."""


def four_days() -> Iterator[Message]:
    """More than 10,000 messages: entrapments, then parking, twice, a day each."""
    scenarios = zip(count(), ("entrapment", "parking", "entrapment", "parking"), strict=False)
    return chain.from_iterable(Community(day, _START_US + day * DAY_US, scenario) for day, scenario in scenarios)


def stored_readings(path: Path) -> Counter[tuple[str, str, int, float]]:
    """Every reading in a log, and how often."""
    log, after, found = SqliteLog(path), 0, Counter[tuple[str, str, int, float]]()
    while records := log.read(after, 1_000):
        found.update((r.device, r.metric, r.at_us, r.value) for one in records for r in one.batch.readings)
        after = records[-1].position
    log.close()
    return found


def position(database: Path) -> int:
    """How far a database's scorer has read."""
    rows = Database(database)
    with rows.read() as connection:
        found = connection.exec_driver_sql("SELECT position FROM reader").scalar() or 0
    rows.close()
    return int(found)


class _Publisher(threading.Thread):
    """Publishes in the background, stretch by stretch, so that messages still flow at the last kill."""

    def __init__(self, mosquitto: Mosquitto, clock: SimulationClock, stretch: int) -> None:
        super().__init__(name="publisher", daemon=True)
        self.stretch = stretch
        self.done = 0
        self.acknowledged = 0
        self._allowed = threading.Semaphore(stretch)
        self._broker = Broker("127.0.0.1", mosquitto.port)
        self._clock = clock

    def go_on(self, messages: int) -> None:
        """Allow so many more messages."""
        self._allowed.release(messages)

    def run(self) -> None:
        pace = Pace((Phase(None, float("inf")),), max_messages_s=_MESSAGES_S)
        watcher = Watcher(lambda at_us, _speed: self._clock.advance(at_us, HURRY))
        self.acknowledged = publish(self._messages(), self._broker, pace, watcher, threading.Event()).acknowledged

    def _messages(self) -> Iterator[Message]:
        for message in four_days():
            self._allowed.acquire()
            self.done += 1
            yield message


def kill_while(publisher: _Publisher, victims: dict[str, PartProcess], log: Path, seed: int) -> None:
    """Kill ingest, and now and then the scorer with it, at a random moment of each stretch of messages.

    The publisher waits for an ingest that falls behind: what is a day old when it arrives is not scored any more.
    """
    dice = random.Random(seed)  # noqa: S311 -- dice of a test
    for kill in range(_KILLS):
        until = kill * publisher.stretch + dice.randrange(20, publisher.stretch - 100)
        wait_until(lambda until=until: publisher.done >= until, 60, f"{until} messages")
        for name in ("ingest", "score") if dice.random() < 0.25 else ("ingest",):
            victims[name].stop(signal.SIGKILL)
            victims[name].start()
        reached = publisher.done - 2 * publisher.stretch
        wait_until(lambda reached=reached: SqliteLog(log).head() >= reached, 60, "ingest to keep up")
        publisher.go_on(publisher.stretch)
    publisher.go_on(1_000_000)


@pytest.mark.needs("mosquitto")
@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """10,000 messages, 20 kills: what was sent is stored once, and the episodes are those of an undisturbed run."""
    registry, service = community_registry(), DataFolder(tmp_path / "service")
    sent = fill_log(four_days(), tmp_path / "reference.db", registry)
    expected = score_log(tmp_path / "reference.db", tmp_path / "reference_results.db", registry)
    with (
        SimulationClock(service.clock, _START_US) as clock,
        parts(service.root, mosquitto, "ingest", "score") as running,
    ):
        publisher = _Publisher(mosquitto, clock, sent // (_KILLS + 1))
        publisher.start()
        kill_while(publisher, running, service.log, seed=20)
        publisher.join()
        reference = SqliteLog(tmp_path / "reference.db").watermarks()
        wait_until(lambda: SqliteLog(service.log).watermarks() == reference, 60, "ingest to be done")
        wait_until(lambda: position(service.database) == SqliteLog(service.log).head(), 60, "the scorer to be done")

    assert sent == publisher.acknowledged >= 10_000
    assert stored_readings(service.log) == stored_readings(tmp_path / "reference.db")
    assert raised(Database(service.database)) == expected
    assert len(expected) > 10
