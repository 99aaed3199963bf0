"""Ingest killed: whatever moment SIGKILL comes at, what was sent is stored, once."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.quarantine import Query, Reason
from ingest.readings import Quality
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.topics import telemetry_topic
from tests.end_to_end.ingest_process import IngestProcess
from tests.ingest.brokers import broker
from tests.ingest.community import DEVICES, NOW_US, SITE
from tests.servers import wait_until

MESSAGES = 10_000
KILLS = 20
BAD_EVERY = 50


def messages() -> list[tuple[str, bytes]]:
    """Ten thousand messages of all devices, one in fifty of them bad; no two are equal."""
    made = []
    for number in range(MESSAGES):
        device = DEVICES[number % len(DEVICES)]
        payload = encode_telemetry(device, [Sample(NOW_US + number, {"flow_m3_h": float(number % 100)})])
        bad = number % BAD_EVERY == BAD_EVERY - 1
        made.append((telemetry_topic(SITE, device), payload[:-2] if bad else payload))
    return made


def publish(port: int, share: Sequence[tuple[str, bytes]], publisher: int) -> None:
    """Publish a share at QoS 1, as fast as the broker takes it."""
    client = Client(CallbackAPIVersion.VERSION2, f"publisher-{publisher}", protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for info in [client.publish(topic, payload, qos=1) for topic, payload in share]:
        info.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


@pytest.mark.needs("mosquitto")
def test_sent_is_stored_once_however_often_ingest_is_killed(tmp_path: Path) -> None:
    """Ten thousand messages, 20 kills: every good one is stored once, every bad one quarantined once."""
    sent, good = messages(), MESSAGES - MESSAGES // BAD_EVERY
    # Counted in what is stored, so that each kill comes while ingest is busy, not while it waits.
    kill_at = sorted(random.Random(20261121).sample(range(good), KILLS))  # noqa: S311 -- of a test, no secret
    with (
        broker(tmp_path / "mosquitto") as server,
        closing(SqliteLog(tmp_path / "log.db")) as log,
        closing(SqliteQuarantine(tmp_path / "log.db")) as quarantine,
    ):
        ingest = IngestProcess(server.port, tmp_path / "log.db")
        ingest.start()
        publishers = [
            threading.Thread(target=publish, args=(server.port, sent[n :: len(DEVICES)], n))
            for n in range(len(DEVICES))
        ]
        for publisher in publishers:
            publisher.start()
        ended = []
        for moment in kill_at:
            wait_until(lambda moment=moment: log.head() >= moment, what=f"{moment} messages stored")
            ended.append(ingest.stop(signal.SIGKILL))
            ingest.start()
        for publisher in publishers:
            publisher.join()
        wait_until(lambda: log.head() >= good and sum(quarantine.held().values()) >= MESSAGES - good)
        ended.append(ingest.stop(signal.SIGTERM))
        records, refusals = log.read(0, 2 * MESSAGES), [held.refusal for held in quarantine.find(Query())]
    stored = Counter((r.device, r.at_us) for record in records for r in record.batch.readings)
    expected = {(DEVICES[n % len(DEVICES)], NOW_US + n) for n in range(MESSAGES) if n % BAD_EVERY != BAD_EVERY - 1}

    assert ended == [-signal.SIGKILL] * KILLS + [0]
    assert stored == Counter(expected)
    assert {(refusal.topic, refusal.payload) for refusal in refusals} == set(sent[BAD_EVERY - 1 :: BAD_EVERY])
    assert {refusal.reason for refusal in refusals} == {Reason.NOT_JSON}
    assert {reading.quality for record in records for reading in record.batch.readings} == {int(Quality.GOOD)}
    assert max(record.watermark_us for record in records) == max(at_us for _, at_us in expected)
