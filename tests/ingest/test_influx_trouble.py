"""Influx trouble: whatever a server answers, nothing is lost, the rest goes on, and the reason can be read.

Each test runs by both wires, against a real InfluxDB behind a front that can answer badly and speaks 2.x.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from ingest.history import HOUR_US, MINUTE_US, Point, ReadingStore, StoreUnavailableError
from ingest.stores.influx_store import InfluxReadingStore
from ingest.stores.influx_wire import Answer, Server, WireKind, WireV1, WireV2, wire_to
from ingest.stores.influx_writer import reason_of
from ingest.stores.refused_points import RefusedPoints
from tests.contracts.reading_store import ALWAYS, CHECKS, T0_US, Opened, parked, pressure, record
from tests.fakes.influx_front import InfluxFront, Trouble
from tests.ingest.influx_stores import HandClock
from tests.servers import Influx

pytestmark = pytest.mark.needs("influxdb")

TIMEOUT_S = 2.0
IN_3X = (
    '"error_message":"invalid column type for column \'temp\', expected iox::column_type::field::float, '
    "got iox::column_type::field::string"
)
WIRES: tuple[WireKind, ...] = ("v1", "v2")


@pytest.fixture
def front(influx: Influx) -> Iterator[InfluxFront]:
    """A front before the real server."""
    with InfluxFront(influx.url).running() as front:
        yield front


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[RefusedPoints]:
    """Where refused points are kept, in a file."""
    kept = RefusedPoints(tmp_path / "refused_points.db", HandClock(T0_US))
    yield kept
    kept.close()


@pytest.fixture(params=WIRES)
def store(
    request: pytest.FixtureRequest, front: InfluxFront, influx: Influx, refused: RefusedPoints
) -> Iterator[InfluxReadingStore]:
    """A store behind the front, by one wire and then the other."""
    store = InfluxReadingStore(Server(front.url, influx.database(), request.param, timeout_s=TIMEOUT_S), refused)
    yield store
    store.close()


def stored(store: ReadingStore) -> list[float]:
    """The pressures of riser-3, ascending in time."""
    return [float(value) for value in store.series("riser-3", "pressure_kpa", *ALWAYS).value]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract_holds_by_the_wire_of_2x(
    check: Callable[[Opened], None], front: InfluxFront, influx: Influx, refused: RefusedPoints
) -> None:
    """Every check of the contract holds for points written by influxdb-client to /api/v2/write."""
    server, stores = Server(front.url, influx.database(), "v2", org="garden"), []

    def opened() -> ReadingStore:
        stores.append(InfluxReadingStore(server, refused))
        return stores[-1]

    check(opened)
    for store in stores:
        store.close()

    assert front.requests > 0 or check.__name__ == "check_empty_store_gives_empty_results"


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (Trouble(429, '{"code":"too many requests","message":"slow down"}', {"Retry-After": "7"}), "429"),
        (Trouble(503, "overloaded", {"Retry-After": "7"}), "503 overloaded"),
        (Trouble(503), "503"),
        (Trouble(500, '{"error":"[shard 3] write wal: no space left on device"}'), "no space left on device"),
        (Trouble(400, '{"error":"partial write: no space left on device"}'), "no space left on device"),
        (Trouble(400, '{"error":"something new"}'), "400"),
        (Trouble(401, '{"code":"unauthorized","message":"unauthorized access"}'), "401"),
        (Trouble(404, '{"code":"not found","message":"bucket \\"garden\\" not found"}'), "not found"),
        (Trouble(302, "", {"Location": "http://127.0.0.1:1/"}), "302"),
        (Trouble(0), ""),
        (Trouble(0, stored=True), ""),
        (Trouble(0, hangs=True, stored=True), "tim"),
        (Trouble(500, "half an ans", hangs=True), ""),
        (Trouble(500, "half an ans", hangs=True, stored=True), ""),
    ],
    ids=repr,
)
def test_trouble_loses_nothing_and_doubles_nothing(
    trouble: Trouble, told: str, front: InfluxFront, store: InfluxReadingStore, refused: RefusedPoints
) -> None:
    """A server in trouble is told in its own words, holds the position, and gets everything once and in order."""
    store.write([record(1, pressure(0, 0.0), parked(0))])
    front.trouble = trouble
    with pytest.raises(StoreUnavailableError) as error:
        store.write([record(2, pressure(1, 1.0), parked(1)), record(3, pressure(2, 2.0))])
    asked = front.requests
    front.trouble = None
    store.write([record(2, pressure(1, 1.0), parked(1)), record(3, pressure(2, 2.0), pressure(1, 9.0))])
    order = [line.split()[1].split(",")[0] for body in front.bodies for line in body.splitlines() if "riser-3" in line]

    assert told in error.value.reason
    assert error.value.retry_after_s == (7.0 if trouble.headers.get("Retry-After") else 0.0)
    assert asked == 4  # readings, events, position, and one that failed: no client tries again by itself
    assert store.position() == 3
    assert stored(store) == [0.0, 1.0, 2.0]
    assert store.events("gate", *ALWAYS) == [parked(0), parked(1)]
    assert list(dict.fromkeys(order)) == ["value=0.0", "value=1.0", "value=2.0"]
    assert refused.waiting() == {}


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(503, "", {"Retry-After": "7"}),
        Trouble(401, '{"code":"unauthorized","message":"unauthorized access"}'),
        Trouble(500, "<html>proxy</html>"),
        Trouble(200, '{"results":[{"statement_id":0}', hangs=True),
        Trouble(200, '{"results":[{"statement_id":0,"error":"timeout"}]}'),
        Trouble(0),
    ],
    ids=repr,
)
def test_answer_that_is_none_is_never_taken_for_empty(
    trouble: Trouble, front: InfluxFront, influx: Influx, refused: RefusedPoints
) -> None:
    """A server that cannot say what it holds is unavailable: its position is not 0 and its history not empty."""
    server = Server(front.url, influx.database(), "v1", timeout_s=TIMEOUT_S)
    store = InfluxReadingStore(server, refused)
    store.write([record(1, pressure(0, 0.0))])
    store.close()
    front.query_trouble = trouble
    store = InfluxReadingStore(server, refused)
    for ask in (store.position, lambda: stored(store), lambda: store.metrics("riser-3")):
        with pytest.raises(StoreUnavailableError) as error:
            ask()
        assert error.value.retry_after_s == (7.0 if trouble.status == 503 else 0.0)
    front.query_trouble = None

    assert store.position() == 1
    assert stored(store) == [0.0]
    store.close()


def test_refused_lines_are_found_out_and_kept(
    front: InfluxFront, store: InfluxReadingStore, refused: RefusedPoints, influx: Influx
) -> None:
    """Of a thousand points exactly the two the server will not take are kept, with its reason; the others are in."""
    bad = 'score,asset=a-{} score="much" 1790000000000000000'
    store.position()
    httpx.post(f"{influx.url}/write", params={"db": store._server.database}, content=bad.format(1))  # noqa: SLF001 -- where it writes
    points = [Point("level", T0_US + i, {"asset": f"a-{i}"}, {"score": 0.5}) for i in range(1_000)]
    points[321] = Point("score", T0_US, {"asset": "a-321"}, {"score": 0.5})
    points[700] = Point("score", T0_US, {"asset": "a-700"}, {"score": 0.25})
    with capture_logs() as logs:
        store.write_points(points)
        store.write_points(points)
    kept = refused.find()

    assert len(store.points("level", {}, *ALWAYS)) == 998
    assert [point.line.split()[0] for point in kept] == ["score,asset=a-321", "score,asset=a-700"]
    assert {point.reason for point in kept} == {"type_conflict"}
    assert all("field type conflict" in point.detail for point in kept)
    assert {point.at_us for point in kept} == {T0_US}
    assert (refused.waiting(), refused.ever()) == ({"type_conflict": 2}, {"type_conflict": 2})
    assert [(entry["event"], entry["count"]) for entry in logs] == [("store.points_refused", 2)] * 2


def test_refused_lines_are_sent_again_when_somebody_asks(
    front: InfluxFront, store: InfluxReadingStore, refused: RefusedPoints, influx: Influx
) -> None:
    """Once its cause is mended a refused point gets in when asked, and one that is refused again stays."""
    store.position()
    database = store._server.database  # noqa: SLF001 -- where it writes
    for series in ("score", "level"):
        lines = f'{series},asset=a score="much" 1790000000000000000'
        httpx.post(f"{influx.url}/write", params={"db": database}, content=lines)
    points = [Point(series, T0_US, {"asset": "b"}, {"score": 0.5}) for series in ("score", "level")]
    store.write_points(points)
    httpx.post(f"{influx.url}/query", params={"db": database}, data={"q": "DROP MEASUREMENT score"})
    asked = refused.request_retry()
    while store.tend():
        pass

    assert asked == 2
    assert store.points("score", {}, *ALWAYS) == points[:1]
    assert [(point.line.split(",")[0], point.retrying) for point in refused.find()] == [("level", False)]
    assert refused.discard(reason="type_conflict") == 1
    assert refused.waiting() == {}
    assert refused.ever() == {"type_conflict": 2}


def test_line_that_is_too_large_for_itself_is_kept(
    front: InfluxFront, store: InfluxReadingStore, refused: RefusedPoints
) -> None:
    """A request that is too large is sent in parts; a line that is too large alone is kept, and the rest goes on."""
    front.trouble = Trouble(413, '{"error":"Request Entity Too Large"}', only="value=1.0")
    store.write([record(1, pressure(0, 0.0), pressure(1, 1.0), pressure(2, 2.0))])
    (kept,) = refused.find()

    assert store.position() == 1
    assert stored(store) == [0.0, 2.0]
    assert (kept.reason, kept.line.split()[1]) == ("too_large", "value=1.0,quality=0i")


def test_position_that_is_refused_is_not_passed_over(front: InfluxFront, store: InfluxReadingStore) -> None:
    """A server that refuses the position for good is unavailable, not satisfied."""
    front.trouble = Trouble(400, '{"error":"partial write: field type conflict dropped=1"}', only="stored position")
    with pytest.raises(StoreUnavailableError, match="mark is refused"):
        store.write([record(1, pressure(0, 0.0))])
    front.trouble = None

    assert store.position() == 0


def test_refused_file_that_cannot_be_written_holds_the_position(
    front: InfluxFront, store: InfluxReadingStore, refused: RefusedPoints, influx: Influx
) -> None:
    """While a refused point cannot be kept it is not passed over."""
    store.write([record(1, pressure(0))])
    refused.close()
    database = store._server.database  # noqa: SLF001 -- where it writes
    httpx.post(f"{influx.url}/write", params={"db": database}, content=f"event,device=gate kind=1 {T0_US}000")
    with pytest.raises(StoreUnavailableError, match="refused_points"):
        store.write([record(2, parked(1))])

    assert store.position() == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        # 1.x, 2.x and 3.x in the words of their documentation and sources.
        ((400, '{"error":"partial write: points beyond retention policy dropped=1"}'), "beyond_retention"),
        ((400, '{"error":"unable to parse \'a b\': missing fields"}'), "unparseable"),
        (
            (422, '{"code":"unprocessable entity","message":"... field type conflict: input field ..."}'),
            "type_conflict",
        ),
        (
            (400, '{"error":"partial write of line protocol occurred","data":[{"line_number":2,' + IN_3X + '"}]}'),
            "type_conflict",
        ),
        ((400, '{"error":"partial write of line protocol occurred"}'), "other"),
        ((413, ""), "too_large"),
        ((400, '{"error":"partial write: max-series-per-database limit exceeded: (3) dropped=1"}'), ""),
        ((400, '{"error":"retention policy not found: hours"}'), ""),
        ((400, '{"error":"database is required"}'), ""),
        ((500, '{"error":"field type conflict"}'), ""),
        ((503, "unable to parse"), ""),
    ],
)
def test_what_is_final_is_told_from_what_passes(said: tuple[int, str], reason: str) -> None:
    """Only what the server says of the data itself is final; what its owner can change is waited for."""
    assert reason_of(Answer(*said)) == reason


@pytest.mark.parametrize(
    ("version", "kind"), [("1.6.7", WireV1), ("1.8.10", WireV1), ("v2.7.1", WireV2), ("3.1.0", WireV2)]
)
def test_version_chooses_the_wire(version: str, kind: type, influx: Influx) -> None:
    """With `auto` the server's own version says how it is written."""
    with InfluxFront(influx.url, version).running() as front:
        wire = wire_to(Server(front.url, "garden"))
        wire.close()

    assert type(wire) is kind


def test_summaries_have_a_place_of_their_own(front: InfluxFront, influx: Influx, refused: RefusedPoints) -> None:
    """With a policy for summaries they outlive the readings, by both wires, and are still found."""
    for wire in WIRES:
        database = influx.database()
        ask = {"q": f'CREATE RETENTION POLICY "summaries" ON "{database}" DURATION INF REPLICATION 1'}
        httpx.post(f"{influx.url}/query", data=ask).raise_for_status()
        store = InfluxReadingStore(Server(front.url, database, wire), refused, "summaries")
        store.write([record(i + 1, pressure(900 * i, float(i))) for i in range(20)])
        while store.tend():
            pass
        store.write([record(30, pressure(1, 100.0), pressure(20_000, 1.0))])
        listed = {"db": database, "rp": "summaries", "q": "SHOW TAG VALUES FROM reading_1h WITH KEY = device"}
        summary = store.summary("riser-3", "pressure_kpa", T0_US, T0_US + HOUR_US, HOUR_US)

        assert "riser-3" in httpx.post(f"{influx.url}/query", data=listed).text
        by_minute = store.summary("riser-3", "pressure_kpa", T0_US, T0_US + HOUR_US, MINUTE_US)

        assert summary.high[0] == 100.0
        assert by_minute.high.tolist() == [100.0, 1.0, 2.0, 3.0, 4.0]
        store.close()
