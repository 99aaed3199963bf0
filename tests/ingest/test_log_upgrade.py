"""Upgrade of a log file: one that the first release wrote is brought to the newest tables, and loses nothing."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ingest.errors import LogUnavailableError
from ingest.quarantine import Query
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from tests.contracts.log import digest, entry, refusal

RECORDS = 2_500
# As the first release made it; never to be changed.
FIRST_RELEASE = """
CREATE TABLE IF NOT EXISTS batch (
    position INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    watermark_us INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    received_us INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS watermark (site TEXT PRIMARY KEY, watermark_us INTEGER NOT NULL) WITHOUT ROWID;
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of the first release: records, a site's watermark, and a quarantine that has forgotten its first 40."""
    path, encode = tmp_path / "log.db", msgspec.msgpack.Encoder().encode
    entries = [entry(number) for number in range(RECORDS)]
    refusals = [refusal(number) for number in range(41, 51)]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(FIRST_RELEASE)
        connection.executemany(
            "INSERT INTO batch (digest, watermark_us, body) VALUES (?, ?, ?)",
            [(e.digest, e.watermark_us, encode(e.batch)) for e in entries],
        )
        connection.executemany(
            "INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, r.digest, r.received_us, r.topic, r.reason, r.detail, r.payload)
                for number, r in enumerate(refusals, 41)
            ],
        )
        connection.execute("INSERT INTO watermark VALUES ('site', ?)", (entries[-1].watermark_us,))
        connection.commit()
    return path


def schema(path: Path) -> dict[str, str]:
    """Every table, index and trigger, by name."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in found}


def test_nothing_is_lost(old: Path) -> None:
    """Records, positions, watermarks, refusals, their numbers and their count are what they were."""
    with closing(SqliteLog(old)) as log, closing(SqliteQuarantine(old)) as quarantine:
        records, found = log.read(0, 10_000), quarantine.find(Query())
        watermarks, ever = log.watermarks(), quarantine.refused_ever()
        known = log.append([entry(0), entry(RECORDS - 1)])

    assert [record.batch for record in records] == [entry(number).batch for number in range(RECORDS)]
    assert [record.position for record in records] == list(range(1, RECORDS + 1))
    assert watermarks == {"site": entry(RECORDS - 1).watermark_us}
    assert [(held.number, held.refusal) for held in found] == [(n, refusal(n)) for n in range(50, 40, -1)]
    assert ever == {"not_json": 10, "uncounted": 40}
    assert known == 0


def test_what_was_upgraded_works_as_new(old: Path) -> None:
    """What comes later gets new positions and numbers, and old batches are pruned as the new ones are."""
    with closing(SqliteLog(old)) as log, closing(SqliteQuarantine(old)) as quarantine:
        log.append([entry(RECORDS)], [refusal(51), refusal(45)])
        numbers, held = list(quarantine.reasons(Query())), quarantine.held()
        log.hold("score", RECORDS + 1)
        pruned = log.prune(entry(RECORDS).batch.received_us, 10_000)
        left = [record.position for record in log.read(0, 10)]

    assert numbers == list(range(51, 40, -1))
    assert held == {"not_json": 11}
    assert (pruned, left) == (RECORDS, [RECORDS + 1])


def test_old_and_new_files_have_the_same_tables(old: Path, tmp_path: Path) -> None:
    """A file that was upgraded cannot be told from one that was made today."""
    SqliteLog(old).close()
    SqliteLog(tmp_path / "new.db").close()

    assert schema(old) == schema(tmp_path / "new.db")


def test_processes_that_open_it_together_all_find_it_upgraded(old: Path) -> None:
    """Ingest, score and API start at the same time: one upgrades, nobody fails."""
    code = "import sys; from ingest.sqlite_log import SqliteLog; print(SqliteLog(sys.argv[1]).head())"
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(old)], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [child.communicate(timeout=60)[0] for child in children]

    assert said == [f"{RECORDS}\n"] * 3


@pytest.mark.parametrize("name", ["log.db", "new.db"])
def test_alembic_is_loaded_only_to_upgrade(old: Path, tmp_path: Path, name: str) -> None:
    """It is as large as ingest itself; a new file and one of the newest tables do without."""
    SqliteLog(old).close()
    code = (
        "import sys; from ingest.sqlite_log import SqliteLog; SqliteLog(sys.argv[1]); "
        "print(sorted(m for m in sys.modules if m in ('alembic', 'sqlalchemy')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True, timeout=60, check=True
    )

    assert loaded.stdout == "[]\n"


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(old: Path) -> None:
    """A batch that cannot be read stops the upgrade, and nothing of it has happened."""
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("INSERT INTO batch (digest, watermark_us, body) VALUES (?, 1, x'c1')", (digest("bad"),))
        connection.commit()
    before = schema(old)
    with pytest.raises(LogUnavailableError, match="cannot be upgraded"):
        SqliteLog(old)

    assert schema(old) == before


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """What a later release wrote is refused by name, instead of read wrongly."""
    path = tmp_path / "log.db"
    SqliteLog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(LogUnavailableError, match="a newer release has written it"):
        SqliteLog(path)


def test_another_database_is_not_written_into(tmp_path: Path) -> None:
    """A database that is no log says so."""
    path = tmp_path / "log.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE minutes (text)")

    with pytest.raises(LogUnavailableError, match="it is a database, and not a log"):
        SqliteLog(path)
