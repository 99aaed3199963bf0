"""Registry API: what an engineer adds, changes and removes over HTTP, and what is said when it cannot be."""

import dataclasses
from typing import Any

import httpx
import pytest

from alerts.api.app import create_app
from ingest.quarantine import Query, Refusal
from tests.alerts.api_service import OneSeries, Service
from tests.alerts.detectors import DETECTORS
from tests.alerts.seeding import NOW_US, PUMP, RISER, RISER_NEXT, SITE
from tests.alerts.serving import serve

WHO = {"who": "李工", "why": "new pump"}
PUMP_2: dict[str, Any] = {
    "site": SITE,
    "class": "pump",
    "place_zh": "泵房 2 号泵",
    "place_en": "Pump room, pump 2",
    "limits": {"power_kw": 7.5},
}


def put(service: Service, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    return service.client.put(f"/api/v1/registry{path}", json=WHO | body, headers=headers)


def remove(service: Service, path: str, **query: str) -> httpx.Response:
    return service.client.delete(f"/api/v1/registry{path}", params={"who": "李工"} | query)


def upload(service: Service, files: dict[str, bytes], **form: str) -> httpx.Response:
    several = [("files", (name, content)) for name, content in files.items()]
    return service.client.post("/api/v1/registry/files", data={"who": "李工"} | form, files=several)


def heard(service: Service, address: str, messages: int = 2) -> None:
    """Let an unknown device speak."""
    refusals = [
        Refusal(
            f"up/{address}",
            b"{}",
            "unknown_device",
            "the registry has no such device",
            NOW_US + n,
            bytes([n, *address.encode()[:10]]),
            source="precomplaint",
            device=address,
            site=SITE,
        )
        for n in range(messages)
    ]
    service.log.append([], refusals)


def test_an_asset_and_its_device_are_added_and_watched(service: Service) -> None:
    """Two requests make them part of the registry; the asset list, the history and the counts know them at once."""
    added = put(service, "/assets/pump-2", PUMP_2)
    device = put(service, "/devices/pump-2-vibration", {"site": SITE, "assets": ["pump-2"], "silent_after_s": 600})
    shown = service.get("/registry/assets/pump-2").json()
    newest = service.get("/registry/changes?limit=1").json()

    assert (added.status_code, device.status_code) == (200, 200)
    assert [d["act"] for d in added.json()["differences"]] == ["added"]
    assert shown["item"]["limits"] == {"power_kw": 7.5}
    assert service.get("/assets/pump-2").json()["devices"] == ["pump-2-vibration"]
    assert (newest["items"][0]["who"], newest["items"][0]["why"], newest["next"]) == ("李工", "new pump", 3)
    assert (
        service.get("/registry").json() | {"version": 3, "assets": 6, "devices": 6} == service.get("/registry").json()
    )


def test_what_is_so_already_makes_no_new_version(service: Service) -> None:
    """Putting the same again, with and without the key of the first time, changes nothing."""
    first = put(service, "/assets/pump-2", PUMP_2, **{"Idempotency-Key": "k"})
    same_key = put(service, "/assets/pump-2", PUMP_2, **{"Idempotency-Key": "k"})
    without_key = put(service, "/assets/pump-2", PUMP_2)

    assert same_key.json() == first.json()
    assert without_key.json() == {"version": 2, "differences": []}


def test_everything_that_is_wrong_is_said_at_once(service: Service) -> None:
    """A refused asset comes with each field and a sentence, and with the word that was probably meant."""
    limits = {"power_kv": 1, "duty": "dayly", "rated_speed_rpm": "fast"}
    refused = put(service, "/assets/pump-2", PUMP_2 | {"neighbours": ["pump-b1-2"], "limits": limits})
    problems = {one["where"]: one["what"] for one in refused.json()["errors"]}

    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert problems == {
        "asset 'pump-2', limits.power_kv": "is nothing that can be said of a pump; did you mean 'power_kw'?",
        "asset 'pump-2', limits.duty": "is 'dayly'; known are daily, steady; did you mean 'daily'?",
        "asset 'pump-2', limits.rated_speed_rpm": "is 'fast'; it must be a number of rpm",
        "asset 'pump-2', neighbours": f"there is no other asset 'pump-b1-2'; did you mean '{PUMP}'?",
    }
    assert service.get("/registry").json()["version"] == 1


def test_what_others_name_stays(service: Service) -> None:
    """Removing it says who names it; without them it goes, and what is not there is named with what is."""
    refused = remove(service, f"/assets/{RISER}")
    gone = remove(service, f"/devices/{PUMP}-sensor"), remove(service, f"/assets/{PUMP}")
    unknown = remove(service, "/assets/riser-3-2-hihg")

    assert (refused.status_code, unknown.status_code) == (409, 404)
    assert f"asset '{RISER_NEXT}', device '{RISER}-sensor'" in refused.json()["detail"]
    assert [one.status_code for one in gone] == [200, 200]
    assert f"did you mean '{RISER}'?" in unknown.json()["detail"]


def test_two_people_do_not_overwrite_each_other(service: Service) -> None:
    """Who saw version 1 cannot change what somebody else changed in version 2, but may change another thing."""
    put(service, "/assets/pump-2", PUMP_2)
    late = put(service, "/assets/pump-2", PUMP_2 | {"place_en": "x", "expected_version": 1})
    other = put(service, "/assets/pump-3", PUMP_2 | {"expected_version": 1})

    assert (late.status_code, other.status_code) == (409, 200)
    assert "was changed in version 2 of the registry, after version 1" in late.json()["detail"]


def test_lists_page_and_filter(service: Service) -> None:
    """Pages go by id, together they hold everything once, and a site's list holds nothing else."""
    first = service.get("/registry/assets?limit=3").json()
    second = service.get(f"/registry/assets?limit=3&after={first['next']}").json()

    assert [one["id"] for one in first["items"] + second["items"]] == sorted(service.book.current().assets)
    assert (second["next"], first["total"]) == (None, 5)
    assert service.get("/registry/devices?site=elsewhere").json()["items"] == []
    assert service.get("/registry/sites").json()["items"][0]["timezone"] == "Asia/Shanghai"


def test_tables_of_all_encodings_are_taken_up_or_refused_whole(service: Service) -> None:
    """A dry run says what would change; errors of all files come with their lines; nothing is taken unless all is."""
    assets = f"id,site,class,place_zh,place_en,power_kw\r\npump-9,{SITE},pump,九号泵,Pump 9,11\r\n".encode("gb18030")
    good = {"assets.csv": assets, "devices.csv": f"id;site;assets\nd9;{SITE};pump-9\n".encode("utf-8-sig")}
    bad = good | {"devices.csv": f"id;site;assets\nd9;{SITE};pump-8\nd8;x;pump-9\n".encode()}
    refused, dry = upload(service, bad), upload(service, good, dry_run="true")
    before = service.get("/registry").json()["version"]
    taken = upload(service, good, why="as in the sheet")

    assert [f"{one['where']}: {one['what']}" for one in refused.json()["errors"]] == [
        "devices.csv:2: column assets: there is no asset 'pump-8'; did you mean 'pump-9'?",
        "devices.csv:3: column site: there is no site 'x'",
    ]
    assert before == 1
    assert [d["id"] for d in dry.json()["differences"]] == ["pump-9", "d9"]
    assert taken.json() == dry.json() | {"version": 2}
    assert service.book.current().assets["pump-9"].place.zh == "九号泵"


def test_what_is_downloaded_can_be_uploaded_again(service: Service) -> None:
    """Tables and registry file alike change nothing, even when they replace everything."""
    tables = ("sites", "assets", "devices", "sources", "names")
    files = {f"{t}.csv": service.get(f"/registry/files/{t}.csv").content for t in tables}
    toml = service.get("/registry/files/registry.toml").content

    assert upload(service, files, replace="true").json()["differences"] == []
    assert upload(service, {"registry.toml": toml}, replace="true").json()["differences"] == []


def test_a_waiting_device_is_approved_with_one_call(service: Service) -> None:
    """It becomes part of the registry, what it sent is to be replayed, it leaves the list; twice is as once."""
    heard(service, "group/edge/ff01")
    listed = service.get("/registry/waiting").json()
    body = {"assets": [PUMP], "who": "王师傅"}
    path = "/registry/waiting/precomplaint/group/edge/ff01/approve"
    approved, again = service.post(path, body), service.post(path, body)

    assert [(one["address"], one["messages"]) for one in listed["items"]] == [("group/edge/ff01", 2)]
    assert (approved.status_code, again.status_code) == (200, 200)
    assert (approved.json()["device"]["id"], approved.json()["replayed"]) == ("group-edge-ff01", 2)
    assert again.json()["version"] == approved.json()["version"] == 2
    assert service.book.current().devices["group-edge-ff01"].address == "group/edge/ff01"
    assert service.get("/registry/waiting").json()["items"] == []
    assert [one.requested for one in service.quarantine.find(Query())] == [True, True]


@pytest.mark.parametrize(
    ("address", "body", "status", "said"),
    [
        ("ff01", {"assets": ["pump-b1-2"]}, 422, f"there is no asset 'pump-b1-2'; did you mean '{PUMP}'?"),
        ("ff01", {"assets": [PUMP], "id": f"{PUMP}-sensor"}, 422, "is another device already; choose another id"),
        ("ff02", {"assets": [PUMP]}, 404, "that waits and calls itself 'ff02'"),
    ],
)
def test_what_cannot_be_approved_stays_on_the_list(
    service: Service, address: str, body: dict[str, Any], status: int, said: str
) -> None:
    """The answer says why, and nothing has changed."""
    heard(service, "ff01")
    refused = service.post(f"/registry/waiting/precomplaint/{address}/approve", body | {"who": "王师傅"})

    assert (refused.status_code, said in refused.json()["detail"]) == (status, True)
    assert service.get("/registry").json() | {"version": 1, "waiting": 1} == service.get("/registry").json()


def test_a_dismissed_device_leaves_the_list_until_it_speaks_again(service: Service) -> None:
    """Dismissing needs no approval, and forgets nothing that was sent."""
    heard(service, "ff01")
    dismissed = service.post("/registry/waiting/precomplaint/ff01/dismiss", {})
    twice = service.post("/registry/waiting/precomplaint/ff01/dismiss", {})
    left = service.get("/registry/waiting").json()["total"]
    heard(service, "ff01", messages=3)

    assert (dismissed.status_code, twice.status_code, left) == (204, 404, 0)
    assert service.get("/registry/waiting").json()["total"] == 1


def test_a_name_is_given_a_meaning_and_loses_it(service: Service) -> None:
    """One request maps a name, one forgets it; a metric that does not exist is refused with the one that was meant."""
    put(service, "/sources/gw", {"format": "precomplaint", "filters": ["gw/+/up"], "site": SITE})
    wrong = put(service, "/sources/gw/names", {"name": "P/1", "metric": "presure_kpa"})
    given = put(service, "/sources/gw/names", {"name": "P/1", "metric": "pressure_kpa", "unit": "MPa"})
    names = service.get("/registry/sources/gw").json()["item"]["names"]
    lost = remove(service, "/sources/gw/names", name="P/1"), remove(service, "/sources/gw/names", name="P/1")

    assert "did you mean 'pressure_kpa'?" in wrong.json()["detail"]
    assert (given.status_code, [(n["name"], n["metric"], n["unit"]) for n in names]) == (
        200,
        [("P/1", "pressure_kpa", "MPa")],
    )
    assert [one.status_code for one in lost] == [200, 404]


def test_an_order_outlives_its_asset_and_its_site(service: Service) -> None:
    """With its asset, and then its whole site, gone from the registry an open order is listed, shown and moved."""
    empty = dataclasses.replace(service.book.as_written(), sites={}, assets={}, devices={})
    service.book.change(lambda _: empty, dataclasses.replace(service.book.changes()[0].signed, who="x"))
    listed = service.get("/work-orders").json()["items"]
    moved = service.post("/work-orders/1/moves", {"to": "accepted", "who": "王", "version": listed[0]["version"]})
    picture = service.get("/work-orders/1/evidence.png")

    assert [order["place"]["zh"] for order in listed if order["id"] == 1] == [RISER]
    assert (moved.status_code, picture.status_code) == (200, 200)
    assert moved.json()["state"] == "accepted"
    assert service.get("/assets").json() == []


def test_a_service_without_a_book_says_so(service: Service) -> None:
    """Where the registry is only read, changing it is refused and nothing breaks."""
    app = create_app(
        database=service.database,
        registry=service.book.current(),
        clock=service.clock,
        store=OneSeries(),  # type: ignore[arg-type]
        log=service.log,
        quarantine=service.quarantine,
        detectors=DETECTORS,
    )
    with serve(app) as address:
        refused = httpx.get(f"{address}/api/v1/registry")
        assets = httpx.get(f"{address}/api/v1/assets")

    assert (refused.status_code, assets.status_code) == (501, 200)


def test_asset_types_say_what_may_be_said(untouched: Service) -> None:
    """The list has every class in both languages, numbers with unit and bounds, choices with their words."""
    types = {one["asset_class"]: one for one in untouched.get("/registry/asset-types").json()}
    limits = {one["name"]: one for one in types["pump"]["limits"]}

    assert types["elevator"]["name"] == {"zh": "电梯", "en": "elevator"}
    assert (limits["power_kw"]["unit"], limits["power_kw"]["high"]) == ("kW", 10_000.0)
    assert limits["duty"]["choices"] == ["daily", "steady"]
