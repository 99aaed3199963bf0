"""Subscribing: stored, then acknowledged, whatever happens to the log, the broker or single messages."""

import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.errors import BrokerRefusedError, LogUnavailableError
from ingest.figures import Figure
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.log import Log
from ingest.mqtt_link import _PROTOCOLS
from ingest.quarantine import Quarantine, Query, Reason
from ingest.readings import Quality
from ingest.registry import RegistryReader
from ingest.settings import IngestSettings
from ingest.subscribe import Subscriber
from ingest.topics import frigate_snapshot_topic, telemetry_topic
from tests.ingest.brokers import broker
from tests.ingest.community import DEVICES, NOW_US, SITE, FixedClock, community
from tests.ingest.fakes import TroubledLog
from tests.servers import Mosquitto, answers, free_port, wait_until

JPEG = b"\xff\xd8\xff\xe0 a picture"


def telemetry(number: int, device: str = DEVICES[0]) -> tuple[str, bytes]:
    """Topic and payload of one reading; another number is another reading."""
    payload = encode_telemetry(device, [Sample(NOW_US + number, {"flow_m3_h": float(number % 1_000)})])
    return telemetry_topic(SITE, device), payload


def publish(port: int, messages: Sequence[tuple[str, bytes]], *, retain: bool = False, v5: bool = True) -> None:
    """Publish at QoS 1 and return once the broker has taken everything."""
    protocol = MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311
    client = Client(CallbackAPIVersion.VERSION2, protocol=protocol)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for info in [client.publish(topic, payload, qos=1, retain=retain) for topic, payload in messages]:
        info.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def values(log: Log) -> list[float]:
    """The values of all stored readings, in order."""
    return [reading.value for record in log.read(0, 100_000) for reading in record.batch.readings]


def subscriber_of(
    port: int, log: TroubledLog, registry: RegistryReader | None = None, **settings: object
) -> Subscriber:
    """A subscriber to the broker on a port."""
    chosen = IngestSettings.model_validate({"port": port, **settings})
    return Subscriber(chosen, log, registry or community(), FixedClock(), log.quarantine)


@contextmanager
def running(
    port: int, log: TroubledLog, registry: RegistryReader | None = None, **settings: object
) -> Iterator[Subscriber]:
    """A subscriber at work in a thread; it must stop cleanly."""
    subscriber = subscriber_of(port, log, registry, **settings)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=subscriber.run, args=(stop, ready.set))
    thread.start()
    try:
        assert ready.wait(20)
        yield subscriber
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    with broker(tmp_path / "mosquitto") as server:
        yield server


@pytest.fixture
def log(tmp_path: Path) -> Iterator[TroubledLog]:
    with closing(TroubledLog(tmp_path / "log.db")) as troubled:
        yield troubled


@pytest.fixture
def quarantine(log: TroubledLog) -> Quarantine:
    return log.quarantine


@pytest.mark.needs("mosquitto")
def test_messages_are_stored_in_order(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """What is published arrives in the log, in order, and is counted."""
    with running(mosquitto.port, log) as subscriber:
        publish(mosquitto.port, [telemetry(number) for number in range(500)])
        wait_until(lambda: log.head() == 500)
        counts = subscriber.counts()

    assert values(log) == list(range(500))
    assert (counts.messages, counts.readings, counts.redelivered, counts.quarantined) == (500, 500, 0, {})


@pytest.mark.needs("mosquitto")
def test_nothing_is_acknowledged_before_it_is_stored(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """If the log never took a message, the broker still has it for whoever comes next."""
    with running(mosquitto.port, log):
        log.away = True
        publish(mosquitto.port, [telemetry(number) for number in range(100)])
        wait_until(lambda: log.tried >= 3)
    log.away = False
    stored_before = log.head()
    with running(mosquitto.port, log):
        wait_until(lambda: log.head() >= 100)

    assert stored_before == 0
    assert values(log) == list(range(100))


@pytest.mark.needs("mosquitto")
def test_a_log_that_is_away_is_waited_for(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """While the disk is full messages stay in hand; when there is room again they are stored, and nothing twice."""
    with running(mosquitto.port, log, receive_maximum=10) as subscriber:
        log.away = True
        publish(mosquitto.port, [telemetry(number) for number in range(50)])
        wait_until(lambda: log.tried >= 3)
        log.away = False
        wait_until(lambda: log.head() >= 50)
        publish(mosquitto.port, [telemetry(50)])
        wait_until(lambda: log.head() >= 51)
        counts = subscriber.counts()

    assert values(log) == list(range(51))
    assert counts.redelivered == 0


@pytest.mark.needs("mosquitto")
def test_a_full_disk_is_waited_for(mosquitto: Mosquitto, log: TroubledLog, tmp_path: Path) -> None:
    """When the real file cannot grow nothing is lost, and once there is room everything is stored, once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with running(mosquitto.port, log) as subscriber:
        # The kernel refuses every write beyond this size, as it does on a full disk; no root is needed for it.
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "log.db-wal").stat().st_size + 20_000, hard))
        try:
            publish(mosquitto.port, [telemetry(number) for number in range(1_000)])
            wait_until(lambda: log.tried >= 3)
            during = log.head()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        wait_until(lambda: log.head() >= 1_000)
        counts = subscriber.counts()

    assert during < 1_000
    assert values(log) == list(range(1_000))
    assert (counts.messages, counts.redelivered) == (1_000, 0)


@pytest.mark.needs("mosquitto")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_broker_restart_is_survived(mosquitto: Mosquitto, log: TroubledLog, how: signal.Signals) -> None:
    """After the broker comes back, ingest is there by itself and takes what is published then."""
    with running(mosquitto.port, log) as subscriber:
        publish(mosquitto.port, [telemetry(1)])
        wait_until(lambda: log.head() == 1)
        mosquitto.stop(how)
        mosquitto.start()
        publish(mosquitto.port, [telemetry(2)])
        wait_until(lambda: _taken_since_restart(mosquitto.port, log, subscriber))

    assert set(values(log)) >= {1.0}
    assert len(values(log)) == len(set(values(log)))


def _taken_since_restart(port: int, log: TroubledLog, subscriber: Subscriber) -> bool:
    # A killed broker may have forgotten the session, so a message published before ingest is back can be lost there.
    publish(port, [telemetry(3 + subscriber.counts().messages)])
    return log.head() >= 2


@pytest.mark.needs("mosquitto")
def test_a_bad_message_never_stops_a_good_one(mosquitto: Mosquitto, log: TroubledLog, quarantine: Quarantine) -> None:
    """Bad messages of every kind among good ones: the good are all stored, the bad all in quarantine, each once."""
    topic, good = telemetry(0)
    bad = {
        b"": Reason.NOT_JSON,
        b"\x00\xff": Reason.NOT_JSON,
        b"[" * 40: Reason.TOO_DEEP,
        b" " * 300_000: Reason.TOO_LARGE,
        good.replace(b'"v":1', b'"v":9'): Reason.UNKNOWN_VERSION,
        good.replace(b":0.0", b":NaN"): Reason.NOT_FINITE,
        good.replace(b"flow_m3_h", b"mood"): Reason.UNKNOWN_METRIC,
    }
    messages = [telemetry(number) for number in range(20)]
    for place, payload in enumerate(bad):
        messages.insert(place * 3, (topic, payload))
        messages.append((topic, payload))
    messages.append((telemetry_topic(SITE, "nobody"), good.replace(DEVICES[0].encode(), b"nobody")))
    with running(mosquitto.port, log) as subscriber:
        publish(mosquitto.port, messages)
        wait_until(lambda: subscriber.counts().messages == len(messages))
    refusals = [held.refusal for held in quarantine.find(Query())]
    quarantined = {refusal.payload[:100]: Reason(refusal.reason) for refusal in refusals}

    assert values(log) == list(range(20))
    assert len(refusals) == len(bad) + 1
    assert quarantined.pop(messages[-1][1][:100]) is Reason.UNKNOWN_DEVICE
    assert quarantined == {payload[:100]: reason for payload, reason in bad.items()}


@pytest.mark.needs("mosquitto")
def test_a_message_the_log_cannot_write_stops_no_other(
    mosquitto: Mosquitto, log: TroubledLog, quarantine: Quarantine
) -> None:
    """If writing one message fails by a mistake of ours, it alone goes to quarantine."""
    log.poison = "pump-1"
    with running(mosquitto.port, log):
        publish(mosquitto.port, [telemetry(1), telemetry(2, "pump-1"), telemetry(3)])
        wait_until(lambda: log.head() == 2 and quarantine.held())

    assert values(log) == [1.0, 3.0]
    assert quarantine.held() == {Reason.UNSTORABLE: 1}


@pytest.mark.needs("mosquitto")
def test_the_session_outlives_a_stop(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """What is published while ingest is away is there when it comes back, and the watermark goes on."""
    with running(mosquitto.port, log):
        publish(mosquitto.port, [telemetry(4_000_000)])
        wait_until(lambda: log.head() == 1)
    publish(mosquitto.port, [telemetry(-7_000_000)])
    with running(mosquitto.port, log):
        wait_until(lambda: log.head() == 2)
    late = log.read(0, 9)[1]

    assert late.watermark_us == NOW_US + 4_000_000
    assert Quality(late.batch.readings[0].quality) is Quality.LATE


@pytest.mark.needs("mosquitto")
def test_the_same_message_is_stored_once(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """A gateway that sends again what it sent before adds nothing."""
    with running(mosquitto.port, log) as subscriber:
        publish(mosquitto.port, [telemetry(1), telemetry(1), telemetry(2)])
        wait_until(lambda: subscriber.counts().messages == 3)
        counts = subscriber.counts()

    assert values(log) == [1.0, 2.0]
    assert counts.redelivered == 1


@pytest.mark.needs("mosquitto")
def test_stills_are_taken_fresh_and_passed_over_stale(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """A still the broker kept from before is not dated now."""
    topic = frigate_snapshot_topic("frigate", "gate_east", "car")
    publish(mosquitto.port, [(topic, JPEG)], retain=True)
    with running(mosquitto.port, log) as subscriber:
        wait_until(lambda: subscriber.counts().messages == 1)
        publish(mosquitto.port, [(topic, JPEG + b"2")])
        wait_until(lambda: log.head() == 1)
        counts = subscriber.counts()
    (record,) = log.read(0, 9)

    assert counts.passed_over == {"retained_still": 1}
    assert record.batch.stills[0].jpeg == JPEG + b"2"


@pytest.mark.needs("mosquitto")
def test_prometheus_sees_the_counts(mosquitto: Mosquitto, log: TroubledLog) -> None:
    """Totals and reasons are exported as they are when asked."""
    with running(mosquitto.port, log) as subscriber:
        publish(mosquitto.port, [telemetry(1), (telemetry(1)[0], b"{")])
        wait_until(lambda: subscriber.counts().messages == 2)
        noted = {figure.name: figure for family in subscriber.counts().figures() for figure in family.figures}

    assert noted["precomplaint_ingest_messages_total"].value == 2.0
    assert noted["precomplaint_ingest_quarantined_total"] == Figure(
        "precomplaint_ingest_quarantined_total", 1.0, {"reason": "not_json"}
    )
    assert noted["process_resident_memory_bytes"].value > 0


def refusal_of(port: int, log: TroubledLog, **settings: object) -> str:
    """What a subscriber says that cannot start."""
    subscriber = subscriber_of(port, log, **settings)
    with pytest.raises(BrokerRefusedError) as raised:
        subscriber.run(threading.Event())
    return str(raised.value)


def test_a_broker_that_is_not_there_is_named(log: TroubledLog) -> None:
    """Starting without a broker says where it was looked for."""
    port = free_port()

    assert f"127.0.0.1:{port} refused: nothing listens there" in refusal_of(port, log)


def test_a_host_that_does_not_exist_is_named(log: TroubledLog) -> None:
    """A misspelt host is told from a broker that is down."""
    assert "host name is not known" in refusal_of(1883, log, host="no-such-host.invalid")


def test_a_port_of_something_else_is_named(log: TroubledLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is no broker does not hang the start."""
    monkeypatch.setattr("ingest.mqtt_link._PROTOCOLS", dict.fromkeys(_PROTOCOLS, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "does not answer as an MQTT broker does" in refusal_of(server.getsockname()[1], log)


@pytest.mark.needs("mosquitto")
def test_a_wrong_password_is_named(tmp_path: Path, log: TroubledLog) -> None:
    """A broker that wants another password says so, without repeating the one we sent."""
    with broker(tmp_path / "guarded", password="right") as guarded:  # noqa: S106 -- of a broker that is gone
        said = refusal_of(guarded.port, log, username="ingest", password="wrong-password")  # noqa: S106 -- wrong on purpose
        with running(guarded.port, log, username="ingest", password="right"):  # noqa: S106 -- as above
            pass

    assert "not authorized" in said
    assert "wrong-password" not in said


def test_an_old_broker_is_spoken_to_in_mqtt_3(log: TroubledLog) -> None:
    """The embedded broker knows no MQTT 5; ingest notices and goes on with 3.1.1."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.amqtt_broker", str(port)], stderr=subprocess.DEVNULL
    ) as amqtt:
        try:
            wait_until(lambda: answers(port), what="amqtt")
            with running(port, log):
                publish(port, [telemetry(number) for number in range(20)], v5=False)
                wait_until(lambda: log.head() == 20)
        finally:
            amqtt.terminate()

    assert values(log) == list(range(20))


def test_a_log_that_cannot_be_read_at_the_start_is_named(log: TroubledLog) -> None:
    """Starting without its log is an error for the command line, not a retry."""
    log.away = True
    with pytest.raises(LogUnavailableError, match="disk is full"):
        subscriber_of(free_port(), log).run(threading.Event())
