"""Publishers: who sends the messages at QoS 1, keeps what was not acknowledged, and sends it again."""

import threading
from collections import deque
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.servers import wait_until
from tests.torture.plan import Step

_RECONNECT_S = (0.05, 0.5)
_NOBODY = 0x10
"""MQTT 5.0, 3.4.2.1: the broker took the message and gave it to nobody. mosquitto 2.0.11 keeps the session of a shared
subscription over a restart and forgets the subscription, so until ingest has subscribed again it says this."""


class Publisher:
    """One connection to the broker; what it has sent is its own until the broker acknowledges it.

    paho keeps what is not acknowledged and sends it again after a lost connection, in order. What the broker gave to
    nobody, as MQTT 5 lets it say, is not acknowledged either.

    Args:
        name: Its client id.
        port: Of the broker.
    """

    def __init__(self, name: str, port: int) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[int, int] = {}
        self._early: dict[int, bool] = {}
        self._unheard: deque[int] = deque()
        self.acknowledged: set[int] = set()
        self.unheard = 0
        self._client = Client(CallbackAPIVersion.VERSION2, f"publisher-{name}", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.max_inflight_messages_set(0)
        self._client.max_queued_messages_set(0)
        self._client.reconnect_delay_set(*_RECONNECT_S)  # type: ignore[arg-type]
        self._client.on_publish = self._on_publish
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        wait_until(self._client.is_connected, what="the broker")

    @property
    def in_flight(self) -> int:
        """How many messages nobody has acknowledged yet."""
        return len(self._under_way) + len(self._unheard)

    def send(self, number: int, step: Step) -> None:
        """Hand a message to the broker, now or as soon as it is there.

        Args:
            number: Of the step.
            step: What to send.
        """
        message = step.message
        handed = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        with self._lock:
            # The answer can be quicker than this thread.
            if handed.mid in self._early:
                self._settle(number, heard=self._early.pop(handed.mid))
            else:
                self._under_way[handed.mid] = number

    def take_unheard(self) -> list[int]:
        """The numbers of the messages that nobody was there for; they are to be sent again."""
        with self._lock:
            numbers = list(self._unheard)
            self._unheard.clear()
        return numbers

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def _settle(self, number: int, *, heard: bool) -> None:
        if heard:
            self.acknowledged.add(number)
        else:
            self.unheard += 1
            self._unheard.append(number)

    def _on_publish(self, _client: Client, _data: Any, mid: int, code: Any, _properties: Any) -> None:
        with self._lock:
            number = self._under_way.pop(mid, None)
            if number is None:
                self._early[mid] = code.value != _NOBODY
            else:
                self._settle(number, heard=code.value != _NOBODY)
