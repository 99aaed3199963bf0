"""New sensor: from a box that nobody knows to a work order, without a restart; real processes, broker and API."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic
from service.wiring import COMMUNITY
from tests.end_to_end.parts import parts
from tests.servers import Mosquitto, wait_until

SITE, BOX, LIFT = "lakeside", "box-17", "b4-e1"
STUCK = {
    "service_mode": 1.0,
    "car_running": 0.0,
    "car_speed_m_s": 0.0,
    "door_closed": 1.0,
    "door_zone": 0.0,
    "person_present": 1.0,
    "fault_code": 101.0,
    "floor": 5.0,
}


@contextmanager
def connected(port: int) -> Iterator[Client]:
    """A device at the broker."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="new-sensor")
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.mark.needs("mosquitto")
@pytest.mark.timeout(240)
def test_a_new_sensor_is_live_without_a_restart(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """It raises nothing while it waits; approved, what it said is taken in and the order comes; the page names it."""

    def say() -> None:
        payload = encode_telemetry(BOX, [Sample(time.time_ns() // 1_000, STUCK)])
        device.publish(telemetry_topic(SITE, BOX), payload, qos=1).wait_for_publish(20)

    told = {"REGISTRY": str(COMMUNITY), "CLOCK__KIND": "system"}
    with (
        parts(tmp_path, mosquitto, "ingest", "score", "api", **told) as running,
        connected(mosquitto.port) as device,
        httpx.Client(base_url=f"{running['api'].url}/api/v1", timeout=20) as api,
    ):

        def waiting() -> list[str]:
            return [one["address"] for one in api.get("/registry/waiting").json()["items"]]

        def orders() -> list[str]:
            return [one["asset"] for one in api.get("/work-orders").json()["items"]]

        say()
        wait_until(lambda: waiting() == [BOX], 30, "the box on the waiting list")
        before = orders()
        lift = {"site": SITE, "class": "elevator", "place_zh": "4 号楼客梯", "place_en": "Building 4 lift", "who": "王"}
        added = api.put(f"/registry/assets/{LIFT}", json=lift)
        approval = {"assets": [LIFT], "who": "王师傅"}
        approved = api.post(f"/registry/waiting/precomplaint/{BOX}/approve", json=approval)
        wait_until(lambda: api.get("/quarantine").json()["items"] == [], 30, "what the box said to be taken in")
        say()
        wait_until(lambda: LIFT in orders(), 30, "the order of the new lift")
        order = api.get("/work-orders").json()["items"][0]

    assert (before, added.status_code, approved.json()["replayed"]) == ([], 200, 1)
    assert (order["asset"], order["failure_mode"], order["place"]["zh"]) == (LIFT, "elevator.entrapment", "4 号楼客梯")
