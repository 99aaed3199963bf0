"""Publishers: who sends the messages at QoS 1, keeps what was not acknowledged, and sends it again."""

import threading
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.servers import wait_until
from tests.torture.plan import Step

_RECONNECT_S = (0.05, 0.5)


class Publisher:
    """One connection to the broker; what it has sent is its own until the broker acknowledges it.

    paho keeps what is not acknowledged and sends it again after a lost connection, in order.

    Args:
        name: Its client id.
        port: Of the broker.
    """

    def __init__(self, name: str, port: int) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[int, int] = {}
        self._early: set[int] = set()
        self.sent = 0
        self.acknowledged: set[int] = set()
        self._client = Client(CallbackAPIVersion.VERSION2, f"publisher-{name}", protocol=MQTTProtocolVersion.MQTTv311)
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
        return len(self._under_way)

    def send(self, number: int, step: Step) -> None:
        """Hand a message to the broker, now or as soon as it is there.

        Args:
            number: Of the step.
            step: What to send.
        """
        message = step.message
        self.sent += 1
        handed = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        with self._lock:
            # The answer can be quicker than this thread.
            if handed.mid in self._early:
                self._early.discard(handed.mid)
                self.acknowledged.add(number)
            else:
                self._under_way[handed.mid] = number

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_publish(self, _client: Client, _data: Any, mid: int, _code: Any, _properties: Any) -> None:
        with self._lock:
            number = self._under_way.pop(mid, None)
            if number is None:
                self._early.add(mid)
            else:
                self.acknowledged.add(number)
