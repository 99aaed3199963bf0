"""MQTT link: one connection to the broker with a persistent session; the only file that knows paho."""

import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.arrival import Arrival
from ingest.buffered_socket import BufferedSocket
from ingest.clock import Clock
from ingest.errors import BrokerRefusedError
from ingest.formats.wire_format import Publication
from ingest.packets import PacketSplitter
from ingest.settings import IngestSettings

_ANSWER_S = 10.0
_TURN_S = 0.1
_PROTOCOLS = {
    # amqtt 0.12 takes MQTT 5's properties for the beginning of a longer packet and waits for the rest in silence.
    MQTTProtocolVersion.MQTTv5: 3.0,
    MQTTProtocolVersion.MQTTv311: _ANSWER_S,
}
"""What is tried, in this order, and how long an answer may take, in seconds."""
_MQTT5_ONLY = {MQTTProtocolVersion.MQTTv5: _ANSWER_S}
_NAMES = {MQTTProtocolVersion.MQTTv5: "MQTT 5", MQTTProtocolVersion.MQTTv311: "MQTT 3.1.1"}
_UNSUPPORTED_PROTOCOL = 132  # MQTT 5.0, table 2-6
_PUBACK = struct.Struct("!BBH")  # MQTT 5.0, 3.4: type, remaining length, packet identifier; no reason code is success
_PUBACK_START = (0x40, 2)
_SHARED = "$share/"  # MQTT 5.0, 4.8.2


class _Client(Client):
    """paho, reading and writing through a `BufferedSocket`."""

    def __init__(self, splitter: PacketSplitter, **how: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, manual_ack=True, **how)
        self._splitter = splitter
        self.buffered: BufferedSocket | None = None

    def _create_socket(self) -> BufferedSocket:
        # The one private member of paho that we touch: there is no public way to give it a socket. Through its own it
        # takes three system calls to read a message, one to acknowledge it, and 25 us in between.
        made = super()._create_socket()
        assert isinstance(made, socket.socket)  # noqa: S101 -- plain TCP is all we configure
        self.buffered = BufferedSocket(made, self._splitter)
        return self.buffered


class MqttLink:
    """A connection that hands out messages and acknowledges them when told to; it has no thread.

    Args:
        settings: Where the broker is, and who we are.
        filters: What to subscribe to, at QoS 1; `$share/{group}/{filter}` shares it with the others of the group.
        clock: Dates the arrivals.
        will: What others shall hear when we are gone, see `will`.

    Attributes:
        will: The broker publishes it if the connection breaks, `close` publishes it itself. What is set here counts
            from the next `open` for the broker, at once for `close`.
        protocol: What is spoken, `MQTT 5` or `MQTT 3.1.1`.
        session_kept: Whether the broker still had our session when it let us in.
        lost_because: Why the last connection broke.
        denied: Filters the broker does not let us subscribe to at QoS 1, with its answer; the others go on.
    """

    def __init__(
        self, settings: IngestSettings, filters: Sequence[str], clock: Clock, will: Publication | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._filters = tuple(filters)
        self._unwanted: set[str] = set()
        self.will = will
        self._protocols = _PROTOCOLS
        self._client: _Client | None = None
        self._inbox: list[Arrival] = []
        self._connection = 0
        self._answer: ReasonCode | None = None
        self._granted: Sequence[ReasonCode] | None = None
        self.protocol = ""
        self.session_kept = False
        self.lost_because = ""
        self.denied: dict[str, str] = {}

    @property
    def connected(self) -> bool:
        """Whether the connection stands, as far as we know."""
        return self._client is not None and self._client.is_connected()

    def open(self) -> None:
        """Connect and subscribe, with MQTT 5 or, where the broker does not know it, 3.1.1.

        Raises:
            BrokerRefusedError: Nobody is there, it does not let us in, or not subscribe.
        """
        try:
            for protocol, answer_s in self._protocols.items():
                client = self._greeted(protocol, answer_s)
                if client is not None:
                    self.denied = {}
                    self._subscribe(client, self._filters)
                    self._drop(client)
                    self.protocol = _NAMES[protocol]
                    # A broker that spoke MQTT 5 once is only slow if it does not answer the next time.
                    self._protocols = _MQTT5_ONLY if protocol is MQTTProtocolVersion.MQTTv5 else _PROTOCOLS
                    return
                self.close()
            raise self._refused("it does not answer as an MQTT broker does")
        except BrokerRefusedError:
            self.close()
            raise

    def receive(self, wait_s: float, room: int) -> list[Arrival]:
        """The messages that have arrived, after at most `wait_s` seconds; empty if none has or the link is lost.

        Args:
            wait_s: How long to wait for the first, in seconds.
            room: No more are read once there are so many; what is beyond waits in the network. Some brokers
                (mosquitto 2.0.11) send more than the receive-maximum we asked for.
        """
        if self._client is not None:
            self._turn(self._client, wait_s, room)
        arrivals, self._inbox = self._inbox, []
        return arrivals

    def acknowledge(self, arrivals: Sequence[Arrival]) -> None:
        """Tell the broker that these are ours now, in one write; those of an earlier connection are left out."""
        buffered = self._client.buffered if self._client is not None else None
        if buffered is None or not self.connected:
            return
        # Written past paho: its ack() takes 5 us a message, and for a received QoS 1 message it keeps no state that
        # this could upset.
        current = self._connection
        numbers = [arrival.number for arrival in arrivals if arrival.qos and arrival.connection == current]
        buffered.send(b"".join([_PUBACK.pack(*_PUBACK_START, number) for number in numbers]))
        buffered.flush()

    def publish(self, publications: Sequence[Publication]) -> None:
        """Send messages of ours, in this order; they are lost where the connection is, so say again what matters."""
        client = self._client
        if client is None or client.buffered is None or not self.connected:
            return
        for one in publications:
            client.publish(one.topic, one.payload, one.qos, one.retain)
        client.buffered.flush()

    def resubscribe(self, filters: Sequence[str]) -> None:
        """Subscribe to what is new in `filters` and no longer to what is not in them; the rest goes on undisturbed.

        Without a connection this happens at the next `open`. Messages that arrive meanwhile wait for `receive`.

        Raises:
            BrokerRefusedError: It does not answer, or denies every filter.
        """
        wanted = tuple(dict.fromkeys(filters))
        new = tuple(one for one in wanted if one not in self._filters)
        self._unwanted = (self._unwanted | set(self._filters)) - set(wanted)
        self._filters = wanted
        if self._client is not None and self.connected:
            self.denied = {one: answer for one, answer in self.denied.items() if one in wanted}
            self._subscribe(self._client, new)
            self._drop(self._client)

    def close(self) -> None:
        """Say goodbye: publish the will ourselves, as the broker does not after a goodbye, and leave it the session."""
        if self.will is not None:
            self.publish([self.will])
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def give_up(self) -> bool:
        """Say goodbye for ever: the broker forgets the session; False, and all stays, if it still sends to it."""
        if self._client is None or not self.connected or self._unwanted:
            return False
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client = None
        return True

    def _greeted(self, protocol: MQTTProtocolVersion, answer_s: float) -> _Client | None:
        """A connected client, or None if the broker does not speak this protocol."""
        self._connection += 1
        client = self._make(protocol)
        self._client, self._answer, self._inbox = client, None, []
        mqtt5 = protocol is MQTTProtocolVersion.MQTTv5
        how: dict[str, Any] = {"clean_start": False, "properties": self._properties()} if mqtt5 else {}
        try:
            client.connect(self._settings.host, self._settings.port, self._settings.keepalive_s, **how)
        except OSError as error:
            raise self._refused(_words(error)) from error
        self._until(lambda: self._answer is not None, client, answer_s)
        if self._answer is None or self._answer.value == _UNSUPPORTED_PROTOCOL:
            return None
        if self._answer.is_failure:
            raise self._refused(str(self._answer).lower())
        return client

    def _drop(self, client: _Client) -> None:
        """Unsubscribe from what is no longer wanted; the broker keeps subscriptions longer than a connection.

        After subscribing to what is wanted instead: between the two nobody may be without a subscriber.
        """
        if self._unwanted:
            client.unsubscribe(sorted(self._unwanted))
            self._until(lambda: not self._unwanted, client, _ANSWER_S)  # unanswered, it is said again at the next open

    def _subscribe(self, client: _Client, filters: Sequence[str]) -> None:
        if not filters:
            return
        self._granted = None
        if client.protocol is MQTTProtocolVersion.MQTTv5:
            client.subscribe([(one, _options(one)) for one in filters])
        else:
            client.subscribe([(one, 1) for one in filters])
        self._until(lambda: self._granted is not None, client, _ANSWER_S)
        if self._granted is None:
            raise self._refused("it does not answer our subscription")
        for one, answer in zip(filters, self._granted, strict=False):
            if answer.is_failure or answer.value < 1:
                self.denied[one] = str(answer).lower()
        if self.denied.keys() >= set(self._filters):
            words = ", ".join(f"{one} ({answer})" for one, answer in self.denied.items())
            raise self._refused(f"it does not let us subscribe at QoS 1 to {words}")

    def _until(self, answered: Callable[[], bool], client: _Client, answer_s: float) -> None:
        # A network's time, not the service's: in a simulation a broker is no quicker to answer.
        deadline = time.monotonic() + answer_s
        while not answered() and client.socket() is not None and time.monotonic() < deadline:
            # A kept session sends before it answers the subscription, so there must always be room.
            self._turn(client, _TURN_S, len(self._inbox) + 1)

    def _turn(self, client: _Client, wait_s: float, room: int) -> None:
        """Read what there is, write what waits, and let paho look after its own packets and the keep-alive."""
        buffered = client.buffered
        if client.socket() is None or buffered is None:
            return
        waiting = [buffered] if buffered.has_unsent else []
        readable, _, _ = select.select([buffered], waiting, [], wait_s)
        while readable and len(self._inbox) < room:
            arrivals = buffered.arrivals(self._clock.now_us)
            self._inbox += arrivals
            if not arrivals:
                break
        while buffered.concerns_paho and client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            pass
        if client.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            buffered.flush()

    def _make(self, protocol: MQTTProtocolVersion) -> _Client:
        settings = self._settings
        # For MQTT 5 paho wants clean_session unset; clean_start at connect() says the same there.
        clean = None if protocol is MQTTProtocolVersion.MQTTv5 else False
        splitter = PacketSplitter(self._connection, mqtt5=protocol is MQTTProtocolVersion.MQTTv5)
        client = _Client(splitter, client_id=settings.client_id, clean_session=clean, protocol=protocol)
        if settings.username is not None:
            password = settings.password.get_secret_value() if settings.password else None
            client.username_pw_set(settings.username, password)
        if self.will is not None:
            client.will_set(self.will.topic, self.will.payload, self.will.qos, self.will.retain)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_disconnect = self._on_disconnect
        return client

    def _properties(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._settings.session_expiry_s
        properties.ReceiveMaximum = self._settings.receive_maximum
        return properties

    def _refused(self, reason: str) -> BrokerRefusedError:
        return BrokerRefusedError(self._settings.host, self._settings.port, reason)

    def _on_connect(
        self, _client: Client, _data: Any, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._answer = reason
        self.session_kept = flags.session_present

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self._granted = reasons

    def _on_unsubscribe(
        self, _client: Client, _data: Any, _mid: int, _reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self._unwanted = set()

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self.lost_because = str(reason).lower()


def _options(topic_filter: str) -> SubscribeOptions:
    # Retained messages only when the subscription is new: on every later connection we have had them. A shared
    # subscription never gets any (MQTT 5.0, 3.3.1.3), and some brokers refuse to be asked.
    shared = topic_filter.startswith(_SHARED)
    handling = SubscribeOptions.RETAIN_DO_NOT_SEND if shared else SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
    return SubscribeOptions(qos=1, retainHandling=handling)


def _words(error: OSError) -> str:
    """Why no connection came about, without the library's numbers."""
    match error:
        case ConnectionRefusedError():
            return "nothing listens there"
        case socket.gaierror():
            return "the host name is not known"
        case TimeoutError():
            return "it does not answer"
    return error.strerror or str(error)
