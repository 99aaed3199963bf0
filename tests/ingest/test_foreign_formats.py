"""Foreign formats at work: on a real broker each source's messages are stored, kept apart and answered."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.quarantine import Query, Reason
from ingest.registry import Device, Registry
from ingest.sources import NameMapping, Source
from tests.ingest.brokers import broker
from tests.ingest.community import NOW_US, SITE, community
from tests.ingest.fakes import TroubledLog
from tests.ingest.test_subscribe import publish, running
from tests.servers import Mosquitto, wait_until

AT_MS = NOW_US // 1_000
POST = "/sys/p/pump/thing/event/property/post"
SOURCES = (
    Source("tb", "thingsboard", site=SITE, names=(NameMapping("p", "pressure_kpa", "MPa"),)),
    Source("alink", "alink", site=SITE, names=(NameMapping("Pressure", "pressure_kpa", "bar"),)),
    Source("oc", "huawei_iotda", site=SITE),
    Source("lora", "chirpstack", site=SITE),
    Source("senml", "senml", site=SITE),
)
SPOKEN: dict[str, tuple[str, str, Any]] = {
    "tb": ("Device A", "v1/gateway/telemetry", {"Device A": [{"ts": AT_MS, "values": {"p": 0.3124}}]}),
    "alink": ("p/pump", POST, {"id": "7", "sys": {"ack": 1}, "params": {"Pressure": {"value": 3.124, "time": AT_MS}}}),
    "oc": (
        "d1",
        "$oc/devices/d1/sys/properties/report",
        {"services": [{"service_id": "", "properties": {"pressure_kpa": 312.4}, "event_time": AT_MS}]},
    ),
    "lora": (
        "0a",
        "application/a/device/0a/event/up",
        {
            "time": "2025-11-24T16:00:00Z",
            "deviceInfo": {"devEui": "0A"},
            "object": {"pressure_kpa": 312.4},
        },
    ),
    "senml": ("gw", "senml/gw", [{"n": "pressure_kpa", "u": "Pa", "v": 312400, "t": AT_MS / 1e3}]),
}


def registry() -> Registry:
    devices = {
        f"{source}-1": Device(f"{source}-1", SITE, ("riser-1",), 0, source, address)
        for source, (address, _, _) in SPOKEN.items()
    }
    return replace(community(), devices=devices, sources={source.id: source for source in SOURCES})


def messages() -> list[tuple[str, bytes]]:
    return [(topic, json.dumps(payload).encode()) for _, topic, payload in SPOKEN.values()]


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with broker(tmp_path / "mosquitto") as server:
        yield server


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TroubledLog]:
    with closing(TroubledLog(tmp_path / "log.db")) as troubled:
        yield troubled


@pytest.mark.needs("mosquitto")
def test_every_format_is_stored_in_our_words(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Five platforms tell the same pressure; each reading carries the registry's name for its device."""
    with running(mosquitto.port, log, registry()):
        publish(mosquitto.port, messages())
        wait_until(lambda: log.head() == len(SPOKEN))
    stored = [reading for record in log.read(0, 10) for reading in record.batch.readings]

    assert [(r.device, r.metric, r.at_us) for r in stored] == [
        (f"{source}-1", "pressure_kpa", NOW_US) for source in SPOKEN
    ]
    assert [r.value for r in stored] == [pytest.approx(312.4)] * len(SPOKEN)


@pytest.mark.needs("mosquitto")
def test_a_device_that_asks_is_answered_once_its_words_are_stored(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Alink's reply comes back through the broker, and not before the log has the message."""
    answers: list[tuple[bytes, int]] = []
    device = Client(CallbackAPIVersion.VERSION2)
    device.on_message = lambda _client, _data, message: answers.append((message.payload, log.head()))
    device.connect("127.0.0.1", mosquitto.port)
    device.subscribe(f"{POST}_reply", qos=1)
    device.loop_start()
    with running(mosquitto.port, log, registry()):
        publish(mosquitto.port, [message for message in messages() if message[0] == POST])
        wait_until(lambda: bool(answers))
    device.disconnect()
    device.loop_stop()

    assert [(json.loads(payload)["id"], json.loads(payload)["code"], head) for payload, head in answers] == [
        ("7", 200, 1)
    ]


@pytest.mark.needs("mosquitto")
def test_what_nobody_mapped_waits_beside_what_was_stored(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """One message with a known and an unknown name is stored, and waits in quarantine under its device."""
    payload = json.dumps({"Device A": [{"ts": AT_MS, "values": {"p": 0.3, "new": 1}}]}).encode()
    with running(mosquitto.port, log, registry()):
        publish(mosquitto.port, [("v1/gateway/telemetry", payload)])
        wait_until(lambda: log.head() == 1)
    (waiting,) = log.quarantine.find(Query())

    assert (waiting.refusal.reason, waiting.refusal.source, waiting.refusal.device) == (
        Reason.UNMAPPED_NAME,
        "tb",
        "Device A",
    )
