"""Embedded brokers: the real programs, run with our configuration."""

import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from ingest.decode import FORMATS
from ingest.sources import Source
from service.broker import EmbeddedBroker, embedded_broker
from service.errors import BrokerMissingError
from tests.servers import answers, free_port, wait_until

BROKERS = [pytest.param("mosquitto", marks=pytest.mark.needs("mosquitto")), "amqtt"]


@contextmanager
def running(kind: str, folder: Path, port: int) -> Iterator[EmbeddedBroker]:
    """The broker as a real process."""
    broker = embedded_broker(kind, folder, "127.0.0.1", port)
    child = subprocess.Popen(broker.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), what=f"{kind} on {port}")
        yield broker
    finally:
        child.terminate()
        child.wait(20)


def connect(port: int, username: str | None, password: str | None) -> str:
    """What the broker answers to a connection, as a reason."""
    answer: list[str] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "probe", protocol=mqtt.MQTTv311)
    client.on_connect = lambda _c, _u, _f, reason, _p: answer.append(str(reason))
    if username is not None:
        client.username_pw_set(username, password)
    client.connect("127.0.0.1", port)
    wait_until(lambda: client.loop(0.05) is not None and answer, what="an answer to CONNECT")
    client.disconnect()
    client.loop(0.05)
    return answer[0]


class Listener:
    """A connected client that keeps what it hears.

    Args:
        port: Of the broker.
        user: Name and password.
        filters: What it asks for; whether that was granted is not asked.
    """

    def __init__(self, port: int, user: tuple[str, str], *filters: str) -> None:
        self.heard: list[str] = []
        answered: list[object] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, f"client-{user[0]}", protocol=mqtt.MQTTv311)
        self._client.username_pw_set(*user)
        self._client.on_message = lambda _c, _u, message: self.heard.append(message.topic)
        self._client.on_connect = lambda *_: answered.append("connect")
        self._client.on_subscribe = lambda *_: answered.append("subscribe")
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_until(lambda: "connect" in answered, what="an answer to CONNECT")
        if filters:
            self._client.subscribe([(one, 1) for one in filters])
            wait_until(lambda: "subscribe" in answered, what="an answer to SUBSCRIBE")

    def publish(self, topics: Sequence[str]) -> None:
        """Publish to these topics, one after the other, each acknowledged."""
        for topic in topics:
            self._client.publish(topic, b"{}", 1).wait_for_publish(20)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()


def filters_of_every_format() -> list[str]:
    """What ingest subscribes to for each format it knows; the elevator standard leaves the topic to its user."""
    own = {"gbt24476": ("elevator/+/up",)}
    made = (make(Source(name, name, filters=own.get(name, ())), None) for name, make in FORMATS.items())
    return [one for wire_format in made for one in wire_format.filters]


@pytest.mark.parametrize("kind", BROKERS)
def test_devices_speak_every_format_and_hear_only_what_is_theirs(kind: str, tmp_path: Path) -> None:
    """Each format's topics reach the service; a device hears a host's commands and no other device's words."""
    port, filters = free_port(), filters_of_every_format()
    dollar = [one for one in filters if one.startswith("$")]
    # amqtt does not take what begins with a dollar sign; see its promise.
    filters = filters if kind == "mosquitto" else [one for one in filters if one not in dollar]
    topics = [one.replace("+", "x").replace("#", "x") for one in filters]
    with running(kind, tmp_path, port) as broker:
        service = Listener(port, (broker.username, broker.password), *filters)
        device = Listener(port, (broker.device_username, broker.device_password), "#", "$oc/#", "spBv1.0/+/NCMD/+")
        device.publish(topics)
        service.publish(["spBv1.0/group/NCMD/node"])
        wait_until(lambda: set(topics) <= set(service.heard), what=f"{topics}; heard {service.heard}")
        wait_until(lambda: "spBv1.0/group/NCMD/node" in device.heard, what="the command")
        service.close()
        device.close()

    assert [topic for topic in device.heard if "NCMD" not in topic] == []
    assert len(dollar) > 0


@pytest.mark.parametrize("kind", BROKERS)
def test_only_the_named_user_gets_in(kind: str, tmp_path: Path) -> None:
    """The kept passwords open it, each to its own user; another one and none do not."""
    port = free_port()
    with running(kind, tmp_path, port) as broker:
        answers_ = [
            connect(port, broker.username, broker.password),
            connect(port, broker.device_username, broker.device_password),
            connect(port, broker.username, "wrong"),
            connect(port, broker.device_username, broker.password),
            connect(port, None, None),
        ]

    assert answers_ == ["Success", "Success", *["Not authorized"] * 3]


def test_the_password_is_kept_and_private(tmp_path: Path) -> None:
    """A second start uses the same password, and no other user of the machine may read it."""
    first = embedded_broker("amqtt", tmp_path, "127.0.0.1", 1)
    second = embedded_broker("amqtt", tmp_path, "127.0.0.1", 1)

    assert first.password == second.password
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600


def test_a_missing_mosquitto_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for mosquitto on a machine without it says how to get it; auto takes amqtt instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("service.broker._PLACES", str(tmp_path))

    with pytest.raises(BrokerMissingError, match="apt-get install mosquitto"):
        embedded_broker("mosquitto", tmp_path, "127.0.0.1", 1)
    assert embedded_broker("auto", tmp_path, "127.0.0.1", 1).program == "amqtt"
