"""Backup: a whole data folder in one file, made while the service runs."""

import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import httpx
from sqlalchemy import func, select

from alerts import detector_memory
from alerts.database import Database
from alerts.errors import SnapshotFailedError
from alerts.tables import WORK_ORDER
from ingest.errors import IngestError
from ingest.history import StoreUnavailableError
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.stores.duckdb_store import DuckdbReadingStore
from service.archive import FORMAT, Advance, Manifest, Packed, new_archive
from service.errors import BackupFailedError, NoSpaceError
from service.folders import DataFolder
from service.snapshots import Snapshots, copy_database, is_database

_NAME = "precomplaint-{at:%Y%m%dT%H%M%SZ}.tar"
_OURS = "precomplaint-*.tar"
_SPARE = 16 << 20
_LOOK_S = 0.2
_API_ANSWERS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, and the older ones that went for it."""

    path: Path
    manifest: Manifest
    rotated: tuple[Path, ...]


def destination(folder: DataFolder, to: Path | None, at: datetime) -> Path:
    """The file a backup goes to: `to` if it ends in .tar, else one named for the time in it or in the data folder.

    Raises:
        BackupFailedError: Such a file is there already, or its folder cannot be made.
    """
    to = to or folder.backups
    path = to if to.suffix == ".tar" else to / _NAME.format(at=at)
    if path.exists():
        raise BackupFailedError(f"{path} exists already; name another file, or a folder")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupFailedError(f"{path.parent} cannot be made: {error.strerror}; name another place") from error
    return path.resolve()


def back_up(folder: DataFolder, path: Path, keep: int | None, at: datetime, advance: Advance) -> Made:
    """Back a data folder up, whether its service runs or not.

    The order of the copies is what makes them fit each other:

    1. The small files, a simulation's clock and the broker's queue. What the broker acknowledged before is in this
       queue or, later, in the log; what is in both is recognised by its digest.
    2. History and main database as a pair (`Snapshots`).
    3. Other databases, such as the registry.
    4. The log, last. Every reader keeps its position with its results (the scorer in the main database, the
       forwarder in the history), and these were copied before: so each position lies at or before the end of the
       log, and a restored reader goes on with what it had not seen. The other way round it would be told of results
       of messages that the log never heard of, and skip as many new ones.

    Args:
        folder: What to back up.
        path: See `destination`.
        keep: Of the backups in that folder only so many newest stay; None: all.
        at: Now.
        advance: For a progress bar; each byte counts twice, once copied and once packed.

    Raises:
        BackupFailedError: It could not be made; nothing is left of it.
        AlreadyRunningError: Another backup of this folder is being made.
    """
    with folder.held("backup"), _workplace(folder) as work:
        if not folder.database.exists() or not folder.log.exists():
            raise BackupFailedError(
                f"{folder.root} holds no log and work orders; is it the right --data?{_hint(folder)}"
            )
        _require_space(folder, path)
        try:
            history = _copy(folder, work, advance)
            with new_archive(path) as archive:
                for file in sorted(p for p in work.rglob("*") if p.is_file()):
                    archive.add(file, str(file.relative_to(work)), advance)
                manifest = _manifest(DataFolder(work), history, at, archive.packed)
                archive.finish(manifest)
        except OSError as error:
            raise BackupFailedError(f"{error.filename or path}: {error.strerror or error}") from error
        except (IngestError, SnapshotFailedError) as error:
            raise BackupFailedError(str(error)) from error
    return Made(path, manifest, tuple(_rotate(path, keep)))


def move_history_copy(folder: DataFolder, to: Path) -> None:
    """Have the API, which has the embedded history open, copy it, and put the copy where nobody else works.

    Args:
        folder: Whose history.
        to: A file that is not there yet, in this data folder.

    Raises:
        BackupFailedError: It could not be copied.
        AlreadyRunningError: A backup of this folder is being made.
    """
    with folder.held("backup"), _workplace(folder) as work:
        need, free = _size(folder.history) + _size(folder.database) + _SPARE, shutil.disk_usage(folder.root).free
        if free < need:
            raise NoSpaceError(folder.root, need, free)
        _ask_api(folder, work)
        (work / folder.history.name).rename(to)


def _hint(folder: DataFolder) -> str:
    """Where the data of a simulation lies, if this is the folder around it."""
    simulation = DataFolder(folder.root / "simulation")
    return f" a simulation's is {simulation.root}" if simulation.log.exists() else ""


def bytes_to_copy(folder: DataFolder) -> int:
    """How large the files of a data folder are together."""
    return sum(_size(path) for path in folder.contents())


@contextmanager
def _workplace(folder: DataFolder) -> Iterator[Path]:
    """A folder for the copies, whose name nobody can guess; those that a killed backup left are removed."""
    for left in folder.backups.glob(folder.workplace("*").name):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.backups.glob(".*.partial"):
        left.unlink()
    work = folder.workplace(secrets.token_hex(16))
    work.mkdir(mode=0o700, parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _require_space(folder: DataFolder, path: Path) -> None:
    """Return if there is room for all copies, and for the archive that grows while they go."""
    sizes = [_size(one) for one in folder.contents()]
    at_once = {folder.backups: sum(sizes) + _SPARE}
    if path.parent.stat().st_dev == folder.backups.stat().st_dev:
        at_once[folder.backups] += sum(sizes)
    else:
        at_once[path.parent] = sum(sizes) + _SPARE
    for place, need in at_once.items():
        free = shutil.disk_usage(place).free
        if free < need:
            raise NoSpaceError(place, need, free)


def _size(path: Path) -> int:
    """Of a file and of what SQLite or DuckDB keep beside it."""
    beside = (path, Path(f"{path}-wal"), Path(f"{path}.wal"))
    return sum(one.stat().st_size for one in beside if one.exists())


def _copy(folder: DataFolder, work: Path, advance: Advance) -> int | None:
    """Copy everything in the order that matters; the position of the history, None if it is not in this folder."""
    later = {folder.history, folder.database, folder.log}
    files = [path for path in folder.contents() if path not in later]
    databases = [path for path in files if is_database(path)]
    for path in files:
        if path not in databases:
            target = work / path.relative_to(folder.root)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, target)
            advance(path.name, target.stat().st_size)
    history = _copy_pair(folder, work, advance)
    for path in [*databases, folder.log]:
        copy_database(path, work / path.name, partial(advance, path.name))
    return history


def _copy_pair(folder: DataFolder, work: Path, advance: Advance) -> int | None:
    """Copy history and main database: directly, or through the API if it has the history open, as only one can."""
    if not folder.history.exists():
        copy_database(folder.database, work / folder.database.name, partial(advance, folder.database.name))
        return None
    try:
        store = DuckdbReadingStore(folder.history)
    except StoreUnavailableError:
        if not folder.ready_file("api").exists():
            raise
        with ThreadPoolExecutor(1) as beside:
            asked, done = beside.submit(_ask_api, folder, work), 0
            while not wait([asked], _LOOK_S).done:
                so_far = sum(path.stat().st_size for path in work.glob("*db"))
                advance("history and work orders", max(0, so_far - done))
                done = max(done, so_far)
        return asked.result()
    with closing(store):
        position = Snapshots(folder, store, _nothing_moves).make(work)
    advance("history and work orders", sum(path.stat().st_size for path in work.glob("*db")))
    return position


@contextmanager
def _nothing_moves() -> Iterator[None]:
    """While we hold the history there is no forwarder."""
    yield


def _ask_api(folder: DataFolder, work: Path) -> int:
    """Have the API copy what is its own into the workplace; the position of the history."""
    said = folder.ready_file("api")
    try:
        url = said.read_text(encoding="ascii")
        name = work.name.removeprefix(folder.workplace("").name)
        timeout = httpx.Timeout(_API_ANSWERS_WITHIN_S, read=None)  # a large history takes its time
        answer = httpx.post(f"{url}/api/v1/snapshots/{name}", timeout=timeout, trust_env=False)
    except (httpx.HTTPError, OSError) as error:
        raise BackupFailedError(
            f"the history is in the hands of the API, and it does not answer ({error}); wait until it has started, or "
            "stop the service and try again"
        ) from error
    if answer.status_code != httpx.codes.CREATED:
        raise BackupFailedError(f"the API could not copy the history: {_detail(answer)}")
    return int(answer.json()["position"])


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"it answered {answer.status_code}"


def _manifest(copies: DataFolder, history: int | None, at: datetime, packed: tuple[Packed, ...]) -> Manifest:
    """What the copies hold; they are packed by now, so it does no harm that opening them writes to them."""
    with closing(SqliteLog(copies.log)) as log, closing(Database(copies.database)) as database:
        with database.read() as connection:
            scored, _ = detector_memory.position(connection)
            orders = connection.execute(select(func.count()).select_from(WORK_ORDER)).scalar_one()
        positions = {"log": log.head(), "scored": scored}
        watermarks = log.watermarks()
    with closing(SqliteQuarantine(copies.log)) as quarantine:
        quarantined = sum(quarantine.held().values())
    return Manifest(
        format=FORMAT,
        version=version("precomplaint"),
        made_at=at.isoformat(timespec="seconds"),
        history="elsewhere" if history is None else "duckdb",
        positions=positions | ({} if history is None else {"history": history}),
        newest={site: datetime.fromtimestamp(us / 1e6, UTC).isoformat() for site, us in sorted(watermarks.items())},
        counts={"work_orders": orders, "quarantined": quarantined},
        files=packed,
    )


def _rotate(newest: Path, keep: int | None) -> Iterator[Path]:
    """Remove all but the newest backups beside this one; which went."""
    if keep is None:
        return
    for path in sorted(newest.parent.glob(_OURS), reverse=True)[keep:]:
        if path != newest:
            path.unlink()
            yield path
