"""Parts: real `precomplaint` processes for the tests, that can be killed and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from service.folders import DataFolder
from tests.end_to_end.chain import PLATE_KEY
from tests.servers import Mosquitto, answers, free_port, wait_until

_STARTS_WITHIN_S = 60.0


class PartProcess:
    """One part of the service as a process of its own."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._name = name
        part, _, number = name.partition("-")
        self._command = (part, "--number", number) if number else (part,)
        self._ready = DataFolder(folder).ready_file(name)
        self._output = folder / f"{name}.log"
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the API answers, if this is it."""
        return f"http://127.0.0.1:{self._environment['PRECOMPLAINT_API__PORT']}"

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._child is not None
        return self._child.pid

    def status(self) -> dict[str, Any]:
        """What the API says of how the service is doing, if this is it."""
        return dict(httpx.get(f"{self.url}/api/v1/status", timeout=20).raise_for_status().json())

    def start(self) -> None:
        """Start it and wait until it does its work."""
        self._ready.unlink(missing_ok=True)
        with self._output.open("ab") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "service.cli", *self._command],
                env=self._environment,
                stdout=output,
                stderr=output,
            )
        wait_until(self._is_up, _STARTS_WITHIN_S, f"{self._name} to be ready, see {self._output}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        if self._child is None:
            return 0
        self._child.send_signal(how)
        code = self._child.wait(30)
        self._child = None
        return code

    def signal(self, how: signal.Signals) -> None:
        """Send it a signal that it outlives."""
        assert self._child is not None
        self._child.send_signal(how)

    def _is_up(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            said = self._output.read_text(encoding="utf-8", errors="replace")[-2000:]
            message = f"{self._name} ended with {self._child.returncode}: {said}"
            raise AssertionError(message)
        if self._name == "api":
            return answers(int(self._environment["PRECOMPLAINT_API__PORT"]))
        return self._ready.exists()


def environment(folder: Path, mosquitto: Mosquitto, **settings: str) -> dict[str, str]:
    """What every process of a service at a broker of the test is told, in a simulation's time if not told otherwise."""
    chosen = {
        "DATA": str(folder),
        "BROKER__KIND": "external",
        "BROKER__PORT": str(mosquitto.port),
        "CLOCK__KIND": "simulation",
        "API__PORT": str(free_port()),
        **settings,
    }
    return os.environ | {f"PRECOMPLAINT_{name}": value for name, value in chosen.items()}


@contextmanager
def parts(folder: Path, mosquitto: Mosquitto, *names: str, **settings: str) -> Iterator[dict[str, PartProcess]]:
    """Parts of one service; stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    DataFolder(folder).plate_key.write_text(PLATE_KEY, encoding="ascii")
    told = environment(folder, mosquitto, **settings)
    running = {name: PartProcess(name, folder, told) for name in names}
    try:
        for part in running.values():
            part.start()
        yield running
    finally:
        for part in reversed(running.values()):
            part.stop()
