"""SQLite quarantine: what people do with refused messages, in the log's file and from any process."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.log_file import LogFile
from ingest.quarantine import Quarantined, Query, Refusal, Waiting
from ingest.sqlite_refusals import Bounds, expire, expire_private

_COLUMNS = "number, topic, payload, reason, detail, received_us, digest, source, device, site, requested"


class SqliteQuarantine:
    """The quarantine of a log file, beside whoever appends to it.

    Number and bytes are bounded where messages come in, by `SqliteLog`.

    Args:
        path: The log's file.
        bounds: For the age.

    Raises:
        LogUnavailableError: The file cannot be opened or is not a log.
    """

    def __init__(self, path: str | Path, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._looked_us = 0
        self._file = LogFile(path)

    def find(self, query: Query) -> list[Quarantined]:
        """See `Quarantine.find`."""
        where, values = _where(query)
        return [
            _quarantined(row)
            for row in self._file.rows(f"SELECT {_COLUMNS} FROM quarantine {where}", values)  # noqa: S608 -- constants
        ]

    def reasons(self, query: Query) -> dict[int, str]:
        """See `Quarantine.reasons`."""
        where, values = _where(query)
        return dict(self._file.rows(f"SELECT number, reason FROM quarantine {where}", values))  # noqa: S608 -- constants

    def held(self) -> Mapping[str, int]:
        """See `Quarantine.held`."""
        return dict(self._file.rows("SELECT reason, messages FROM held WHERE messages > 0 ORDER BY reason"))

    def refused_ever(self) -> Mapping[str, int]:
        """See `Quarantine.refused_ever`."""
        return dict(self._file.rows("SELECT reason, ever FROM held WHERE ever > 0 ORDER BY reason"))

    def request_replay(self, query: Query) -> int:
        """See `Quarantine.request_replay`."""
        return self._changed("UPDATE quarantine SET requested = 1", query)

    def requested(self, limit: int) -> list[Quarantined]:
        """See `Quarantine.requested`."""
        rows = self._file.rows(
            f"SELECT {_COLUMNS} FROM quarantine WHERE requested ORDER BY number LIMIT ?",  # noqa: S608 -- constants
            (limit,),
        )
        return [_quarantined(row) for row in rows]

    def discard(self, query: Query) -> int:
        """See `Quarantine.discard`."""
        return self._changed("DELETE FROM quarantine", query)

    def expire(self, now_us: int) -> int:
        """See `Quarantine.expire`."""
        with self._file.transaction() as connection:
            private_us = now_us - self._bounds.private_age_us
            gone = expire(connection, now_us - self._bounds.age_us)
            gone += expire_private(connection, self._looked_us, private_us)
        self._looked_us = max(self._looked_us, private_us)  # each message reaches that age once
        return gone

    def waiting(self) -> list[Waiting]:
        """See `Quarantine.waiting`."""
        return [Waiting(*row) for row in self._file.rows("SELECT * FROM waiting ORDER BY first_us, source, address")]

    def dismiss(self, source: str, address: str) -> None:
        """See `Quarantine.dismiss`."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM waiting WHERE source = ? AND address = ?", (source, address))

    def close(self) -> None:
        """See `Quarantine.close`."""
        self._file.close()

    def _changed(self, change: str, query: Query) -> int:
        where, values = _where(query)
        with self._file.transaction() as connection:
            chosen = f"SELECT number FROM quarantine {where}"  # noqa: S608 -- constants
            return connection.execute(f"{change} WHERE number IN ({chosen})", values).rowcount


def _quarantined(row: tuple[Any, ...]) -> Quarantined:
    number, *refusal, requested = row
    return Quarantined(number, Refusal(*refusal), bool(requested))


def _where(query: Query) -> tuple[str, list[object]]:
    """The conditions of a query, their values, and its order and limit."""
    conditions, values = ["1"], list[object]()
    for column in ("reason", "source", "device"):
        if wanted := getattr(query, column):
            conditions.append(f"{column} = ?")
            values.append(wanted)
    if query.topic:
        conditions.append("topic_matches(?, topic)")
        values.append(query.topic)
    if query.numbers:
        conditions.append("number IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(query.numbers)))
    if query.before:
        conditions.append("number < ?")
        values.append(query.before)
    values.append(query.limit or -1)
    return f"WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?", values
