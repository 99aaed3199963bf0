"""Message: what a device publishes, and when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT publication.

    Attributes:
        topic: Where it goes.
        payload: The bytes.
        at_us: When the device publishes it, microseconds since the epoch; nothing in the payload is later.
        retain: Whether the broker keeps it for those who subscribe later.
    """

    topic: str
    payload: bytes
    at_us: int
    retain: bool = False
