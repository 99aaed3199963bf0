"""API, orders: the contract with the crew page and ticket systems, over a real HTTP server."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from alerts.moments import HOUR_US, MINUTE_US, at
from tests.alerts.api_service import RAISE, Service, upload
from tests.alerts.seeding import ELEVATOR, NOW_US, photo


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


def test_deadlines_are_labelled_in_both_languages(untouched: Service) -> None:
    """A page needs no words of its own for them."""
    deadlines = untouched.get("/work-orders/2").json()["deadlines"]

    assert [(d["name"], d["label"]["zh"], d["met_at"]) for d in deadlines] == [
        ("respond", "响应", None),
        ("on_site", "到场", None),
    ]
    assert deadlines[0]["by"] == at(NOW_US + 15 * MINUTE_US).isoformat().replace("+00:00", "Z")
