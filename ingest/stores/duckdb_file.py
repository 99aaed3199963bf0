"""DuckDB file: a copy of it while it is open, and a smaller one where most of it is empty."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb

_WORTH_BLOCKS = 64
"""A file is made smaller from 16 MiB on, if more than half of its blocks are free; chosen by: below, who cares."""

_COPY = """
import shutil, sys
try:
    shutil.copyfile(*sys.argv[1:])
except OSError as error:
    sys.exit(error.errno)
"""


def copy(connection: duckdb.DuckDBPyConnection, path: Path, to: Path) -> None:
    """Write what an open file holds to another one, which is a single file then. Nobody may write meanwhile.

    Raises:
        OSError: The copy cannot be written.
    """
    with suppress(duckdb.TransactionException):  # somebody reads just now: then the log beside the file counts
        connection.execute("CHECKPOINT")
    for suffix in ("", ".wal"):
        Path(f"{to}{suffix}").unlink(missing_ok=True)
        if Path(f"{path}{suffix}").exists():
            _copy_from_outside(f"{path}{suffix}", f"{to}{suffix}")


def _copy_from_outside(path: str, to: str) -> None:
    """Copy in a process of its own: one that closes a file loses its locks on it, and DuckDB's is ours (fcntl(2))."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _COPY, path, to], check=False)  # noqa: S603 -- our own
    if done.returncode:
        raise OSError(done.returncode, os.strerror(done.returncode), to)


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The open file, made if it is missing; first rewritten if most of it is empty.

    What is deleted leaves room inside a DuckDB file, which new rows fill; the file itself shrinks only where its end
    is free. After somebody has shortened how long readings are kept most of it would stay empty for ever.
    """
    connection = duckdb.connect(str(path))
    rows = connection.execute("SELECT total_blocks, free_blocks FROM pragma_database_size()").fetchall()
    total, free = rows[0]
    if total < _WORTH_BLOCKS or 2 * free < total or not _has_room_for(path, total - free, total):
        return connection
    smaller = path.with_name(path.name + ".smaller")
    smaller.unlink(missing_ok=True)
    (name,) = connection.execute("SELECT current_database()").fetchall()[0]
    quoted = str(smaller).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS smaller")
    connection.execute('COPY FROM DATABASE "{}" TO smaller'.format(name.replace('"', '""')))
    connection.execute("DETACH smaller")
    connection.close()
    smaller.replace(path)
    return duckdb.connect(str(path))


def _has_room_for(path: Path, used: int, total: int) -> bool:
    """Whether the disk can hold the smaller file beside this one, and as much again for who else writes."""
    return shutil.disk_usage(path.parent).free > 2 * path.stat().st_size * used // total
