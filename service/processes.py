"""Processes: the parts of the service as child processes, started in order, kept up, stopped in reverse order."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from service.errors import PartFailedError, PortInUseError

log = structlog.get_logger()

_PR_SET_PDEATHSIG = 1
_RESTART_AFTER_S = 1.0
_STOP_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Part:
    """One child process.

    Attributes:
        name: What people call it; its log is `<name>.log`.
        command: What to run.
        is_ready: Says whether it does its work yet.
        keep_up: Whether it is started again when it ends by itself.
        ready_within_s: How long it may take to become ready.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool] = lambda: True
    keep_up: bool = True
    ready_within_s: float = 60.0


@dataclass(slots=True)
class _Running:
    part: Part
    child: subprocess.Popen[bytes]
    ended_at: float | None = None


@dataclass(slots=True)
class Processes:
    """The children of one run.

    Attributes:
        logs: Folder for their output.
        environment: What they inherit besides the current environment.
    """

    logs: Path
    environment: Mapping[str, str]
    _running: list[_Running] = field(default_factory=list)

    def start(self, part: Part) -> None:
        """Start a part and wait until it is ready.

        Raises:
            PartFailedError: It ended or was not ready in time; its last words are in the message.
        """
        running = _Running(part, self._spawn(part))
        self._running.append(running)
        deadline = time.monotonic() + part.ready_within_s
        while not part.is_ready():
            if running.child.poll() is not None or time.monotonic() > deadline:
                raise PartFailedError(part.name, self.last_words(part.name), str(self._log(part.name)))
            time.sleep(0.05)

    def look_after(self) -> list[str]:
        """Start again what ended though it should be up; the names of parts that were started again."""
        restarted = []
        for running in self._running:
            if running.child.poll() is None or not running.part.keep_up:
                continue
            now = time.monotonic()
            running.ended_at = running.ended_at or now
            if now - running.ended_at >= _RESTART_AFTER_S:
                log.warning("service.part_restarted", part=running.part.name, exit_code=running.child.returncode)
                running.child = self._spawn(running.part)
                running.ended_at = None
                restarted.append(running.part.name)
        return restarted

    def ended(self, name: str) -> int | None:
        """The exit code of a part that has ended, None while it runs or if it was never started."""
        return next((r.child.poll() for r in self._running if r.part.name == name), None)

    def last_words(self, name: str) -> str:
        """The last line a part wrote, without the decoration of its log."""
        text = self._log(name).read_text(encoding="utf-8", errors="replace").strip()
        return text.rsplit("\n", 1)[-1].removeprefix("precomplaint: ")[:500]

    def stop(self) -> None:
        """Stop every part, the last started first, and wait; kill what does not listen."""
        for running in reversed(self._running):
            if running.child.poll() is None:
                running.child.send_signal(signal.SIGTERM)
                try:
                    running.child.wait(_STOP_WITHIN_S)
                except subprocess.TimeoutExpired:
                    log.warning("service.part_killed", part=running.part.name)
                    running.child.kill()
                    running.child.wait()
        self._running.clear()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        """Start a child in a session of its own, so that Ctrl-C reaches only us and we stop them in order."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self._log(part.name).open("ab") as output:
            return subprocess.Popen(  # noqa: S603 -- our own commands
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 -- the parent has one thread when it starts children
            )


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed, so that no orphan holds a port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def require_free_port(what: str, host: str, port: int, setting: str) -> None:
    """Return if a server could listen there.

    Raises:
        PortInUseError: Somebody else does.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(what, host, port, setting) from error


def accepts_connections(host: str, port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
