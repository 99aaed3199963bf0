"""Run process: a real `precomplaint run` on free ports, and what its API says."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.servers import free_port, wait_until


class RunProcess:
    """A whole service that is running.

    Args:
        folder: Where its data goes.
        child: Its first process.
        port: Of its API.
    """

    def __init__(self, folder: Path, child: subprocess.Popen[bytes], port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._child = child

    def get(self, path: str, **query: str) -> httpx.Response:
        """What the API answers."""
        return httpx.get(f"{self.url}{path}", params=query, timeout=20).raise_for_status()

    def orders(self) -> list[dict[str, Any]]:
        """The work orders, none as long as the API does not answer."""
        self.must_run()
        try:
            return list(self.get("/api/v1/work-orders", limit="200").json()["items"])
        except httpx.HTTPError:
            return []

    def wait_for(self, failure_modes: Sequence[str], within_s: float) -> None:
        """Return once each of these failure modes has a work order."""

        def there() -> bool:
            return {order["failure_mode"] for order in self.orders()} >= set(failure_modes)

        wait_until(there, within_s, f"orders of {', '.join(failure_modes)}; see {self.folder}")

    def children(self) -> list[int]:
        """The processes it has started and that are alive, by id."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(fields[1]) == self._child.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
        return found

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; the exit code."""
        self._child.send_signal(signal.SIGINT)
        return self._child.wait(30)

    def must_run(self) -> None:
        """Fail with what it said if it has ended by itself."""
        if self._child.poll() is not None:
            said = (self.folder / "screen.log").read_text(encoding="utf-8")
            message = f"precomplaint run ended with {self._child.returncode}: {said}"
            raise AssertionError(message)


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[RunProcess]:
    """`precomplaint run` with these arguments and settings; stopped at the end if it still runs."""
    port = free_port()
    environment = {
        **os.environ,
        "PRECOMPLAINT_DATA": str(folder / "data"),
        "PRECOMPLAINT_BROKER__PORT": str(free_port()),
        **{f"PRECOMPLAINT_{name}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "service.cli", "run", "--port", str(port), *arguments]
    with (folder / "screen.log").open("ab") as screen:
        child = subprocess.Popen(
            command,
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=screen,
            stderr=screen,
            stdin=subprocess.DEVNULL,
        )
    run = RunProcess(folder, child, port)
    try:
        yield run
    finally:
        if child.poll() is None:
            run.interrupt()
