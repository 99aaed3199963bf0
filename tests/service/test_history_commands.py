"""History on the command line: list, retry and discard what the time-series store refused, on a real file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from ingest.history import DAY_US
from ingest.stores.refused_points import Refused, RefusedPoints
from service.cli import app
from service.history import TokenUnreadableError, keeping_of, refused_of, store_of
from service.settings import HistorySettings, Settings, load_settings
from tests.ingest.influx_stores import HandClock


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RefusedPoints]:
    """A data folder with two refused points."""
    monkeypatch.setenv("PRECOMPLAINT_DATA", str(tmp_path))
    points = RefusedPoints(tmp_path / "refused_points.db", HandClock())
    points.keep([Refused("score,asset=\x1b[31mred score=1 1", "type_conflict", "is text")], "")
    points.keep([Refused("reading value=1 2", "beyond_retention", "too old")], "")
    yield points
    points.close()


def said(*arguments: str) -> str:
    """What `precomplaint history` prints."""
    result = CliRunner().invoke(app, ["history", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_points_are_listed_retried_and_discarded(refused: RefusedPoints) -> None:
    """A line a point, without what would colour a terminal; one is retried and those of a reason thrown away."""
    listed = said("refused").splitlines()
    said("retry", "1")
    retrying = said("refused", "--reason", "type_conflict")
    said("discard", "--reason", "beyond_retention")

    assert [line.split("\t")[2] for line in listed] == ["type_conflict", "beyond_retention"]
    assert "\x1b" not in "".join(listed)
    assert "to be sent again" in retrying
    assert [point.number for point in refused.find()] == [1]


@pytest.mark.parametrize("arguments", [("retry",), ("discard", "1", "--all"), ("retry", "--all", "--reason", "x")])
def test_what_is_not_chosen_in_one_way_is_refused(refused: RefusedPoints, arguments: tuple[str, ...]) -> None:
    """A change without a choice, or with two, changes nothing and says how to choose."""
    result = CliRunner().invoke(app, ["history", *arguments])

    assert "in one way" in str(result.exception)
    assert len(refused.find()) == 2


def test_folder_without_refused_points_is_told(tmp_path: Path) -> None:
    """A folder whose store never refused anything says so."""
    result = CliRunner().invoke(app, ["history", "refused", "--data", str(tmp_path)])

    assert str(tmp_path) in str(result.exception)


def test_settings_choose_the_store(tmp_path: Path) -> None:
    """Days become the store's keeping; a token may stand in a file, and a missing file is named."""
    token = tmp_path / "token"
    token.write_text("secret\n", encoding="utf-8")
    settings = load_settings(data=tmp_path, history={"kind": "influxdb", "token_file": token, "wire": "v2"})
    points = refused_of(settings)
    store = store_of(settings, points)
    days = keeping_of(HistorySettings(keep_readings_days=30, keep_minutes_days=90))
    missing = Settings(data=tmp_path, history=HistorySettings(kind="influxdb", token_file=tmp_path / "missing"))

    assert store._server.token == SecretStr("secret")  # type: ignore[attr-defined]  # noqa: SLF001 -- what it was given
    assert (days.readings_us, days.minutes_us, days.hours_us) == (30 * DAY_US, 90 * DAY_US, 0)
    with pytest.raises(TokenUnreadableError, match="missing"):
        store_of(missing, points)
    store.close()
    points.close()
