"""DuckDB summaries: what is kept how long, that minutes and hours say what readings said, and that room is freed."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.history import DAY_US, HOUR_US, MINUTE_US, Keeping, Point, Summary
from ingest.log import Record
from ingest.readings import Quality
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.contracts.reading_store import ALWAYS, T0_US, parked, pressure, record, score, summary_of

Opened = Callable[[], DuckdbReadingStore]
DAY = 86_400
KEEPING = Keeping(readings_us=3 * DAY_US, minutes_us=6 * DAY_US)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens the same file every time, keeping readings three days and minutes six; closes what a test left open."""
    stores: list[DuckdbReadingStore] = []

    def again() -> DuckdbReadingStore:
        stores.append(DuckdbReadingStore(tmp_path / "history.duckdb", KEEPING))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


def days(first: int, last: int, step: int = 1_800) -> list[Record]:
    """A record each `step` seconds of the days numbered `first` to `last`, two readings each, half a minute apart."""
    chance = random.Random(first)  # noqa: S311 -- a test's dice
    return [
        record(at, pressure(at, chance.gauss()), pressure(at + 30, chance.gauss()), parked(at))
        for at in range(first * DAY + 1, last * DAY + 1, step)
    ]


def write(store: DuckdbReadingStore, records: list[Record]) -> None:
    """Write records in small writes."""
    for start in range(0, len(records), 10):
        store.write(records[start : start + 10])


def all_of(store: DuckdbReadingStore, step_us: int) -> Summary:
    """The summary of everything."""
    return store.summary("riser-3", "pressure_kpa", *ALWAYS, step_us)


def same(found: Summary, expected: Summary) -> bool:
    """Whether two summaries say the same, but for the last digits."""
    return all(
        len(getattr(found, name)) == len(getattr(expected, name))
        and np.allclose(getattr(found, name), getattr(expected, name), rtol=1e-12, atol=1e-12)
        for name in ("at_us", "low", "high", "mean", "count", "last")
    )


def test_readings_become_minutes_and_minutes_hours(opened: Opened) -> None:
    """After ten days there are readings of the last days, minutes before, hours for ever, and they say the same."""
    store, records = opened(), days(0, 10)
    write(store, records)
    from_us = store.readings_from_us()
    hourly, minutely = summary_of(records, HOUR_US), summary_of(records, MINUTE_US)
    recent = minutely.at_us >= T0_US + 5 * DAY_US

    assert T0_US + 5 * DAY_US < from_us <= T0_US + 7 * DAY_US
    assert store.series("riser-3", "pressure_kpa", *ALWAYS).at_us[0] >= from_us
    assert store.events("gate", *ALWAYS)[0].at_us >= from_us
    assert same(all_of(store, HOUR_US), hourly)
    found = all_of(store, MINUTE_US)
    assert np.array_equal(found.at_us[-recent.sum() :], minutely.at_us[recent])
    assert np.allclose(found.mean[-recent.sum() :], minutely.mean[recent])
    assert found.count.sum() == minutely.count.sum()
    assert len(found.at_us) < len(minutely.at_us)


def test_late_reading_reaches_what_was_summarised(opened: Opened) -> None:
    """A reading that comes when only minutes, or only hours, are left of its time is in them."""
    store, records = opened(), days(0, 10)
    write(store, records)
    late = [
        record(DAY * 20, pressure(4 * DAY + 5, 1_000.0), pressure(8 * DAY + 5, -1_000.0)),
        record(
            DAY * 20 + 1, pressure(7, 2_000.0, quality=Quality.LATE), pressure(9, 1e5, quality=Quality.OUT_OF_RANGE)
        ),
    ]
    store.write(late)
    store.close()
    store = opened()

    assert same(all_of(store, HOUR_US), summary_of(records + late, HOUR_US))
    minute_us = (T0_US + (4 * DAY + 5) * 1_000_000) // MINUTE_US * MINUTE_US
    assert store.summary("riser-3", "pressure_kpa", minute_us, minute_us + 1, MINUTE_US).high.tolist() == [1_000.0]
    assert 2_000.0 in all_of(store, DAY_US).high


def test_crash_at_any_write_changes_no_summary(opened: Opened, tmp_path: Path) -> None:
    """A file copied between any two writes, which is what a crash leaves, goes on to the same summaries."""
    store, records = opened(), days(0, 6, step=3_600)
    chance = random.Random(5)  # noqa: S311 -- a test's dice
    crashed: DuckdbReadingStore | None = None
    for start in range(0, len(records), 10):
        store.write(records[start : start + 10])
        if chance.random() < 0.4:
            store.snapshot(tmp_path / "crash.duckdb")
            crashed = DuckdbReadingStore(tmp_path / "crash.duckdb", KEEPING)
            crashed.write(records[max(0, start - 20) : start + 40])
            crashed.write(records[start:])
            assert same(all_of(crashed, HOUR_US), summary_of(records, HOUR_US))
            crashed.close()

    assert crashed is not None
    assert same(all_of(store, HOUR_US), summary_of(records, HOUR_US))


def test_clock_that_jumps_ahead_drops_nothing(opened: Opened) -> None:
    """A reading dated ten years ahead does not make the history before it old."""
    store, records = opened(), days(0, 2)
    write(store, records)
    store.write([record(DAY * 20, pressure(3_650 * DAY))])
    store.write([record(DAY * 20 + 1, pressure(3_650 * DAY + DAY))])

    assert store.readings_from_us() <= T0_US
    assert len(store.series("riser-3", "pressure_kpa", *ALWAYS).at_us) == 2 * len(records) + 2


def test_shorter_keeping_takes_hold_of_an_old_file(tmp_path: Path) -> None:
    """A file that kept everything, and one that had no summaries yet, is brought to a new keeping write by write."""
    records = days(0, 10)
    store = DuckdbReadingStore(tmp_path / "history.duckdb", Keeping(readings_us=0))
    store.write(records[:-40])
    for table in ("hour", "kept"):
        store._connection.execute(f"DROP TABLE {table}")  # noqa: SLF001 -- as the release before left it
    store.close()
    store = DuckdbReadingStore(tmp_path / "history.duckdb", KEEPING)
    for one in records[-40:]:
        store.write([one])

    assert store.readings_from_us() > T0_US + 5 * DAY_US
    assert same(all_of(store, HOUR_US), summary_of(records, HOUR_US))
    store.close()


def test_points_of_scores_go_and_work_orders_stay(opened: Opened) -> None:
    """Scores go with the readings they were made of; what happened to work orders is kept."""
    store = opened()
    order = Point("work_order", T0_US, {"asset": "riser-3"}, {"number": 1.0})
    store.write_points([order, score(0, 0.5), score(9 * DAY, 0.6)])
    write(store, days(0, 10))

    assert store.points("score", {}, *ALWAYS) == [score(9 * DAY, 0.6)]
    assert store.points("work_order", {}, *ALWAYS) == [order]


def test_dropping_readings_frees_their_room(tmp_path: Path) -> None:
    """Once twelve of fourteen days are minutes, their room is free, and given back when the file is opened again."""
    path = tmp_path / "history.duckdb"
    store = DuckdbReadingStore(path, Keeping(readings_us=0))
    store.write([record(1, *(pressure(0, 1.0, f"riser-{i}") for i in range(10)))])
    store._connection.execute(  # noqa: SLF001 -- six million readings at once
        f"INSERT INTO reading SELECT i, {T0_US} + t * 2_000_000::BIGINT, random(), 0 "  # noqa: S608 -- a number
        "FROM range(14 * 43_200) a(t), range(10) b(i)"
    )
    store.close()
    before = path.stat().st_size
    store = DuckdbReadingStore(path, KEEPING)
    for i in range(60):
        store.write([record(2 + i, pressure(14 * DAY + i * 60))])
    said = all_of(store, HOUR_US)
    store.close()
    again = DuckdbReadingStore(path, KEEPING)

    assert path.stat().st_size < before / 2
    assert same(all_of(again, HOUR_US), said)
    assert said.count.sum() == 14 * 43_200 + 61
    again.close()
