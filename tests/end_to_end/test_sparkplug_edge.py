"""A Sparkplug edge and ingest over a real broker: births, data, a restart of ours, a gap, a rebirth, a death."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from ingest.quarantine import Query, Reason
from ingest.readings import Batch
from ingest.registry import Device
from ingest.settings import IngestSettings
from ingest.sources import Source
from ingest.subscribe import Subscriber
from tests.ingest.community import NOW_US, SITE, FixedClock, community
from tests.ingest.fakes import TroubledLog
from tests.ingest.sparkplug_edge import Edge, metric
from tests.ingest.test_mqtt_link import listening as overhearing
from tests.servers import Mosquitto, wait_until

STATE = "spBv1.0/STATE/precomplaint"
PANELS = Source("panels", "sparkplug_b", options={"host_id": "precomplaint"})
PUMP = Device("pump-1", SITE, ("pump-1",), source="panels", address="lake/panel/pump")
REGISTRY = replace(community(), devices={PUMP.id: PUMP}, sources={PANELS.id: PANELS})
CURRENT = metric("current_a", alias=5, datatype=9, float_value=12.5)


class ConnectedEdge:
    """An edge with its own connection: it publishes at QoS 0, leaves its death as a will, and hears what is asked."""

    def __init__(self, port: int, edge: Edge) -> None:
        self.edge = edge
        self.heard: list[tuple[str, bytes]] = []
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.will_set(*edge.ndeath(), qos=1)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(f"spBv1.0/{edge.group}/NCMD/{edge.name}", 1), (STATE, 1)])
        self._client.loop_start()
        assert self._subscribed.wait(20)

    def say(self, message: tuple[str, bytes]) -> None:
        """Publish, and return once it has left."""
        self._client.publish(*message, qos=0).wait_for_publish(20)

    def birth(self) -> None:
        """Be born, with the pump."""
        self.say(self.edge.nbirth())
        self.say(self.edge.message("DBIRTH", "pump", CURRENT))

    def measure(self, current_a: float) -> None:
        """Say one value, by alias."""
        self.say(self.edge.message("DDATA", "pump", metric(alias=5, float_value=current_a)))

    def states(self) -> list[bytes]:
        """What it heard of us, `true` or `false`, without what only repeats."""
        said = [payload.split(b":")[1].split(b",")[0] for topic, payload in self.heard if topic == STATE]
        return [one for one, _ in groupby(said)]

    def break_off(self) -> None:
        """Go without a goodbye, so that the broker says our will."""
        self._client.loop_stop()
        sock = self._client.socket()
        assert sock is not None
        sock.close()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))


@contextmanager
def listening(port: int, log: TroubledLog) -> Iterator[None]:
    """Ingest at work, until the block ends."""
    subscriber = Subscriber(IngestSettings(port=port), log, REGISTRY, FixedClock(NOW_US), log.quarantine)
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=subscriber.run, args=(stop, ready.set))
    thread.start()
    try:
        assert ready.wait(20)
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def batches(log: TroubledLog) -> list[Batch]:
    return [record.batch for record in log.read(0, 1_000)]


def said(log: TroubledLog) -> list[str]:
    """The events of the pump."""
    return [event.kind for batch in batches(log) for event in batch.events if event.device == PUMP.id]


def values(log: TroubledLog) -> list[float]:
    return [reading.value for batch in batches(log) for reading in batch.readings]


@pytest.mark.needs("mosquitto")
def test_a_session_survives_our_restart_and_a_gap_is_mended(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """What was missed while we were away leads to one request on the wire; the birth that answers it, to readings."""
    data = "spBv1.0/lake/DDATA/panel/pump"
    with closing(TroubledLog(tmp_path / "log.db")) as log, overhearing(mosquitto.port, data) as passing:
        with listening(mosquitto.port, log):
            connected = ConnectedEdge(mosquitto.port, Edge(NOW_US // 1_000 - 10_000))
            wait_until(lambda: [topic for topic, _ in connected.heard] == [STATE])
            connected.birth()
            connected.measure(13.0)
            wait_until(lambda: values(log) == [12.5, 13.0])
        with listening(mosquitto.port, log):
            connected.measure(14.0)
            wait_until(lambda: values(log) == [12.5, 13.0, 14.0])
        connected.measure(15.0)
        wait_until(lambda: len(passing) == 3)
        with listening(mosquitto.port, log):
            connected.measure(16.0)
            wait_until(lambda: [topic for topic, _ in connected.heard if topic != STATE])
            (refused,) = log.quarantine.find(Query())
            connected.birth()
            connected.measure(17.0)
            wait_until(lambda: sorted(values(log)) == [12.5, 12.5, 13.0, 14.0, 16.0, 17.0])
            connected.break_off()
            wait_until(lambda: said(log)[-1] == "device.offline")
        heard = said(log)
        waiting = log.quarantine.find(Query())

    assert [topic for topic, _ in connected.heard if topic != STATE] == ["spBv1.0/lake/NCMD/panel"]
    assert (refused.refusal.reason, waiting) == (Reason.NO_BIRTH, [])
    assert heard == ["device.online", "device.online", "device.offline"]


@pytest.mark.needs("mosquitto")
def test_edges_see_when_we_come_and_go(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Our state is said at each coming and going, in this order, and stays for an edge that connects later."""
    connected = ConnectedEdge(mosquitto.port, Edge(NOW_US // 1_000))
    with closing(TroubledLog(tmp_path / "log.db")) as log:
        for states in ([b"true"], [b"true", b"false", b"true"]):
            with listening(mosquitto.port, log):
                wait_until(lambda: connected.states() == states)  # noqa: B023 -- waited for at once
            wait_until(lambda: connected.states() == [*states, b"false"])  # noqa: B023 -- the same
    late = ConnectedEdge(mosquitto.port, Edge(NOW_US // 1_000, "lake/other"))
    wait_until(lambda: late.heard)
    for one in (connected, late):
        one.break_off()

    assert connected.states() == [b"true", b"false"] * 2
    assert late.heard == [(STATE, b'{"online":false,"timestamp":%d}' % (NOW_US // 1_000))]
