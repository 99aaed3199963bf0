"""Folders: what lies where below the data folder, and the lock that keeps two runs out of one folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.errors import AlreadyRunningError, RestoreCutShortError, ServiceError

RESTORE = "restore"
"""The part that a restore is."""


class FolderUnusableError(ServiceError):
    """The data folder cannot be made or written."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"data folder {folder} cannot be used: {reason}; choose another with --data")


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Everything that must survive a restart, below one folder."""

    root: Path

    @property
    def log(self) -> Path:
        """The log of batches and the quarantine."""
        return self.root / "log.db"

    @property
    def registry(self) -> Path:
        """Sites, assets, devices and sources, and every change of them."""
        return self.root / "registry.db"

    @property
    def database(self) -> Path:
        """Work orders, episodes, thresholds and detector state."""
        return self.root / "precomplaint.db"

    @property
    def history(self) -> Path:
        """The embedded time-series store."""
        return self.root / "history.duckdb"

    @property
    def refused_points(self) -> Path:
        """What a time-series server would not take."""
        return self.root / "refused_points.db"

    @property
    def broker(self) -> Path:
        """The embedded broker's configuration, password and queue."""
        return self.root / "broker"

    @property
    def clock(self) -> Path:
        """A simulation's time."""
        return self.root / "clock"

    @property
    def simulation(self) -> Path:
        """Which simulation runs here, so that a restart goes on with it."""
        return self.root / "simulation.json"

    @property
    def plate_key(self) -> Path:
        """The key that number plates are hashed with."""
        return self.root / "plate_key"

    @property
    def logs(self) -> Path:
        """What the parts write while they run."""
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        """Where backups go if nobody says where."""
        return self.root / "backup"

    def workplace(self, name: str) -> Path:
        """Where a backup's copies lie until they are packed."""
        return self.backups / f".work-{name}"

    @property
    def borrowed_history(self) -> Path:
        """A copy of the history for who reads much of it while the API has it open; removed when it was read."""
        return self.root / ".borrowed-history.duckdb"

    @property
    def restoring(self) -> Path:
        """A proven backup on its way into place: there for milliseconds, or because that was cut short."""
        return self.root / "restoring"

    @property
    def replaced(self) -> Path:
        """Where a restore moves what it replaces."""
        return self.root / "replaced"

    def contents(self) -> list[Path]:
        """Every file that a backup holds, in no order that matters: what lies here, and what the broker must keep.

        Not what is written anew at each start (`logs`, `locks`, `ready`, the broker's configuration), and not what
        belongs to a database that is copied as one (its `-wal`). Folders below belong to other services.
        """
        of_broker = (self.broker / name for name in ("password", "device_password", "mosquitto.db"))
        found = [*of_broker, *self.root.glob("*")]
        return [path for path in found if path.is_file() and not path.name.startswith(".") and not _is_aside(path)]

    def parts(self) -> list[str]:
        """Every part that ever held this folder."""
        return sorted(path.name for path in self._lock("run").parent.glob("*"))

    def _lock(self, part: str) -> Path:
        return self.root / "locks" / part

    def runs(self, part: str) -> bool:
        """Whether somebody is this part now."""
        try:
            with self._lock(part).open("r", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # it never was
        return False

    def ready_file(self, part: str) -> Path:
        """Made by a part once it does its work, removed when it starts and stops."""
        return self.root / "ready" / part

    def make(self) -> None:
        """Make the folder, and make sure that it can be written.

        Raises:
            FolderUnusableError: It cannot be made or written.
        """
        try:
            self._lock("run").parent.mkdir(parents=True, exist_ok=True)
            with self._lock("run").open("a", encoding="ascii"):
                pass
        except OSError as error:
            raise FolderUnusableError(self.root, error.strerror or str(error)) from error

    @contextmanager
    def held(self, part: str = "run") -> Iterator[None]:
        """Hold the folder for one run, or for one process of a part: two would undo each other's work.

        Raises:
            AlreadyRunningError: Another one holds it.
            FolderUnusableError: It cannot be made or written.
            RestoreCutShortError: What lies there is half of a backup.
        """
        self.make()
        with self._lock(part).open("w", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise AlreadyRunningError(part, str(self.root)) from error
            if self.restoring.exists() and part != RESTORE:
                raise RestoreCutShortError(self.root)
            yield


def _is_aside(path: Path) -> bool:
    """Whether a file belongs to a database beside it, or is nobody's for long."""
    return path.name.endswith(("-wal", "-shm", "-journal", ".wal", ".lock", ".tmp"))
