"""Influx full disk: a real InfluxDB whose disk is full loses nothing, and takes what waited when there is room."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.history import ReadingStore, StoreUnavailableError
from ingest.log import Record
from tests.contracts.reading_store import pressure, record
from tests.ingest.influx_stores import influx_store
from tests.ingest.test_influx_store import stored
from tests.servers import Influx

pytestmark = pytest.mark.needs("influxdb")


@pytest.fixture
def server(small_disk: Path) -> Iterator[Influx]:
    """An InfluxDB on that disk, gone after the test."""
    server = Influx(small_disk / "influx")
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes in memory, where this machine lets us mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs here ({mounted.stderr.strip()}); test_influx_trouble says the same with a front")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Take what is left of the disk."""
    room = os.statvfs(file.parent)
    with file.open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, room.f_bavail * room.f_frsize)


def write_all(store: ReadingStore, records: list[Record]) -> None:
    """Write records one by one, from the store's position on."""
    for one in records:
        store.write([one])


def test_full_disk_loses_nothing(small_disk: Path, server: Influx) -> None:
    """Writes that do not fit are told, hold the position, and are there once and in order when there is room."""
    store = influx_store(server.url, "history")
    made = [record(i, *(pressure(100 * i + k, i + k / 1_000) for k in range(100))) for i in range(1, 60)]
    store.write(made[:1])
    fill(small_disk / "ballast")
    with pytest.raises(StoreUnavailableError, match="no space left on device"):
        write_all(store, made)
    reached = store.position()
    (small_disk / "ballast").unlink()
    server.stop()  # 1.6.7 goes on refusing until its owner starts it again
    server.start()
    write_all(store, made)

    assert reached < len(made)
    assert store.position() == len(made)
    assert stored(store) == [i + k / 1_000 for i in range(1, 60) for k in range(100)]
    store.close()
