"""Elevator messages: published ones, and what the format makes of them in short."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ingest.formats.gbt24476 import Gbt24476Format
from ingest.formats.wire_format import Decoded, Message
from ingest.quarantine import Passed, Reason, Rejection
from ingest.readings import Event
from ingest.sources import NameMapping, Source

TOPIC = "elevator/MX1/up"
ARRIVAL_US = 1_764_000_000_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
FAULT = {
    "elevatorCode": "MXCS123123",
    "ST": "add",
    "D": "vUbpZQEeAAAAAQABBQAAAAAAAAoMK1k=",
    "TY": "SensorFault",
    "sensorType": "SINGLEBOX",
    "fault_type": "8",
    "faultId": "8454031169813413888",
    "time": "2024-03-07 15:46:54",
    "faultName": "非平层关人",
}
MONITOR = {
    "elevatorCode": "MX5264",
    "ST": "S",
    "D": "5euYZAEAAAAAAAAAAQAAAAABACwAAAA=",
    "TY": "M",
    "sensorType": "SINGLEBOX",
    "time": "2023-06-26 09:37:41",
}
PLATFORM = {
    "registerNumber": "31101151152008120001",
    "Service_Mode": 1,
    "Car_Status": 0,
    "Car_Direction": 0,
    "Door_Zone": True,
    "Car_Position": "1",
    "Passenger_Status": False,
    "Door_Close_Status": True,
    "Door_Status": 2,
    "samplingTime": "2024-04-26 17:29:00",
}
SINGLEBOX = {"layout.M": "maixin"}


def decode(said: Any, names: tuple[NameMapping, ...] = (), **options: str) -> Decoded | Message | Rejection | Passed:
    """What a source with these options makes of a message; a dot in an option's name is written as two underscores."""
    named = {name.replace("__", "."): value for name, value in options.items()}
    source = Source("elevators", "gbt24476", ("elevator/+/up",), options=named, names=names)
    route = Gbt24476Format(source).route(TOPIC)
    assert route is not None
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return route.decode(payload, ARRIVAL_US)


def part(said: Any, **options: Any) -> Decoded:
    """The one device's words."""
    message = decode(said, **options)
    assert isinstance(message, Message), message
    assert message.refused is None
    (only,) = message.parts
    return only


def readings(said: Any, **options: Any) -> dict[str, float]:
    return {reading.metric: reading.value for reading in part(said, **options).readings}


def event(said: Any, **options: Any) -> Event:
    (only,) = part(said, **options).events
    return only


def reason(said: Any, **options: Any) -> Reason:
    decoded = decode(said, **options)
    refused = decoded.refused if isinstance(decoded, Message) else decoded
    assert isinstance(refused, Rejection), refused
    return refused.reason


def shanghai_us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000
