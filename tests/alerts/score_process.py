"""Score process: a scorer over a real log and database, to be killed at any moment.

Run as `python -m tests.alerts.score_process LOG DATABASE`.
"""

import sys
import threading
from pathlib import Path

from alerts.database import Database
from alerts.scorer import Scorer
from ingest.sqlite_log import SqliteLog
from tests.alerts.detectors import DETECTORS
from tests.alerts.seeding import HandClock, community

LATENESS_US = 10_000_000


def main() -> None:
    """Score until killed."""
    log, database = SqliteLog(sys.argv[1]), Database(Path(sys.argv[2]))
    Scorer(log, community(), database, DETECTORS, LATENESS_US, HandClock()).run(threading.Event())


if __name__ == "__main__":
    main()
