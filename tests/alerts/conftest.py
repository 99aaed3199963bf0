"""Fixtures: the API behind a real HTTP server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.alerts.api_service import Service
from tests.alerts.serving import serve


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    with serve(made.app) as address, httpx.Client(base_url=address, timeout=30) as made.client:
        yield made
    made.close()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that several tests may only read from."""
    made = Service(tmp_path_factory.mktemp("untouched"))
    with serve(made.app) as address, httpx.Client(base_url=address, timeout=30) as made.client:
        yield made
    made.close()
