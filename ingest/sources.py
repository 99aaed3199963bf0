"""Sources: which wire format a topic filter speaks, and what the names in it mean in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NameMapping:
    """What one name of a foreign format means: reading = (value * scale + offset), converted from `unit`.

    Attributes:
        name: As the format gives it; each format's docstring says how it makes names (`Pressure`,
            `Temperature.value`).
        metric: A name of `ingest.metrics`; empty: known, and not wanted.
        unit: What the value is in, a name of `ingest.units`; empty: what the message says, else the metric's own.
        scale: For transmitters that send counts or milliamperes.
        offset: Added after scaling.
        address: The one device this holds for; empty: every device of the source that has no mapping of its own.
    """

    name: str
    metric: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    address: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who publishes in one wire format: a gateway, a cloud bridge, a camera server.

    Attributes:
        id: Unique; a person's word for it.
        format: A name of `ingest.decode.FORMATS`.
        filters: MQTT topic filters it publishes under; empty: those the format is known for.
        site: Where devices stand that are met here for the first time; empty where topics or devices say it.
        address: The device that speaks, where neither topic nor message names one (ThingsBoard's device topic).
        options: What the format itself must be told, by name; each format's docstring lists them.
        names: What its names mean. A name that is one of our metrics needs no mapping.
    """

    id: str
    format: str
    filters: tuple[str, ...] = ()
    site: str = ""
    address: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    names: tuple[NameMapping, ...] = ()


DEFAULT_SOURCES = (Source("precomplaint", "precomplaint"), Source("frigate", "frigate"))
"""What is listened to where a registry names no source."""
