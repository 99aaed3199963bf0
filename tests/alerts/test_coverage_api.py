"""The route `coverage`, over what a scored day of the community has left behind."""

from collections.abc import Iterator

import httpx
import pytest

from alerts.api.app import create_app
from alerts.database import Database
from device_simulators.community import Community
from ingest.figures import gauge
from ingest.log import Group, LastWord
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.alerts.serving import serve
from tests.end_to_end.chain import SetClock, community_registry, fill_log, score_log

START_US = 1_764_000_000_000_000
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The API at the end of the day, with an ingest that is connected and has heard everybody but one."""
    folder, registry, clock = tmp_path_factory.mktemp("coverage"), community_registry(), SetClock()
    fill_log(Community(1, START_US, "entrapment"), folder / "log.db", registry)
    score_log(folder / "log.db", folder / "main.db", registry)
    log, database = SqliteLog(folder / "log.db"), Database(folder / "main.db")
    quarantine, store = SqliteQuarantine(folder / "log.db"), DuckdbReadingStore(folder / "history.duckdb")
    clock.at_us = max(log.watermarks().values())
    words = {name: LastWord(clock.at_us, clock.at_us) for name in registry.devices if name != "pump-1-monitor"}
    words["pump-1-monitor"] = LastWord(clock.at_us - DAY_US, clock.at_us - DAY_US)
    log.take(lambda _: Group(last_words=words))
    log.note("ingest", (gauge("precomplaint_ingest_connected", "", 1),), clock.at_us)
    log.note("score", (), clock.at_us)
    app = create_app(database=database, registry=registry, clock=clock, store=store, log=log, quarantine=quarantine)
    with serve(app) as url, httpx.Client(base_url=url) as served:
        yield served
    for opened in (store, database, log, quarantine):
        opened.close()


def test_only_what_is_not_watched_is_listed_unless_all_is_asked_for(client: httpx.Client) -> None:
    """The list holds what somebody should know of; the counts hold everything."""
    some, everything = (client.get("/api/v1/coverage", params=asked).json() for asked in ({}, {"all": True}))
    site = everything["sites"][0]

    assert {item["standing"] for item in some["items"]} <= {"not_watched", "unknown", "learning"}
    assert "watched" in {item["standing"] for item in everything["items"]}
    assert site["watched"] + site["learning"] + site["unknown"] + site["not_watched"] == len(everything["items"])
    assert some["sites"] == everything["sites"]


def test_each_line_says_what_where_and_why(client: httpx.Client) -> None:
    """An elevator that reports is watched; a riser is learning, until a day that is named, in both languages."""
    items = client.get("/api/v1/coverage", params={"all": True, "site": "lakeside"}).json()["items"]
    by_key = {(item["asset"], item["failure_mode"]): item for item in items}
    riser = by_key["b3-u1-riser-mid", "pipe.burst"]

    assert by_key["b3-e1", "elevator.entrapment"]["standing"] == "watched"
    assert riser["standing"] == "learning"
    assert riser["until"] is not None
    assert riser["sentence"]["en"].startswith("It is learning what is usual, until about ")
    assert riser["sentence"]["zh"].startswith("正在学习平时水平")
    assert not any(item["failure_mode"] == "sensor.fault" for item in items)


def test_an_unknown_site_is_not_found(client: httpx.Client) -> None:
    """Who misspells a site is told, in the API's own kind of error."""
    answer = client.get("/api/v1/coverage", params={"site": "nowhere"})

    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no site 'nowhere'"
