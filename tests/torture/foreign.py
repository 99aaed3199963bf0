"""Foreign: what our simulated devices say, as gateways of other makers put it."""

import json
from collections.abc import Callable
from typing import Any

from device_simulators.calendar import SECOND_US
from device_simulators.message import Message
from ingest.formats.times import microseconds

SOURCES = (
    '[[source]]\nid = "precomplaint"\nformat = "precomplaint"\n'
    '[[source]]\nid = "frigate"\nformat = "frigate"\n'
    '[[source]]\nid = "thingsboard"\nformat = "thingsboard"\nfilters = ["+/v1/gateway/telemetry"]\n'
    '[[source]]\nid = "senml"\nformat = "senml"\n'
)
"""The registry's sources: everything a town speaks."""


def thingsboard(site: str, message: Message) -> Message:
    """As a ThingsBoard gateway of the site publishes it."""
    device, samples = _said(message)
    said = [{"ts": at_us // 1_000, "values": values} for at_us, values in samples]
    return Message(f"{site}/v1/gateway/telemetry", json.dumps({device: said}).encode(), message.at_us)


def senml(_site: str, message: Message) -> Message:
    """As a pack of SenML, each record later than the first by its own time."""
    device, samples = _said(message)
    begin_us = samples[0][0]
    pack = [
        {"n": metric, "t": (at_us - begin_us) // SECOND_US, "v": value}
        for at_us, values in samples
        for metric, value in values.items()
    ]
    pack[0]["bt"] = begin_us // SECOND_US
    return Message(f"senml/{device}", json.dumps(pack).encode(), message.at_us)


def as_it_is(_site: str, message: Message) -> Message:
    """In our own words."""
    return message


WIRES: tuple[Callable[[str, Message], Message], ...] = (as_it_is, thingsboard, senml)
"""Which one a community's pump and pressure logger speak follows from its number."""


def _said(message: Message) -> tuple[str, list[tuple[int, dict[str, float]]]]:
    told: dict[str, Any] = json.loads(message.payload)
    return told["device"], [(_microseconds(sample["at"]), sample["values"]) for sample in told["samples"]]


def _microseconds(at: object) -> int:
    found = microseconds(at)  # type: ignore[arg-type]
    assert isinstance(found, int)
    assert found % SECOND_US == 0, "what these formats carry is coarser than a microsecond"
    return found
