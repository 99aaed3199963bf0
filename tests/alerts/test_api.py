"""API: the contract with the crew page and other systems, over a real HTTP server."""

import hashlib
import json
import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from alerts import detector_memory
from alerts.api.app import create_app
from alerts.database import Database
from alerts.moments import HOUR_US, MINUTE_US, at
from alerts.points import PendingPoints
from ingest.history import Series
from ingest.log import Refusal
from models.checkpoint import Checkpoint
from tests.alerts.detectors import DETECTORS, GAIN
from tests.alerts.seeding import ELEVATOR, NOW_US, PUMP, RISER, SITE, HandClock, ListLog, photo, seed
from tests.alerts.serving import serve

RAISE = {"site": SITE, "asset": RISER, "failure_mode": "pipe.leak", "level": "II", "note": "水渍", "who": "王"}
KEY = "policy.pipe.burst.raise_probability"


class OneSeries:
    """A store that holds one metric of one device, for the route that reads it."""

    def series(self, device: str, metric: str, start_us: int, end_us: int) -> Series:
        """Two readings, one of them late."""
        assert (device, metric, end_us - start_us) == (f"{RISER}-sensor", "pressure_kpa", HOUR_US)
        return Series(np.array([start_us, start_us + 5]), np.array([310.5, 311.0]), np.array([0, 1], dtype=np.uint8))


class Service:
    """A seeded service behind a real server."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.log, self.real_s = HandClock(speed=5.0), ListLog(), 0.0
        self.database = Database(folder / "main.db")
        registry = seed(self.database)
        self.app = create_app(
            database=self.database,
            registry=registry,
            clock=self.clock,
            store=OneSeries(),  # type: ignore[arg-type]
            log=self.log,
            detectors=DETECTORS,
            monotonic_s=lambda: self.real_s,
        )
        self.client = httpx.Client()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET under the API."""
        return self.client.get(f"/api/v1{path}", **more)

    def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        """POST JSON under the API."""
        return self.client.post(
            f"/api/v1{path}", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """PUT JSON under the API."""
        return self.client.put(f"/api/v1{path}", json=body)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    with serve(made.app) as address, httpx.Client(base_url=address, timeout=30) as made.client:
        yield made
    made.database.close()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that several tests may only read from."""
    made = Service(tmp_path_factory.mktemp("untouched"))
    with serve(made.app) as address, httpx.Client(base_url=address, timeout=30) as made.client:
        yield made
    made.database.close()


def test_the_list_is_in_order_of_urgency(service: Service) -> None:
    """Level I first, then II by response time, then III; what is overdue comes first within its level."""
    before = [item["failure_mode"] for item in service.get("/work-orders?open=true").json()["items"]]
    service.clock.us += 2 * HOUR_US + 1
    service.post("/work-orders/3/moves", {"to": "accepted", "who": "王"})
    late = service.get("/work-orders?open=true").json()

    assert before == ["elevator.entrapment", "parking.illegal", "pipe.burst", "pump.bearing"]
    assert [item["id"] for item in late["items"]] == [2, 1, 3, 4]
    assert [item["overdue"] for item in late["items"]] == [True, True, False, False]
    assert late["now"] == "2026-11-21T14:00:00.000001Z"


def test_pages_hold_every_order_once_though_time_goes_on(service: Service) -> None:
    """Paging through the list shows each order once, even when one turns overdue between two pages."""
    seen, cursor = [], None
    for later_us in (MINUTE_US, 3 * HOUR_US, 0, 0):
        page = service.get("/work-orders", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        service.clock.us += later_us  # after the second page the third order turns overdue
        cursor = page["next"]

    assert cursor is None
    assert seen == [2, 3, 1, 4]
    assert page["total"] == 4


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("level=II", [3, 1]),
        ("state=accepted", [4]),
        ("open=false", [2]),
        (f"asset={ELEVATOR}", [2]),
        ("failure_mode=pump.bearing&open=true", [4]),
        ("site=elsewhere", []),
    ],
)
def test_the_list_can_be_filtered(service: Service, query: str, ids: list[int]) -> None:
    """Each filter leaves what it says."""
    service.post("/work-orders/2/moves", {"to": "cancelled", "who": "王", "note": "演习"})
    service.post("/work-orders/4/moves", {"to": "accepted", "who": "王"})
    page = service.get(f"/work-orders?{query}").json()

    assert [item["id"] for item in page["items"]] == ids
    assert page["total"] == len(ids)


def test_a_crew_takes_an_order_from_new_to_closed(service: Service) -> None:
    """Accept, note, photo, outcome, close: each answer is the order as it is then, and the history tells it all."""
    steps = [
        service.post("/work-orders/1/moves", {"to": "accepted", "who": "王", "version": 1}),
        service.post("/work-orders/1/notes", {"who": "王", "text": "接头渗水"}),
        upload(service, photo()),
        service.post("/work-orders/1/outcome", {"outcome": "confirmed", "who": "王", "note": "抱箍处理"}),
        service.post("/work-orders/1/moves", {"to": "closed", "who": "王"}),
    ]
    closed = steps[-1].json()

    assert [step.status_code for step in steps] == [200, 200, 201, 200, 200]
    assert (closed["state"], closed["outcome"], closed["moves"]) == ("closed", "confirmed", ["reopened"])
    assert [(h["action"], h["from"], h["to"], h["note"]) for h in closed["history"]] == [
        ("raised", None, "new", None),
        ("moved", "new", "accepted", None),
        ("noted", None, None, "接头渗水"),
        ("photo", None, None, "before"),
        ("outcome", None, "confirmed", "抱箍处理"),
        ("moved", "accepted", "closed", None),
    ]
    assert service.get("/work-orders/1").json() == closed


def test_a_refused_move_says_where_it_may_go(service: Service) -> None:
    """409 with the reason in words and the moves that are open; the same for a stale version."""
    service.post("/work-orders/1/moves", {"to": "resolved", "who": "王"})
    refused = service.post("/work-orders/1/moves", {"to": "accepted", "who": "王"})
    stale = service.post("/work-orders/1/moves", {"to": "verified", "who": "李", "version": 1})

    assert (refused.status_code, refused.json()["moves"]) == (409, ["verified", "reopened"])
    assert "this move does not exist" in refused.json()["detail"]
    assert (stale.status_code, stale.json()["moves"]) == (409, ["verified", "reopened"])


def test_the_same_key_does_it_once(service: Service) -> None:
    """Twenty equal requests at the same time under one key raise one order, and all get the same answer."""
    barrier = threading.Barrier(10)

    def ask(_: int) -> httpx.Response:
        barrier.wait(10)
        return service.post("/work-orders", RAISE, Idempotency_Key="a")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(20)))

    assert {(a.status_code, a.text) for a in answers} == {(201, answers[0].text)}
    assert service.get("/work-orders").json()["total"] == 5


def test_a_key_is_good_for_one_request(service: Service) -> None:
    """The same key with another body or for another order is refused, without a key nothing is remembered."""
    first = service.post("/work-orders/1/notes", {"who": "王", "text": "a"}, Idempotency_Key="k")
    other = service.post("/work-orders/1/notes", {"who": "王", "text": "b"}, Idempotency_Key="k")
    elsewhere = service.post("/work-orders/2/notes", {"who": "王", "text": "a"}, Idempotency_Key="k")

    assert [r.status_code for r in (first, other, elsewhere)] == [200, 409, 409]
    assert other.json()["detail"].startswith("idempotency key 'k' was used for another request")


def test_a_refused_request_leaves_its_key_free(service: Service) -> None:
    """A move that was refused may be asked again under its key once it is allowed."""
    move = {"to": "closed", "who": "王"}
    refused = service.post("/work-orders/1/moves", move, Idempotency_Key="k")
    service.post("/work-orders/1/outcome", {"outcome": "confirmed", "who": "王"})
    allowed = service.post("/work-orders/1/moves", move, Idempotency_Key="k")

    assert (refused.status_code, allowed.status_code) == (409, 200)


def test_only_one_of_two_crews_gets_the_order(service: Service) -> None:
    """Two people who saw the same version cannot both accept."""
    barrier = threading.Barrier(2)

    def accept(who: str) -> int:
        barrier.wait(10)
        return service.post("/work-orders/1/moves", {"to": "accepted", "who": who, "version": 1}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, ["王", "李"])) == [200, 409]


def test_evidence_is_what_was_hashed(untouched: Service) -> None:
    """The bytes that are served have the sha256 that stands in the order."""
    order = untouched.get("/work-orders/1").json()
    served = untouched.client.get(order["evidence"]["url"])

    assert hashlib.sha256(served.content).hexdigest() == order["evidence"]["sha256"]
    assert served.json()["finding"]["probability"] == 0.62


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_evidence_is_drawn(untouched: Service, kind: str, begins: bytes) -> None:
    """As PNG and as SVG; a browser that has it already is told so."""
    path = f"/work-orders/1/evidence.{kind}?lang=en&theme=dark&width=400"
    first = untouched.get(path)
    again = untouched.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert first.content.startswith(begins)
    assert (again.status_code, again.content) == (304, b"")


def test_photos_and_stills_come_back_as_images(service: Service) -> None:
    """What an order refers to is served, as JPEG and nothing else; what belongs to another order is not."""
    taken = upload(service, photo()).json()["photos"][0]["url"]
    stills = [s["url"] for s in service.get("/work-orders/3").json()["stills"]]
    served = [service.client.get(url) for url in (taken, *stills)]
    foreign = service.client.get(stills[0].replace("/3/", "/2/"))

    assert len(stills) == 2
    assert all(r.content.startswith(b"\xff\xd8") for r in served)
    assert {(r.headers["content-type"], r.headers["x-content-type-options"]) for r in served} == {
        ("image/jpeg", "nosniff")
    }
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    ("data", "status"), [(b"<script>", 422), (b"\0" * (10 * 2**20 + 1), 422), (b"\0" * (11 * 2**20), 413)]
)
def test_what_is_no_photo_is_refused(service: Service, data: bytes, status: int) -> None:
    """Other files, and files that are too large, are refused with a reason."""
    refused = upload(service, data)

    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"


def test_an_order_raised_by_a_person_has_no_evidence(service: Service) -> None:
    """It has the person's note, a number, deadlines and the words for its failure mode; the picture is a 404."""
    made = service.post("/work-orders", RAISE).json()
    missing = [service.get(f"/work-orders/{made['id']}/evidence{kind}").status_code for kind in ("", ".png")]

    assert (made["number"], made["evidence"], made["probability"]) == ("PC-20261121-0005", None, None)
    assert made["history"][0]["note"] == "水渍"
    assert made["title"]["zh"].endswith("渗漏")
    assert missing == [404, 404]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/work-orders/99", None, 404),
        ("GET", "/work-orders/one", None, 422),
        ("GET", "/work-orders?limit=0", None, 422),
        ("GET", "/work-orders?cursor=nonsense", None, 422),
        ("GET", "/work-orders?cursor=WzEsMl0=", None, 422),
        ("GET", "/nothing", None, 404),
        ("DELETE", "/work-orders/1", None, 405),
        ("POST", "/work-orders", {**RAISE, "asset": "nobody"}, 422),
        ("POST", "/work-orders", {**RAISE, "failure_mode": "pipe.song"}, 422),
        ("POST", "/work-orders", {**RAISE, "level": "IV"}, 422),
        ("POST", "/work-orders", {**RAISE, "colour": "red"}, 422),
        ("POST", "/work-orders/1/moves", {"to": "accepted", "who": " "}, 422),
        ("POST", "/work-orders/1/moves", {"to": "moon", "who": "王"}, 422),
        ("POST", "/work-orders/99/notes", {"who": "王", "text": "x"}, 404),
        ("POST", "/work-orders/1/outcome", {"outcome": "maybe", "who": "王"}, 422),
        ("GET", "/work-orders/1/photos/7", None, 404),
        ("GET", "/work-orders/1/evidence.gif", None, 422),
        ("GET", "/work-orders/1/stills/..%2Fetc", None, 404),
        ("GET", "/assets/nobody", None, 404),
        ("PUT", "/thresholds/nothing", {"value": 1, "who": "李", "why": "x"}, 404),
        ("GET", "/readings?device=x&metric=pressure_kpa&start=2026-11-21T00:00Z&end=2026-11-22T00:00Z", None, 404),
        ("GET", f"/readings?device={RISER}-sensor&metric=pressure_kpa&start=2026-11-21T00:00:00&end=x", None, 422),
    ],
)
def test_every_error_is_a_problem(
    untouched: Service, method: str, path: str, body: dict[str, Any] | None, status: int
) -> None:
    """Each error has the right status and the fields of RFC 9457, with a sentence that says what is wrong."""
    answer = untouched.client.request(method, f"/api/v1{path}", json=body)
    problem = answer.json()

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/api/v1/")


def test_a_threshold_is_turned_and_charted(service: Service) -> None:
    """The new version is listed with who and why, and an asset it counts for has a point that says so."""
    scope = {"kind": "asset", "id": RISER}
    saved = service.put(f"/thresholds/{KEY}", {"scope": scope, "value": 0.4, "who": "李", "why": "吵"}).json()
    listed = service.get(f"/thresholds?name={KEY}").json()["items"]
    points = [p for _, p in PendingPoints(service.database).pending(100) if p.series == "threshold"]

    assert (saved["version"], saved["value"], saved["default"], saved["at"]) == (1, 0.4, 0.3, "2026-11-21T12:00:00Z")
    assert [(item["scope"]["kind"], item["value"], item["version"]) for item in listed] == [
        ("default", 0.3, 0),
        ("asset", 0.4, 1),
    ]
    assert [(p.tags["asset"], p.tags["failure_mode"], p.fields) for p in points] == [
        (RISER, "pipe.burst", {"value": 0.4, "who": "李", "why": "吵"})
    ]


def test_thresholds_out_of_bounds_or_stale_are_refused(service: Service) -> None:
    """422 says the bounds, 409 that somebody was faster; every version stays listed, newest first."""
    turned = [
        service.put(f"/thresholds/{KEY}", {"value": value, "who": "李", "why": "x", "expected_version": version})
        for value, version in ((1.5, 0), (0.4, 0), (0.5, 0), (0.5, 1))
    ]
    versions = service.get(f"/thresholds/{KEY}/versions").json()["items"]

    assert [t.status_code for t in turned] == [422, 200, 409, 200]
    assert "from 0.01 to 1, not 1.5" in turned[0].json()["detail"]
    assert [(v["version"], v["value"]) for v in versions] == [(2, 0.5), (1, 0.4)]


def test_every_tunable_is_listed(untouched: Service) -> None:
    """Thresholds of detectors and of policies stand in one list; a scope filters it."""
    names = {item["name"] for item in untouched.get("/thresholds").json()["items"]}

    assert {GAIN.name, KEY, "policy.asset.deviation.hold_s"} <= names
    assert untouched.get("/thresholds?scope=asset").json()["items"] == []


def test_assets_say_what_is_known_of_them(untouched: Service) -> None:
    """A failure mode nothing was heard of is not yet known, which is not normal."""
    riser = untouched.get(f"/assets/{RISER}").json()
    everything = {asset["id"]: asset for asset in untouched.get("/assets").json()}

    assert riser == everything[RISER]
    assert riser["watched"][0]["failure_mode"] == "pipe.burst"
    assert (riser["watched"][0]["verdict"], riser["watched"][0]["episode_open"]) == ("not_yet", True)
    assert (everything[PUMP]["watched"], everything[PUMP]["work_orders_open"]) == ([], 1)


def test_readings_come_as_columns(untouched: Service) -> None:
    """Times, values and quality flags of one metric, with its unit."""
    span = {"start": at(NOW_US).isoformat(), "end": at(NOW_US + HOUR_US).isoformat()}
    got = untouched.get("/readings", params={"device": f"{RISER}-sensor", "metric": "pressure_kpa", **span}).json()

    assert (got["unit"], got["value"], got["quality"]) == ("kPa", [310.5, 311.0], [0, 1])
    assert got["at"] == ["2026-11-21T12:00:00Z", "2026-11-21T12:00:00.000005Z"]


def test_every_refusal_is_counted(service: Service) -> None:
    """The count does not end where a page of the quarantine does."""
    refusals = [
        Refusal("x", b"{", "not_json", "It is no JSON.", NOW_US, bytes([n % 256, n // 256])) for n in range(700)
    ]
    service.log.append([], refusals)

    assert service.get("/status").json()["quarantined_total"] == 700
    assert len(service.get("/quarantine").json()["items"]) == 50


def test_quarantine_shows_why_but_not_what(service: Service) -> None:
    """The newest refusals with reason and size; payloads stay inside."""
    service.log.append((), [Refusal("t", b"{nope", "not_json", "not JSON at byte 1", NOW_US, b"d")])
    items = service.get("/quarantine").json()["items"]

    assert [(i["reason"], i["size"], "payload" in i) for i in items] == [("not_json", 5, False)]


def test_the_outbox_is_read_on_from_an_id(service: Service) -> None:
    """A reader that goes on after the last id gets everything once, in order."""
    first = service.get("/outbox?limit=3").json()
    service.post("/work-orders/1/notes", {"who": "王", "text": "x"})
    rest = service.get(f"/outbox?after={first['next']}").json()

    assert [m["id"] for m in first["items"] + rest["items"]] == [1, 2, 3, 4, 5]
    assert rest["items"][-1]["kind"] == "work_order.noted"
    assert service.get(f"/outbox?after={rest['next']}").json() == {"items": [], "next": 5}


def test_clock_status_health_and_metrics_answer(untouched: Service) -> None:
    """The numbers agree with each other wherever they are asked for."""
    clock, status = untouched.get("/clock").json(), untouched.get("/status").json()
    metrics = untouched.client.get("/metrics").text

    assert clock == {"now": "2026-11-21T12:00:00Z", "speed": 5.0}
    assert (status["work_orders_open"], status["episodes_open"], status["lag_positions"]) == (4, 4, 0)
    assert status["now"] == clock["now"]
    assert untouched.get("/health").json() == {"status": "ok"}
    assert "precomplaint_work_orders_open 4.0" in metrics


@pytest.mark.parametrize(("speed", "told"), [(69_120.0, 69_120.0), (6.0, 6.0), (math.inf, 0.0)])
def test_the_clock_tells_the_speed_of_now(service: Service, speed: float, told: float) -> None:
    """A simulation changes its speed while it runs, and every answer has the present one as a finite number."""
    before = service.get("/clock").json()["speed"]
    service.clock.speed = speed

    assert (before, service.get("/clock").json()["speed"]) == (5.0, told)


def test_readings_are_counted_a_real_second(service: Service) -> None:
    """20,000 readings in two real seconds are 10,000 a second, though the service's clock went on by a day."""
    score(service, 1_000)
    first = service.get("/status").json()
    score(service, 21_000)
    service.real_s, service.clock.us = 2.0, NOW_US + 24 * HOUR_US
    second = service.get("/status").json()

    assert (first["readings_per_s"], second["readings_per_s"]) == (0.0, 10_000.0)
    assert (second["now"], second["readings_total"]) == ("2026-11-22T12:00:00Z", 21_000)


def test_openapi_describes_every_route(untouched: Service) -> None:
    """Every operation has a description, its errors are problems, and a second reading is the same document."""
    document = untouched.get("/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]

    assert [op["operationId"] for op in operations if not op.get("description")] == []
    assert {kind for op in operations for kind in op["responses"]["422"]["content"]} == {"application/problem+json"}
    assert untouched.get("/openapi.json").json() == json.loads(json.dumps(document))


def test_deadlines_are_labelled_in_both_languages(untouched: Service) -> None:
    """A page needs no words of its own for them."""
    deadlines = untouched.get("/work-orders/2").json()["deadlines"]

    assert [(d["name"], d["label"]["zh"], d["met_at"]) for d in deadlines] == [
        ("respond", "响应", None),
        ("on_site", "到场", None),
    ]
    assert deadlines[0]["by"] == at(NOW_US + 15 * MINUTE_US).isoformat().replace("+00:00", "Z")


def score(service: Service, readings: int) -> None:
    """Write down that so many readings have been scored in all."""
    with service.database.write() as connection:
        detector_memory.save(connection, Checkpoint(0, 0, {}), {}, readings)


def upload(service: Service, data: bytes) -> httpx.Response:
    return service.client.post(
        "/api/v1/work-orders/1/photos", data={"kind": "before", "who": "王"}, files={"file": ("x.jpg", data)}
    )
