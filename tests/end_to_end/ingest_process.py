"""Ingest process: a subscriber on a log of its own, as a process that can be killed."""

import multiprocessing
import signal
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.subscribe import Subscriber
from tests.ingest.community import FixedClock, community


def take_in(port: int, path: str, ready: Event) -> None:
    """Take messages in from the broker on a port into a log, until terminated."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # A small window makes many small groups, so that there is more to interrupt.
    settings = IngestSettings(port=port, receive_maximum=100)
    Subscriber(settings, SqliteLog(path), community(), FixedClock(), SqliteQuarantine(path)).run(stop, ready.set)


class IngestProcess:
    """Ingest as a process of its own that can be started again after each kill.

    Args:
        port: Of the broker.
        path: Of the log.
    """

    def __init__(self, port: int, path: Path) -> None:
        # Forked from a server that has imported everything: a start costs milliseconds instead of a second.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._arguments = (port, str(path))
        self._child: multiprocessing.process.BaseProcess | None = None

    def start(self) -> None:
        """Start it and wait until it has subscribed."""
        ready = self._context.Event()
        self._child = self._context.Process(target=take_in, args=(*self._arguments, ready), daemon=True)
        self._child.start()
        assert ready.wait(30)

    def stop(self, how: signal.Signals) -> int | None:
        """Stop it with a signal, and say how it ended."""
        assert self._child is not None
        if how is signal.SIGKILL:
            self._child.kill()
        else:
            self._child.terminate()
        self._child.join(20)
        return self._child.exitcode
