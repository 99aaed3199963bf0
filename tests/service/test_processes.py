"""Processes: children are started in order, kept up, and stopped."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import PartFailedError, PortInUseError
from service.processes import Part, Processes, require_free_port
from tests.servers import wait_until

FOREVER = "import time; print('up', flush=True); time.sleep(600)"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Children that are gone after the test."""
    children = Processes(logs=tmp_path, environment={"GREETING": "hello"})
    yield children
    children.stop()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_part_is_waited_for(processes: Processes, tmp_path: Path) -> None:
    """`start` returns once the part says it is ready, and its output is in its log."""
    ready = tmp_path / "ready"
    touch = f"pathlib.Path({str(ready)!r}).touch()"
    code = f"import os, pathlib; print(os.environ['GREETING'], flush=True); {touch}; {FOREVER}"
    processes.start(Part("api", python(code), is_ready=ready.exists))

    assert (tmp_path / "api.log").read_text(encoding="utf-8").startswith("hello")


def test_a_part_that_dies_at_once_is_reported_with_its_last_words(processes: Processes) -> None:
    """The error carries the last line the child wrote."""
    part = Part(
        "api", python("print('first', flush=True); raise SystemExit('no such database')"), is_ready=lambda: False
    )

    with pytest.raises(PartFailedError, match="api did not start: no such database"):
        processes.start(part)


def test_a_killed_part_is_started_again(processes: Processes) -> None:
    """A part that should be up comes back after it was killed."""
    processes.start(Part("score", python(FOREVER)))
    processes._running[0].child.kill()  # noqa: SLF001 -- there is no public way to crash a part

    wait_until(lambda: processes.look_after() == ["score"], what="a restart")
    assert processes.ended("score") is None


def test_a_part_that_is_done_stays_done(processes: Processes) -> None:
    """What is not to be kept up is left alone when it ends."""
    processes.start(Part("simulate", python("pass"), keep_up=False))
    wait_until(lambda: processes.ended("simulate") == 0, what="its end")

    assert processes.look_after() == []


def test_a_port_in_use_is_named() -> None:
    """The sentence says which port, whose, and which setting changes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortInUseError, match=f"crew page: port {port} .* --port"):
            require_free_port("crew page", "127.0.0.1", port, "--port")
