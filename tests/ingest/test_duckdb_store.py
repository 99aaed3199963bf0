"""DuckDB store: the contract, crashes, a full disk, a second process, readers beside the writer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.history import ReadingStore
from ingest.stores.duckdb_store import DuckdbReadingStore
from tests.contracts.reading_store import CHECKS, Opened


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens the same file every time; closes what a test left open."""
    stores: list[ReadingStore] = []

    def again() -> ReadingStore:
        stores.append(DuckdbReadingStore(tmp_path / "history.duckdb"))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check: Callable[[Opened], None], opened: Opened) -> None:
    """Every check of the contract holds."""
    check(opened)
