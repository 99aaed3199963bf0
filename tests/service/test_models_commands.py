"""Models commands: list, card, activation and back, on a real data folder; training says why it cannot read."""

from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from alerts.database import Database
from alerts.errors import UnknownModelError
from alerts.fitted_models import Act, SavedModels, save
from alerts.tables import FITTED_MODEL
from models.fitted.card import Card, Kind
from models.fitted.errors import ModelDamagedError
from models.fitted.probability_map import PlattMap, map_json
from service.cli import app

NAME = "calibration:pipe.burst"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = Database(tmp_path / "precomplaint.db")
    card = Card(Kind.CALIBRATION, "pipe.burst", "makes chances come true", "a year", 0, 1, 700, 1, {"numpy": "2"})
    with database.write() as connection:
        save(connection, card, map_json(PlattMap(0.5, 0.0)), Act("li", "monthly", 1))
    database.close()
    return tmp_path


def told(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["models", *words, "--data", str(folder)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_version_goes_into_force_and_back(folder: Path) -> None:
    """`list` says which is in force; rolled back, what ships is."""
    before = told(folder, "list")
    told(folder, "activate", NAME, "1", "--who", "wang", "--why", "better")
    during = told(folder, "list")
    back = told(folder, "roll-back", NAME, "--who", "wang")

    assert ("yes" in before, "yes" in during) == (False, True)
    assert "what ships" in back
    assert "yes" not in told(folder, "list")


def test_a_card_is_shown(folder: Path) -> None:
    """What it is, its data, rows and digest."""
    shown = told(folder, "show", NAME, "1")

    assert all(word in shown for word in ("makes chances come true", "a year", "700", "monthly", "digest"))


def test_a_damaged_model_is_refused(folder: Path) -> None:
    """The error says that its bytes are not those of its card, and nothing is in force."""
    database = Database(folder / "precomplaint.db")
    with database.write() as connection:
        connection.execute(update(FITTED_MODEL).values(content=b"other"))
    with pytest.raises(ModelDamagedError):
        told(folder, "activate", NAME, "1", "--who", "wang")

    assert SavedModels(database).calibration("pipe.burst", 2**62) is None
    database.close()


def test_a_model_that_is_not_kept_is_named(folder: Path) -> None:
    """Of a wrong version the error says which."""
    with pytest.raises(UnknownModelError, match="version 7"):
        told(folder, "activate", NAME, "7", "--who", "wang")


def test_training_on_an_empty_history_says_so(folder: Path) -> None:
    """There is nothing to fit, and the message names what to choose."""
    done = CliRunner().invoke(app, ["train", "--data", str(folder), "--since", "2030-01-02", "--until", "2030-01-01"])

    assert "there is no history" in str(done.exception)
