"""Database: migrations, durability, and several processes that start together."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerts.database import Database
from alerts.tables import DETECTOR_STATE, EPISODE, EVIDENCE, HISTORY, IMAGE, METADATA, WORK_ORDER
from ingest.errors import DatabaseUnavailableError
from tests.alerts.seeding import seed

OPENS = "import sys; from pathlib import Path; from alerts.database import Database; Database(Path(sys.argv[1]))"


def test_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    """A database made by the migrations differs in nothing from the tables the code knows."""
    database = Database(tmp_path / "main.db")

    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

    assert differences == []
    database.close()


def test_a_database_of_the_first_version_keeps_what_it_holds(tmp_path: Path) -> None:
    """Brought up to date, the states of detectors are still there, none of them failed."""
    database = Database(tmp_path / "main.db")
    row = {"detector": "d", "asset": "a", "version": 1, "state": "{}", "wake_us": None}
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE detector_state DROP COLUMN alone")
        connection.exec_driver_sql("ALTER TABLE still DROP COLUMN deleted_us")
        connection.exec_driver_sql("ALTER TABLE episode DROP COLUMN goes_on_with")
        for later in ("model_activation", "fitted_model"):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.exec_driver_sql("INSERT INTO detector_state VALUES ('d', 'a', 1, '{}', NULL)")
    database.close()
    upgraded = Database(tmp_path / "main.db")

    with upgraded.read() as connection:
        assert connection.execute(select(DETECTOR_STATE)).mappings().all() == [row | {"alone": False}]
    upgraded.close()


def test_processes_starting_together_make_one_database(tmp_path: Path) -> None:
    """Several processes that open a new file at the same time all succeed, and it is at the newest version."""
    path = tmp_path / "main.db"
    children = [subprocess.Popen([sys.executable, "-c", OPENS, str(path)], cwd=Path.cwd()) for _ in range(4)]
    exits = [child.wait(timeout=60) for child in children]
    database = Database(path)

    with database.read() as connection:
        versions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()

    assert exits == [0, 0, 0, 0]
    assert versions == ["0005"]
    database.close()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)]
)
def test_every_connection_is_durable(tmp_path: Path, pragma: str, value: object) -> None:
    """A committed transaction is on the disk, and no row refers to nothing."""
    database = Database(tmp_path / "main.db")

    with database.read() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    database.close()


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """What raises inside `write` is rolled back whole."""
    database = Database(tmp_path / "main.db")
    row = {"asset": "a", "failure_mode": "m", "subject": "", "started_us": 1, "provisional": False, "level": "I"}

    def twice(connection: Connection) -> None:
        connection.execute(insert(EPISODE).values(row))
        connection.execute(insert(EPISODE).values(row))

    with pytest.raises(IntegrityError), database.write() as connection:
        twice(connection)

    with database.read() as connection:
        assert connection.execute(select(EPISODE)).all() == []
    database.close()


@pytest.mark.parametrize("table", [HISTORY, EVIDENCE], ids=lambda t: t.name)
def test_history_and_evidence_never_change(tmp_path: Path, table: Table) -> None:
    """The database itself refuses to change or remove a line of history or a piece of evidence."""
    database = Database(tmp_path / "main.db")
    seed(database)

    for statement in (update(table).values(at_us=0), delete(table)):
        with pytest.raises(IntegrityError, match="append-only"), database.write() as connection:
            connection.execute(statement)
    database.close()


def test_an_episode_has_one_work_order(tmp_path: Path) -> None:
    """The database itself refuses a second work order for an episode."""
    database = Database(tmp_path / "main.db")
    seed(database)

    with database.read() as connection:
        row = dict(connection.execute(select(WORK_ORDER).where(WORK_ORDER.c.id == 1)).mappings().one())
    row |= {"id": 99, "number": "PC-20261121-0099"}
    with pytest.raises(IntegrityError, match=r"work_order\.episode"), database.write() as connection:
        connection.execute(insert(WORK_ORDER).values(row))
    database.close()


def test_a_full_disk_is_named_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    """What does not fit is an error that names the file and the trouble; what was there before stays."""
    database = Database(tmp_path / "main.db")
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # it takes the size the file has
    row = {"sha256": "0" * 64, "media_type": "image/jpeg", "data": bytes(1_000_000)}

    with (
        pytest.raises(DatabaseUnavailableError, match=r"main\.db is unavailable: .*full"),
        database.write() as connection,
    ):
        connection.execute(insert(IMAGE).values(row))
    with database.read() as connection:
        assert connection.execute(select(IMAGE)).all() == []
    database.close()
