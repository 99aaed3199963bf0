"""Arrival: a message as the broker handed it over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message in hand.

    Attributes:
        topic: Where it was published.
        payload: As published.
        received_us: By the service's clock, microseconds since the epoch.
        retained: The broker kept it from an earlier time.
        qos: 0 or 1; only 1 is acknowledged, and redelivered if it is not.
        number: The broker's packet identifier for it, on its connection; 0 for QoS 0.
        connection: Which connection it came on; an acknowledgement on another one would mean another message.
    """

    topic: str
    payload: bytes
    received_us: int
    retained: bool = False
    qos: int = 0
    number: int = 0
    connection: int = 0
