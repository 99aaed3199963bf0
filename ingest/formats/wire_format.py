"""Wire format: the Protocol of the formats devices speak, and what each makes of a message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ingest.quarantine import Passed, Rejection
from ingest.readings import Event, Reading, Still


@dataclass(frozen=True, slots=True)
class Decoded:
    """One message in our words; no quality flag is set yet.

    Attributes:
        device: The device that speaks.
        readings: In the order of the message.
        events: In the order of the message.
        stills: At most one.
    """

    device: str
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    stills: tuple[Still, ...] = ()


Decode = Callable[[bytes, int], Decoded | Rejection | Passed]
"""From payload and arrival (microseconds since the epoch) to what it says. Must not raise."""


@dataclass(frozen=True, slots=True)
class Route:
    """How messages of one topic are decoded.

    Attributes:
        decode: For this topic.
        site: The site the topic names; empty where the format's topics name none.
    """

    decode: Decode
    site: str = ""


class WireFormat(Protocol):
    """One format a file; `ingest.decode.wire_formats` lists them."""

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters to subscribe to."""
        ...

    def route(self, topic: str) -> Route | None:
        """How to decode messages of this topic, or None if the topic is not of this format."""
        ...
