"""Influx store: the contract on a real InfluxDB, and what a server can do to it."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from ingest.history import Point, ReadingStore, StoreUnavailableError
from ingest.readings import Event, Reading
from ingest.stores.influx_store import InfluxReadingStore
from ingest.stores.influx_wire import Server
from ingest.stores.refused_points import RefusedPoints
from tests.contracts.reading_store import ALWAYS, CHECKS, T0_US, Opened, parked, pressure, record
from tests.ingest.influx_stores import HandClock, influx_store
from tests.servers import Influx

pytestmark = pytest.mark.needs("influxdb")


@pytest.fixture
def opened(influx: Influx) -> Iterator[Opened]:
    """Opens the same database every time; closes what a test left open."""
    database = influx.database()
    stores: list[ReadingStore] = []

    def again() -> ReadingStore:
        stores.append(influx_store(influx.url, database))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[Opened], None], opened: Opened) -> None:
    """Every check of the contract holds."""
    check(opened)


def stored(store: ReadingStore, device: str = "riser-3") -> list[float]:
    """The values of a device's pressure, ascending in time."""
    return [float(value) for value in store.series(device, "pressure_kpa", *ALWAYS).value]


def ask(url: str, database: str, statement: str) -> str:
    """What the server answers to InfluxQL from somebody else than the store."""
    return httpx.post(f"{url}/query", params={"db": database}, data={"q": statement}).raise_for_status().text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Influx]:
    """An InfluxDB of one test, which may be killed, not yet started."""
    server = Influx(tmp_path / "influx")
    yield server
    server.stop(signal.SIGKILL)


def test_server_that_is_down_loses_nothing(server: Influx) -> None:
    """While the server is down every call says so, and what is written again when it is back is there once."""
    store = influx_store(server.url, "history")
    with pytest.raises(StoreUnavailableError):
        store.position()
    server.start()
    store.write([record(1, pressure(0), parked(0))])
    server.stop(signal.SIGKILL)
    with pytest.raises(StoreUnavailableError):
        store.write([record(2, pressure(1), parked(1))])
    with pytest.raises(StoreUnavailableError):
        store.series("riser-3", "pressure_kpa", *ALWAYS)
    server.start()
    store.write([record(2, pressure(1), parked(1)), record(3, pressure(2))])

    assert store.position() == 3
    assert len(stored(store)) == 3
    assert store.events("gate", *ALWAYS) == [parked(0), parked(1)]
    store.close()


def test_crash_before_the_position_is_carried_on(influx: Influx) -> None:
    """Readings that were stored without their position are recognised, and the first in log order stays."""
    database = influx.database()
    records = [record(1, pressure(0, 1.0), parked(0)), record(2, pressure(1, 1.0), parked(0, "B"))]
    store = influx_store(influx.url, database)
    store.write(records)
    store.close()
    ask(influx.url, database, 'DROP MEASUREMENT "stored"')
    store = influx_store(influx.url, database)

    assert store.position() == 0
    store.write([*records, record(3, pressure(1, 9.0), pressure(2, 1.0), parked(0, "B"))])
    assert stored(store) == [1.0, 1.0, 1.0]
    assert [event.attributes["plate"] for event in store.events("gate", *ALWAYS)] == ["A", "B"]
    store.close()


def test_database_that_vanishes_is_made_and_filled_again(influx: Influx) -> None:
    """A database that somebody dropped is made anew, and the position starts from 0, so that the log fills it."""
    database = influx.database()
    store = influx_store(influx.url, database)
    store.write([record(1, pressure(0)), record(2, pressure(1))])
    ask(influx.url, database, f'DROP DATABASE "{database}"')
    with pytest.raises(StoreUnavailableError):
        store.write([record(3, pressure(2))])

    assert store.position() == 0
    store.write([record(1, pressure(0)), record(2, pressure(1)), record(3, pressure(2))])
    assert len(stored(store)) == 3
    store.close()


def test_point_of_another_type_is_passed_over(influx: Influx) -> None:
    """A reading the server refuses because of its type is logged without its text, and the others go on."""
    database = influx.database()
    httpx.post(f"{influx.url}/write", params={"db": database}, content='score,asset=a score="much" 1790000000000000000')
    store = influx_store(influx.url, database)
    points = [
        Point("score", T0_US, {"asset": "b"}, {"score": 0.5}),
        Point("level", T0_US, {"asset": "b"}, {"score": 0.5}),
    ]
    with capture_logs() as logs:
        store.write_points(points)

    assert store.points("level", {}, *ALWAYS) == [points[1]]
    assert [(entry["event"], entry["count"]) for entry in logs] == [("store.points_refused", 1)]
    assert "field type conflict" in logs[0]["detail"]
    store.close()


def test_readings_older_than_the_retention_are_passed_over(influx: Influx) -> None:
    """Readings beyond the database's retention policy are refused for good; the position goes on."""
    database = influx.database()
    ask(influx.url, database, f'CREATE RETENTION POLICY "day" ON "{database}" DURATION 24h REPLICATION 1 DEFAULT')
    store = influx_store(influx.url, database)
    with capture_logs() as logs:
        store.write([record(1, Reading("riser-3", "pressure_kpa", 1_000_000, 1.0))])

    again = influx_store(influx.url, database)

    assert stored(store) == []
    assert [store.position(), again.position()] == [1, 1]
    assert "retention policy" in logs[0]["detail"]
    store.close()
    again.close()


def test_full_index_holds_the_position(server: Influx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of the server that its owner can raise is not the data's fault: nothing is passed over."""
    monkeypatch.setenv("INFLUXDB_DATA_MAX_SERIES_PER_DATABASE", "3")
    server.start()
    store = influx_store(server.url, "history")
    store.write([record(1, pressure(0))])
    with pytest.raises(StoreUnavailableError, match="limit exceeded"):
        store.write([record(2, *(pressure(1, device=f"riser-{i}") for i in range(9)))])

    assert store.position() == 1
    store.close()


def signed_in(url: str, password: str) -> InfluxReadingStore:
    """A store of the user admin."""
    server = Server(url, "history", "auto", "admin", SecretStr(password))
    return InfluxReadingStore(server, RefusedPoints(":memory:", HandClock()))


def test_password_and_request_size_of_the_server_hold(server: Influx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is told in a sentence; with the right one even a request the server finds too large gets in."""
    monkeypatch.setenv("INFLUXDB_HTTP_AUTH_ENABLED", "true")
    monkeypatch.setenv("INFLUXDB_HTTP_MAX_BODY_SIZE", "4000")
    server.start()
    create = "CREATE USER admin WITH PASSWORD 'right' WITH ALL PRIVILEGES"
    httpx.post(f"{server.url}/query", data={"q": create}).raise_for_status()
    stranger = signed_in(server.url, "wrong")
    with pytest.raises(StoreUnavailableError, match="401"):
        stranger.position()
    stranger.close()
    store = signed_in(server.url, "right")
    store.write([record(1, *(pressure(i) for i in range(1_000)))])

    assert len(stored(store)) == 1_000
    store.close()


def test_every_tag_is_bounded_by_the_registry(influx: Influx) -> None:
    """What may be any text (an event's kind and attributes) is a field, so it cannot make series without end."""
    database = influx.database()
    store = influx_store(influx.url, database)
    store.write([record(1, pressure(0), *(Event("gate", f"kind {i}", T0_US + i, {"n": i}) for i in range(50)))])
    series = ask(influx.url, database, "SHOW SERIES")

    assert series.count("event,") == 1
    assert "event,device=gate,site=garden" in series
    assert "reading,device=riser-3,metric=pressure_kpa,site=garden" in series
    store.close()
