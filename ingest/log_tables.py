"""Log tables: what a log file holds, as SQL; `ingest.migrations` brings older files to the same."""

REVISION = "0002"
"""The newest migration under `ingest/migrations/log`."""

# One row per batch: a row per reading costs 12 us each. No row at the head is ever deleted, so positions only grow.
SPINE = """
CREATE TABLE batch (
    position INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    watermark_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE watermark (site TEXT PRIMARY KEY, watermark_us INTEGER NOT NULL) WITHOUT ROWID;
"""

# `arrival` says when batches came, one row a commit: a column and an index of `batch` would cost a row of each a batch.
AROUND = """
CREATE TABLE arrival (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, newest_us INTEGER NOT NULL);
CREATE INDEX arrival_newest ON arrival (newest_us);
CREATE TABLE reader (reader TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE kept ("key" TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE heard (device TEXT PRIMARY KEY, received_us INTEGER NOT NULL, at_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE note (process TEXT PRIMARY KEY, at_us INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
"""

# AUTOINCREMENT: the number of a message that left is never given again. `pile` is by whom it came: a device, or a topic
# where no device could be read.
QUARANTINE = """
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
);
CREATE INDEX quarantine_reason ON quarantine (reason, number);
CREATE INDEX quarantine_pile ON quarantine (source, pile, reason, number);
CREATE INDEX quarantine_received ON quarantine (received_us);
CREATE INDEX quarantine_requested ON quarantine (number) WHERE requested;
CREATE TABLE held (
    reason TEXT PRIMARY KEY,
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    ever INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE waiting (
    source TEXT NOT NULL,
    address TEXT NOT NULL,
    site TEXT NOT NULL,
    topic TEXT NOT NULL,
    first_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    PRIMARY KEY (source, address)
) WITHOUT ROWID;
"""

# Triggers keep the counts exact, whoever adds, moves or removes a message.
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

VERSION_TABLE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""As Alembic itself makes it."""


def statements(script: str) -> list[str]:
    """The single statements of one of the scripts above (not of the triggers)."""
    return [one.strip() for one in script.split(";") if one.strip()]


def newest() -> list[str]:
    """What makes an empty file a log of the newest revision."""
    tables = [one for script in (SPINE, AROUND, QUARANTINE) for one in statements(script)]
    version = [
        VERSION_TABLE,
        f"INSERT INTO alembic_version VALUES ('{REVISION}')",  # noqa: S608 -- a constant of this file
    ]
    return [*tables, *map(str.strip, COUNTING), *version]
