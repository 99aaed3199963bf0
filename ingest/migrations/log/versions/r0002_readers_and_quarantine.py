"""Readers and quarantine: who needs which batch, when batches came, and a quarantine people can work with."""

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

A_STEP = 1_000

AROUND = (
    "CREATE TABLE arrival (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, newest_us INTEGER NOT NULL)",
    "CREATE INDEX arrival_newest ON arrival (newest_us)",
    "CREATE TABLE reader (reader TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
    'CREATE TABLE kept ("key" TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID',
    "CREATE TABLE heard (device TEXT PRIMARY KEY, received_us INTEGER NOT NULL, at_us INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE note (process TEXT PRIMARY KEY, at_us INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID",
)
QUARANTINE = (
    """
    CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        digest BLOB NOT NULL UNIQUE,
        received_us INTEGER NOT NULL,
        topic TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        source TEXT NOT NULL,
        device TEXT NOT NULL,
        site TEXT NOT NULL,
        pile TEXT NOT NULL,
        requested INTEGER NOT NULL,
        payload BLOB NOT NULL
    )
    """,
    "CREATE INDEX quarantine_reason ON quarantine (reason, number)",
    "CREATE INDEX quarantine_pile ON quarantine (source, pile, reason, number)",
    "CREATE INDEX quarantine_received ON quarantine (received_us)",
    "CREATE INDEX quarantine_requested ON quarantine (number) WHERE requested",
    """
    CREATE TABLE held (
        reason TEXT PRIMARY KEY,
        messages INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        ever INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE waiting (
        source TEXT NOT NULL,
        address TEXT NOT NULL,
        site TEXT NOT NULL,
        topic TEXT NOT NULL,
        first_us INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        messages INTEGER NOT NULL,
        PRIMARY KEY (source, address)
    ) WITHOUT ROWID
    """,
)
COUNTING = (
    """
    CREATE TRIGGER quarantine_added AFTER INSERT ON quarantine BEGIN
        INSERT INTO held VALUES (new.reason, 1, length(new.payload), 1)
        ON CONFLICT DO UPDATE SET messages = messages + 1, bytes = bytes + excluded.bytes, ever = ever + 1;
    END
    """,
    """
    CREATE TRIGGER quarantine_moved AFTER UPDATE OF reason ON quarantine WHEN old.reason != new.reason BEGIN
        UPDATE held SET messages = messages - 1, bytes = bytes - length(old.payload) WHERE reason = old.reason;
        INSERT INTO held VALUES (new.reason, 1, length(new.payload), 0)
        ON CONFLICT DO UPDATE SET messages = messages + 1, bytes = bytes + excluded.bytes;
    END
    """,
    """
    CREATE TRIGGER quarantine_removed AFTER DELETE ON quarantine BEGIN
        UPDATE held SET messages = messages - 1, bytes = bytes - length(old.payload) WHERE reason = old.reason;
    END
    """,
)


class Arrived(msgspec.Struct):
    """Of a batch's body only this is read."""

    received_us: int


def upgrade() -> None:
    """Keep every batch and every refused message; say when batches came, and count what was refused."""
    op.execute("ALTER TABLE quarantine RENAME TO refused_before")
    for statement in (*AROUND, *QUARANTINE, *COUNTING):
        op.execute(statement)
    _move_quarantine()
    _say_when_batches_came()


def _move_quarantine() -> None:
    # Which device a message was of was not written down then; they lie by topic until they are replayed.
    op.execute(
        "INSERT INTO quarantine SELECT number, digest, received_us, topic, reason, detail, '', '', '', topic, 0,"
        " payload FROM refused_before ORDER BY number"
    )
    # Numbers had no gaps, so the newest one counts what was ever refused; why what is gone was refused, nobody knows.
    op.execute(
        "INSERT INTO held SELECT 'uncounted', 0, 0, max(number) - count(*) FROM refused_before"
        " HAVING max(number) > count(*)"
    )
    op.execute("DROP TABLE refused_before")


def _say_when_batches_came() -> None:
    connection, last = op.get_bind(), 0
    decode = msgspec.msgpack.Decoder(Arrived).decode
    page = sa.text("SELECT position, body FROM batch WHERE position > :after ORDER BY position LIMIT :limit")
    while True:
        # One after the other: a body can hold a still of several megabytes.
        came = [
            (at, decode(body).received_us) for at, body in connection.execute(page, {"after": last, "limit": A_STEP})
        ]
        if not came:
            return
        first, last, newest_us = came[0][0], came[-1][0], max(us for _, us in came)
        row = {"last": last, "first": first, "newest_us": newest_us}
        connection.execute(sa.text("INSERT INTO arrival VALUES (:last, :first, :newest_us)"), row)
