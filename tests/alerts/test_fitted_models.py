"""Fitted models: versions with their cards, in force from a moment on, refused when damaged."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from alerts import fitted_models
from alerts.database import Database
from alerts.errors import NothingToRollBackError, UnknownModelError
from alerts.fitted_models import Act, SavedModels, activate, kept, roll_back, save
from alerts.tables import FITTED_MODEL
from models.findings import Evidence, Finding, Verdict
from models.fitted.card import Card, Kind
from models.fitted.errors import ModelDamagedError, ModelUnreadableError
from models.fitted.probability_map import PlattMap, map_json
from models.fitted.recalibration import FACT, recalibrated

NAME = "calibration:pipe.burst"
CARD = Card(Kind.CALIBRATION, "pipe.burst", "about", "data", 0, 10, 100, 1, {"numpy": "2"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "precomplaint.db")
    with opened.write() as connection:
        for slope in (0.5, 2.0):
            save(connection, CARD, map_json(PlattMap(slope, 0.0)), Act("li", "first", 1))
    yield opened
    opened.close()


def act(now_us: int) -> Act:
    return Act("wang", "because", now_us)


def finding(at_us: int, probability: float | None = 0.2) -> Finding:
    return Finding("a", "pipe.burst", at_us, Verdict.SCORED, probability, probability=probability, evidence=Evidence())


def test_versions_count_and_carry_their_digest(database: Database) -> None:
    """Each version has the sha256 of its bytes in its card, and who fitted it and why."""
    with database.read() as connection:
        found = kept(connection, NAME)

    assert [one.stored.version for one in found] == [1, 2]
    assert [one.stored.proven() for one in found] == [one.stored.content for one in found]
    assert {(one.who, one.why) for one in found} == {("li", "first")}


def test_nothing_is_in_force_until_it_is_activated(database: Database) -> None:
    """Fitting changes no finding: what ships holds."""
    assert recalibrated(finding(100), SavedModels(database)) == finding(100)


def test_a_version_holds_from_its_moment_on(database: Database) -> None:
    """By event time: what happened before an activation is said as it was, whoever asks and when."""
    models = SavedModels(database)
    with database.write() as connection:
        activate(connection, NAME, 1, act(100))
        activate(connection, NAME, 2, act(200))
        roll_back(connection, NAME, act(300))
    taken = models.refresh()
    versions = [models.calibration("pipe.burst", at) for at in (99, 100, 199, 200, 299, 300)]

    assert taken
    assert [one and one.version for one in versions] == [None, 1, 1, 2, 2, 1]
    assert models.calibration("pump.bearing", 200) is None


def test_a_finding_names_the_version_that_made_its_chance(database: Database) -> None:
    """Score and probability move together where the score is the chance, and the evidence says by what."""
    with database.write() as connection:
        activate(connection, NAME, 2, act(100))
    said = recalibrated(finding(150), SavedModels(database))

    assert said.probability == pytest.approx(1 / (1 + 16))
    assert said.score == said.probability
    assert said.evidence is not None
    assert said.evidence.facts == {FACT: f"{NAME} 2"}


def test_rolled_back_to_the_start_what_ships_holds(database: Database) -> None:
    """Before the first activation there was no model, and there is none again."""
    with database.write() as connection:
        activate(connection, NAME, 1, act(100))
        roll_back(connection, NAME, act(200))

    assert SavedModels(database).calibration("pipe.burst", 250) is None


def test_damaged_bytes_are_refused(database: Database) -> None:
    """A version whose bytes are not those of its card is not activated, and the error says so."""
    with database.write() as connection:
        connection.execute(update(FITTED_MODEL).values(content=map_json(PlattMap(9.0, 9.0))))
    with database.write() as connection, pytest.raises(ModelDamagedError, match="damaged"):
        activate(connection, NAME, 1, act(100))


def test_a_version_damaged_in_force_gives_way_to_what_ships(database: Database) -> None:
    """A broken map stops no work order: the scorer goes on without it."""
    with database.write() as connection:
        activate(connection, NAME, 1, act(100))
        connection.execute(update(FITTED_MODEL).values(content=b"x"))

    assert recalibrated(finding(150), SavedModels(database)) == finding(150)


def test_bytes_that_are_no_model_are_refused(database: Database) -> None:
    """With the right digest but the wrong content a version is not activated."""
    with database.write() as connection:
        save(connection, CARD, b"{}", act(1))
        with pytest.raises(ModelUnreadableError):
            activate(connection, NAME, 3, act(100))


def test_what_is_not_kept_is_named(database: Database) -> None:
    """An unknown version, and a model that was never activated, are errors that say so."""
    with database.write() as connection:
        with pytest.raises(UnknownModelError, match="version 9"):
            fitted_models.activate(connection, NAME, 9, act(1))
        with pytest.raises(NothingToRollBackError):
            roll_back(connection, NAME, act(1))
