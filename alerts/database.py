"""Database: the main database, brought to the newest version when it is opened."""

from pathlib import Path

from alerts import migrations
from alerts.tables import METADATA
from ingest.sqlite_database import SqliteDatabase


class Database(SqliteDatabase):
    """The SQLite file that holds episodes, work orders, thresholds and the states of detectors.

    Args:
        path: The file; it and its folder are made when they do not exist.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, Path(migrations.__file__).parent, METADATA)
