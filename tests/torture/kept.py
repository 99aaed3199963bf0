"""Kept: a process that is started again whenever it ends, as `precomplaint run` does, and how long that took."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import wait_until

_LOOK_S = 0.01
_PAUSE_S = 0.3
_UP_WITHIN_S = 90.0


@dataclass(slots=True)
class Life:
    """What a part has been through.

    Attributes:
        killed: How often it was killed.
        stopped: How often it was stopped for a while.
        recovered_s: Seconds from each end to when it did its work again.
        ended: Exit code and last words of each time it ended by itself.
    """

    killed: int = 0
    stopped: int = 0
    recovered_s: list[float] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


class Kept:
    """A part that is kept up.

    Args:
        name: For people.
        command: What to run.
        environment: Of the process.
        output: Where it writes what it says.
        is_ready: Whether it does its work.
        before: Called before each start.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- a process and how one sees that it is up
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        is_ready: Callable[[], bool],
        before: Callable[[], object] = lambda: None,
    ) -> None:
        self.name = name
        self.life = Life()
        self._command = command
        self._environment = environment
        self._output = output
        self._is_ready = is_ready
        self._before = before
        self._wanted = True
        self._child: subprocess.Popen[bytes] | None = None
        self._meant = False
        self._down_since = time.monotonic()
        self.ready = False
        self._keeper = threading.Thread(target=self._keep, name=name, daemon=True)
        self._keeper.start()

    def wait_ready(self) -> None:
        """Return when it does its work."""
        wait_until(lambda: self.ready, _UP_WITHIN_S, f"{self.name} to be ready; see {self._output}")

    def kill(self) -> None:
        """Kill it, wherever it is."""
        wait_until(lambda: self._child is not None, what=self.name)
        self.life.killed += 1
        self._meant = True
        self._send(signal.SIGKILL)

    def stop(self) -> None:
        """Let it do nothing until `go_on`."""
        self.life.stopped += 1
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def end(self) -> None:
        """Ask it to end, and leave it so."""
        self._wanted = False
        self._send(signal.SIGCONT)
        self._send(signal.SIGTERM)
        self._keeper.join(30)
        self._send(signal.SIGKILL)

    def _send(self, what: signal.Signals) -> None:
        child = self._child
        if child is not None:
            with suppress(ProcessLookupError):
                child.send_signal(what)

    def _keep(self) -> None:
        while self._wanted:
            self._meant = False
            self._before()
            with self._output.open("ab") as output:
                child = subprocess.Popen(
                    self._command, env=dict(self._environment), stdout=output, stderr=output, stdin=subprocess.DEVNULL
                )
            self._child = child
            self._come_up(child)
            code = child.wait()
            self._child, self.ready, self._down_since = None, False, time.monotonic()
            if self._wanted and not self._meant:
                self.life.ended.append(f"{self.name} ended with {code}: {self._last_words()}")
                time.sleep(_PAUSE_S)

    def _come_up(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None:
            if self._is_ready():
                self.life.recovered_s.append(time.monotonic() - self._down_since)
                self.ready = True
                return
            time.sleep(_LOOK_S)

    def _last_words(self) -> str:
        with self._output.open("rb") as output:
            output.seek(0, os.SEEK_END)
            output.seek(max(0, output.tell() - 4_000))
            return output.read().decode(errors="replace").strip().rpartition("\n")[2][:300]
