"""Embedded brokers: the real programs, run with our configuration."""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

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


@pytest.mark.parametrize("kind", BROKERS)
def test_only_the_named_user_gets_in(kind: str, tmp_path: Path) -> None:
    """The kept password opens it; a wrong one and none do not."""
    port = free_port()
    with running(kind, tmp_path, port) as broker:
        answers_ = [
            connect(port, broker.username, broker.password),
            connect(port, broker.username, "wrong"),
            connect(port, None, None),
        ]

    assert answers_ == ["Success", "Not authorized", "Not authorized"]


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
