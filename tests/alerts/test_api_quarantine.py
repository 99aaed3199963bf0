"""API of the quarantine: list, show, try, ask for a replay, throw away, over a real HTTP server and a real log."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alerts.api.ingest_state import CONNECTED
from ingest.figures import gauge
from ingest.quarantine import Query, Refusal
from ingest.sources import NameMapping, Source
from tests.alerts.api_service import Service
from tests.alerts.seeding import NOW_US, RISER
from tests.contracts.log import digest

PLATE = "沪A12345"
GATEWAY = "v1/gateway/telemetry"


def refused(number: int, reason: str = "not_json", payload: bytes = b"{nope", **more: Any) -> Refusal:
    """A message in quarantine; the same number makes the same one."""
    return Refusal("t", payload, reason, f"sentence {number}", NOW_US + number, digest(number), **more)


def hold(service: Service, *refusals: Refusal) -> list[int]:
    """Put messages into quarantine; their numbers, in the order given."""
    service.log.append([], refusals)
    by_digest = {held.refusal.digest: held.number for held in service.quarantine.find(Query())}
    return [by_digest[refusal.digest] for refusal in refusals]


def gateway(service: Service) -> int:
    """A gateway's message, of a name that nobody has mapped; its number. The registry knows gateway and device."""
    registry = service.book.current()
    device = replace(registry.devices[f"{RISER}-sensor"], source="gateway", address="Meter 1")
    sources = {**registry.sources, "gateway": Source("gateway", "thingsboard")}
    service.know(replace(registry, sources=sources, devices={device.id: device}))
    said = {"Meter 1": [{"ts": NOW_US // 1000, "values": {"P1": 0.3124, "flow_m3_h": 2.5}}]}
    refusal = Refusal(
        GATEWAY, json.dumps(said).encode(), "unmapped_name", "not mapped: P1", NOW_US, b"g", "gateway", "Meter 1"
    )
    (number,) = hold(service, refusal)
    return number


def test_the_list_pages_and_filters(service: Service) -> None:
    """Pages join without gap or repetition, filters narrow, counts are of all, and payloads stay inside."""
    hold(service, *(refused(n) for n in range(120)), refused(500, "unknown_device", device="d1", source="lorawan"))
    items, cursor = [], 0
    while cursor is not None:
        page = service.get("/quarantine", params={"limit": 50, "cursor": cursor}).json()
        items, cursor = items + page["items"], page["cursor"]
    one = service.get("/quarantine?reason=unknown_device&source=lorawan&device=d1&topic=%23").json()

    assert [item["number"] for item in items] == sorted({item["number"] for item in items}, reverse=True)
    assert len(items) == 121
    assert page["held"] == page["refused_ever"] == {"not_json": 120, "unknown_device": 1}
    assert [item["detail"] for item in one["items"]] == ["sentence 500"]
    assert [(i["size"], i["replay_requested"], "payload" in i) for i in one["items"]] == [(5, False, False)]
    assert one["items"][0]["received_at"] == "2026-11-21T12:00:00.000500Z"


def test_every_refusal_is_counted(service: Service) -> None:
    """The count does not end where the quarantine's bounds do."""
    hold(service, *(refused(n) for n in range(100)))
    service.log.append([], [refused(n) for n in range(100, 350)])

    assert service.get("/status").json()["quarantined_total"] == 350
    assert service.get("/quarantine").json()["held"] == {"not_json": 200}


@pytest.mark.parametrize(
    ("payload", "kind", "shown"),
    [
        (b'{"b":1,"a":[true]}', "json", '{\n  "b": 1,\n  "a": [\n    true\n  ]\n}'),
        ("一句话, not JSON\n".encode(), "text", "一句话, not JSON\n"),
        (b"", "text", ""),
        (b"\xff\xd8\xff\xe0", "hex", "0000  ff d8 ff e0"),
        (b"[" * 900 + b"]" * 900, "text", "[" * 900 + "]" * 900),
    ],
)
def test_a_payload_is_shown_as_what_it_is(untouched: Service, payload: bytes, kind: str, shown: str) -> None:
    """JSON is indented, text is text, bytes are hexadecimal, and what nests without end is only text."""
    (number,) = hold(untouched, refused(hash(payload) % 2**40, payload=payload))
    got = untouched.get(f"/quarantine/{number}").json()["payload"]

    assert (got["kind"], got["text"], got["cut"], got["masked"]) == (kind, shown, False, False)


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps({"after": {"recognized_license_plate": PLATE, "score": 0.9}}),
        json.dumps({"after": {"recognized_license_plate": [PLATE, 0.9]}}, ensure_ascii=False),
        json.dumps({"type": "lpr", "plate": "AB 123 C"}),
        json.dumps({"description": f"a car, {PLATE}, at the gate"}),
        json.dumps({"after": {"recognized_license_plate": PLATE}})[:-2],
        json.dumps({"type": "lpr", "plate": "AB 123 C"})[:-4],
        f"seen: {PLATE}",
    ],
)
def test_a_plate_is_blotted_out_unless_asked_for(untouched: Service, payload: str) -> None:
    """Number plates are shown only to who asks for them, whole JSON or broken, escaped or not."""
    (number,) = hold(untouched, refused(hash(payload) % 2**40, payload=payload.encode()))
    blotted = untouched.get(f"/quarantine/{number}").json()["payload"]
    whole = untouched.get(f"/quarantine/{number}?plates=true").json()["payload"]

    assert blotted["masked"]
    assert not any(part in blotted["text"] for part in ("12345", "AB 12", "\\u6caa", "沪"))
    assert not whole["masked"]
    assert "12345" in whole["text"] or "AB 12" in whole["text"]


def test_a_trial_says_what_a_mapping_would_give(service: Service) -> None:
    """With the mapping of now a part is taken; with one more name all is, in our unit; nothing is stored."""
    number = gateway(service)
    now = service.post(f"/quarantine/{number}/try", {}).json()
    mapping = {"name": "P1", "metric": "pressure_kpa", "unit": "MPa"}
    then = service.post(f"/quarantine/{number}/try", {"names": [mapping]}).json()
    readings = {reading["metric"]: reading for reading in then["parts"][0]["readings"]}

    assert (now["outcome"], now["parts"][0]["unmapped"]) == ("taken_in_part", ["P1"])
    assert now["refusals"][0]["reason"] == "unmapped_name"
    assert (then["outcome"], then["parts"][0]["unmapped"], then["refusals"]) == ("taken", [], [])
    assert then["parts"][0]["device"] == f"{RISER}-sensor"
    assert readings["pressure_kpa"]["value"] == pytest.approx(312.4)
    assert (readings["pressure_kpa"]["unit"], readings["pressure_kpa"]["at"]) == ("kPa", "2026-11-21T12:00:00Z")
    assert (service.log.head(), service.quarantine.held()) == (0, {"unmapped_name": 1})


def test_a_trial_of_what_cannot_be_mapped(service: Service) -> None:
    """What no mapping helps says so; names for a message of no source are refused by name."""
    (number,) = hold(service, Refusal("nobody/knows", b"{}", "unknown_topic", "s", NOW_US, b"x"))
    now = service.post(f"/quarantine/{number}/try", {}).json()
    named = service.post(f"/quarantine/{number}/try", {"names": [{"name": "P1"}]})

    assert (now["outcome"], now["parts"], now["refusals"][0]["reason"]) == ("refused", [], "unknown_topic")
    assert (named.status_code, "no source" in named.json()["detail"]) == (404, True)


def test_a_trial_shows_a_stranger_what_it_said(service: Service) -> None:
    """Before a device is approved one can see that its names are understood."""
    number = gateway(service)
    registry = service.book.current()
    names = (NameMapping("P1", "pressure_kpa", "MPa"),)
    service.know(replace(registry, devices={}, sources={"gateway": Source("gateway", "thingsboard", names=names)}))
    got = service.post(f"/quarantine/{number}/try", {}).json()

    assert (got["outcome"], got["refusals"][0]["reason"]) == ("refused", "unknown_device")
    assert (got["parts"][0]["taken"], got["parts"][0]["device"]) == (False, "")
    assert [reading["metric"] for reading in got["parts"][0]["readings"]] == ["pressure_kpa", "flow_m3_h"]


def test_a_replay_is_asked_for(service: Service) -> None:
    """By number or by filter; it says whether ingest is there to do it; the same key asks once."""
    first, second, other = hold(service, refused(1), refused(2), refused(3, "unknown_unit"))
    silent = service.post("/quarantine/replay", {"numbers": [other]}, Idempotency_Key="k").json()
    service.log.note("ingest", [gauge(CONNECTED, "1 while connected", 1)], NOW_US)
    again = service.post("/quarantine/replay", {"numbers": [other]}, Idempotency_Key="k").json()
    connected = service.post("/quarantine/replay", {"reason": "not_json"}).json()

    assert silent == again == {"requested": 1, "ingest": "silent"}
    assert connected == {"requested": 2, "ingest": "connected"}
    assert [held.number for held in service.quarantine.requested(9)] == [first, second, other]
    assert service.get(f"/quarantine/{first}").json()["replay_requested"]


def test_messages_are_thrown_away(service: Service) -> None:
    """What was chosen is gone, the rest stays, and the counts follow."""
    gone, left = hold(service, refused(1), refused(2, "unknown_unit"))
    answer = service.post("/quarantine/discard", {"reason": "not_json"}).json()

    assert answer == {"discarded": 1}
    assert service.get(f"/quarantine/{gone}").status_code == 404
    assert service.get("/quarantine").json()["held"] == {"unknown_unit": 1}
    assert service.post("/quarantine/discard", {"all": True}).json() == {"discarded": 1}
    assert service.get(f"/quarantine/{left}").status_code == 404


@pytest.mark.parametrize("body", [{}, {"numbers": []}, {"all": True, "reason": "not_json"}, {"numbers": [0]}, {"x": 1}])
def test_nothing_is_thrown_away_by_a_slip(service: Service, body: dict[str, Any]) -> None:
    """A request that does not say which messages is refused."""
    hold(service, refused(1))
    answer = service.post("/quarantine/discard", body)

    assert answer.status_code == 422
    assert service.quarantine.held() == {"not_json": 1}


def test_metrics_tell_of_quarantine_log_and_processes(service: Service) -> None:
    """What is held, refused, waiting and read, and what other processes noted, each name described once."""
    hold(service, refused(1), refused(2, "unknown_device", device="d1", source="lorawan"))
    service.log.hold("score", 0)
    service.log.note("ingest-2", [gauge(CONNECTED, "1 while connected", 0)], NOW_US)
    service.log.note("ingest-1", [gauge(CONNECTED, "1 while connected", 1)], NOW_US - 5_000_000)
    text = service.client.get("/metrics").text
    lines = text.splitlines()

    assert 'precomplaint_quarantine_held{reason="not_json"} 1.0' in lines
    assert 'precomplaint_quarantine_refused_total{reason="unknown_device"} 1.0' in lines
    assert "# TYPE precomplaint_quarantine_refused_total counter" in lines
    assert "precomplaint_waiting_devices 1.0" in lines
    assert 'precomplaint_log_reader_lag_positions{reader="score"} 0.0' in lines
    assert 'precomplaint_ingest_connected{process="ingest-1"} 1.0' in lines
    assert 'precomplaint_ingest_connected{process="ingest-2"} 0.0' in lines
    assert 'precomplaint_noted_age_seconds{process="ingest-1"} 1.0' in lines
    assert [line for line in lines if lines.count(line) > 1] == []
    assert all(family.documentation for family in text_string_to_metric_families(text))
    assert {"process_resident_memory_bytes", "precomplaint_log_bytes"} <= {line.split(" ")[0] for line in lines}


def test_health_tells_of_ingest(service: Service) -> None:
    """Never heard of, connected, not connected, and silent for too long are told apart."""

    def health() -> dict[str, Any]:
        said = service.get("/health").json()
        return {key: said[key] for key in ("status", "ingest", "ingest_noted_s")}

    never = health()
    service.log.note("score", [], NOW_US)
    service.log.note("ingest", [gauge(CONNECTED, "1 while connected", 1)], NOW_US)
    connected = health()
    service.log.note("ingest", [gauge(CONNECTED, "1 while connected", 0)], NOW_US)
    away = health()
    service.clock.us += 100_000_000
    silent = health()

    assert never == {"status": "ok", "ingest": "silent", "ingest_noted_s": None}
    assert connected == {"status": "ok", "ingest": "connected", "ingest_noted_s": 0.0}
    assert (away["ingest"], silent) == ("disconnected", {"status": "ok", "ingest": "silent", "ingest_noted_s": 20.0})
