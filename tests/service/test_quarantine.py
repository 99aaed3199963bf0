"""Quarantine on the command line: list, show, try, replay and discard, on real files."""

import json
import threading
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.log import Group
from ingest.quarantine import Query, Refusal
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from service.cli import app
from service.folders import DataFolder
from tests.contracts.log import digest
from tests.servers import wait_until
from tests.service.test_cli import is_one_clear_line, say

AT_US = 1_764_000_000_000_000
TOPIC = "precomplaint/v1/west-lake/{}/telemetry"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with four refused messages."""
    monkeypatch.setenv("PRECOMPLAINT_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    with closing(SqliteLog(tmp_path / "log.db")) as log:
        log.append(
            [],
            [camera(), stranger(2), stranger(3), Refusal("x/\x1b[31my", b"\xff\xd8", "no", "s", AT_US + 4, digest(4))],
        )
    return tmp_path


def camera() -> Refusal:
    payload = json.dumps({"type": "update", "after": {"camera": "gate", "recognized_license_plate": "沪A12345"}})
    detail = "after.id: it is missing"
    return Refusal("frigate/events", payload.encode(), "missing_field", detail, AT_US, digest(1), "frigate", "gate")


def stranger(number: int) -> Refusal:
    device = f"riser-{number}"
    samples = [{"at": AT_US + number, "values": {"pressure_kpa": 300.5 + number}}]
    payload = json.dumps({"v": 1, "device": device, "samples": samples}).encode()
    detail = f"the registry has no device {device!r}"
    said = (TOPIC.format(device), payload, "unknown_device", detail, AT_US + number, digest(number))
    return Refusal(*said, "precomplaint", device, "west-lake")


def said(*arguments: str, answer: str = "") -> str:
    """What `precomplaint quarantine` prints."""
    result = CliRunner().invoke(app, ["quarantine", *arguments], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def held(folder: Path) -> dict[int, str]:
    """Numbers and reasons of what is in quarantine."""
    with closing(SqliteQuarantine(folder / "log.db")) as quarantine:
        return quarantine.reasons(Query())


def test_a_pipe_gets_one_line_a_message(folder: Path) -> None:
    """Tab-separated, newest first, a time machines read, and nothing a device sent can move a terminal's cursor."""
    lines = [line.split("\t") for line in said("list").splitlines()]

    assert [line[0] for line in lines] == ["4", "3", "2", "1"]
    assert lines[3] == [
        *("1", "2025-11-24T16:00:00.000+00:00", "missing_field", "frigate", "gate", "frigate/events"),
        "after.id: it is missing",
    ]
    assert lines[0][5] == "x/�[31my"


def test_the_list_narrows_and_pages(folder: Path) -> None:
    """Filters and pages show what was asked for."""
    numbers = [
        [line.split("\t")[0] for line in said("list", *arguments).splitlines()]
        for arguments in (
            ("--reason", "unknown_device"),
            ("--device", "riser-2"),
            ("--source", "frigate"),
            ("--topic", TOPIC.format("+")),
            ("--limit", "1", "--before", "4"),
        )
    ]

    assert numbers == [["3", "2"], ["2"], ["1"], ["3", "2"], ["3"]]


def test_a_message_is_shown_without_its_plate(folder: Path) -> None:
    """Where from, why and what; the number plate only if asked for."""
    shown, whole = said("show", "1"), said("show", "1", "--plates")

    assert "because   after.id: it is missing" in shown
    assert '"recognized_license_plate": "***"' in shown
    assert "--plates shows them" in shown
    assert '"recognized_license_plate": "沪A12345"' in whole


def test_a_trial_stores_nothing(folder: Path) -> None:
    """It says what the message holds and why it would be refused, and leaves everything as it was."""
    before = held(folder)
    shown = said("try", "2")

    assert "✗ not taken: riser-2" in shown
    assert "pressure_kpa  302.5 kPa" in shown
    assert "unknown_device  the registry has no device 'riser-2'" in shown
    assert held(folder) == before


def test_a_replay_waits_for_ingest_to_start(folder: Path) -> None:
    """Where no ingest runs the wish is kept, and said so."""
    shown = said("replay", "--reason", "unknown_device")
    with closing(SqliteQuarantine(folder / "log.db")) as quarantine:
        requested = [one.number for one in quarantine.requested(9)]

    assert "2 messages are to be decoded once more" in shown
    assert "ingest does not run here" in shown
    assert requested == [2, 3]


def test_a_replay_says_what_became_of_it(folder: Path) -> None:
    """Where ingest runs, it says how many are taken now and why the others are not."""

    def ingest() -> None:
        with closing(SqliteLog(folder / "log.db")) as log, closing(SqliteQuarantine(folder / "log.db")) as quarantine:
            wait_until(lambda: quarantine.requested(9))
            again = Refusal("t", b"", "wrong_site", "it stands elsewhere", AT_US, stranger(3).digest)
            log.take(lambda _: Group(refusals=[again], released=[2]))

    worker = threading.Thread(target=ingest)
    with DataFolder(folder).held("ingest"):
        worker.start()
        shown = said("replay", "2", "3")
        worker.join()

    assert "1 are taken now" in shown
    assert "1 are refused again: wrong_site" in shown
    assert held(folder)[3] == "wrong_site"


def test_discarding_asks_first(folder: Path) -> None:
    """Without a yes nothing goes; with one, only what was chosen."""
    said("discard", "--reason", "unknown_device", answer="n\n")
    kept = held(folder)
    asked = said("discard", "--reason", "unknown_device", answer="y\n")
    said("discard", "4", "--yes")

    assert len(kept) == 4
    assert "Throw 2 messages away for good?" in asked
    assert list(held(folder)) == [1]


def test_mistakes_are_named(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An unknown number, no choice, an unknown metric, a folder without a log: one line each."""
    place = {"DATA": str(folder)}
    nowhere = tmp_path_factory.mktemp("nowhere")

    assert is_one_clear_line(say("quarantine show 99", folder, **place), "no message 99")
    assert is_one_clear_line(say("quarantine replay", folder, **place), "say which", "--all")
    assert is_one_clear_line(say("quarantine try 2 --map a=mood", folder, **place), "no metric 'mood'", "pressure_kpa")
    assert is_one_clear_line(say("quarantine list", nowhere), "there is no log in")
    assert list(nowhere.glob("**/*")) == []
