"""SQLite refusals: how refused messages and devices nobody knows are kept in the log's file, within bounds."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.payload_view import is_private
from ingest.quarantine import Reason, Refusal

_DAY_US = 86_400_000_000

# A message that is here already keeps its number and its arrival: it is the same one, judged once more.
_ADD = (
    "INSERT INTO quarantine (digest, received_us, topic, reason, detail, source, device, site, pile, requested,"
    " payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason,"
    " detail = excluded.detail, source = excluded.source, device = excluded.device, site = excluded.site,"
    " pile = excluded.pile, requested = 0"
)
_TRIM_PILE = (
    "DELETE FROM quarantine WHERE source = ?1 AND pile = ?2 AND reason = ?3 AND number <= (SELECT number FROM"
    " quarantine WHERE source = ?1 AND pile = ?2 AND reason = ?3 ORDER BY number DESC LIMIT 1 OFFSET ?4)"
)
_TRIM_NUMBER = (
    "DELETE FROM quarantine WHERE number IN (SELECT number FROM quarantine WHERE reason = ? ORDER BY number LIMIT ?)"
)
_OLDEST_SIZES = "SELECT number, length(payload) FROM quarantine WHERE reason = ? ORDER BY number LIMIT 1000"
_WAIT = (
    "INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET site = excluded.site,"
    " topic = excluded.topic, last_us = max(last_us, excluded.last_us), messages = messages + excluded.messages"
)
# Names that somebody makes up speak once; a device that is waiting for its approval speaks again and again.
_TRIM_WAITING = (
    "DELETE FROM waiting WHERE (source, address) IN"
    " (SELECT source, address FROM waiting ORDER BY messages, last_us LIMIT ?)"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a quarantine keeps; what it has most of gives way first, the oldest of it.

    Attributes:
        messages: In all.
        bytes: Of payloads, in all.
        age_us: Since it came, microseconds.
        private_age_us: Likewise, of what holds a number plate or a picture. Source: DOMAIN 4.4, un-confirmed stills are
            deleted after 7 days.
        a_pile: Messages of one device (of one topic, where no device could be read), source and reason.
        devices: On the waiting list.
    """

    messages: int = 20_000
    bytes: int = 256_000_000
    age_us: int = 30 * _DAY_US
    private_age_us: int = 7 * _DAY_US
    a_pile: int = 200
    devices: int = 10_000


def keep(connection: sqlite3.Connection, refusals: Sequence[Refusal], bounds: Bounds) -> None:
    """Put refusals into quarantine and their unknown devices on the waiting list, inside the log's transaction."""
    rows = [
        (r.digest, r.received_us, r.topic, r.reason, r.detail, r.source, r.device, r.site, _pile(r), r.payload)
        for r in refusals
    ]
    connection.executemany(_ADD, rows)
    piles = {(r.source, _pile(r), r.reason) for r in refusals}
    connection.executemany(_TRIM_PILE, [(*pile, bounds.a_pile) for pile in piles])
    _trim(connection, bounds)
    unknown = [r for r in refusals if r.reason == Reason.UNKNOWN_DEVICE and r.device]
    if unknown:
        _wait(connection, unknown, bounds.devices)


def expire(connection: sqlite3.Connection, before_us: int) -> int:
    """Forget what was received before a time; how many."""
    return connection.execute("DELETE FROM quarantine WHERE received_us < ?", (before_us,)).rowcount


def expire_private(connection: sqlite3.Connection, since_us: int, before_us: int) -> int:
    """Forget what was received between two times and holds a number plate or a picture; how many.

    The bytes are not blotted out instead: a replay takes a message as it came, and knows it again by them.
    """
    rows = connection.execute(
        "SELECT number, payload FROM quarantine WHERE received_us >= ? AND received_us < ?", (since_us, before_us)
    )
    private = [number for number, payload in rows if is_private(payload)]
    release(connection, private)
    return len(private)


def release(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Let messages leave quarantine."""
    connection.executemany("DELETE FROM quarantine WHERE number = ?", [(number,) for number in numbers])


def _pile(refusal: Refusal) -> str:
    return refusal.device or refusal.topic


def _trim(connection: sqlite3.Connection, bounds: Bounds) -> None:
    while True:
        held = connection.execute("SELECT reason, messages, bytes FROM held").fetchall()
        over = sum(row[1] for row in held) - bounds.messages
        if over > 0:
            reason, messages, _ = max(held, key=lambda row: row[1])
            connection.execute(_TRIM_NUMBER, (reason, min(over, messages)))
            continue
        over = sum(row[2] for row in held) - bounds.bytes
        if over <= 0:
            return
        reason, _, _ = max(held, key=lambda row: row[2])
        for number, size in connection.execute(_OLDEST_SIZES, (reason,)).fetchall():
            release(connection, [number])
            over -= size
            if over <= 0:
                break


def _wait(connection: sqlite3.Connection, unknown: Sequence[Refusal], devices: int) -> None:
    """One row a device: one that floods costs no more than one that speaks once."""
    spoken: dict[tuple[str, str], list[Refusal]] = {}
    for refusal in unknown:
        spoken.setdefault((refusal.source, refusal.device), []).append(refusal)
    connection.executemany(
        _WAIT,
        [
            (*key, said[-1].site, said[-1].topic, said[0].received_us, said[-1].received_us, len(said))
            for key, said in spoken.items()
        ],
    )
    ((waiting,),) = connection.execute("SELECT count(*) FROM waiting").fetchall()
    if waiting > devices:
        # Some more than must go, so that the next commits of a flood need not sort the list again.
        connection.execute(_TRIM_WAITING, (waiting - devices + devices // 20,))
