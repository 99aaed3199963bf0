"""Threshold line: there is a point of every threshold in any day of event time."""

from pathlib import Path

from ingest.forward import Forwarder
from ingest.history import Point
from ingest.log import Record
from ingest.readings import Batch
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from ingest.threshold_line import EVERY_US, IN_FORCE, ThresholdLine
from tests.ingest.test_forward import ALWAYS, WaitingPoints, append

T0_US = 1_789_948_800_000_000
"""Midnight UTC."""


def changed(day: float, value: float, asset: str = "riser-3") -> Point:
    """Somebody sets a threshold `day` days after T0."""
    tags = {
        "site": "garden",
        "asset": asset,
        "failure_mode": "pipe.burst",
        "name": "policy.pipe.burst.raise_probability",
    }
    return Point("threshold", T0_US + int(day * EVERY_US), tags, {"value": value, "who": "li"})


def at(day: float) -> Record:
    """A record without readings by which the site's event time is `day` days after T0."""
    at_us = T0_US + int(day * EVERY_US)
    return Record(1, at_us, Batch("garden", "riser-3", at_us))


def on_line(points: list[Point]) -> list[tuple[float, float | str]]:
    """(days after T0, value) of the points of a line."""
    assert {p.series for p in points} <= {IN_FORCE}
    assert all(set(p.fields) == {"value"} for p in points)
    return [((p.at_us - T0_US) / EVERY_US, p.fields["value"]) for p in points]


def test_every_day_has_the_value_then_in_force() -> None:
    """The line has each change at its time, and at every midnight the newest value before it."""
    line = ThresholdLine([changed(-500, 1.0)])
    points = (
        line.follow([at(0)])
        + line.follow([at(1.4)])
        + line.change([changed(1.6, 2.0)])
        + line.follow([at(2.2), at(3.2)])
    )

    assert on_line(points) == [(0, 1.0), (1, 1.0), (1.6, 2.0), (2, 2.0), (3, 2.0)]


def test_time_that_stands_or_goes_back_repeats_nothing() -> None:
    """Records at or before the event time already reached add nothing."""
    line = ThresholdLine([changed(-500, 1.0)])
    line.follow([at(1.2)])

    assert line.follow([at(1.2)]) == []
    assert line.follow([at(0.5)]) == []
    assert line.follow([]) == []


def test_threshold_of_the_future_is_not_drawn_before_it_holds() -> None:
    """A threshold that holds from later on has no point before."""
    line = ThresholdLine([changed(2.4, 1.0)])

    assert on_line(line.follow([at(0)]) + line.follow([at(3.2)])) == [(3, 1.0)]


def test_long_silence_fills_one_month() -> None:
    """After a year without a record only the last month is filled."""
    line = ThresholdLine([changed(-500, 1.0)])
    line.follow([at(0)])

    assert len(line.follow([at(365)])) == 30


def test_order_of_changes_does_not_matter() -> None:
    """Of changes read back in any order the newest one holds."""
    line = ThresholdLine([changed(-5, 2.0), changed(-9, 1.0), changed(-7, 3.0, asset="riser-4")])

    assert sorted(on_line(line.follow([at(0)]))) == [(0, 2.0), (0, 3.0)]


def test_backlog_is_drawn_as_it_would_have_been_live() -> None:
    """Records and changes that come together after an outage give the same line as one by one."""
    days = [h / 4 for h in range(60)]
    live, late = ThresholdLine([changed(-9, 1.0)]), ThresholdLine([changed(-9, 1.0)])
    one_by_one = [p for h in days for p in (live.change([changed(5.5, 2.0)]) if h == 6 else []) + live.follow([at(h)])]
    at_once = late.change([changed(5.5, 2.0)]) + late.follow([at(h) for h in days])

    assert sorted(on_line(at_once)) == sorted(on_line(one_by_one))
    assert len(at_once) == 16


def test_restarted_forwarder_goes_on_with_the_line(tmp_path: Path) -> None:
    """After a restart the line goes on from the thresholds in the store, though nobody touches them again."""
    log = SqliteLog(tmp_path / "log.db")
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    append(log, at(0.2))
    Forwarder(log, store, WaitingPoints({1: changed(-1, 4.0)})).step()
    append(log, at(1.2))
    Forwarder(log, store, WaitingPoints()).step()

    assert on_line(store.points(IN_FORCE, {}, *ALWAYS)) == [(-1, 4.0), (0, 4.0), (1, 4.0)]
    assert store.points("threshold", {}, *ALWAYS) == [changed(-1, 4.0)]
    store.close()
    log.close()
