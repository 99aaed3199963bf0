"""Night watch: open orders of assets that stood out are told once, by the forest in force, after the day is over."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from alerts.database import Database
from alerts.fitted_models import Act, activate, roll_back, save
from alerts.levels import Level
from alerts.life import State
from alerts.moments import DAY_US, HOUR_US, MINUTE_US
from alerts.tables import FITTED_MODEL, HISTORY
from alerts.work_orders import SERVICE, NewOrder, Step, WorkOrders
from ingest.log import Record
from ingest.readings import Batch, Reading
from ingest.registry import AssetClass, Text
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.fitted.card import Card, Kind
from models.fitted.class_forest import fit_forest, forest_bytes
from service.night_watch import NightWatch
from tests.alerts.seeding import NOW_US, HandClock
from tests.models.worlds import SITE, asset, device, registry

_DAY_US = NOW_US // DAY_US * DAY_US
_PUMPS = [f"pump-{n}" for n in range(12)]
_STRANGE = _PUMPS[3]
_REGISTRY = registry([asset(name, AssetClass.PUMP) for name in _PUMPS], [device(f"{name}-d", name) for name in _PUMPS])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """With a forest of pumps in force."""
    rows = np.random.default_rng(1).normal((400.0, 20.0), (10.0, 1.0), (75, 12, 2))
    names = ("pressure_kpa median", "pressure_kpa spread")
    looks = [[dict(zip(names, one, strict=True)) for one in day] for day in rows.tolist()]
    days = [((p, n), look) for n, day in enumerate(looks) for p, look in zip(_PUMPS, day, strict=True)]
    forest = fit_forest(days, seed=1)
    card = Card(Kind.FOREST, AssetClass.PUMP, "says how unusual a day is", "a year", 0, 1, 900, 1, {})
    with closing(Database(tmp_path / "main.db")) as made:
        with made.write() as connection:
            stored = save(connection, card, forest_bytes(forest), Act("li", "monthly", 1))
            activate(connection, stored.card.name, stored.version, Act("li", "", 2))
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckdbReadingStore]:
    """A day of twelve pumps, one of which lies higher and swings more than any does."""
    dice = np.random.default_rng(2)
    with closing(DuckdbReadingStore(tmp_path / "history.duckdb")) as made:
        for row, name in enumerate(_PUMPS):
            level, wide = (460.0, 30.0) if name == _STRANGE else (400.0, 20.0 / 3.3)
            values = level + wide * dice.normal(size=288)
            said = [Reading(f"{name}-d", "pressure_kpa", _DAY_US + n * 5 * MINUTE_US, v) for n, v in enumerate(values)]
            made.write([Record(row + 1, _DAY_US, Batch(SITE, f"{name}-d", _DAY_US, tuple(said)))])
        yield made


def watch(database: Database, store: DuckdbReadingStore, at_us: int) -> NightWatch:
    return NightWatch(database, _REGISTRY, store, HandClock(at_us))


def raised(database: Database, asset: str, mode: str = "pump.bearing") -> int:
    orders = WorkOrders(_REGISTRY, HandClock(NOW_US))
    new = NewOrder(_REGISTRY.assets[asset], mode, Level.II, Text("轴承", "bearing"))
    with database.write() as connection:
        return orders.raise_order(connection, new)


def notes(database: Database, order: int) -> list[str]:
    query = select(HISTORY.c.note).where(HISTORY.c.work_order == order, HISTORY.c.who == SERVICE, HISTORY.c.note != "")
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def test_only_the_open_orders_of_who_stood_out_are_told_and_once(database: Database, store: DuckdbReadingStore) -> None:
    """The strange pump's two orders have one note each, whatever nights follow and whoever is started again."""
    orders = [raised(database, _STRANGE), raised(database, _STRANGE, "pump.motor"), raised(database, _PUMPS[4])]
    after_us = _DAY_US + DAY_US + 3 * HOUR_US
    found = watch(database, store, after_us).turn()
    again = watch(database, store, after_us + HOUR_US).turn()

    assert [one.asset for one in found] == [_STRANGE]
    assert again == []
    assert [len(notes(database, order)) for order in orders] == [1, 1, 0]
    assert "once in" in notes(database, orders[0])[0]


def test_a_day_is_judged_when_late_messages_have_come(database: Database, store: DuckdbReadingStore) -> None:
    """One hour after its end it is not yet, two hours after it is."""
    order = raised(database, _STRANGE)
    early = watch(database, store, _DAY_US + DAY_US + HOUR_US).turn()

    assert early == []
    assert notes(database, order) == []
    assert [one.asset for one in watch(database, store, _DAY_US + DAY_US + 2 * HOUR_US).turn()] == [_STRANGE]


def test_what_was_seen_to_is_told_no_more(database: Database, store: DuckdbReadingStore) -> None:
    """An order that somebody has resolved stays as it is."""
    order = raised(database, _STRANGE)
    with database.write() as connection:
        WorkOrders(_REGISTRY, HandClock(NOW_US)).move(connection, order, Step(State.RESOLVED, "li"))
    watch(database, store, _DAY_US + DAY_US + 3 * HOUR_US).turn()

    assert notes(database, order) == []


def test_without_a_forest_in_force_nothing_is_judged(database: Database, store: DuckdbReadingStore) -> None:
    """Before its time a forest judges nobody, and the day is not held to be done."""
    with database.write() as connection:
        roll_back(connection, f"{Kind.FOREST}:{AssetClass.PUMP}", Act("li", "", 3))

    assert watch(database, store, _DAY_US + DAY_US + 3 * HOUR_US).turn() == []


def test_a_damaged_forest_is_refused_once_a_day_and_judges_nobody(
    database: Database, store: DuckdbReadingStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log says why in a line, the day is done, and the service goes on."""
    order = raised(database, _STRANGE)
    with database.write() as connection:
        connection.execute(update(FITTED_MODEL).values(content=b"other"))
    after_us = _DAY_US + DAY_US + 3 * HOUR_US
    found = [watch(database, store, after_us + n * MINUTE_US).turn() for n in range(3)]

    assert found == [[], [], []]
    assert notes(database, order) == []
    assert capsys.readouterr().out.count("night_watch.forest_refused") == 1
