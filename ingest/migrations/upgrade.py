"""Upgrade: an older log file brought to the newest revision; imported only when there is one, as Alembic is large."""

import sqlite3
from pathlib import Path
from typing import Any

import msgspec
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from ingest.log_tables import VERSION_TABLE
from ingest.migrations import log

_FIRST = "0001"
"""What a file is that says nothing of its revision: the first release's."""


def upgrade(path: str) -> None:
    """Bring a log file to the newest revision in one transaction: a kill leaves it as it was.

    Raises:
        sqlite3.DatabaseError: It could not be done; nothing has changed.
    """
    engine = create_engine("sqlite+pysqlite://", creator=lambda: _connection(path), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    script = ScriptDirectory(str(Path(log.__file__).parent))

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 -- what alembic.command.upgrade itself calls

    try:
        with engine.begin() as connection, EnvironmentContext(Config(), script, fn=steps) as environment:
            if not inspect(connection).has_table("alembic_version"):
                connection.exec_driver_sql(VERSION_TABLE)
                connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (_FIRST,))
            environment.configure(connection=connection, transactional_ddl=True)
            environment.run_migrations()
    except (DatabaseError, msgspec.MsgspecError) as error:
        raise sqlite3.DatabaseError(f"it cannot be upgraded, and is as it was: {error}") from error


def _connection(path: str) -> sqlite3.Connection:
    # Python's own transaction handling would commit before DDL.
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection
