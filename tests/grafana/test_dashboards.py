"""Dashboards: the committed JSON is the generated one, keeps to Grafana's schema, and reads well."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana import generate

FOLDER = Path(generate.__file__).parent
FILES = sorted((FOLDER / "dashboards").glob("*.json"))
LEGAL_UNITS = {value for name, value in vars(units).items() if name[0].isupper() and isinstance(value, str)}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A committed dashboard."""
    read: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return read


def lost(before: object, after: object, path: str = "") -> Iterator[str]:
    """Where `after` lacks or changes something of `before`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from lost(value, after[key], f"{path}/{key}")
            else:
                yield f"{path}/{key}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from lost(old, new, f"{path}/{i}")
    elif before != after:
        yield path


def read_and_written(board: dict[str, Any]) -> object:
    """A dashboard as Grafana's schema has it: what the schema does not know is gone."""
    register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(board)))


def test_committed_dashboards_are_the_generated_ones() -> None:
    """`python -m grafana.generate` would change nothing, and nothing else lies in the folder."""
    assert FILES == [generate.DASHBOARD]
    assert generate.DASHBOARD.read_text(encoding="utf-8") == generate.build()


def test_every_key_is_in_grafanas_schema(board: dict[str, Any]) -> None:
    """Reading a dashboard into the schema and writing it loses no key: none is misspelt."""
    assert list(lost(board, read_and_written(board))) == []


@pytest.mark.parametrize(
    "where", ["panels/0/fieldConfig/defaults", "panels/0/options/legend", "templating/list/1", "."]
)
def test_misspelt_key_would_be_found(where: str) -> None:
    """The schema check finds a key that Grafana does not know, wherever it stands."""
    board = json.loads(generate.build())
    place = board
    for step in where.split("/") if where != "." else ():
        place = place[int(step)] if isinstance(place, list) else place[step]
    place["colourr"] = "red"

    assert [path.rsplit("/", 1)[-1] for path in lost(board, read_and_written(board))].count("colourr") == 1


def test_ids_are_short_and_unique(board: dict[str, Any]) -> None:
    """The uid fits Grafana's 40 characters, panel ids differ, and no number of a running Grafana is kept."""
    ids = [panel["id"] for panel in board["panels"]]

    assert re.fullmatch(r"[a-z0-9-]{1,40}", board["uid"])
    assert len(set(ids)) == len(ids)
    assert min(ids) > 0
    assert not {"id", "version"} & board.keys()
    assert board["editable"] is False


def test_panels_do_not_overlap(board: dict[str, Any]) -> None:
    """Every panel has its place in the 24 columns, and a repeated one comes last, because it grows."""
    places = [panel["gridPos"] for panel in board["panels"]]

    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 and p["h"] > 0 for p in places)
    for a, b in itertools.combinations(places, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert beside or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    assert [bool(panel.get("repeat")) for panel in board["panels"]] == [False] * (len(places) - 1) + [True]


def test_every_panel_says_what_it_shows(board: dict[str, Any]) -> None:
    """Every panel has a title, a sentence, a query and a unit Grafana knows."""
    for panel in board["panels"]:
        properties = [p for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"]
        used = {panel["fieldConfig"]["defaults"]["unit"], *(p["value"] for p in properties)}

        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["targets"]
        assert {unit for unit in used if not unit.startswith("suffix: ")} <= LEGAL_UNITS


def test_no_data_source_is_named(board: dict[str, Any]) -> None:
    """Every panel, query, variable and annotation takes the data source from the variable at the top."""
    sources = re.findall(r'"datasource": \{"type": "influxdb", "uid": "([^"]*)"', json.dumps(board))
    first = board["templating"]["list"][0]

    assert (first["name"], first["type"], first["query"]) == ("datasource", "datasource", "influxdb")
    assert len(sources) > 10
    assert set(sources) == {"${datasource}"}
    assert len(sources) == json.dumps(board).count('"datasource": ')


def test_variables_are_asked_again_and_used(board: dict[str, Any]) -> None:
    """Every variable is used, every one that is used exists, and values are asked for again with the time range."""
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\b", json.dumps(board))) - {"tag"}

    assert used == variables.keys()
    assert {v["refresh"] for v in variables.values() if v["type"] == "query"} == {2}
    assert list(variables)[:3] == ["datasource", "site", "asset"]


def test_every_variable_in_a_query_names_its_format(board: dict[str, Any]) -> None:
    """No query leaves it to Grafana's guess whether a value is escaped."""
    queries = re.findall(r'"query": "((?:SELECT|SHOW)(?:[^"\\]|\\.)*)"', json.dumps(board))

    assert len(queries) >= 13
    for query in queries:
        plain = re.sub(r"\$\{\w+:(regex|raw)\}|\$\{__(from|to)\}|\$timeFilter|\$__interval\b", "", query)
        assert "$" not in plain.replace("$/", "").replace(")$/", "")


def test_work_orders_and_threshold_changes_are_annotations(board: dict[str, Any]) -> None:
    """Both are marked on the charts without anybody asking, each with a title, a text and tags."""
    shown = [a for a in board["annotations"]["list"] if a["enable"]]
    columns = {"titleColumn": "title", "textColumn": "text", "tagsColumn": "tags", "fromAnnotations": True}

    assert [a["name"] for a in shown] == ["Work orders", "Changes of thresholds"]
    assert [{key: a["target"][key] for key in columns} for a in shown] == [columns, columns]


def test_provisioning_fits_the_dashboards() -> None:
    """The provisioned data source is an InfluxDB asked in InfluxQL by the server; dashboards cannot be edited away."""
    source = yaml.safe_load((FOLDER / "provisioning/datasources/precomplaint.yaml").read_text(encoding="utf-8"))
    provider = yaml.safe_load((FOLDER / "provisioning/dashboards/precomplaint.yaml").read_text(encoding="utf-8"))
    (only,) = source["datasources"]

    assert (only["type"], only["access"], only["editable"]) == ("influxdb", "proxy", False)
    assert "version" not in only["jsonData"]
    assert only["secureJsonData"]["password"].startswith("$")
    assert provider["providers"][0]["allowUiUpdates"] is False
