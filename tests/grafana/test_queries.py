"""Queries: everything the dashboard asks, asked of a real InfluxDB that the service itself has filled."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts import points, thresholds
from alerts.database import Database
from alerts.life import State
from alerts.moments import HOUR_US, MINUTE_US
from alerts.points import PendingPoints
from alerts.thresholds import Change, SavedThresholds, Scope, ScopeKind, VersionedThresholds
from alerts.tunables import change_points, threshold_points, tunables_of
from alerts.watches import Watches
from alerts.work_orders import Step, WorkOrders
from grafana import generate
from ingest.forward import Forwarder
from ingest.history import watch_points
from ingest.log import Entry
from ingest.readings import Batch, Quality, Reading
from ingest.sqlite_log import SqliteLog
from models.detectors.catalogue import DETECTORS
from tests.alerts.seeding import NOW_US, PUMP, SITE, HandClock, bearing, community, seed
from tests.ingest.influx_stores import influx_store
from tests.servers import Influx

pytestmark = pytest.mark.needs("influxdb")

START_US = NOW_US - 24 * HOUR_US
DEVICE = f"{PUMP}-sensor"
TURNED = "policy.pump.bearing.raise_score"
LATE_US = NOW_US - 3 * HOUR_US
BOARD: dict[str, Any] = json.loads(generate.DASHBOARD.read_text(encoding="utf-8"))
TARGETS = {f"{p['title']} {t['refId']}": t["query"] for p in BOARD["panels"] for t in p["targets"]}
ANNOTATIONS = {annotation["name"]: annotation["target"]["query"] for annotation in BOARD["annotations"]["list"]}
VARIABLES = {v["name"]: v["query"]["query"] for v in BOARD["templating"]["list"] if v["type"] == "query"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A database the service has filled, asked as Grafana asks."""

    url: str
    database: str

    def ask(self, query: str, language: str = "title_zh") -> list[dict[str, Any]]:
        """The series of the answer; the range is the day before `NOW_US`, and the pump and its kurtosis are chosen."""
        chosen = {"site": [SITE], "asset": [PUMP], "device": [DEVICE], "metric": ["kurtosis"], "language": [language]}
        written = re.sub(r"\$\{(\w+):(regex|raw)\}", lambda m: interpolated(chosen[m[1]], m[2]), query)
        for name, us in (("${__from}", START_US), ("${__to}", NOW_US)):
            written = written.replace(name, str(us // 1_000))
        written = written.replace("$timeFilter", f"time >= {START_US // 1_000}ms and time <= {NOW_US // 1_000}ms")
        written = written.replace("$__interval", "10m")
        reply = httpx.post(f"{self.url}/query", params={"db": self.database, "epoch": "ms"}, data={"q": written})
        (result,) = reply.raise_for_status().json()["results"]
        assert "error" not in result
        found: list[dict[str, Any]] = result.get("series", [])
        return found


def interpolated(values: list[str], form: str) -> str:
    """Values as Grafana writes them in a format."""
    return values[0] if form == "raw" else "|".join(re.escape(value) for value in values)


def fill_log(path: Path) -> SqliteLog:
    """A day of the pump's telemetry, a reading of each metric every ten minutes, one of them late."""
    log = SqliteLog(path)
    entries = []
    for at_us in range(START_US, NOW_US, 10 * MINUTE_US):
        quality = Quality.LATE if at_us == LATE_US else Quality.GOOD
        readings = (
            Reading(DEVICE, "kurtosis", at_us, 3.0 + (at_us - START_US) / HOUR_US / 24, quality),
            Reading(DEVICE, "velocity_rms_mm_s", at_us, 2.4),
        )
        digest = hashlib.sha256(str(at_us).encode()).digest()[:16]
        entries.append(Entry(Batch(SITE, DEVICE, at_us + 200_000, readings), digest, at_us))
    log.append(entries)
    return log


def fill_database(path: Path) -> Database:
    """Work orders, findings, thresholds and what watches what, as the scorer and the crew's API put them there."""
    database = Database(path)
    registry = seed(database, NOW_US - HOUR_US)
    book = SavedThresholds(database, tunables_of(DETECTORS).values())
    watches = Watches(registry)
    for at_us in range(START_US, NOW_US, HOUR_US):
        watches.hear(replace(bearing(at_us), at_us=at_us, probability=0.35, score=0.7))
    with database.write() as connection:
        watches.save(connection)
        points.enqueue(connection, threshold_points(book, registry.assets.values(), DETECTORS, START_US - 40 * HOUR_US))
        points.enqueue(connection, watch_points(registry, START_US))
        orders = WorkOrders(registry, HandClock(NOW_US - MINUTE_US))
        for order in range(1, 5):
            orders.move(connection, order, Step(State.DISPATCHED, "li"))
            orders.note(connection, order, "li", "at the same moment")
    turn(database, Scope(ScopeKind.ASSET, PUMP), NOW_US - 2 * HOUR_US)
    turn(database, Scope(), NOW_US - 90 * MINUTE_US)
    return database


def turn(database: Database, scope: Scope, at_us: int) -> None:
    """Save a threshold of pumps as the API does."""
    tunables = tunables_of(DETECTORS)
    change = Change(scope, 0.45, "李工", "噪声大，改高")
    with database.write() as connection:
        version = thresholds.save(connection, tunables[TURNED], change, at_us)
        book = VersionedThresholds(tunables.values(), thresholds.versions(connection, TURNED))
        points.enqueue(connection, change_points(book, community().assets.values(), DETECTORS, version))


@pytest.fixture(scope="module")
def filled(influx: Influx, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """An InfluxDB filled along the service's own path: log and main database, forwarder, store."""
    folder = tmp_path_factory.mktemp("grafana")
    log, database = fill_log(folder / "log.db"), fill_database(folder / "precomplaint.db")
    store = influx_store(influx.url, name := influx.database())
    forwarder = Forwarder(log, store, PendingPoints(database))
    while forwarder.step():
        pass
    yield Filled(influx.url, name)
    store.close()
    database.close()
    log.close()


@pytest.mark.parametrize("query", [*TARGETS, *ANNOTATIONS])
def test_every_query_has_an_answer(query: str, filled: Filled) -> None:
    """Each query of a panel or an annotation returns rows for the pump."""
    series = filled.ask((TARGETS | ANNOTATIONS)[query])

    assert sum(len(one["values"]) for one in series) > 0


def test_variables_list_what_there_is(filled: Filled) -> None:
    """The site, its five assets, the devices of the chosen one and their metrics can be chosen, and nothing else."""
    found = {name: [value for _, value in filled.ask(query)[0]["values"]] for name, query in VARIABLES.items()}

    assert found["site"] == [SITE]
    assert len(found["asset"]) == 5
    assert PUMP in found["asset"]
    assert found["device"] == [DEVICE]
    assert found["metric"] == ["kurtosis", "velocity_rms_mm_s"]


def test_signal_is_what_the_device_sent(filled: Filled) -> None:
    """The signal has every scored reading at its value, and the late one apart."""
    (signal,) = filled.ask(TARGETS["$metric A"])
    (apart,) = filled.ask(TARGETS["$metric B"])

    assert signal["tags"] == {"device": DEVICE, "metric": "kurtosis"}
    assert len(signal["values"]) == 24 * 6 - 1
    assert signal["values"][0] == [START_US // 1_000, 3.0]
    assert [at_ms for at_ms, _ in apart["values"]] == [LATE_US // 1_000]


def test_threshold_runs_through_the_whole_range(filled: Filled) -> None:
    """A threshold that was last set before the range is a line from its left edge to its right."""
    (line,) = filled.ask(TARGETS["$metric C"])
    in_range = [(at_ms, value) for at_ms, value in line["values"] if at_ms >= START_US // 1_000]
    default = tunables_of(DETECTORS)["pump.bearing.kurtosis_watch"].default

    assert line["tags"] == {"name": "pump.bearing.kurtosis_watch"}
    assert len(in_range) >= 24 * 6
    assert {value for _, value in in_range} == {default}


def test_probability_stands_beside_the_level_that_raises(filled: Filled) -> None:
    """The probability and score of a failure mode come with the levels at which a work order is raised."""
    (probability,) = filled.ask(TARGETS["Probability and score A"])
    (score,) = filled.ask(TARGETS["Probability and score B"])
    levels = {one["tags"]["name"] for one in filled.ask(TARGETS["Probability and score C"])}

    assert probability["tags"] == score["tags"] == {"failure_mode": "pump.bearing"}
    assert {value for _, value in probability["values"]} == {0.35}
    assert {value for _, value in score["values"]} == {0.7}
    assert "policy.pump.bearing.raise_score" in levels


@pytest.mark.parametrize("language", ["title_zh", "title_en"])
def test_annotation_is_the_work_order_in_the_chosen_language(language: str, filled: Filled) -> None:
    """A work order is annotated when it was raised, with its number, its title and its level."""
    (found,) = filled.ask(ANNOTATIONS["Work orders"], language)
    row = dict(zip(found["columns"], found["values"][0], strict=True))

    assert len(found["values"]) == 1
    assert row["time"] == (NOW_US - HOUR_US) // 1_000
    assert row["title"].startswith("PC-20261121-")
    assert bool(re.search("[一-鿿]", row["text"])) is (language == "title_zh")
    assert row["tags"] in {"II", "III"}


def test_annotation_of_a_threshold_is_a_change_that_counts(filled: Filled) -> None:
    """Who changed what and why is annotated where that changed something: not the start, not under a narrower scope."""
    (found,) = filled.ask(ANNOTATIONS["Changes of thresholds"])
    rows = [dict(zip(found["columns"], row, strict=True)) for row in found["values"]]

    assert [{key: row[key] for key in ("time", "value", "title", "text", "tags")} for row in rows] == [
        {
            "time": (NOW_US - 2 * HOUR_US) // 1_000,
            "value": 0.45,
            "title": TURNED,
            "text": "噪声大，改高",
            "tags": "李工",
        }
    ]


def test_records_of_one_moment_stand_beside_each_other(filled: Filled) -> None:
    """What happened to an order at the same moment, a move and a note, are two rows of the table."""
    (table,) = filled.ask(TARGETS["Work orders A"])
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["values"]]

    assert [row["action"] for row in rows if row["time"] == (NOW_US - MINUTE_US) // 1_000] == ["noted", "moved"]


def test_table_of_thresholds_has_each_once(filled: Filled) -> None:
    """The table has one row a threshold of this asset, with the value in force."""
    series = filled.ask(TARGETS["Thresholds in force A"])
    names = [one["tags"]["name"] for one in series]

    assert len(set(names)) == len(names) > 10
    assert {len(one["values"]) for one in series} == {1}
    assert all(name.removeprefix("policy.").startswith(("pump.", "asset.", "sensor.")) for name in names)
