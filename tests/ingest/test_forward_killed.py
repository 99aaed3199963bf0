"""Forward killed: a process that is killed anywhere between log and store leaves every point there once."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.history import HOUR_US, ReadingStore
from ingest.log import Record
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.contracts.reading_store import ALWAYS, expected_of, parked, pressure, record, summary_of
from tests.ingest.forward_process import MORTAL_LIVES, POINTS
from tests.ingest.influx_stores import influx_store
from tests.ingest.test_forward import append
from tests.servers import Influx

DEVICES = ("riser-1", "riser-3")


def records_of_a_day(n: int) -> list[Record]:
    """Records four minutes apart, with late readings and duplicates among them."""
    chance = random.Random(11)  # noqa: S311 -- a test's dice
    return [
        record(
            i,
            *(pressure(240 * (i - chance.choice((0, 0, 1, 40))), float(i), chance.choice(DEVICES)) for _ in range(3)),
            parked(240 * i),
        )
        for i in range(1, n + 1)
    ]


def killed(log: Path, where: str, most: int) -> int:
    """Forward `log` to a store in lives that end; how many deaths it took."""
    command = [sys.executable, "-m", "tests.ingest.forward_process", str(log), where, str(most)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def check_all_there_once(store: ReadingStore, records: list[Record]) -> None:
    """The store holds what the log says, no more and no less."""
    held = {(d, "pressure_kpa"): store.series(d, "pressure_kpa", *ALWAYS) for d in DEVICES}
    rows = {k: list(zip(s.at_us.tolist(), s.value.tolist(), s.quality.tolist(), strict=True)) for k, s in held.items()}
    summary = store.summary("riser-3", "pressure_kpa", *ALWAYS, HOUR_US)

    assert rows == expected_of(records)
    assert store.events("gate", *ALWAYS) == [event for r in records for event in r.batch.events]
    assert store.points("score", {}, *ALWAYS) == POINTS
    assert summary.count.tolist() == summary_of(records, HOUR_US).count.tolist()


@pytest.fixture
def records(tmp_path: Path) -> list[Record]:
    """A log of 210 records, on disk, and what is in it."""
    made = records_of_a_day(210)
    log = SqliteLog(tmp_path / "log.db")
    append(log, *made)
    log.close()
    return made


def test_killed_on_the_way_to_duckdb(tmp_path: Path, records: list[Record]) -> None:
    """Killed again and again while writing to DuckDB, the forwarder ends with everything there once."""
    deaths = killed(tmp_path / "log.db", str(tmp_path / "history.duckdb"), 500)
    store = DuckdbReadingStore(tmp_path / "history.duckdb")

    assert deaths == MORTAL_LIVES
    check_all_there_once(store, records)
    store.close()


@pytest.mark.needs("influxdb")
def test_killed_on_the_way_to_influxdb(tmp_path: Path, influx: Influx, records: list[Record]) -> None:
    """Killed before and after each kind of request to a real InfluxDB, it ends with everything there once."""
    database = influx.database()
    deaths = killed(tmp_path / "log.db", f"{influx.url}/{database}", 500)
    store = influx_store(influx.url, database)

    assert deaths > 10, deaths
    check_all_there_once(store, records)
    store.close()
