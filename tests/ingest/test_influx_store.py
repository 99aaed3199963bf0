"""Influx store: the contract on a real InfluxDB, and what a server can do to it."""

from collections.abc import Callable, Iterator

import pytest

from ingest.history import ReadingStore
from ingest.stores.influx_store import InfluxReadingStore
from tests.contracts.reading_store import CHECKS, Opened
from tests.servers import Influx

pytestmark = pytest.mark.needs("influxdb")


@pytest.fixture
def opened(influx: Influx) -> Iterator[Opened]:
    """Opens the same database every time; closes what a test left open."""
    database = influx.database()
    stores: list[ReadingStore] = []

    def again() -> ReadingStore:
        stores.append(InfluxReadingStore(influx.url, database))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[Opened], None], opened: Opened) -> None:
    """Every check of the contract holds."""
    check(opened)
