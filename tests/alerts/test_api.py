"""API: errors, thresholds, assets, readings and operations, over a real HTTP server."""

import json
import math
from typing import Any

import pytest

from alerts import detector_memory
from alerts.moments import HOUR_US, at
from alerts.points import PendingPoints
from models.checkpoint import Checkpoint
from tests.alerts.api_service import RAISE, Service
from tests.alerts.detectors import GAIN
from tests.alerts.seeding import NOW_US, PUMP, RISER

KEY = "policy.pipe.burst.raise_probability"


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
    assert untouched.get("/health").json()["status"] == "ok"
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


def test_a_page_is_never_mixed_of_two_versions(untouched: Service) -> None:
    """The page's files are asked for again each time, and an order names its site's time zone."""
    module = untouched.client.get("/page/app.js")

    assert (module.status_code, module.headers["cache-control"]) == (200, "no-cache")
    assert untouched.get("/work-orders/1").json()["timezone"] == "Asia/Shanghai"


def score(service: Service, readings: int) -> None:
    """Write down that so many readings have been scored in all."""
    with service.database.write() as connection:
        detector_memory.save(connection, Checkpoint(0, 0, {}), {}, readings)
