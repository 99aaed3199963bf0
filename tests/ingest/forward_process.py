"""Forward process: forwards a log into a store in children that are killed, until one gets to the end."""

import itertools
import os
import random
import signal
import sys
import threading

from ingest import forward
from ingest.forward import Forwarder
from ingest.history import Point, ReadingStore
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from ingest.stores.influx_store import InfluxReadingStore
from ingest.stores.influx_wire import Answer, Server, Wire, wire_to
from ingest.stores.refused_points import RefusedPoints
from tests.contracts.reading_store import score
from tests.ingest.influx_stores import HandClock

MORTAL_LIVES = 25
"""So many children that write to DuckDB die, whatever they got done; the next one may live."""
LONGEST_S = 0.015
"""The latest a child dies after the beginning of the step that is to be its last."""
POINTS = [score(i, i / 10) for i in range(50)]


class Repeated:
    """A `PointSource` that has forgotten, after each crash, what it had handed over."""

    def __init__(self) -> None:
        self._waiting = dict(enumerate(POINTS))

    def pending(self, limit: int) -> list[tuple[int, Point]]:
        """See `PointSource.pending`."""
        return sorted(self._waiting.items())[: min(limit, 20)]

    def forwarded(self, ids: list[int]) -> None:
        """See `PointSource.forwarded`."""
        for number in ids:
            del self._waiting[number]


class MortalWire:
    """A wire whose process dies at its n-th request: before it is sent if n is even, after the answer if odd."""

    def __init__(self, wire: Wire, n: int) -> None:
        self._wire, self._left, self._after = wire, n // 2, n % 2

    def send(self, body: bytes, policy: str) -> Answer:
        """See `Wire.send`."""
        if not self._left and not self._after:
            die()
        answer = self._wire.send(body, policy)
        if not self._left:
            die()
        self._left -= 1
        return answer

    def close(self) -> None:
        """See `Wire.close`."""
        self._wire.close()


def die() -> None:
    """End this process at once, without any farewell."""
    os.kill(os.getpid(), signal.SIGKILL)


def opened(where: str, life: int) -> ReadingStore:
    """The store at a path or a URL; the wire to a URL is mortal."""
    if not where.startswith("http"):
        forward.RECORDS_A_STEP = 5
        return DuckdbReadingStore(where)
    forward.RECORDS_A_STEP = 30
    url, _, database = where.rpartition("/")
    server = Server(url, database, "v1")
    remote = InfluxReadingStore(server, RefusedPoints(":memory:", HandClock()))
    # Death moves one request further with each life, so that every boundary has its turn.
    remote._writer._wire = MortalWire(wire_to(server), life % 14)  # noqa: SLF001 -- where it is killed
    return remote


def live(log: str, where: str, life: int) -> None:
    """One life: forward until there is nothing left, or until death."""
    chance = random.Random(life)  # noqa: S311 -- a test's dice
    store, spine = opened(where, life), SqliteLog(log)
    forwarder = Forwarder(spine, store, Repeated())
    mortal, last_step = life < MORTAL_LIVES and not where.startswith("http"), 1 + chance.randrange(3)
    for step in itertools.count():
        if mortal and step == last_step:
            # A thread of its own, so that death comes within a commit as well as between two.
            threading.Timer(chance.uniform(0.0, LONGEST_S), die).start()
        if not forwarder.step():
            break
    if mortal:
        die()
    os._exit(0)


def main(log: str, where: str, most: int) -> None:
    """Live again after each death, and say how many deaths it took; the last life is spared."""
    for life in range(most):
        child = os.fork()
        if not child:
            live(log, where, life)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            print(life)  # noqa: T201 -- what the test reads
            return
    sys.exit(f"not at the end after {most} lives")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
