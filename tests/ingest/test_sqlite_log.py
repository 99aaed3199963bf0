"""The embedded log: the contract, and what only a file can suffer: a crash, a full disk, a lock, a wrong file."""

import random
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from ingest.errors import LogUnavailableError
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from tests.contracts.log import CHECKS, OpenLog, entry, refusal
from tests.ingest.log_writer import GROUP


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[OpenLog]:
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(SqliteLog(tmp_path / "log.db")))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[OpenLog], None], open_log: OpenLog) -> None:
    """The embedded log keeps every promise of the Protocol."""
    check(open_log)

    assert check in CHECKS


def test_a_killed_writer_leaves_whole_groups(tmp_path: Path) -> None:
    """After SIGKILL at random moments the log holds every group it confirmed, and never a part of one."""
    path = tmp_path / "log.db"
    moments = random.Random(20261121)  # noqa: S311 -- a test's choice of moments, not a secret
    confirmed = -1
    for _ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest.log_writer", str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(moments.randrange(20, 200)):
            confirmed = max(confirmed, int(writer.stdout.readline()))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=20)
        confirmed = max([confirmed, *map(int, rest.split("\n")[:-1])])
    with closing(SqliteLog(path)) as log:
        records = log.read(0, 1_000_000)

    assert len(records) % GROUP == 0
    assert len(records) >= (confirmed + 1) * GROUP
    assert [record.batch for record in records] == [entry(number).batch for number in range(len(records))]


def test_a_full_disk_stores_nothing_and_is_survived(tmp_path: Path, open_log: OpenLog) -> None:
    """When the file cannot grow, the call fails whole, reading goes on, and the same call works once there is room."""
    log, quarantine = open_log(), SqliteQuarantine(tmp_path / "log.db")
    log.append([entry(1)])
    group = [entry(number) for number in range(2, 2000)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses every write beyond this size, as it does on a full disk; no root is needed for it.
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "log.db-wal").stat().st_size + 20_000, hard))
    try:
        with pytest.raises(LogUnavailableError, match=r"log\.db is unavailable"):
            log.append(group, [refusal(1)])
        during = (len(log.read(0, 5000)), quarantine.held())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert during == (1, {})
    assert log.append(group, [refusal(1)]) == len(group)
    assert len(log.read(0, 5000)) == 1 + len(group)
    quarantine.close()


def test_a_locked_file_stores_nothing_and_is_survived(
    tmp_path: Path, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program holds the write lock the call fails by name, and works afterwards."""
    monkeypatch.setattr("ingest.log_file._BUSY_S", 0.05)
    log = open_log()
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogUnavailableError, match="locked"):
            log.append([entry(1)])

    assert log.append([entry(1)]) == 1


def test_a_file_that_is_no_log_is_named(tmp_path: Path) -> None:
    """Opening something else by mistake says which file, instead of writing into it."""
    path = tmp_path / "log.db"
    path.write_bytes(b"these are the minutes of the owners' meeting, not a database" * 20)
    with pytest.raises(LogUnavailableError, match=r"log\.db is unavailable: file is not a database"):
        SqliteLog(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is an error of the room, not of SQLite."""
    with pytest.raises(LogUnavailableError, match="unable to open"):
        SqliteLog(tmp_path / "none" / "log.db")
