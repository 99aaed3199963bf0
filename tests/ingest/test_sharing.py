"""Sharing: what a broker does with a shared subscription is tried, not believed; sessions nobody uses are given up."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.errors import BrokerRefusedError, NotSharedError
from ingest.readings import Quality
from ingest.sessions import Sessions
from ingest.settings import IngestSettings
from ingest.sharing import require_sharing
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.subscribe import Subscriber
from tests.ingest.brokers import SteadyMosquitto
from tests.ingest.community import DEVICES, NOW_US, FixedClock, community
from tests.ingest.test_subscribe import publish, telemetry
from tests.servers import Mosquitto, free_port, wait_until
from tests.service.test_broker import running

NAMES = ("ingest", "ingest-2", "ingest-3")


class DeafMosquitto(SteadyMosquitto):
    """Grants every subscription and delivers nothing of the probe, as a strict access list makes it."""

    def _lock(self, config: Path, password: str) -> None:
        super()._lock(config, password)
        (self.folder / "access").write_text("user ingest\ntopic write #\n", encoding="ascii")
        with config.open("a", encoding="utf-8") as file:
            file.write(f"acl_file {self.folder / 'access'}\n")


def settings_of(port: int, processes: int = 1, number: int = 1) -> IngestSettings:
    """Of one ingest process among several, as the service makes them."""
    return IngestSettings(
        port=port,
        client_id=NAMES[number - 1],
        share="precomplaint" if processes > 1 else "",
        group=NAMES[:processes],
        takes_sessions=number == 1,
    )


@contextmanager
def taking_in(path: Path, settings: Sequence[IngestSettings]) -> Iterator[list[Subscriber]]:
    """Several subscribers on one log, each in a thread, until the block ends."""
    stop, made, threads = threading.Event(), [], []
    with closing(SqliteLog(path)) as log, closing(SqliteQuarantine(path)) as quarantine:
        for one in settings:
            ready = threading.Event()
            made.append(Subscriber(one, log, community(), FixedClock(), quarantine))
            threads.append(threading.Thread(target=made[-1].run, args=(stop, ready.set)))
            threads[-1].start()
            assert ready.wait(20)
        try:
            yield made
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)


def stored(path: Path) -> list[int]:
    """The times of all stored readings, in log order."""
    with closing(SqliteLog(path)) as log:
        return [r.at_us for record in log.read(0, 100_000) for r in record.batch.readings]


def has_session(port: int, name: str) -> bool:
    """Whether the broker keeps a session under this name; asking makes none."""
    answer: list[bool] = []
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3_600
    client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
    client.on_connect = lambda _c, _u, flags, *_: answer.append(flags.session_present)
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    wait_until(lambda: client.loop(0.05) is not None and answer, what="an answer to CONNECT")
    goodbye = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
    goodbye.SessionExpiryInterval = 3_600 if answer[0] else 0
    client.disconnect(properties=goodbye)
    client.loop(0.05)
    return answer[0]


@pytest.mark.needs("mosquitto")
def test_a_broker_that_shares_passes(mosquitto: Mosquitto) -> None:
    """Mosquitto delivers through a shared subscription, and nothing of the probe stays with it."""
    require_sharing(settings_of(mosquitto.port, 2, 2), FixedClock())

    assert not has_session(mosquitto.port, "ingest-2-probe")


@pytest.mark.needs("mosquitto")
def test_a_broker_that_grants_and_does_not_deliver_is_found_out(tmp_path: Path) -> None:
    """A granted subscription through which nothing comes is refused, and what was tried is named."""
    server = DeafMosquitto(tmp_path, "right")
    server.start()
    known = {"username": "ingest", "password": "right"}
    settings = IngestSettings(port=server.port, client_id="ingest", share="precomplaint", **known)
    try:
        with pytest.raises(NotSharedError, match=r"delivers nothing.*precomplaint/probe/ingest"):
            require_sharing(settings, FixedClock())
    finally:
        server.stop()


def test_a_broker_that_speaks_no_mqtt_5_is_refused(tmp_path: Path) -> None:
    """Amqtt grants what it does not do; what it speaks is enough to know."""
    port = free_port()
    with running("amqtt", tmp_path, port) as amqtt:
        settings = IngestSettings(port=port, username=amqtt.username, password=amqtt.password, share="precomplaint")

        with pytest.raises(NotSharedError, match=r"MQTT 3\.1\.1 only"):
            require_sharing(settings, FixedClock())


def test_nobody_there_is_not_called_unable_to_share() -> None:
    """Where nothing listens that is what is said."""
    with pytest.raises(BrokerRefusedError, match="nothing listens there"):
        require_sharing(settings_of(free_port(), 2), FixedClock())


@pytest.mark.needs("mosquitto")
def test_two_judge_as_one(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Whoever of two gets a message stores it once, and what is late for one is late for the other."""
    second_us, path = 1_000_000, tmp_path / "log.db"
    early = [telemetry(n * second_us, DEVICES[n % 3]) for n in range(-200, -100)]
    both = [settings_of(mosquitto.port, 2, number) for number in (1, 2)]
    with taking_in(path, both) as pair:
        publish(mosquitto.port, [telemetry(0)])
        wait_until(lambda: len(stored(path)) == 1, 20, "what moves the watermark")
        publish(mosquitto.port, early)
        wait_until(lambda: len(stored(path)) == 1 + len(early), 20, "what is late")
        publish(mosquitto.port, early)
        wait_until(lambda: sum(one.counts().messages for one in pair) == 1 + 2 * len(early), 20, "the same again")
        shares = [one.counts().messages for one in pair]
    with closing(SqliteLog(path)) as log:
        readings = [r for record in log.read(0, 1_000) for r in record.batch.readings]

    assert min(shares) >= len(early) // 2
    assert len(readings) == len({r.at_us for r in readings}) == 1 + len(early)
    assert {r.quality & int(Quality.LATE) for r in readings if r.at_us < NOW_US} == {int(Quality.LATE)}


@pytest.mark.needs("mosquitto")
def test_a_process_that_is_no_more_leaves_nothing_behind(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """From three processes to one: what waits for the others is stored, and no session of theirs takes its turn."""
    path, numbers = tmp_path / "log.db", range(300)
    with taking_in(path, [settings_of(mosquitto.port, 3, number) for number in (1, 2, 3)]):
        pass
    publish(mosquitto.port, [telemetry(number) for number in numbers])  # nobody is there: a third waits for each
    with taking_in(path, [settings_of(mosquitto.port)]) as (alone,):
        wait_until(lambda: len(stored(path)) == len(numbers), 20, "what waited for others")
        with closing(SqliteLog(path)) as log:
            wait_until(lambda: set(Sessions(log).all()) == {"ingest"}, 20, "the others to be given up")
        publish(mosquitto.port, [telemetry(1_000 + number) for number in numbers])
        wait_until(lambda: len(stored(path)) == 2 * len(numbers), 20, "what came later")
        heard = alone.counts().messages

    assert [has_session(mosquitto.port, name) for name in NAMES] == [True, False, False]
    assert sorted(stored(path)) == [NOW_US + number for number in (*numbers, *range(1_000, 1_300))]
    assert heard == 2 * len(numbers)


@pytest.mark.needs("mosquitto")
def test_from_one_to_two_nothing_is_sent_twice(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """The first process leaves the subscription it had alone, so that each message goes to one of the two only."""
    path = tmp_path / "log.db"
    with taking_in(path, [settings_of(mosquitto.port)]):
        publish(mosquitto.port, [telemetry(1)])
        wait_until(lambda: len(stored(path)) == 1, 20, "the first")
    with taking_in(path, [settings_of(mosquitto.port, 2, number) for number in (1, 2)]) as pair:
        publish(mosquitto.port, [telemetry(number) for number in range(2, 102)])
        wait_until(lambda: len(stored(path)) == 101, 20, "the others")
        heard = [one.counts().messages for one in pair]

    assert heard == [50, 50]


@pytest.mark.needs("mosquitto")
def test_somebody_stands_in_for_who_is_away(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """What waits for a process that is not at work is stored by the other; when it is back it has its share again."""
    path, first, second = tmp_path / "log.db", range(100), range(1_000, 1_100)
    both = [settings_of(mosquitto.port, 2, number) for number in (1, 2)]
    with taking_in(path, both):
        pass
    with taking_in(path, both[:1]):
        publish(mosquitto.port, [telemetry(number) for number in first])
        wait_until(lambda: len(stored(path)) == len(first), 30, "the other's share too")
    waiting = has_session(mosquitto.port, "ingest-2")
    with taking_in(path, both) as pair:
        publish(mosquitto.port, [telemetry(number) for number in second])
        wait_until(lambda: len(stored(path)) == len(first) + len(second), 20, "what came later")
        shares = [one.counts().messages for one in pair]

    assert waiting
    assert shares == [50, 50]
    assert sorted(stored(path)) == [NOW_US + number for number in (*first, *second)]
