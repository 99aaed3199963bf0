"""Readings: the records that leave ingest (readings, events, stills) and the batch that holds them."""

from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any


class Quality(IntFlag):
    """What is known against a record; 0 is good. Flags are set once, when ingest judges, and never change."""

    GOOD = 0
    LATE = 1
    """Older than the lateness bound allowed when it arrived: stored, never scored."""
    CLOCK_AHEAD = 2
    """Dated after its arrival: scored, but it does not move the site's watermark."""
    OUT_OF_RANGE = 4
    """Outside what the metric can physically be: stored, never scored."""
    JUMP = 8
    """Changed faster than the metric can. This flag and those below are judged in the order of arrival, so they tell
    people about a sensor and never decide what is scored; `sensor.fault` judges the same in event time."""
    STUCK = 16
    """The same raw value for longer than the metric ever keeps still."""
    AFTER_GAP = 32
    """The first after a silence longer than its device's usual."""
    REPEATED = 64
    """Another value for a moment that has one already; the first one counts."""


UNSCORED = Quality.LATE | Quality.OUT_OF_RANGE
"""A record with any of these flags is history only; live scoring and replay both skip it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one metric of one device.

    Attributes:
        device: The device's id.
        metric: A name from `ingest.metrics`, which carries the unit (`pressure_kpa`).
        at_us: Device time, microseconds since the epoch, UTC.
        value: In the metric's unit; always finite. Booleans are 0.0 and 1.0.
        quality: Flags of `Quality`; 0 is good.
    """

    device: str
    metric: str
    at_us: int
    value: float
    quality: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something a device said happened.

    Attributes:
        device: The device's id (for a camera event, the camera).
        kind: Dotted kind, such as `camera.object` or `elevator.fault`.
        at_us: Device time, microseconds since the epoch, UTC.
        attributes: JSON object, in the words of the format that decoded it; each format's docstring lists the keys.
        quality: Flags of `Quality`; 0 is good.
    """

    device: str
    kind: str
    at_us: int
    attributes: dict[str, Any] = field(default_factory=dict)
    quality: int = 0


@dataclass(frozen=True, slots=True)
class Still:
    """One JPEG a camera published; MQTT gives it no time of its own, so `at_us` is when it arrived.

    Attributes:
        device: The camera.
        label: What the camera says it shows (`car`).
        at_us: Arrival by the service's clock, microseconds since the epoch.
        jpeg: The bytes as published.
        sha256: Hex digest of `jpeg`; evidence refers to stills by it.
    """

    device: str
    label: str
    at_us: int
    jpeg: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One message from one device, decoded, judged and ready for the log.

    Attributes:
        site: The site the device belongs to.
        device: The device that published.
        received_us: Arrival by the service's clock, microseconds since the epoch.
        readings: In the order the message held them.
        events: In the order the message held them.
        stills: JPEGs, for a camera's snapshot topic.
    """

    site: str
    device: str
    received_us: int
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    stills: tuple[Still, ...] = ()
