"""Fixtures: real servers for the tests, and what happens where a machine lacks one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers import BINARIES, Influx, Mosquitto, binary

settings.register_profile("precomplaint", deadline=None)  # a busy machine is not a failure
settings.load_profile("precomplaint")

_missing: dict[str, list[str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what cannot run here; it is skipped on a developer's machine and fails in CI."""
    for item in items:
        for marker in item.iter_markers("needs"):
            for server in marker.args:
                if binary(server) is None:
                    _missing.setdefault(server, []).append(item.nodeid)
                    if not os.environ.get("CI"):
                        item.add_marker(pytest.mark.skip(reason=f"{server} is not installed"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail in CI a test whose server is missing, with the command that installs it."""
    for marker in item.iter_markers("needs"):
        for server in marker.args:
            if binary(server) is None and os.environ.get("CI"):
                pytest.fail(f"{server} is not installed: apt-get install -y {BINARIES[server].package}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that could not run and the one command that makes them run."""
    if not _missing:
        return
    packages = " ".join(sorted({BINARIES[server].package for server in _missing}))
    terminalreporter.section("tests that could not run here")
    for server, names in sorted(_missing.items()):
        for name in names:
            terminalreporter.write_line(f"{name} (needs {server})")
    terminalreporter.write_line(f"to run them: sudo apt-get install -y {packages}")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A real broker on a free port, persistent, gone after the test."""
    server = Mosquitto(tmp_path / "mosquitto")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """A real InfluxDB 1.x on a free port; tests take a database each with `influx.database()`."""
    folder = tmp_path_factory.mktemp("influx")
    server = Influx(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
