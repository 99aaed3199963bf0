"""Thresholds live: a value that somebody turns through the API counts in the running scorer, and is in the history."""

import math
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from device_simulators.line import Broker
from device_simulators.message import Message
from device_simulators.pace import steady
from device_simulators.publish import Watcher, publish
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.stores.duckdb_store import DuckdbReadingStore
from ingest.topics import telemetry_topic
from service.clock import SimulationClock
from service.folders import DataFolder
from tests.end_to_end.parts import parts
from tests.servers import Mosquitto, wait_until

ELEVATOR, GATEWAY = "b3-e1", "b3-e1-gateway"
TIMER = "elevator.entrapment.off_level_s"
START_US = 1_764_000_000_000_000
SECOND_US = 1_000_000


def a_short_stop(at_us: int) -> Iterator[Message]:
    """Somebody gets in, the car stops between floors at `at_us` for 40 seconds and goes on."""
    at_rest = {"service_mode": 1, "car_running": 0, "car_speed_m_s": 0.0, "person_present": 1, "floor": 5}
    on_its_way = at_rest | {"car_running": 1, "car_speed_m_s": 1.7, "door_closed": 1, "door_zone": 0}
    at_a_floor = at_rest | {"door_closed": 0, "door_zone": 1}
    stuck = at_rest | {"door_closed": 1, "door_zone": 0}
    told = [(-30, at_a_floor), (-10, on_its_way), *((s, stuck) for s in range(0, 40, 10)), (40, on_its_way)]
    for second, values in [*told, (50, on_its_way), (60, at_a_floor), (300, at_a_floor)]:
        at = at_us + second * SECOND_US
        payload = encode_telemetry(GATEWAY, [Sample(at, {name: float(value) for name, value in values.items()})])
        yield Message(telemetry_topic("lakeside", GATEWAY), payload, at)


def drive(clock: SimulationClock, mosquitto: Mosquitto, messages: Iterator[Message]) -> None:
    """Publish as fast as possible, moving the service's time along."""
    watcher = Watcher(lambda at_us, _speed: clock.advance(at_us, 1.0))
    publish(messages, Broker("127.0.0.1", mosquitto.port), steady(math.inf), watcher, threading.Event())


def orders(api: str) -> Sequence[dict[str, Any]]:
    """The work orders."""
    return list(httpx.get(f"{api}/api/v1/work-orders", timeout=20).raise_for_status().json()["items"])


@pytest.mark.needs("mosquitto")
def test_a_turned_threshold_counts_from_then_on(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """A stop of 40 s raises nothing while the timer is 60 s, and an order once somebody has set it to 20 s."""
    folder, second_us = DataFolder(tmp_path / "service"), START_US + 600 * SECOND_US
    turned = {"scope": {"kind": "asset", "id": ELEVATOR}, "value": 20.0, "who": "李工", "why": "a school's elevator"}
    with (
        SimulationClock(folder.clock, START_US) as clock,
        parts(folder.root, mosquitto, "ingest", "score", "api") as running,
    ):
        api = running["api"].url
        drive(clock, mosquitto, a_short_stop(START_US))
        answer = httpx.put(f"{api}/api/v1/thresholds/{TIMER}", json=turned, timeout=20).raise_for_status().json()
        drive(clock, mosquitto, a_short_stop(second_us))
        wait_until(lambda: orders(api), 20, "an order of the second stop")
        wait_until(lambda: orders(api)[0]["ended_at"], 20, "its end")
        found = orders(api)
        evidence = httpx.get(f"{api}/api/v1/work-orders/{found[0]['id']}/evidence", timeout=20).json()
        running["api"].stop()
        store = DuckdbReadingStore(folder.history)
        charted = store.points("threshold", {"asset": ELEVATOR, "name": TIMER}, 0, second_us)
        store.close()

    assert (answer["version"], answer["value"]) == (1, 20.0)
    assert [(o["failure_mode"], o["asset"], o["started_at"]) for o in found] == [
        ("elevator.entrapment", ELEVATOR, "2025-11-24T16:10:20Z")
    ]
    assert TIMER in str(evidence)
    assert [(point.fields["value"], point.fields.get("who")) for point in charted] == [(60.0, None), (20.0, "李工")]
