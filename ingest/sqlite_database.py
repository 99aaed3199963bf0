"""SQLite database: a file of tables, brought to the newest version when it is opened."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, ExceptionContext, MetaData, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from ingest.errors import DatabaseUnavailableError

_BUSY_MS = 30_000
"""How long a writer waits for another process's transaction; ours last milliseconds (chosen by)."""


class SqliteDatabase:
    """A SQLite file whose tables are made by migrations.

    Several processes may open the same file at the same time, the first one brings it up to date. Every committed
    transaction is on the disk when `write` returns (WAL, `synchronous=FULL`).

    Args:
        path: The file; it and its folder are made when they do not exist.
        migrations: The folder of the Alembic migrations that make the tables; files in its `versions` are named by
            their revision, `r0001_*.py`.
        metadata: The tables that come of them.

    Raises:
        DatabaseUnavailableError: The file cannot be read or written now. Every transaction may raise it too.
    """

    def __init__(self, path: Path, migrations: Path, metadata: MetaData) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)))
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        event.listen(self._engine, "handle_error", self._translate)
        with _locked(path.with_name(path.name + ".lock")), self.write() as connection:
            if _revision(connection) != max(file.name[1:5] for file in (migrations / "versions").glob("r*.py")):
                _upgrade(connection, migrations, metadata)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; it has the write lock from its first statement, so it never meets a conflict.

        Commits when the block ends, rolls back when it raises.
        """
        with self._engine.connect().execution_options(precomplaint_writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the database and never waits for a writer."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Release the file; calling it twice does nothing."""
        self._engine.dispose()

    def _translate(self, context: ExceptionContext) -> None:
        """What the file's state is to blame for, in our words; what the caller is to blame for stays as it is."""
        error = context.original_exception
        if type(error) in {sqlite3.OperationalError, sqlite3.DatabaseError}:
            raise DatabaseUnavailableError(str(self.path), str(error)) from error


def _prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # Python's own transaction handling would begin transactions late and commit before DDL; `_begin` does it instead.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("precomplaint_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed, also by a kill
        yield


def _revision(connection: Connection) -> str | None:
    """The version the file is at, or None for a new one."""
    made = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").scalar()
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if made else None


def _upgrade(connection: Connection, migrations: Path, metadata: MetaData) -> None:
    # Alembic costs 12 MB and 0.15 s; a process that finds its tables as they should be does without.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(migrations))

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 -- what alembic.command.upgrade itself calls

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        environment.run_migrations()
