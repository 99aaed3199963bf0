"""Restore: a data folder made from a backup, such that a service goes on in it."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from alerts import outbox
from alerts.database import Database
from ingest.sqlite_log import SqliteLog
from service.archive import Advance, Archive, sync_folder
from service.errors import ArchiveUnusableError, FolderInUseError, NoSpaceError
from service.folders import RESTORE, DataFolder
from service.snapshots import is_database

LEAP = 10**12
"""A restored log goes on at the next multiple of this: above every position that its earlier life can have given, also
in what nobody backed up (a time-series server, a ticket system's cursor). Three years at 10,000 messages a second, and
9,000 restores until numbers leave what JSON holds exactly."""
_SPARE = 16 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done.

    Attributes:
        folder: Where the service can go on.
        begins_at: The position at which its log goes on.
        aside: Where what was there before is now, None if nothing was.
    """

    folder: Path
    begins_at: int
    aside: Path | None


def restore(archive: Archive, folder: DataFolder, at: datetime, advance: Advance, *, force: bool = False) -> Restored:
    """Make a data folder from a backup; what was there before stays untouched until every digest has been proven.

    Args:
        archive: The backup.
        folder: Where to; a folder that holds data is refused unless `force` moves that aside.
        at: Now, for the name of what is moved aside.
        advance: For a progress bar.
        force: Move aside what is there.

    Raises:
        ArchiveUnusableError: The backup is damaged, or a newer release made it.
        FolderInUseError: The folder holds data.
        AlreadyRunningError: A service is at work in it.
        NoSpaceError: The backup does not fit.
        FolderUnusableError: The folder cannot be made or written.
    """
    _require_known(archive)
    with _nobody_in(folder):
        held = _held(folder)
        if held and not force:
            raise FolderInUseError(folder.root, len(held))
        _require_space(archive, folder)
        unpacked = DataFolder(folder.root / ".unpacked")
        shutil.rmtree(unpacked.root, ignore_errors=True)
        unpacked.root.mkdir(mode=0o700)
        try:
            archive.unpack(unpacked.root, advance)
            begins_at = _leap(archive, unpacked, at)
            # From here on the folder is neither the old one nor the new one, and no part starts in it.
            unpacked.root.rename(folder.restoring)
        finally:
            shutil.rmtree(unpacked.root, ignore_errors=True)
        aside = _move_aside(folder, held, at)
        for path in sorted(folder.restoring.iterdir()):
            path.rename(folder.root / path.name)
        sync_folder(folder.root)
        folder.restoring.rmdir()
        sync_folder(folder.root)
    return Restored(folder.root, begins_at, aside)


@contextmanager
def _nobody_in(folder: DataFolder) -> Iterator[None]:
    """Hold a folder against every part of a service; what an earlier restore left is removed."""
    with ExitStack() as held:
        held.enter_context(folder.held(RESTORE))
        shutil.rmtree(folder.restoring, ignore_errors=True)
        for part in sorted({"run", "ingest", "score", "api", "backup", *folder.parts()} - {RESTORE}):
            held.enter_context(folder.held(part))
        yield


def _held(folder: DataFolder) -> list[Path]:
    """What lies in a folder and would be replaced: its files, those beside a database too, and the broker's things."""
    return [path for path in folder.root.glob("*") if path.is_file() or path == folder.broker]


def _require_known(archive: Archive) -> None:
    made_by, installed = archive.manifest.version, version("precomplaint")
    if _numbers(made_by) > _numbers(installed):
        raise ArchiveUnusableError(
            archive.path, f"Precomplaint {made_by} made it and this is {installed}; install that one"
        )


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split(".") if part.isdecimal())


def _require_space(archive: Archive, folder: DataFolder) -> None:
    need = sum(packed.size for packed in archive.manifest.files) + _SPARE
    free = shutil.disk_usage(folder.root).free
    if free < need:
        raise NoSpaceError(folder.root, need, free)


def _leap(archive: Archive, copies: DataFolder, at: datetime) -> int:
    """Let log and outbox go on above everything their earlier life can have numbered; where the log goes on."""
    broken = next((path for path in (copies.log, copies.database) if not (path.exists() and is_database(path))), None)
    if broken is not None:
        raise ArchiveUnusableError(archive.path, f"it holds no {broken.name}")
    with closing(SqliteLog(copies.log)) as log:
        begins_at = (log.head() // LEAP + 1) * LEAP
        log.leap(begins_at, round(at.timestamp() * 1e6))
    with closing(Database(copies.database)) as database, database.write() as connection:
        outbox.leap(connection, LEAP)
    return begins_at


def _move_aside(folder: DataFolder, held: list[Path], at: datetime) -> Path | None:
    if not held:
        return None
    aside = folder.replaced / f"{at:%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700, parents=True)
    for path in held:
        path.rename(aside / path.name)
    return aside
