"""Verdict: what is stored, refused and raised, against what must be; every difference in words."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx
from sqlalchemy import func, select

from alerts.database import Database
from alerts.scorer import Scorer
from alerts.tables import WORK_ORDER
from ingest.registry import Registry
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.detectors.catalogue import DETECTORS
from tests.end_to_end.chain import Raised, SetClock, raised
from tests.torture.plan import LATENESS_S
from tests.torture.reference import stored_readings
from tests.torture.town import ANNEX_ASSET
from tests.torture.world import World

_SHOWN = 5
_EVER_US = (0, 4_000_000_000_000_000)

Refused = tuple[str, bytes, str]
"""Topic, payload and reason of a message in quarantine."""
_OF_SENSORS = "sensor.fault"
Kept = tuple[str, str, int, float]
"""Device, metric, time and value of a reading in the history."""


def spine(log: Path, expected: Path) -> list[str]:
    """What is wrong with the readings and the quarantine of a log, against those of the reference."""
    found, due = stored_readings(log), stored_readings(expected)
    doubled = {what: count for what, count in found.items() if count > due[what] > 0}
    return [
        *_named("readings are missing in the log", (due - found).keys()),
        *_named("readings are more than once in the log", doubled),
        *_named("readings are in the log that nobody sent", found.keys() - due.keys()),
        *_quarantine(_refused(log), _refused(expected)),
    ]


def _refused(log: Path) -> Counter[Refused]:
    # Past the quarantine's own class, which is what is on trial.
    with closing(sqlite3.connect(log)) as connection:
        return Counter(connection.execute("SELECT topic, payload, reason FROM quarantine"))


def _quarantine(found: Counter[Refused], due: Counter[Refused]) -> list[str]:
    return [
        *_named("messages are missing in quarantine", ((t, p[:60], r) for t, p, r in due - found)),
        *_named("messages are in quarantine that should not be", ((t, p[:60], r) for t, p, r in found - due)),
    ]


def history(world: World, log: Path) -> list[str]:
    """What is wrong with the time-series store, against the log it was filled from."""
    first: dict[tuple[str, str, int], float] = {}
    spine, after = SqliteLog(log), 0
    while records := spine.read(after, 1_000):
        for record in records:
            for one in record.batch.readings:
                first.setdefault((one.device, one.metric, one.at_us), one.value)
        after = records[-1].position
    spine.close()
    found = Counter(_in_influx(world) if world.store is not None else _in_duckdb(world, sorted({k[:2] for k in first})))
    due = {(*key, value) for key, value in first.items()}
    return [
        *_named("readings are missing in the history", due - found.keys()),
        *_named("readings are more than once in the history", (what for what, count in found.items() if count > 1)),
        *_named("readings are in the history that are not in the log", found.keys() - due),
    ]


def _in_duckdb(world: World, series: Iterable[tuple[str, str]]) -> Iterator[Kept]:
    with closing(DuckdbReadingStore(world.data.history)) as store:
        for device, metric in series:
            found = store.series(device, metric, *_EVER_US)
            for at_us, value in zip(found.at_us.tolist(), found.value.tolist(), strict=True):
                yield device, metric, at_us, value


def _in_influx(world: World) -> Iterator[Kept]:
    # Past our own store, which is what is on trial.
    asked = {"db": world.database, "epoch": "u", "q": 'SELECT "value" FROM "reading" GROUP BY "device", "metric"'}
    answer = httpx.get(f"{world.influx.url}/query", params=asked, timeout=120.0).raise_for_status().json()
    for series in answer["results"][0].get("series", ()):
        for at_us, value in series["values"]:
            yield series["tags"]["device"], series["tags"]["metric"], at_us, float(value)


def orders(database: Path, log: Path, expected: Path, registry: Registry) -> tuple[list[str], int]:
    """What is wrong with the work orders, against those of an undisturbed run, and how many are due.

    Args:
        database: Of the service.
        log: Of the service.
        expected: The log of the reference.
        registry: As it was at the start.
    """
    # Whose clock is wrong, and who was heard when, is judged by the service's own clock, which is turned here: what is
    # due of sensors is what an undisturbed scorer makes of the very log that came about.
    due = [one for one in _undisturbed(expected, registry) if one.failure_mode != _OF_SENSORS]
    due += [one for one in _undisturbed(log, registry) if one.failure_mode == _OF_SENSORS]
    due = [one for one in due if one.asset != ANNEX_ASSET]
    rows = Database(database)
    every = raised(rows)
    early = set(raised(rows, provisional=True))
    # When its devices were let in is chance; an early word on a silence may still wait for the ordered one.
    found = [
        one for one in every if one.asset != ANNEX_ASSET and not (one.failure_mode == _OF_SENSORS and one in early)
    ]
    with rows.read() as connection:
        total = connection.execute(select(func.count()).select_from(WORK_ORDER)).scalar_one()
    rows.close()
    missing, more = Counter(due) - Counter(found), Counter(found) - Counter(due)
    wrong = _named("work orders are missing or different", missing) + _named("work orders nobody expects", more)
    if total != len(every):
        wrong.append(f"{total} work orders for {len(every)} episodes")
    return wrong, len(due)


def _undisturbed(log: Path, registry: Registry) -> list[Raised]:
    """The episodes of a scorer that nothing happens to."""
    spine, rows, clock = SqliteLog(log), Database(log.with_name("undisturbed.db")), SetClock()
    scorer = Scorer(spine, registry, rows, DETECTORS, LATENESS_S * 1_000_000, clock)
    while scorer.step():
        clock.at_us = max(spine.watermarks().values(), default=0)
    found = raised(rows)
    rows.close()
    spine.close()
    return found


def _named(what: str, which: Iterable[object]) -> list[str]:
    every = list(which)
    if not every:
        return []
    shown: Sequence[object] = sorted(every, key=repr)[:_SHOWN]
    return [f"{len(every)} {what}, such as {', '.join(map(repr, shown))}"]
