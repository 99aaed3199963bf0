"""Score process: a scorer over a real log and database that dies in the middle of its work.

Run as `python -m tests.alerts.score_process LOG DATABASE STATEMENT`; it kills itself with SIGKILL right before the SQL
statement of that number (commits count), if it comes so far.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from alerts.database import Database
from alerts.scorer import Scorer
from ingest.sqlite_log import SqliteLog
from tests.alerts.detectors import DETECTORS
from tests.alerts.seeding import HandClock, community

LATENESS_US = 10_000_000


def die_at(statement: int) -> None:
    """Kill this process right before its statement of this number."""
    numbers = itertools.count(1)

    def count(*_arguments: object) -> None:
        if next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def main() -> None:
    """Score to the end of the log, or die."""
    log, database = SqliteLog(sys.argv[1]), Database(Path(sys.argv[2]))
    die_at(int(sys.argv[3]))
    scorer = Scorer(log, community(), database, DETECTORS, LATENESS_US, HandClock())
    while scorer.step():
        pass


if __name__ == "__main__":
    main()
