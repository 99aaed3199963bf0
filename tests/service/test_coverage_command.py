"""The command `coverage`: what it says of a service's files, whoever else works on them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from device_simulators.community import Community
from service.cli import app
from service.errors import ServiceError
from tests.end_to_end.chain import community_registry, fill_log, score_log


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a service that took in a day and was then switched off."""
    data = tmp_path_factory.mktemp("data")
    registry = community_registry()
    fill_log(Community(1, 1_764_000_000_000_000, "entrapment"), data / "log.db", registry)
    score_log(data / "log.db", data / "precomplaint.db", registry)
    return data


def said(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["coverage", "--data", str(folder), *options])


def test_it_says_that_nobody_listens(folder: Path) -> None:
    """Of a service that does not run nothing is watched, and every line says so."""
    lines = [json.loads(line) for line in said(folder, "--json").stdout.splitlines()]

    assert {line["cause"] for line in lines} == {"ingest_away"}
    assert all(line["standing"] == "unknown" and "ingest does not run" in line["sentence"]["en"] for line in lines)
    assert {("b3-e1", "elevator.entrapment"), ("pump-1", "pump.bearing")} <= {
        (line["asset"], line["failure_mode"]) for line in lines
    }


def test_the_table_names_place_mode_and_reason(folder: Path) -> None:
    """A person reads the place in the words of the site, what it is watched for, and the counts at the end."""
    told = " ".join(said(folder).stdout.split())

    assert all(word in told for word in ("Building 3, passenger", "(b3-e1)", "Entrapment", "Nothing is"))
    assert told.endswith(f"lakeside: {len(said(folder, '--json').stdout.splitlines())} unknown")


def test_an_unknown_site_and_an_empty_folder_are_named(folder: Path, tmp_path: Path) -> None:
    """What cannot be answered says why in one line."""
    wrong, empty = said(folder, "--site", "nowhere"), said(tmp_path)

    assert isinstance(wrong.exception, ServiceError)
    assert str(wrong.exception) == "there is no site 'nowhere'; there are lakeside"
    assert isinstance(empty.exception, ServiceError)
    assert str(empty.exception).startswith(f"nothing was ever scored in {tmp_path}")
