"""API of the history: what keeps the time-series store, how far it is behind, and what it refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from alerts.api.app import create_app
from alerts.database import Database
from alerts.points import PendingPoints
from ingest.forward import Forwarder
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.stores.refused_points import Refused, RefusedPoints
from tests.alerts.seeding import NOW_US, HandClock, seed
from tests.alerts.serving import serve
from tests.contracts.reading_store import pressure, record
from tests.ingest.influx_stores import influx_store
from tests.ingest.test_forward import append
from tests.servers import free_port, wait_until


@dataclass(frozen=True, slots=True)
class Served:
    """A service whose InfluxDB does not answer."""

    url: str
    forwarder: Forwarder
    refused: RefusedPoints

    def get(self, path: str) -> httpx.Response:
        """GET under the API."""
        return httpx.get(f"{self.url}/api/v1{path}")

    def post(self, path: str, body: dict[str, object]) -> httpx.Response:
        """POST JSON under the API."""
        return httpx.post(f"{self.url}/api/v1{path}", json=body)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The app with a forwarder, before its first step, whose server is not there, and three refused points."""
    log, quarantine = SqliteLog(tmp_path / "log.db"), SqliteQuarantine(tmp_path / "log.db")
    database, clock = Database(tmp_path / "precomplaint.db"), HandClock(NOW_US)
    refused = RefusedPoints(tmp_path / "refused_points.db", clock)
    refused.keep([Refused(f"score,asset=a-{i} score=1 {i}", "type_conflict", "is already text") for i in (1, 2)], "")
    refused.keep([Refused("reading value=1 3", "beyond_retention", "too old")], "summaries")
    store = influx_store(f"http://127.0.0.1:{free_port()}", "history", refused)
    forwarder = Forwarder(log, store, PendingPoints(database))
    append(log, record(1, pressure(0)))
    app = create_app(
        database=database,
        registry=seed(database),
        clock=clock,
        store=store,
        log=log,
        quarantine=quarantine,
        forwarder=forwarder,
        refused_points=refused,
    )
    with serve(app) as url:
        yield Served(url, forwarder, refused)
    for opened in (store, refused, database, log, quarantine):
        opened.close()


def troubled(served: Served) -> None:
    """Let the forwarder try, and find out."""
    stop = _StopsItself()
    served.forwarder.run(stop)  # type: ignore[arg-type]
    wait_until(served.forwarder.trouble, what="trouble")


class _StopsItself:
    """An event that is set once somebody waits for it."""

    waited = False

    def is_set(self) -> bool:
        """Whether somebody has waited."""
        return self.waited

    def wait(self, _: float) -> None:
        """Wait no time at all."""
        self.waited = True


def test_store_that_is_away_shows_in_health_and_metrics(served: Served) -> None:
    """While the store is away health says why and how far behind it is, and so do the metrics; before, all is well."""
    before = served.get("/health").json()
    troubled(served)
    after, said = served.get("/health").json(), served.get("/history").json()
    lines = httpx.get(f"{served.url}/metrics").text.splitlines()

    assert (before["history"], before["history_trouble"]) == ("forwarding", "")
    assert (after["history"], after["history_lag_positions"]) == ("troubled", 1)
    assert "Connection refused" in after["history_trouble"]
    assert (said["state"], said["trouble"]) == ("troubled", after["history_trouble"])
    assert said["readings_from"] is None
    assert "precomplaint_forward_troubled 1.0" in lines
    assert 'precomplaint_store_refused_held{reason="type_conflict"} 2.0' in lines


def test_refused_points_are_listed_page_by_page(served: Served) -> None:
    """Refused points come oldest first with the server's words, by reason and by page, and are counted."""
    first = served.get("/history/refused?limit=2").json()
    second = served.get(f"/history/refused?limit=2&cursor={first['cursor']}").json()
    old = served.get("/history/refused?reason=beyond_retention").json()["items"]

    assert [item["line"] for item in first["items"]] == ["score,asset=a-1 score=1 1", "score,asset=a-2 score=1 2"]
    assert first["items"][0]["detail"] == "is already text"
    assert ([item["number"] for item in second["items"]], second["cursor"]) == ([3], None)
    assert [(item["policy"], item["retry_requested"]) for item in old] == [("summaries", False)]
    assert served.get("/history").json()["refused"] == {"beyond_retention": 1, "type_conflict": 2}


def test_refused_points_are_retried_and_discarded(served: Served) -> None:
    """One, those of a reason or all can be chosen, and nothing else."""
    retried = served.post("/history/refused/retry", {"reason": "type_conflict"}).json()
    discarded = served.post("/history/refused/discard", {"number": 3}).json()
    neither = served.post("/history/refused/discard", {})
    both = served.post("/history/refused/retry", {"number": 1, "all": True})

    assert (retried, discarded) == ({"changed": 2}, {"changed": 1})
    assert [point.retrying for point in served.refused.find()] == [True, True]
    assert [neither.status_code, both.status_code] == [422, 422]
    assert served.get("/history").json()["refused_ever"] == {"beyond_retention": 1, "type_conflict": 2}
