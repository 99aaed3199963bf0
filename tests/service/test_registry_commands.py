"""Registry commands: what an engineer types to fill, look at and change the registry; real processes."""

import shutil
import tomllib
from pathlib import Path

import pytest

from ingest.quarantine import Query, Refusal
from ingest.registry_book import RegistryBook
from ingest.sources import DEFAULT_SOURCES
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from service.folders import DataFolder
from service.wiring import COMMUNITY
from tests.service.test_cli import is_one_clear_line, refusals, say

SHEET = "id\tsite\tclass\tplace_zh\tplace_en\tpower_kw\r\npump-2\tlakeside\tpump\t二号泵\tPump 2\t{power}\r\n"


def _counts() -> dict[str, int]:
    """How many there are of each kind: what the community's file says, and the sources that are there by default."""
    tables = tomllib.loads(COMMUNITY.read_text(encoding="utf-8"))
    return {kind: len(tables[kind]) for kind in ("site", "asset", "device")} | {"source": len(DEFAULT_SOURCES)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose data folder has the simulated community's registry; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("made")
    said = say(f"registry import {COMMUNITY} --who 李工", folder)
    assert (said.code, said.out) == (0, f"{sum(_counts().values())} added, 0 changed, 0 removed; version 1\n")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "data", tmp_path / "data")
    return tmp_path


def registry(folder: Path) -> RegistryBook:
    return RegistryBook(DataFolder(folder / "data").registry)


@pytest.mark.timeout(120)
def test_an_excel_sheet_is_taken_up(folder: Path) -> None:
    """A dry run shows what would change and changes nothing; a wrong cell is one line; then it is taken up."""
    good, bad = folder / "assets.csv", folder / "wrong.csv"
    good.write_bytes(SHEET.format(power="11").encode("gb18030"))
    bad.write_bytes(SHEET.format(power="11,5").encode("utf-8-sig"))
    said = refusals(folder, {f"registry import {good} --dry-run": {}, f"registry import {bad}": {}})
    dry, refused = said.values()
    before = registry(folder).version()
    taken = say(f"registry import {good} --why as-in-the-sheet --who 李工", folder)
    newest = registry(folder).changes()[0]

    assert (dry.code, before) == (0, 1)
    assert "+\tasset\tpump-2\t" in dry.out
    assert is_one_clear_line(refused, f"{bad}:2: column power_kw: is '11,5'; it must be a number of kW")
    assert taken.out == "1 added, 0 changed, 0 removed; version 2\n"
    assert (newest.signed.who, newest.signed.why) == ("李工", "as-in-the-sheet")
    assert registry(folder).current().assets["pump-2"].place.zh == "二号泵"


@pytest.mark.timeout(120)
def test_what_is_written_out_changes_nothing_when_read_again(folder: Path) -> None:
    """Tables and registry file, each replacing everything."""
    out = folder / "out"
    written = refusals(folder, {f"registry export --to {out}": {}, f"registry export --format toml --to {out}": {}})
    tables = " ".join(str(file) for file in sorted(out.glob("*.csv")))
    read = refusals(
        folder,
        {f"registry import --replace {tables}": {}, f"registry import --replace {out}/registry.toml --dry-run": {}},
    )

    assert [one.code for one in (*written.values(), *read.values())] == [0, 0, 0, 0]
    assert all(
        one.out.splitlines()[-1].startswith(("0 added, 0 changed, 0 removed", "would be 0 added, 0 ch"))
        for one in read.values()
    )


@pytest.mark.timeout(120)
def test_the_registry_is_shown_plainly_in_a_pipe(folder: Path) -> None:
    """Lists and history are lines with tabs; what cannot be removed says who names it."""
    said = refusals(
        folder,
        {
            "registry list": {},
            "registry list devices": {},
            "registry history": {},
            "registry remove asset pump-1": {},
            "registry map precomplaint P presure_kpa": {},
        },
    )
    counts, devices, history, refused, wrong = said.values()

    assert counts.out.splitlines() == ["what\tnumber", *(f"{kind}s\t{count}" for kind, count in _counts().items())]
    assert "pump-1-monitor\tlakeside\tpump-1\t\t" in devices.out.splitlines()
    assert history.out.splitlines()[1].split("\t")[2:4] == ["李工", "community.toml"]
    assert is_one_clear_line(refused, "asset 'pump-1' is named by device 'pump-1-monitor'")
    assert is_one_clear_line(wrong, "there is no metric 'presure_kpa'; did you mean 'pressure_kpa'?")


@pytest.mark.timeout(120)
def test_a_waiting_device_is_let_in(folder: Path) -> None:
    """It is listed, approved by its address alone, part of the registry then, and its messages are to be replayed."""
    log = SqliteLog(folder / "data" / "log.db")
    log.append([], [Refusal("t", b"{}", "unknown_device", "unknown", 1, b"1" * 16, "precomplaint", "ff01", "lakeside")])
    log.close()
    listed = say("registry waiting", folder)
    wrong = say("registry approve ff02 --asset pump-1", folder)
    approved = say("registry approve ff01 --asset pump-1 --id pump-1-pressure", folder)
    quarantine = SqliteQuarantine(folder / "data" / "log.db")

    assert listed.out.splitlines()[1].split("\t")[:4] == ["precomplaint", "ff01", "lakeside", "1"]
    assert is_one_clear_line(wrong, "there is no device that waits and calls itself 'ff02'; did you mean 'ff01'?")
    assert approved.out == "pump-1-pressure watches pump-1; 1 messages will be taken in\n"
    assert registry(folder).current().devices["pump-1-pressure"].address == "ff01"
    assert [one.requested for one in quarantine.find(Query())] == [True]
    assert quarantine.waiting() == []
    quarantine.close()


@pytest.mark.timeout(120)
def test_a_file_that_was_changed_after_it_was_taken_up_is_named(tmp_path: Path) -> None:
    """A start says once what to type; that command takes it up, and then there is nothing more to say."""
    file = tmp_path / "registry.toml"
    shutil.copy(COMMUNITY, file)
    first = say("registry list", tmp_path, REGISTRY=str(file))
    file.write_text(file.read_text(encoding="utf-8").replace("power_kw = 7.5", "power_kw = 11"), encoding="utf-8")
    differs = say("registry list", tmp_path, REGISTRY=str(file))
    taken = say(f"registry import {file} --replace", tmp_path, REGISTRY=str(file))
    after = say("registry list", tmp_path, REGISTRY=str(file))

    assert "file_differs" not in first.out + first.errors
    assert f"precomplaint registry import {file} --replace" in differs.out + differs.errors
    assert taken.out.splitlines()[-1] == "0 added, 1 changed, 0 removed; version 2"
    assert "file_differs" not in after.out + after.errors
