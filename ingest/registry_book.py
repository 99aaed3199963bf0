"""Registry book: the registry of a service in a file, with every change of it."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as insert_or_update
from sqlalchemy.exc import DBAPIError

from ingest.errors import (
    DatabaseUnavailableError,
    Problem,
    RegistryMovedOnError,
    RegistryRefusedError,
    RegistryUnavailableError,
)
from ingest.migrations import registry as migrations
from ingest.plates import PlateSeal
from ingest.registry import Registry
from ingest.registry_check import Check, Fault, Formats, inherited
from ingest.registry_edit import Difference, Edit, differences, with_sealed_permits
from ingest.registry_rows import ROWS, Kind, registry_of
from ingest.registry_tables import CHANGE, DIFFERENCE, ITEM, METADATA
from ingest.sqlite_database import SqliteDatabase

_BUSY_S = 30.0


@dataclass(frozen=True, slots=True)
class Signed:
    """Who changes the registry.

    Attributes:
        who: A person's name or id.
        why: In their words; may be empty.
        at_us: When, microseconds since the epoch.
        file_digest: Of the registry file that is taken up, if it is one.
    """

    who: str
    why: str
    at_us: int
    file_digest: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """A version of the registry: who made it, and what differs from the version before."""

    version: int
    signed: Signed
    differences: tuple[Difference, ...]


class RegistryBook:
    """The registry in a SQLite file that several processes read and change; a `RegistryReader`.

    Args:
        path: The file; made if it is not there.
        formats: The known wire formats; without them no source's format is checked.
        plates: Seals the number plates of permits, so that none is ever written down; None: they stay as they are.

    Raises:
        RegistryUnavailableError: The file cannot be opened. Every method may raise it too.
    """

    def __init__(self, path: Path, formats: Formats | None = None, plates: PlateSeal | None = None) -> None:
        self._path = path
        self._check = Check(formats)
        self._plates = plates
        self._lock = threading.Lock()
        self._current: tuple[int, Registry, Registry] | None = None
        with self._translated():
            self._database = SqliteDatabase(path, Path(migrations.__file__).parent, METADATA)
            # A connection of its own: the scorer asks a hundred times a second, and a query costs 3 us here, 150 us
            # by way of the pool.
            self._looks = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)

    def current(self) -> Registry:
        """The registry of now as detectors see it: the same object as before if nothing has changed."""
        return self._newest()[2]

    def as_written(self) -> Registry:
        """The registry of now as people wrote it: an asset's time zone is there only if it is its own."""
        return self._newest()[1]

    def version(self) -> int:
        """The version of now; 0 for a book in which nothing was ever written."""
        return self._newest()[0]

    def change(self, edit: Edit, signed: Signed, expected_version: int | None = None) -> RegistryChange | None:
        """Do an edit in one transaction, if what comes of it is sound.

        Args:
            edit: From the registry as it is written to what it is to become; it sees what others committed.
            signed: Who does it, and why.
            expected_version: The version of the registry that the editor saw.

        Returns:
            What has changed, or None where nothing differs; then there is no new version.

        Raises:
            RegistryRefusedError: What comes of it is not sound: says everything that is wrong.
            RegistryMovedOnError: One of the things it changes has been changed since `expected_version`.
        """
        with self._translated(), self._database.write() as connection:
            stored, version = _read(connection), _version(connection)
            after = self._checked(edit(_beginning(stored, version)))
            changed = differences(stored, after)
            if expected_version is not None:
                _check_unmoved(connection, changed, expected_version)
            taken = _taken_file(connection)
            if not changed and signed.file_digest in {None, taken and taken.file_digest}:
                return None
            _save(connection, version + 1, signed, changed)
        return RegistryChange(version + 1, signed, changed) if changed else None

    def preview(self, edit: Edit) -> tuple[Difference, ...]:
        """What `change` would change.

        Raises:
            RegistryRefusedError: What comes of it is not sound.
        """
        before = self.as_written()
        return differences(before, self._checked(edit(before)))

    def faults(self, registry: Registry, doubtful: frozenset[tuple[Kind, str]] = frozenset()) -> list[Fault]:
        """What is wrong with a registry as it is written; see `Check`."""
        return Check(self._check.formats, doubtful).faults(registry)

    def changes(self, before: int = 0, limit: int = 50) -> list[RegistryChange]:
        """The history, newest first.

        Args:
            before: Only versions below this one, for paging; 0: from the newest.
            limit: At most so many.
        """
        query = select(CHANGE).order_by(CHANGE.c.version.desc()).limit(limit)
        if before:
            query = query.where(CHANGE.c.version < before)
        with self._translated(), self._database.read() as connection:
            return [
                RegistryChange(row.version, _signed(row), _differences_of(connection, row.version))
                for row in connection.execute(query).all()
            ]

    def taken_file(self) -> Signed | None:
        """Which registry file was taken up last, when and by whom; None if none ever was."""
        with self._translated(), self._database.read() as connection:
            return _taken_file(connection)

    def close(self) -> None:
        """Release the file; calling it twice does nothing."""
        with self._lock:
            self._looks.close()
        self._database.close()

    def _newest(self) -> tuple[int, Registry, Registry]:
        with self._lock, self._translated():
            (version,) = self._looks.execute("SELECT coalesce(max(version), 0) FROM change").fetchone()
            if self._current is None or self._current[0] != version:
                self._current = self._taken_up()
            return self._current

    def _taken_up(self) -> tuple[int, Registry, Registry]:
        with self._database.read() as connection:
            version = _version(connection)
            registry = _beginning(_read(connection), version)
        if self._current is not None and registry == self._current[1]:
            return version, *self._current[1:]
        return version, registry, inherited(registry)

    def _checked(self, registry: Registry) -> Registry:
        faults = self._check.faults(registry)
        if faults:
            raise RegistryRefusedError([problem_of(fault) for fault in faults])
        return with_sealed_permits(registry, self._sealed) if self._plates is not None else registry

    def _sealed(self, plate: str) -> str:
        found = self._plates.seal(plate) if self._plates is not None else None
        return found.hash if found is not None else plate

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DatabaseUnavailableError as error:
            raise RegistryUnavailableError(str(self._path), error.problem) from error
        except DBAPIError as error:
            raise RegistryUnavailableError(str(self._path), str(error.orig)) from error
        except sqlite3.Error as error:
            raise RegistryUnavailableError(str(self._path), str(error)) from error
        except OSError as error:
            raise RegistryUnavailableError(str(self._path), error.strerror or str(error)) from error


def problem_of(fault: Fault) -> Problem:
    """A fault that has no place in a file."""
    return Problem(f"{fault.kind} {fault.id!r}, {fault.field}", fault.problem)


def _version(connection: Connection) -> int:
    version: int | None = connection.execute(select(func.max(CHANGE.c.version))).scalar()
    return version or 0


def _read(connection: Connection) -> Registry:
    rows = connection.execute(select(ITEM.c.kind, ITEM.c.body).order_by(ITEM.c.number))
    things = [ROWS[Kind(row.kind)].model_validate_json(row.body).thing() for row in rows]
    return registry_of(things)


def _beginning(stored: Registry, version: int) -> Registry:
    # A book in which nothing was ever written names no source: what is listened to by default holds, and is written
    # down with the first change, so that adding a source never silences the others.
    return stored if version else Registry({}, {}, {})


def _taken_file(connection: Connection) -> Signed | None:
    query = select(CHANGE).where(CHANGE.c.file_digest.is_not(None)).order_by(CHANGE.c.version.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _signed(row)


def _signed(row: Row[Any]) -> Signed:
    return Signed(row.who, row.why, row.at_us, row.file_digest)


def _check_unmoved(connection: Connection, changed: Sequence[Difference], expected: int) -> None:
    for one in changed:
        query = select(func.max(DIFFERENCE.c.version)).where(DIFFERENCE.c.kind == one.kind, DIFFERENCE.c.id == one.id)
        found: int = connection.execute(query).scalar() or 0
        if found > expected:
            raise RegistryMovedOnError(one.kind, one.id, expected, found)


def _save(connection: Connection, version: int, signed: Signed, changed: Sequence[Difference]) -> None:
    connection.execute(
        insert(CHANGE).values(
            version=version, at_us=signed.at_us, who=signed.who, why=signed.why, file_digest=signed.file_digest
        )
    )
    rows = [
        {"version": version, "kind": one.kind, "id": one.id, "before": _json(one.before), "after": _json(one.after)}
        for one in changed
    ]
    if rows:
        connection.execute(insert(DIFFERENCE), rows)
    for one in changed:
        if one.after is None:
            connection.execute(delete(ITEM).where(ITEM.c.kind == one.kind, ITEM.c.id == one.id))
    kept = [
        {"version": version, "kind": one.kind, "id": one.id, "body": _json(one.after)}
        for one in changed
        if one.after is not None
    ]
    if kept:
        statement = insert_or_update(ITEM)
        new = {"version": statement.excluded.version, "body": statement.excluded.body}
        connection.execute(statement.on_conflict_do_update(index_elements=["kind", "id"], set_=new), kept)


def _differences_of(connection: Connection, version: int) -> tuple[Difference, ...]:
    query = select(DIFFERENCE).where(DIFFERENCE.c.version == version).order_by(DIFFERENCE.c.number)
    return tuple(
        Difference(Kind(row.kind), row.id, _mapping(row.before), _mapping(row.after))
        for row in connection.execute(query)
    )


def _json(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else json.dumps(row, ensure_ascii=False)


def _mapping(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.loads(text)
