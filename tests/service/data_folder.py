"""Data folder: a small one with everything a real one has, for the tests of backup and restore."""

from contextlib import closing
from pathlib import Path

from alerts.database import Database
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from service.folders import DataFolder
from tests.contracts.log import entry, refusal

RECORDS = 40


def small_folder(root: Path) -> DataFolder:
    """A log with records and a refusal, a history that has most of them, work orders' tables, keys and the broker's."""
    folder = DataFolder(root)
    folder.make()
    with closing(SqliteLog(folder.log)) as log, closing(DuckdbReadingStore(folder.history)) as store:
        log.append([entry(number) for number in range(RECORDS)], [refusal(1)])
        store.write(log.read(0, RECORDS - 10))
    Database(folder.database).close()
    folder.broker.mkdir()
    (folder.broker / "password").write_text("the broker's", encoding="ascii")
    (folder.broker / "mosquitto.db").write_bytes(bytes(range(256)) * 40)
    (folder.broker / "mosquitto.conf").write_text("written anew at each start", encoding="ascii")
    folder.plate_key.write_text("the key of plates", encoding="ascii")
    folder.logs.mkdir()
    (folder.logs / "api.log").write_text("what it said", encoding="ascii")
    return folder
