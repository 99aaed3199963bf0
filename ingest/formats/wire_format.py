"""Wire format: the Protocol of the formats devices speak, and what each makes of a message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ingest.quarantine import Passed, Query, Rejection
from ingest.readings import Event, Reading, Still


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one device says in a message, in our words; no quality flag is set yet.

    Attributes:
        device: What the device calls itself on the wire; the registry says whose address that is. The records name
            the same.
        readings: In the order of the message.
        events: In the order of the message.
        stills: At most one.
        unmapped: Names nobody has said the meaning of. The rest is taken; the message waits in quarantine for them.
    """

    device: str
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    stills: tuple[Still, ...] = ()
    unmapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """A message of ours to a device or its gateway."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is more than one device's words; a `Decoded` alone stands for one that is not.

    Attributes:
        parts: One a device; several for a gateway.
        identity: What makes it the same message when it comes again; empty: topic and payload. A message without a
            time of its own must have its arrival here, or the same value a minute later would be taken for it.
        asks: What to publish in answer, once the message is stored.
        keeps: What the format must find again after a restart, by key; None forgets the key.
        refused: Why the message goes to quarantine all the same (asks and keeps hold).
        wakes: Messages of the same source in quarantine that can be read now; they are replayed soon after this one.
    """

    parts: tuple[Decoded, ...] = ()
    identity: bytes = b""
    asks: tuple[Publication, ...] = ()
    keeps: Mapping[str, bytes | None] = field(default_factory=dict)
    refused: Rejection | None = None
    wakes: Query | None = None


Decode = Callable[[bytes, int], Decoded | Message | Rejection | Passed]
"""From payload and arrival (microseconds since the epoch) to what it says. Must not raise. Called once an arrival."""


@dataclass(frozen=True, slots=True)
class Route:
    """How messages of one topic are decoded.

    Attributes:
        decode: For this topic.
        site: The site the topic names; empty where the format's topics name none.
        again: For a message out of quarantine, whose arrival is long ago: must not touch what the format keeps; None:
            `decode`, for formats that keep nothing.
    """

    decode: Decode
    site: str = ""
    again: Decode | None = None


class WireFormat(Protocol):
    """One format a file, made for one source; `ingest.decode.FORMATS` lists them."""

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters to subscribe to: the source's, else those the format is known for."""
        ...

    def route(self, topic: str) -> Route | None:
        """How to decode messages of this topic, or None if the topic is not of this source."""
        ...


@runtime_checkable
class KeepingFormat(WireFormat, Protocol):
    """A format that asks to keep something with `Message.keeps`; several processes may each hear a share."""

    def restore(self, kept: Mapping[str, bytes]) -> None:
        """Take up what `Message.keeps` asked to keep; called once, before the first message."""
        ...


@runtime_checkable
class SessionFormat(KeepingFormat, Protocol):
    """A format whose devices keep a session with us: one process hears all of them, never a share."""

    def greeting(self, now_us: int) -> tuple[Publication, ...]:
        """What to publish each time the broker has let us in."""
        ...

    def farewell(self, now_us: int) -> Publication | None:
        """What the broker is to publish for us when we are gone."""
        ...
