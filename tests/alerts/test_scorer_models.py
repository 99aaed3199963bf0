"""Scorer and fitted models: an activation counts from its moment on, in the running scorer and in a backtest alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import evidence
from alerts.backtest import backtest
from alerts.database import Database
from alerts.fitted_models import Act, SavedModels, activate, save
from alerts.moments import SECOND_US
from alerts.thresholds import SavedThresholds
from alerts.tunables import tunables_of
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.fitted.card import Card, Kind
from models.fitted.probability_map import PlattMap, map_json
from models.fitted.recalibration import FACT
from tests.alerts.detectors import DETECTORS
from tests.alerts.recording import LATENESS_US, Said, entries
from tests.alerts.seeding import NOW_US, RISER
from tests.alerts.test_scorer import REGISTRY, episodes, log_of, scorer

NAME = "calibration:pipe.burst"
CARD = Card(Kind.CALIBRATION, "pipe.burst", "more likely than was said", "tests", 0, 1, 1, 1, {})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "main.db")
    with opened.write() as connection:
        save(connection, CARD, map_json(PlattMap(1.0, 3.0)), Act("li", "", 1))
    yield opened
    opened.close()


def test_an_activation_is_taken_up_by_a_running_scorer_and_by_a_backtest(database: Database, tmp_path: Path) -> None:
    """A chance of 0.2 raises nothing until a map makes 0.83 of it; the evidence names it; a replay hears the same."""
    log = log_of([Said(s, RISER, 20.0) for s in range(0, 100, 2)])
    under_test = scorer(log, database)
    under_test.step()
    before = episodes(database)
    with database.write() as connection:
        activate(connection, NAME, 1, Act("wang", "", NOW_US + 100 * SECOND_US))
    log.append(entries([Said(s, RISER, 20.0) for s in range(100, 200, 2)], NOW_US + 98 * SECOND_US))
    under_test.step()
    with database.read() as connection:
        frozen = evidence.newest(connection, 1)
    store = DuckdbReadingStore(tmp_path / "history.duckdb")
    store.write(log.records)
    book, span = SavedThresholds(database, tunables_of(DETECTORS).values()), (NOW_US, NOW_US + 200 * SECOND_US)
    replayed = backtest(store, REGISTRY, DETECTORS, book, LATENESS_US, *span, models=SavedModels(database))
    store.close()

    assert before == []
    assert [start for _, _, start, _ in episodes(database)] == [one.started_us for one in replayed]
    assert len(replayed) == 1
    assert frozen is not None
    told = frozen.document().finding
    assert told.evidence is not None
    assert (told.evidence.facts or {})[FACT] == f"{NAME} 1"
    assert told.probability == pytest.approx(0.834, abs=0.001)
