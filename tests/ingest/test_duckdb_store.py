"""DuckDB store: the contract, crashes, a full disk, a second process, readers beside the writer."""

import random
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.history import ReadingStore, StoreUnavailableError
from ingest.log import Record
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.contracts.reading_store import ALWAYS, CHECKS, Opened, expected_of, parked, pressure, record

DEVICES = ("riser-1", "riser-2", "riser-3")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens the same file every time; closes what a test left open."""
    stores: list[ReadingStore] = []

    def again() -> ReadingStore:
        stores.append(DuckdbReadingStore(tmp_path / "history.duckdb"))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[Opened], None], opened: Opened) -> None:
    """Every check of the contract holds."""
    check(opened)


def some_records(n: int) -> list[Record]:
    """Records with duplicates and readings far out of order, the same on every call."""
    chance = random.Random(7)  # noqa: S311 -- a test's dice
    return [
        record(
            i, *(pressure(i - chance.choice((0, 0, 0, 1, 50)), i, chance.choice(DEVICES)) for _ in range(4)), parked(i)
        )
        for i in range(1, n + 1)
    ]


def held(store: ReadingStore) -> dict[tuple[str, str], list[tuple[int, float, int]]]:
    """What a store holds of `some_records`, as `expected_of` gives it."""
    found = {(d, "pressure_kpa"): store.series(d, "pressure_kpa", *ALWAYS) for d in DEVICES}
    return {k: list(zip(s.at_us.tolist(), s.value.tolist(), s.quality.tolist(), strict=True)) for k, s in found.items()}


def write_to_the_end(path: str, file_limit: int, checkpoint: str) -> None:
    """Write `some_records` in small writes from where the file stands, saying so; runs in a child process.

    With a `file_limit` in bytes the disk is full there: the child says "full", gets room, and goes on. `checkpoint`
    is how large DuckDB lets its write-ahead log grow.
    """
    store = DuckdbReadingStore(path)
    store._connection.execute(f"SET wal_autocheckpoint = '{checkpoint}'")  # noqa: SLF001 -- a full disk sooner
    records = some_records(1_500)
    if file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, resource.RLIM_INFINITY))
    while store.position() < len(records):
        try:
            store.write(records[store.position() : store.position() + 7])
            print(store.position(), flush=True)  # noqa: T201 -- what the parent waits for
        except StoreUnavailableError:
            print("full", flush=True)  # noqa: T201 -- likewise
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.close()


def writer(path: Path, file_limit: int = 0, checkpoint: str = "16MB") -> "subprocess.Popen[str]":
    """A child process that runs `write_to_the_end`."""
    command = [sys.executable, "-m", "tests.ingest.test_duckdb_store", str(path), str(file_limit), checkpoint]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def wait_for_lines(child: "subprocess.Popen[str]", n: int) -> None:
    """Wait until a child has said `n` lines."""
    for _ in range(n):
        if child.stdout is None or not child.stdout.readline():
            pytest.fail("the writing process ended before it was killed")


def test_killed_at_any_moment_it_holds_each_reading_once(tmp_path: Path) -> None:
    """A process killed in the midst of writing, again and again, leaves each reading and event there once."""
    path = tmp_path / "history.duckdb"
    chance = random.Random(3)  # noqa: S311 -- a test's dice
    for _ in range(5):
        with writer(path) as child:
            wait_for_lines(child, chance.randrange(5, 25))
            child.kill()
    with writer(path) as child:
        child.communicate()
    store = DuckdbReadingStore(path)
    records = some_records(1_500)

    assert store.position() == len(records)
    assert held(store) == expected_of(records)
    assert store.events("gate", *ALWAYS) == [event for r in records for event in r.batch.events]
    store.close()


@pytest.mark.parametrize(("file_limit", "checkpoint"), [(100_000, "16MB"), (300_000, "30KB")])
def test_full_disk_loses_nothing(tmp_path: Path, file_limit: int, checkpoint: str) -> None:
    """A disk that is full for a commit, or for a checkpoint, which DuckDB does not survive, loses nothing."""
    path = tmp_path / "history.duckdb"
    with writer(path, file_limit, checkpoint) as child:
        said = child.communicate()[0].split()
    store = DuckdbReadingStore(path)
    records = some_records(1_500)

    assert child.returncode == 0
    assert said.count("full") >= 1
    assert held(store) == expected_of(records)
    store.close()


def test_second_process_is_told_who_has_the_file(tmp_path: Path) -> None:
    """A file that another process has open is refused in one sentence that names the process."""
    path = tmp_path / "history.duckdb"
    with writer(path) as child:
        wait_for_lines(child, 1)
        with pytest.raises(StoreUnavailableError) as refused:
            DuckdbReadingStore(path)
        child.kill()

    assert f"process {child.pid} (" in refused.value.reason
    assert str(path) in str(refused.value)


def test_what_is_no_duckdb_file_is_refused(tmp_path: Path) -> None:
    """A path that is another kind of file, or in a folder that is not there, is refused as unavailable."""
    other = tmp_path / "notes.txt"
    other.write_text("hello " * 1_000, encoding="utf-8")

    for path in (other, tmp_path / "missing" / "history.duckdb"):
        with pytest.raises(StoreUnavailableError, match=str(path)):
            DuckdbReadingStore(path)


def test_closed_store_is_unavailable(tmp_path: Path) -> None:
    """A closed store raises StoreUnavailableError on every use."""
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    store.close()

    with pytest.raises(StoreUnavailableError):
        store.write([record(1, pressure(0))])
    with pytest.raises(StoreUnavailableError):
        store.series("riser-3", "pressure_kpa", *ALWAYS)


def test_readers_beside_the_writer_see_whole_writes(tmp_path: Path) -> None:
    """Threads that read while one writes see a history that only grows, write by write, ascending."""
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    done = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        seen = 0
        while not done.is_set():
            at_us = store.series("riser-1", "pressure_kpa", *ALWAYS).at_us
            if len(at_us) < seen or len(at_us) % 10 or (np.diff(at_us) <= 0).any():
                wrong.append(f"{seen} readings, then {len(at_us)}")
            seen = len(at_us)
            store.points("score", {"asset": "riser-1"}, *ALWAYS)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for i in range(100):
        store.write([record(i + 1, *(pressure(10 * i + k, device="riser-1") for k in range(10)))])
    done.set()
    for reader in readers:
        reader.join()

    assert wrong == []
    assert len(store.series("riser-1", "pressure_kpa", *ALWAYS).at_us) == 1_000
    store.close()


def test_snapshot_is_a_whole_store_of_one_moment(tmp_path: Path) -> None:
    """A copy made while others write and read is one file that opens as a store at some position, complete up to it."""
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    records = some_records(600)
    store.write(records[:200])
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            held(store)

    def write() -> None:
        while store.position() < len(records):
            store.write(records[store.position() : store.position() + 5])

    threads = [threading.Thread(target=act) for act in (read, write)]
    for thread in threads:
        thread.start()
    copy = tmp_path / "copy.duckdb"
    for _ in range(4):
        store.snapshot(copy)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(p.name for p in tmp_path.glob("copy*")) == ["copy.duckdb"]
    copied = DuckdbReadingStore(copy)

    assert 200 <= copied.position() <= len(records)
    assert held(copied) == expected_of(records[: copied.position()])
    assert held(store) == expected_of(records)
    copied.close()
    store.close()


def test_a_snapshot_keeps_others_out(tmp_path: Path) -> None:
    """Whoever has the file open still has it alone once a copy of it was made."""
    path = tmp_path / "history.duckdb"
    store = DuckdbReadingStore(path)
    store.write(some_records(3))
    store.snapshot(tmp_path / "copy.duckdb")
    tries = "import sys, duckdb; duckdb.connect(sys.argv[1])"
    stranger = subprocess.run([sys.executable, "-c", tries, str(path)], capture_output=True, text=True, check=False)
    store.close()

    assert stranger.returncode != 0
    assert "lock" in stranger.stderr


def test_snapshot_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    """A copy into a folder that is not there is refused with both paths, and the store goes on."""
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    with pytest.raises(StoreUnavailableError, match=r"no copy in .*missing"):
        store.snapshot(tmp_path / "missing" / "copy.duckdb")
    store.write([record(1, pressure(0))])

    assert store.position() == 1
    store.close()


if __name__ == "__main__":
    write_to_the_end(sys.argv[1], int(sys.argv[2]), sys.argv[3])
