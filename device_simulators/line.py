"""Line: a connection to a broker that keeps what is not acknowledged; the one place that knows paho."""

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from device_simulators.errors import BrokerRefusedError, BrokerUnreachableError, MessageNotTakenError
from device_simulators.message import Message

_TICK_S = 0.05
_ANSWER_WITHIN_S = 10.0
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to publish, and as whom.

    Attributes:
        host: Address.
        port: TCP port.
        username: None for an anonymous client.
        password: With it.
        client_id: Unique among the broker's clients.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str = "precomplaint-simulator"


class Line:
    """A connection that keeps what is not acknowledged and comes back by itself; paho's types stay in here.

    MQTT 3.1.1, because every broker speaks it.
    """

    def __init__(self, broker: Broker, in_flight: int) -> None:
        self._broker = broker
        self._in_flight = in_flight
        self._changed = threading.Condition()
        self._refusal = ""
        self.connected = False
        self.sent = 0
        self.acknowledged = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, broker.client_id, clean_session=True)
        if broker.username is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.max_inflight_messages_set(0)  # bounded here, where one can wait
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish

    def __enter__(self) -> Self:
        where = self._broker
        try:
            self._client.connect(where.host, where.port, keepalive=30)
        except OSError as error:
            raise BrokerUnreachableError(where.host, where.port, error.strerror or str(error)) from error
        self._client.loop_start()
        with self._changed:
            self._changed.wait_for(lambda: self.connected or self._refusal, _ANSWER_WITHIN_S)
        if not self.connected:
            self._hang_up()
            if self._refusal:
                raise BrokerRefusedError(where.host, where.port, self._refusal)
            raise BrokerUnreachableError(where.host, where.port, "it accepts and says nothing")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, message: Message, within_s: float) -> bool:
        """Hand over a message; False if within that time there was no connection or no room."""
        with self._changed:
            if not self._changed.wait_for(self._may_send, within_s):
                return False
            self.sent += 1
        # Outside the lock: paho holds its own while it calls back.
        handed = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        # Without a connection it is kept and sent on the next one.
        if handed.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            raise MessageNotTakenError(message.topic, str(handed.rc))
        return True

    def all_acknowledged(self) -> bool:
        """Whether nothing is in flight."""
        return self.acknowledged >= self.sent

    def drain(self, stop: threading.Event) -> None:
        """Wait until all is acknowledged; once stopped, for five seconds more."""
        deadline_s: float | None = None
        with self._changed:
            while not self._changed.wait_for(self.all_acknowledged, _TICK_S):
                if stop.is_set():
                    deadline_s = deadline_s or time.monotonic() + _GRACE_S
                    if time.monotonic() > deadline_s:
                        return

    def _may_send(self) -> bool:
        return self.connected and self.sent - self.acknowledged < self._in_flight

    def _hang_up(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _client: mqtt.Client, _data: Any, _flags: Any, code: Any, _more: Any) -> None:
        with self._changed:
            self.connected = not code.is_failure
            self._refusal = str(code) if code.is_failure else ""
            self._changed.notify_all()

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, _code: Any, _more: Any) -> None:
        with self._changed:
            self.connected = False
            self._changed.notify_all()

    def _on_publish(self, _client: mqtt.Client, _data: Any, _mid: int, _code: Any, _more: Any) -> None:
        with self._changed:
            self.acknowledged += 1
            self._changed.notify_all()
