"""Servers: real mosquitto and InfluxDB processes on free ports."""

import itertools
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Binary:
    """A program a test needs, and the Debian package that brings it."""

    names: tuple[str, ...]
    package: str


BINARIES = {
    "mosquitto": Binary(("mosquitto",), "mosquitto"),
    "influxdb": Binary(("influxd",), "influxdb"),
    "victoria-metrics": Binary(("victoria-metrics",), "victoria-metrics"),
    "chromium": Binary(("chromium", "chromium-browser"), "chromium"),
}


def binary(server: str) -> str | None:
    """The path of a server's program, also looked for where ordinary users' PATHs do not reach."""
    for name in BINARIES[server].names:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
        if found:
            return found
    return None


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], within_s: float = 30.0, what: str = "") -> None:
    """Return once `condition()` is true; fail after `within_s` seconds, naming what was waited for."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            message = f"not within {within_s:.0f} s: {what or condition}"
            raise AssertionError(message)
        time.sleep(0.01)


def answers(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Process:
    """A child process with a port that says when it is up."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._child: subprocess.Popen[bytes] | None = None

    def _command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        command = self._command()  # once: it writes the configuration that the server is about to read
        with (self.folder / "output.log").open("ab") as output:
            self._child = subprocess.Popen(command, stdout=output, stderr=output)
        wait_until(lambda: answers(self.port), what=f"{command[0]} on port {self.port}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it; `signal.SIGKILL` for a crash."""
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(timeout=20)
            self._child = None

    def signal(self, what: signal.Signals) -> None:
        """Send it a signal that does not end it, such as `signal.SIGSTOP`."""
        if self._child is not None:
            self._child.send_signal(what)


class Mosquitto(_Process):
    """A real broker that keeps sessions and queues over a clean restart."""

    def _command(self) -> list[str]:
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {self.folder}/\nautosave_interval 1\nmax_queued_messages 0\n"
            "max_inflight_messages 0\nuser root\n",
            encoding="utf-8",
        )
        return [binary("mosquitto") or "mosquitto", "-c", str(config)]


class Influx(_Process):
    """A real InfluxDB 1.x with its HTTP API on `url`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._numbers = itertools.count(1)
        self._rpc_port = free_port()

    @property
    def url(self) -> str:
        """Where its HTTP API is."""
        return f"http://127.0.0.1:{self.port}"

    def database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        httpx.post(f"{self.url}/query", params={"q": f'CREATE DATABASE "{name}"'}).raise_for_status()
        return name

    def _command(self) -> list[str]:
        config = self.folder / "influxdb.conf"
        config.write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{self._rpc_port}"\n'
            f'[meta]\ndir = "{self.folder}/meta"\n[data]\ndir = "{self.folder}/data"\n'
            f'wal-dir = "{self.folder}/wal"\nquery-log-enabled = false\n'
            f'[http]\nbind-address = "127.0.0.1:{self.port}"\nlog-enabled = false\n'
            "[monitor]\nstore-enabled = false\n",
            encoding="utf-8",
        )
        return [binary("influxdb") or "influxd", "run", "-config", str(config)]


class VictoriaMetrics(_Process):
    """A real VictoriaMetrics, which takes the write API of InfluxDB 2.x; its own API is on `url`."""

    @property
    def url(self) -> str:
        """Where its HTTP API is."""
        return f"http://127.0.0.1:{self.port}"

    def exported(self, match: str) -> list[dict[str, Any]]:
        """The series that match a selector, each with `metric`, `values` and `timestamps` in milliseconds."""
        httpx.post(f"{self.url}/internal/force_flush").raise_for_status()
        answer = httpx.get(f"{self.url}/api/v1/export", params={"match[]": match}).raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]

    def _command(self) -> list[str]:
        options = (f"-storageDataPath={self.folder}/data", f"-httpListenAddr=127.0.0.1:{self.port}")
        return [
            binary("victoria-metrics") or "victoria-metrics",
            *options,
            "-retentionPeriod=100y",
            "-loggerLevel=WARN",
        ]
