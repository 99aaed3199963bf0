"""Forward: from the log to the store in order, each once, through every failure between the two."""

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingest.forward import Forwarder, LogBehindStoreError, Moved
from ingest.history import Point, ReadingStore, StoreUnavailableError
from ingest.log import Entry, Record
from ingest.sqlite_log import SqliteLog
from ingest.stores.duckdb_store import DuckdbReadingStore
from ingest.stores.influx_store import InfluxReadingStore
from tests.contracts.reading_store import ALWAYS, T0_US, parked, pressure, record, score
from tests.ingest.influx_stores import influx_store
from tests.servers import Influx, wait_until


@dataclass(slots=True)
class WaitingPoints:
    """A `PointSource` in memory; `forgetful` loses what was said to be forwarded, as a crash does."""

    waiting: dict[int, Point] = field(default_factory=dict)
    forgetful: bool = False

    def pending(self, limit: int) -> list[tuple[int, Point]]:
        """See `PointSource.pending`."""
        return sorted(self.waiting.items())[:limit]

    def forwarded(self, ids: Sequence[int]) -> None:
        """See `PointSource.forwarded`."""
        if not self.forgetful:
            for number in ids:
                del self.waiting[number]


class BrokenStore(DuckdbReadingStore):
    """A store that cannot write while `broken` says why."""

    broken: Exception | None = None

    def write(self, records: Sequence[Record]) -> None:
        """See `ReadingStore.write`."""
        if self.broken:
            raise self.broken
        super().write(records)


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[SqliteLog]:
    """A real log, empty."""
    log = SqliteLog(tmp_path / "log.db")
    yield log
    log.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BrokenStore]:
    """A real DuckDB store, empty, that a test can break."""
    store = BrokenStore(tmp_path / "history.duckdb")
    yield store
    store.close()


def append(log: SqliteLog, *records: Record) -> None:
    """Append the batches of records, each with its watermark."""
    entries = [Entry(r.batch, hashlib.sha256(repr(r).encode()).digest()[:16], r.watermark_us) for r in records]
    log.append(entries)


def seconds(store: ReadingStore) -> list[int]:
    """When the stored pressures of riser-3 are, in seconds after T0."""
    return [int(at_us - T0_US) // 1_000_000 for at_us in store.series("riser-3", "pressure_kpa", *ALWAYS).at_us]


def test_step_moves_records_and_points_and_says_how_many(spine: SqliteLog, store: BrokenStore) -> None:
    """One step moves what lies there, the next nothing, and the lag goes to 0."""
    points = WaitingPoints({1: score(0, 0.5), 2: score(1, 0.6)})
    forwarder = Forwarder(spine, store, points)
    append(spine, *(record(i, pressure(i), parked(i)) for i in range(3)))

    assert forwarder.lag() == 3
    assert forwarder.step() == Moved(records=3, points=2)
    assert not forwarder.step()
    assert forwarder.lag() == 0
    assert seconds(store) == [0, 1, 2]
    assert store.events("gate", *ALWAYS) == [parked(i) for i in range(3)]
    assert store.points("score", {}, *ALWAYS) == [score(0, 0.5), score(1, 0.6)]
    assert points.waiting == {}


def test_long_log_is_moved_in_bounded_steps(spine: SqliteLog, store: BrokenStore) -> None:
    """A long backlog goes over in steps of at most 500 records, none left out."""
    append(spine, *(record(i, pressure(i)) for i in range(1_201)))
    forwarder = Forwarder(spine, store, WaitingPoints())

    assert [forwarder.step().records for _ in range(4)] == [500, 500, 201, 0]
    assert seconds(store) == list(range(1_201))


def test_new_forwarder_goes_on_where_the_store_is(spine: SqliteLog, store: BrokenStore) -> None:
    """The place is kept by the store: after a restart only what is new is moved."""
    append(spine, record(1, pressure(0)))
    Forwarder(spine, store, WaitingPoints()).step()
    append(spine, record(2, pressure(1)))

    assert Forwarder(spine, store, WaitingPoints()).step() == Moved(records=1, points=0)
    assert seconds(store) == [0, 1]


def test_point_whose_forwarding_was_forgotten_is_there_once(spine: SqliteLog, store: BrokenStore) -> None:
    """A crash between storing points and noting it sends them again, which changes nothing."""
    points = WaitingPoints({1: score(0, 0.5)}, forgetful=True)
    forwarder = Forwarder(spine, store, points)

    assert [forwarder.step().points, forwarder.step().points] == [1, 1]
    assert store.points("score", {}, *ALWAYS) == [score(0, 0.5)]


def test_failed_write_is_done_again(spine: SqliteLog, store: BrokenStore) -> None:
    """A store that refuses keeps the forwarder where it is, and the points wait behind the records."""
    points = WaitingPoints({1: score(0, 0.5)})
    forwarder = Forwarder(spine, store, points)
    append(spine, record(1, pressure(0)))
    store.broken = StoreUnavailableError("history", "its disk is full")
    with pytest.raises(StoreUnavailableError):
        forwarder.step()
    lag = forwarder.lag()
    store.broken = None

    assert lag == 1
    assert forwarder.step() == Moved(records=1, points=1)
    assert seconds(store) == [0]


def test_log_that_is_not_the_stores_is_refused(spine: SqliteLog, store: BrokenStore) -> None:
    """A log shorter than what the store has taken is another log: nothing is forwarded, in one clear sentence."""
    store.write([record(5, pressure(0))])
    append(spine, record(1, pressure(1)))

    with pytest.raises(LogBehindStoreError, match="ends at position 1 but the time-series store has already taken 5"):
        Forwarder(spine, store, WaitingPoints()).step()


@pytest.fixture
def running() -> Iterator[Callable[[Forwarder], None]]:
    """Runs forwarders in threads, and stops them after the test."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def run(forwarder: Forwarder) -> None:
        threads.append(threading.Thread(target=forwarder.run, args=(stop,)))
        threads[-1].start()

    yield run
    stop.set()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.mark.parametrize("trouble", [StoreUnavailableError("history", "its disk is full"), ZeroDivisionError("a bug")])
def test_running_outlasts_any_trouble(
    trouble: Exception, spine: SqliteLog, store: BrokenStore, running: Callable[[Forwarder], None]
) -> None:
    """While the store fails the forwarder says so once and waits; then it goes on by itself and says that."""
    forwarder = Forwarder(spine, store, WaitingPoints())
    name = type(trouble).__name__
    failures = lambda: REGISTRY.get_sample_value("precomplaint_forward_failures_total", {"reason": name}) or 0.0  # noqa: E731
    before = failures()
    append(spine, *(record(i, pressure(i)) for i in range(3)))
    store.broken = trouble
    with capture_logs() as logs:
        running(forwarder)
        wait_until(lambda: failures() >= before + 2, what="two failed rounds")
        said = forwarder.trouble()
        store.broken = None
        wait_until(lambda: seconds(store) == [0, 1, 2], what="the records in the store")
        wait_until(lambda: not forwarder.trouble(), what="the end of the trouble")
    changes = [entry["event"] for entry in logs if entry["event"] in {"forward.interrupted", "forward.resumed"}]

    assert said == str(trouble)
    assert changes == ["forward.interrupted", "forward.resumed"]


class Counted:
    """An event that counts how long somebody waits for it, without waiting, and is set after so many times."""

    def __init__(self, waits: int) -> None:
        self.waited_s: list[float] = []
        self._waits = waits

    def is_set(self) -> bool:
        """Whether it was waited for often enough."""
        return len(self.waited_s) >= self._waits

    def wait(self, timeout: float) -> None:
        """Wait no time at all."""
        self.waited_s.append(timeout)


@pytest.mark.parametrize(
    ("asked_s", "pauses"),
    [
        (0.0, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]),
        (7.0, [7.0, 7.0, 7.0, 7.0, 8.0, 16.0, 30.0, 30.0]),
        (90_000.0, [600.0] * 8),
    ],
)
def test_pauses_grow_and_heed_the_server(
    asked_s: float, pauses: list[float], spine: SqliteLog, store: BrokenStore
) -> None:
    """While the store fails the pauses double up to a bound; one that says when to come back is not asked before."""
    append(spine, record(1, pressure(0)))
    store.broken = StoreUnavailableError("history", "429 slow down", asked_s)
    stop = Counted(len(pauses))
    Forwarder(spine, store, WaitingPoints()).run(stop)  # type: ignore[arg-type]

    assert stop.waited_s == pauses


def test_store_that_cannot_be_tended_goes_on_taking_records(spine: SqliteLog, store: BrokenStore) -> None:
    """What the store does beside may fail for long: it is told once, and the records go on without a pause."""
    tried: list[int] = []

    def untended() -> bool:
        tried.append(1)
        raise StoreUnavailableError("history", "404 bucket not found")

    store.tend = untended  # type: ignore[method-assign]
    forwarder = Forwarder(spine, store, WaitingPoints())
    with capture_logs() as logs:
        for i in range(150):
            append(spine, record(i, pressure(i)))
            forwarder.step()

    assert seconds(store) == list(range(150))
    assert "bucket not found" in forwarder.trouble()
    assert len(tried) == 2
    assert [entry["event"] for entry in logs].count("forward.untended") == 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Influx]:
    """An InfluxDB of one test, which may be killed; gone after it, whatever happened."""
    server = Influx(tmp_path / "influx")
    server.start()
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def remote(server: Influx) -> Iterator[InfluxReadingStore]:
    """A store in that InfluxDB, closed after the test."""
    store = influx_store(server.url, "history")
    yield store
    store.close()


@pytest.mark.needs("influxdb")
def test_server_killed_in_between_gets_everything_in_the_end(
    spine: SqliteLog, server: Influx, remote: InfluxReadingStore, running: Callable[[Forwarder], None]
) -> None:
    """An InfluxDB killed while records flow, and started again, ends with every record once and in order."""
    points = WaitingPoints({i: score(i, i / 10) for i in range(5)})
    forwarder = Forwarder(spine, remote, points)
    running(forwarder)
    for i in range(200):
        append(spine, record(i, pressure(i), parked(i)))
        if i in {50, 120}:
            server.stop(signal.SIGKILL)
            append(spine, record(1_000 + i, pressure(i - 20, 99.0), pressure(1_000 + i)))
            wait_until(forwarder.trouble, what="the forwarder to see that the server is gone")
            server.start()
    wait_until(lambda: remote.position() == spine.head() and not points.waiting, what="log and points in the store")

    assert seconds(remote) == [*range(200), 1_050, 1_120]
    assert remote.series("riser-3", "pressure_kpa", *ALWAYS).value.tolist() == [300.0] * 202
    assert remote.events("gate", *ALWAYS) == [parked(i) for i in range(200)]
    assert remote.points("score", {}, *ALWAYS) == [score(i, i / 10) for i in range(5)]


@pytest.mark.needs("influxdb")
def test_first_step_makes_the_database(spine: SqliteLog, influx: Influx) -> None:
    """A server that has never heard of the database gets it with the first step."""
    store = influx_store(influx.url, "never_heard_of")
    append(spine, record(1, pressure(0)))

    assert Forwarder(spine, store, WaitingPoints({1: score(0, 0.5)})).step() == Moved(records=1, points=1)
    assert seconds(store) == [0]
    store.close()
