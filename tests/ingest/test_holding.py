"""Holding: a reader's word reaches the log, now and then, and never troubles the reader."""

from pathlib import Path

from ingest.holding import Holding
from ingest.sqlite_log import SqliteLog
from tests.ingest.fakes import TroubledLog


def test_a_position_is_said_at_once_and_then_rarely(tmp_path: Path) -> None:
    """The first word goes out at once, the next ones every five seconds, and the last one is not forgotten."""
    log, now_s = SqliteLog(tmp_path / "log.db"), [100.0]
    holding = Holding(log, "score", lambda: now_s[0])
    said = []
    for position, at_s in ((3, 100.0), (4, 104.0), (9, 104.9), (9, 105.0), (9, 106.0)):
        now_s[0] = at_s
        holding.reached(position)
        said.append(log.readers()["score"])
    log.close()

    assert said == [3, 3, 3, 9, 9]


def test_a_log_that_is_away_does_not_trouble_the_reader(tmp_path: Path) -> None:
    """What could not be said is said later."""
    log, now_s = TroubledLog(tmp_path / "log.db"), [0.0]
    holding = Holding(log, "score", lambda: now_s[0])
    log.away = True
    holding.reached(3)
    log.away, now_s[0] = False, 6.0
    holding.reached(3)
    readers = log.readers()
    log.close()

    assert readers == {"score": 3}
