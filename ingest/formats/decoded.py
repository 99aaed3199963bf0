"""Decoded: what every wire format makes of a payload, before anybody judges it."""

from dataclasses import dataclass

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
