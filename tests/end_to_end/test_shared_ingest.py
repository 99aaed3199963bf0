"""Shared ingest: two real processes on one subscription store what one would, whichever of them is killed."""

import math
import signal
import sqlite3
import threading
from collections import Counter
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from device_simulators.line import Broker
from device_simulators.pace import Pace, Phase
from device_simulators.publish import Watcher, publish
from ingest.sqlite_log import SqliteLog
from service.clock import SimulationClock
from service.folders import DataFolder
from tests.end_to_end.chain import community_registry, fill_log
from tests.end_to_end.parts import PartProcess, parts
from tests.end_to_end.test_killed import HURRY, four_days, stored_readings
from tests.servers import Mosquitto, wait_until

START_US = 1_764_000_000_000_000
MESSAGES = 3_000
VICTIMS = ("ingest-2", "ingest-1", "ingest-2", "ingest-1")


def taken_by(folder: DataFolder) -> dict[str, float]:
    """How many messages each process has settled since it last started, as it noted itself."""
    with closing(SqliteLog(folder.log)) as log:
        return {
            process: figure.value
            for process, note in log.notes().items()
            for family in note.families
            if family.name == "precomplaint_ingest_messages"
            for figure in family.figures
        }


def hang(part: PartProcess, folder: DataFolder) -> None:
    """Stop a process where it holds nobody up: one that is stopped while it writes the log stops everybody."""
    while True:
        part.signal(signal.SIGSTOP)
        with closing(sqlite3.connect(folder.log, timeout=1.0, isolation_level=None)) as log, suppress(sqlite3.Error):
            log.execute("BEGIN IMMEDIATE")
            return
        part.signal(signal.SIGCONT)


@pytest.mark.needs("mosquitto")
@pytest.mark.timeout(200)
def test_two_store_what_one_would_though_they_are_killed(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Each message is stored once; what a dead one had not acknowledged comes again, a hanging one is stood in for."""
    folder, done = DataFolder(tmp_path / "service"), list[int]()
    sent = fill_log(islice(four_days(), MESSAGES), tmp_path / "reference.db", community_registry())
    expected = stored_readings(tmp_path / "reference.db")
    with SimulationClock(folder.clock, START_US) as clock:

        def publish_all() -> None:
            pace = Pace((Phase(None, math.inf),), max_messages_s=400.0)
            watcher = Watcher(lambda at_us, _speed: clock.advance(at_us, HURRY), lambda said: done.append(said.done))
            publish(islice(four_days(), MESSAGES), Broker("127.0.0.1", mosquitto.port), pace, watcher, stop)

        def reached(due: int) -> bool:
            return bool(done) and done[-1] >= due

        stop, publisher = threading.Event(), threading.Thread(target=publish_all, daemon=True)
        with parts(folder.root, mosquitto, "ingest-1", "ingest-2", INGEST__PROCESSES="2") as running:
            publisher.start()
            for number, victim in enumerate(VICTIMS):
                due = (number + 1) * sent // (len(VICTIMS) + 2)
                wait_until(partial(reached, due), 60, f"{due} messages")
                running[victim].stop(signal.SIGKILL)
                running[victim].start()
            hang(running["ingest-2"], folder)  # what is sent to it must not wait for it
            publisher.join()
            wait_until(lambda: stored_readings(folder.log) == expected, 60, "all to be stored")
            running["ingest-2"].signal(signal.SIGCONT)
            wait_until(
                lambda: len([n for n in taken_by(folder).values() if n]) == 2, 20, "both to have said what they did"
            )
        shares = taken_by(folder)

    assert Counter(stored_readings(folder.log)) == expected
    assert set(shares) == {"precomplaint-ingest", "precomplaint-ingest-2"}
    assert sent == MESSAGES
