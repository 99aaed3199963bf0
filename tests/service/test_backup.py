"""Backup: what is written fits together, what was changed since is never taken for it, nothing is touched too early."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alerts import fitted_models, outbox
from alerts.database import Database
from alerts.points import PendingPoints
from ingest.forward import Forwarder
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.fitted.card import Card, Kind
from models.fitted.probability_map import PlattMap, map_json
from service.archive import Archive, Manifest, Packed, new_archive
from service.backup import Made, back_up, destination
from service.errors import (
    AlreadyRunningError,
    ArchiveUnusableError,
    BackupFailedError,
    FolderInUseError,
    NoSpaceError,
    RestoreCutShortError,
)
from service.folders import DataFolder
from service.restore import LEAP, restore
from service.snapshots import Snapshots, copy_database
from tests.alerts.seeding import seed
from tests.contracts.log import entry
from tests.ingest.influx_stores import influx_store
from tests.servers import Influx
from tests.service.data_folder import RECORDS, small_folder

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def quietly(_name: str, _bytes: int) -> None:
    """Show no bar."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """A data folder that the tests only read."""
    return small_folder(tmp_path_factory.mktemp("source") / "data")


@pytest.fixture(scope="module")
def made(source: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A backup of it that the tests only read."""
    return back_up(source, tmp_path_factory.mktemp("archive") / "one.tar", None, NOW, quietly)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the locks, which a restore has to take."""
    found = (path for path in folder.rglob("*") if path.is_file() and "locks" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_copy_is_one_moment_while_others_write(tmp_path: Path) -> None:
    """Two tables that every transaction moves together are equal in a copy made while they move all the time."""
    stop, moved = threading.Event(), threading.Semaphore(0)
    with closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = OFF")
        made.execute("CREATE TABLE one (n INTEGER, ballast BLOB)")
        made.execute("CREATE TABLE two (n INTEGER)")
        made.execute("BEGIN")
        made.executemany("INSERT INTO one VALUES (0, ?)", [(os.urandom(4_000),) for _ in range(8_000)])
        made.execute("COMMIT")

    def write() -> None:
        with closing(sqlite3.connect(tmp_path / "log.db", timeout=30, isolation_level=None)) as writer:
            while not stop.is_set():
                writer.executescript("BEGIN; INSERT INTO one VALUES (1, ''); INSERT INTO two VALUES (1); COMMIT")
                moved.release()

    def let_it_write(_bytes: int) -> None:
        moved.acquire()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        moved.acquire()
        # Each step of the copy waits for a write, so that one falls between any two.
        copy_database(tmp_path / "log.db", tmp_path / "copy.db", let_it_write)
    finally:
        stop.set()
        thread.join()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        one, two = (copy.execute(f"SELECT sum(n) FROM {table}").fetchone()[0] for table in ("one", "two"))  # noqa: S608

    assert one == two > 0


def test_a_backup_holds_what_the_folder_held(source: DataFolder, made: Made) -> None:
    """It names what it holds and how far that goes; configuration, logs and locks are made anew and not in it."""
    with Archive(made.path) as archive:
        manifest = archive.manifest

    assert manifest == made.manifest
    assert sorted(packed.name for packed in manifest.files) == [
        "broker/mosquitto.db",
        "broker/password",
        "history.duckdb",
        "log.db",
        "plate_key",
        "precomplaint.db",
    ]
    assert manifest.positions == {"log": RECORDS, "scored": 0, "history": RECORDS - 10}
    assert manifest.counts == {"work_orders": 0, "quarantined": 1}
    assert made.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in source.backups.iterdir()] == []


def test_what_was_restored_goes_on(made: Made, tmp_path: Path) -> None:
    """A restored folder holds the same; what comes next lies above every position its earlier life can have given."""
    folder = DataFolder(tmp_path / "data")
    with Archive(made.path) as archive:
        done = restore(archive, folder, NOW, quietly)
    with closing(SqliteLog(folder.log)) as log, closing(DuckdbReadingStore(folder.history)) as store:
        log.append([entry(RECORDS - 1), entry(RECORDS)])
        records, seen = log.read(0, 100), store.position()
        store.write(log.read(seen, 100))
        series = store.series(entry(RECORDS).batch.device, "flow_m3_h", 0, 2**62)
    numbers = [n for n in range(RECORDS + 1) if n % 3 == RECORDS % 3]

    assert [record.batch for record in records if record.batch.readings] == [entry(n).batch for n in range(RECORDS + 1)]
    assert [record.position for record in records[-2:]] == [LEAP, LEAP + 1]
    assert done.begins_at == LEAP
    assert seen == RECORDS - 10
    assert series.at_us.tolist() == [entry(n).batch.readings[0].at_us for n in numbers]
    assert folder.plate_key.read_text(encoding="ascii") == "the key of plates"
    assert (folder.broker / "password").read_text(encoding="ascii") == "the broker's"


def test_fitted_models_go_along(tmp_path: Path) -> None:
    """A restored service has every version with bytes that are proven, and the same one in force."""
    source, folder = small_folder(tmp_path / "source"), DataFolder(tmp_path / "restored")
    card, act = Card(Kind.CALIBRATION, "pipe.burst", "", "", 0, 1, 1, 1, {}), fitted_models.Act("li", "", 5)
    with closing(Database(source.database)) as database, database.write() as connection:
        fitted_models.save(connection, card, map_json(PlattMap(0.5, 0.0)), act)
        fitted_models.activate(connection, card.name, 1, act)
    made = back_up(source, tmp_path / "a.tar", None, NOW, quietly)
    with Archive(made.path) as archive:
        restore(archive, folder, NOW, quietly)
    with closing(Database(folder.database)) as database:
        active = fitted_models.SavedModels(database).calibration("pipe.burst", 5)

    assert active is not None
    assert (active.version, active.fitted) == (1, PlattMap(0.5, 0.0))


def test_a_log_restored_twice_leaps_twice(made: Made, tmp_path: Path) -> None:
    """A backup of a restored service, restored again, goes on above the life between."""
    folder, again = DataFolder(tmp_path / "one"), DataFolder(tmp_path / "two")
    with Archive(made.path) as archive:
        restore(archive, folder, NOW, quietly)
    second = back_up(folder, tmp_path / "second.tar", None, NOW, quietly)
    with Archive(second.path) as archive:
        done = restore(archive, again, NOW, quietly)

    assert done.begins_at == 2 * LEAP


def test_a_reader_of_the_outbox_misses_nothing(tmp_path: Path) -> None:
    """What other systems are told after a restore comes after every id they may have got before."""
    with closing(Database(tmp_path / "main.db")) as database:
        seed(database)
        with database.read() as connection:
            before = outbox.after(connection, 0, 1_000)
        for _ in range(2):
            with database.write() as connection:
                outbox.leap(connection, LEAP)
        with database.write() as connection:
            outbox.put(connection, "work_order.moved", before[0].work_order, {}, 1)
            after = outbox.after(connection, before[-1].id, 1_000)

    assert [message.id for message in after] == [2 * LEAP + 1]


@pytest.mark.needs("influxdb")
def test_a_server_that_knows_more_takes_what_comes_next(source: DataFolder, influx: Influx, tmp_path: Path) -> None:
    """InfluxDB took more than the backup knows: it keeps that and takes what comes after the restore; nothing waits."""
    folder, restored, entries = DataFolder(tmp_path / "a"), DataFolder(tmp_path / "b"), [entry(n) for n in range(90)]
    shutil.copytree(source.root, folder.root, ignore=shutil.ignore_patterns("history.duckdb"))
    archive = back_up(folder, tmp_path / "a.tar", None, NOW, quietly)
    store = influx_store(influx.url, influx.database())
    nothing = PendingPoints(Database(tmp_path / "points.db"))
    with closing(SqliteLog(folder.log)) as log:
        log.append(entries[RECORDS:80])
        assert Forwarder(log, store, nothing).step()
    with Archive(archive.path) as opened:
        restore(opened, restored, NOW, quietly)
    with closing(SqliteLog(restored.log)) as log:
        forwarder = Forwarder(log, store, nothing)
        forwarder.step()
        log.append(entries[80:])
        forwarder.step()
        lag, trouble = forwarder.lag(), forwarder.trouble()
    found = [store.series(f"device-{n}", "flow_m3_h", 0, 2**61).at_us.tolist() for n in range(3)]
    store.close()

    assert archive.manifest.history == "elsewhere"
    assert sorted(at_us for one in found for at_us in one) == [one.batch.readings[0].at_us for one in entries]
    assert (lag, trouble) == (0, "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(where=0.990234375, flip=128)  # in the manifest: no UTF-8 any more
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(made: Made, tmp_path: Path, where: float, flip: int) -> None:
    """A flipped byte anywhere is refused, or lies where tar keeps nothing of ours: then all contents are equal."""
    data = bytearray(made.path.read_bytes())
    data[int(where * len(data))] ^= flip
    (tmp_path / "changed.tar").write_bytes(data)
    contents = {}
    for path in (made.path, tmp_path / "changed.tar"):
        shutil.rmtree(tmp_path / "unpacked", ignore_errors=True)
        with suppress(ArchiveUnusableError), Archive(path) as archive:
            archive.unpack(tmp_path / "unpacked", quietly)
            contents[path] = files(tmp_path / "unpacked")

    assert contents.get(tmp_path / "changed.tar", contents[made.path]) == contents[made.path]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True))
def test_a_cut_backup_is_refused(made: Made, tmp_path: Path, where: float) -> None:
    """A backup that ends anywhere before the end of its manifest is none."""
    data = made.path.read_bytes()
    ends = data.rindex(b"}") + 1
    (tmp_path / "cut.tar").write_bytes(data[: int(where * ends)])

    with pytest.raises(ArchiveUnusableError, match=r"cut\.tar"):
        Archive(tmp_path / "cut.tar")


def test_a_backup_cannot_write_elsewhere(tmp_path: Path) -> None:
    """A manifest that names a file outside the folder is refused before anything is unpacked."""
    (tmp_path / "x").write_text("x", encoding="ascii")
    for number, name in enumerate(("../evil", "/tmp/evil", "broker/../../evil")):  # noqa: S108 -- never written
        manifest = Manifest(1, "0.1.0", "", "duckdb", {}, {}, {}, (Packed(name, 1, "0"),))
        with new_archive(tmp_path / f"{number}.tar") as archive:
            archive.add(tmp_path / "x", name, quietly)
            archive.finish(manifest)

        with pytest.raises(ArchiveUnusableError, match="outside"):
            Archive(tmp_path / f"{number}.tar")


def test_a_damaged_backup_touches_nothing(source: DataFolder, made: Made, tmp_path: Path) -> None:
    """With --force too, what is there stays as it is until every digest is proven; nothing else is left behind."""
    data = bytearray(made.path.read_bytes())
    data[data.rindex(b"SQLite format 3") + 5_000] ^= 1
    (tmp_path / "bad.tar").write_bytes(data)
    shutil.copytree(source.root, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    before = files(folder.root)
    with Archive(tmp_path / "bad.tar") as archive, pytest.raises(ArchiveUnusableError, match="is not what was put in"):
        restore(archive, folder, NOW, quietly, force=True)

    assert files(folder.root) == before


def test_a_folder_with_data_is_refused_or_moved_aside(source: DataFolder, made: Made, tmp_path: Path) -> None:
    """Without force nothing changes; with it the old lies in replaced/, complete, with what databases keep beside."""
    shutil.copytree(source.root, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    Path(f"{folder.log}-wal").write_bytes(b"what SQLite would take for its own")
    before = files(folder.root)
    with Archive(made.path) as archive:
        with pytest.raises(FolderInUseError, match="--force"):
            restore(archive, folder, NOW, quietly)
        untouched = files(folder.root)
        done = restore(archive, folder, NOW, quietly, force=True)
    assert done.aside is not None
    aside = files(done.aside)

    assert untouched == before
    assert aside == {name: data for name, data in before.items() if not name.startswith("logs/")}
    assert not Path(f"{folder.log}-wal").exists()


def test_nobody_is_restored_over(made: Made, tmp_path: Path) -> None:
    """A part that is at work in the folder, whatever its name, keeps a restore out."""
    folder = DataFolder(tmp_path / "data")
    for part in ("run", "api", "ingest-2"):
        with (
            folder.held(part),
            Archive(made.path) as archive,
            pytest.raises(AlreadyRunningError, match=f"{part} is at work"),
        ):
            restore(archive, folder, NOW, quietly, force=True)


def test_half_a_restore_is_no_service(made: Made, tmp_path: Path) -> None:
    """Where a restore was cut short while it put things in place no part starts; restoring again heals it."""
    folder = DataFolder(tmp_path / "data")
    folder.make()
    folder.restoring.mkdir()
    (folder.restoring / "log.db").write_text("not moved yet", encoding="ascii")
    with pytest.raises(RestoreCutShortError, match="--force"), folder.held("api"):
        pass
    with Archive(made.path) as archive:
        restore(archive, folder, NOW, quietly, force=True)
    with folder.held("api"):
        held = files(folder.root)

    assert "log.db" in held
    assert not folder.restoring.exists()


def test_only_the_newest_are_kept(source: DataFolder, tmp_path: Path) -> None:
    """`keep` removes this service's older backups and what a killed one left, and nothing else."""
    (tmp_path / "notes.tar").touch()
    paths = [destination(source, tmp_path, NOW + timedelta(days=day)) for day in range(4)]
    made = [back_up(source, path, 2, NOW, quietly) for path in paths]

    assert [one.rotated for one in made] == [(), (), (paths[0],), (paths[1],)]
    assert sorted(tmp_path.glob("*.tar")) == sorted([*paths[2:], tmp_path / "notes.tar"])


def test_what_is_there_is_not_overwritten(source: DataFolder, tmp_path: Path) -> None:
    """A name that is taken is refused."""
    (tmp_path / "a.tar").touch()

    with pytest.raises(BackupFailedError, match="exists already"):
        destination(source, tmp_path / "a.tar", NOW)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every disk has a megabyte left; that cannot be handed in."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))  # noqa: SLF001
    return iter(())


@pytest.mark.usefixtures("full_disk")
def test_space_is_looked_for_first(source: DataFolder, made: Made, tmp_path: Path) -> None:
    """Neither a backup nor a restore begins where it does not fit; nothing is written."""
    with pytest.raises(NoSpaceError, match="1 MB free"):
        back_up(source, tmp_path / "a.tar", None, NOW, quietly)
    with Archive(made.path) as archive, pytest.raises(NoSpaceError, match="1 MB free"):
        restore(archive, DataFolder(tmp_path / "data"), NOW, quietly)

    assert list(tmp_path.glob("*.tar*")) == []
    assert not DataFolder(tmp_path / "data").log.exists()


def test_a_snapshot_needs_a_folder_that_somebody_made(source: DataFolder, tmp_path: Path) -> None:
    """Only a real folder below the data folder's own is written into, whatever name is asked for."""
    folder = DataFolder(tmp_path / "data")
    folder.backups.mkdir(parents=True)
    folder.workplace("a" * 32).mkdir()
    folder.workplace("b" * 32).symlink_to(tmp_path, target_is_directory=True)
    with closing(DuckdbReadingStore(source.history)) as store:
        snapshots = Snapshots(folder, store, nullcontext)
        places = [snapshots.place(letter * 32) for letter in "abc"]

    assert places == [folder.workplace("a" * 32), None, None]


def spoil_log(folder: DataFolder) -> None:
    """Damage a page in the middle of the log."""
    with folder.log.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)


def spoil_database(folder: DataFolder) -> None:
    """Have no main database."""
    folder.database.unlink()


@pytest.mark.parametrize(("spoil", "words"), [(spoil_log, r"log\.db"), (spoil_database, "right --data")])
def test_a_damaged_folder_makes_no_backup(
    source: DataFolder, tmp_path: Path, spoil: Callable[[DataFolder], None], words: str
) -> None:
    """A database that SQLite finds damaged, or that is not there, is said, and no backup is left to trust in."""
    shutil.copytree(source.root, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    spoil(folder)
    with pytest.raises(BackupFailedError, match=words):
        back_up(folder, tmp_path / "a.tar", None, NOW, quietly)

    assert list(tmp_path.glob("*.tar*")) == []
    assert [path.name for path in folder.backups.iterdir()] == []
