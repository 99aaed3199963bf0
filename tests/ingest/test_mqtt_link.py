"""The connection: what we publish arrives, our will is said when we go, and filters change while messages flow."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.arrival import Arrival
from ingest.formats.wire_format import Publication
from ingest.mqtt_link import MqttLink
from ingest.settings import IngestSettings
from tests.ingest.brokers import SteadyMosquitto
from tests.ingest.community import FixedClock
from tests.servers import Mosquitto, wait_until

WILL = Publication("state/us", b"gone", qos=1, retain=True)
PROCESS = """
import contextlib, signal
from tests.ingest.test_mqtt_link import WILL, link
signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background has it ignored
with contextlib.suppress(KeyboardInterrupt), link({port}, "unused", will=WILL) as ours:
    print("open", flush=True)
    while ours.connected:
        ours.receive(1.0, 1)
"""
needs_mosquitto = pytest.mark.needs("mosquitto")


class GuardedMosquitto(SteadyMosquitto):
    """Refuses subscriptions to `secret/#`; its access list file would grant them and keep the messages back."""

    def _command(self) -> list[str]:
        command = super()._command()
        rules = {
            "defaultACLAccess": dict.fromkeys(("publishClientSend", "publishClientReceive", "unsubscribe"), True),
            "clients": [],
            "groups": [{"groupname": "all", "roles": [{"rolename": "guest"}]}],
            "roles": [
                {
                    "rolename": "guest",
                    "acls": [
                        {"acltype": "subscribePattern", "topic": "secret/#", "priority": 1, "allow": False},
                        {"acltype": "subscribePattern", "topic": "#", "priority": 0, "allow": True},
                    ],
                }
            ],
            "anonymousGroup": "all",
        }
        (self.folder / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
        config = Path(command[-1])
        (plugin,) = Path("/usr/lib").glob("*/mosquitto_dynamic_security.so")
        text = config.read_text(encoding="utf-8")
        config.write_text(f"{text}plugin {plugin}\nplugin_opt_config_file {self.folder}/rules.json\n", encoding="utf-8")
        return command


@contextmanager
def listening(port: int, topic_filter: str) -> Iterator[list[MQTTMessage]]:
    """What anybody else hears, as a list that grows until the block ends."""
    heard: list[MQTTMessage] = []
    ready = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.on_message = lambda _client, _data, message: heard.append(message)
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    client.subscribe(topic_filter, 1)
    client.loop_start()
    assert ready.wait(10)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def link(port: int, *filters: str, will: Publication | None = None, name: str = "us") -> Iterator[MqttLink]:
    """An open link, closed after the block."""
    made = MqttLink(IngestSettings(port=port, client_id=name), filters, FixedClock(), will)
    made.open()
    try:
        yield made
    finally:
        made.close()


def say(port: int, *topics: str, retain: bool = False) -> None:
    """Publish something to each topic, at QoS 1, and return once the broker has it."""
    with link(port, name="them") as them:
        them.publish([Publication(topic, b"hello", 1, retain) for topic in topics])
        with listening(port, "they/are/done") as done:
            them.publish([Publication("they/are/done", b"", 1)])
            wait_until(lambda: not them.receive(0.01, 10) and done)


def topics(link: MqttLink, until: str) -> list[str]:
    """The topics of what arrives, up to and without the one that ends it; everything is acknowledged."""
    found: list[Arrival] = []

    def ended() -> bool:
        arrivals = link.receive(0.1, 100)
        link.acknowledge(arrivals)
        found.extend(arrivals)
        return any(arrival.topic == until for arrival in found)

    wait_until(ended, what=until)
    return [arrival.topic for arrival in found if arrival.topic != until]


@needs_mosquitto
@pytest.mark.parametrize("qos", [0, 1])
def test_what_we_publish_arrives_in_order(mosquitto: Mosquitto, qos: int) -> None:
    """More messages than a client may have in flight arrive, complete and in order, with nothing but our own turns."""
    sent = [Publication("commands/a", f"{number}".encode() * 500, qos) for number in range(100)]
    with listening(mosquitto.port, "commands/#") as heard, link(mosquitto.port, "unused") as ours:
        ours.publish(sent)
        wait_until(lambda: not ours.receive(0.01, 10) and len(heard) == len(sent))

    assert [message.payload for message in heard] == [one.payload for one in sent]


@needs_mosquitto
def test_what_is_retained_stays(mosquitto: Mosquitto) -> None:
    """A retained message of ours is there for who comes later."""
    with link(mosquitto.port, "unused") as ours:
        ours.publish([Publication("state/us", b"here", 1, retain=True)])
    with listening(mosquitto.port, "state/us") as heard:
        wait_until(lambda: heard)

    assert [(message.payload, message.retain) for message in heard] == [(b"here", True)]


@needs_mosquitto
def test_without_a_connection_nothing_is_published(mosquitto: Mosquitto) -> None:
    """What cannot be sent is left out, not kept for some later connection."""
    ours = MqttLink(IngestSettings(port=mosquitto.port, client_id="us"), (), FixedClock())
    ours.publish([Publication("state/us", b"too early", 1)])
    with listening(mosquitto.port, "state/us") as heard:
        ours.open()
        ours.publish([Publication("state/us", b"now", 1)])
        wait_until(lambda: not ours.receive(0.01, 10) and heard)
        ours.close()

    assert [message.payload for message in heard] == [b"now"]


@needs_mosquitto
@pytest.mark.parametrize("killed", [True, False])
def test_our_will_is_said_when_we_go(mosquitto: Mosquitto, *, killed: bool) -> None:
    """Killed or stopped, the others hear our will once, and it stays for those who come later."""
    with listening(mosquitto.port, WILL.topic) as heard:
        child = subprocess.Popen([sys.executable, "-c", PROCESS.format(port=mosquitto.port)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"open\n"
        assert heard == []
        child.send_signal(signal.SIGKILL if killed else signal.SIGINT)
        child.communicate(timeout=20)
        wait_until(lambda: heard)
    with listening(mosquitto.port, WILL.topic) as later:
        wait_until(lambda: later)

    assert [message.payload for message in heard] == [b"gone"]
    assert [(message.payload, message.retain) for message in later] == [(b"gone", True)]


@needs_mosquitto
def test_another_will_counts_from_the_next_opening(mosquitto: Mosquitto) -> None:
    """A will that carries a time can be renewed before each connection, and before the goodbye."""
    with listening(mosquitto.port, WILL.topic) as heard, link(mosquitto.port, "unused", will=WILL) as ours:
        ours.will = Publication(WILL.topic, b"later", 1, retain=True)
        ours.close()
        wait_until(lambda: heard)
        ours.will = None

    assert [message.payload for message in heard] == [b"later"]


@needs_mosquitto
def test_filters_change_while_messages_flow(mosquitto: Mosquitto) -> None:
    """A new filter brings its retained messages, a dropped one brings nothing, one that stays brings no second copy."""
    say(mosquitto.port, "stays/retained", "new/retained", retain=True)
    with link(mosquitto.port, "stays/#", "goes/#", "end") as ours:
        say(mosquitto.port, "end")
        before = topics(ours, "end")
        say(mosquitto.port, "stays/1")
        ours.resubscribe(["stays/#", "new/#", "end"])
        say(mosquitto.port, "goes/1", "new/1", "stays/2", "end")
        after = topics(ours, "end")

    assert before == ["stays/retained"]
    assert sorted(after) == ["new/1", "new/retained", "stays/1", "stays/2"]


@needs_mosquitto
def test_what_was_dropped_while_away_is_unsubscribed_later(mosquitto: Mosquitto) -> None:
    """The broker keeps a subscription longer than a connection; dropping it must reach the broker all the same."""
    with link(mosquitto.port, "stays/#", "goes/#", "end") as ours:
        ours.close()
        ours.resubscribe(["stays/#", "end"])
        ours.open()
        say(mosquitto.port, "goes/1", "stays/1", "end")

        assert topics(ours, "end") == ["stays/1"]


@needs_mosquitto
def test_a_refused_filter_leaves_the_others(tmp_path: Path) -> None:
    """What the broker's access rules forbid is named; the connection and the other filters go on."""
    server = GuardedMosquitto(tmp_path)
    server.start()
    try:
        with link(server.port, "end") as ours:
            ours.resubscribe(["end", "allowed/#", "secret/#"])
            ours.close()
            ours.open()
            denied = list(ours.denied)
            say(server.port, "allowed/1", "secret/1", "end")

            assert (denied, topics(ours, "end")) == (["secret/#"], ["allowed/1"])
    finally:
        server.stop()


@needs_mosquitto
def test_members_of_a_group_share_what_comes(mosquitto: Mosquitto) -> None:
    """Each message reaches one member of the group, and both have a part in it; what is retained reaches none."""
    say(mosquitto.port, "readings/retained", retain=True)
    shared = "$share/ingest/readings/#"
    with (
        link(mosquitto.port, shared, "end", name="one") as one,
        link(mosquitto.port, shared, "end", name="two") as two,
    ):
        sent = [f"readings/{number}" for number in range(50)]
        say(mosquitto.port, *sent)
        say(mosquitto.port, "end")
        first, second = topics(one, "end"), topics(two, "end")

    assert sorted(first + second) == sorted(sent)
    assert first
    assert second
