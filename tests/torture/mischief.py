"""Mischief: messages that are wrong, each with the reason it must be refused for, and messages that are only odd."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from device_simulators.calendar import HOUR_US, SECOND_US
from ingest.formats.json_payload import MAX_PAYLOAD_BYTES
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.quarantine import Reason
from ingest.topics import telemetry_topic
from tests.torture.town import ANNEX, NEWCOMERS

METRIC = "pipe_vibration_um_s2"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when something is made up.

    Attributes:
        site: Whose publisher sends it.
        device: A device of the site that the registry knows.
        at_us: The moment it is sent, microseconds since the epoch.
        number: Unique in a run, so that no two payloads are equal.
    """

    site: str
    device: str
    at_us: int
    number: int

    @property
    def topic(self) -> str:
        """Where the device publishes."""
        return telemetry_topic(self.site, self.device)

    def telemetry(self, **other: Any) -> dict[str, Any]:
        """A sound message, but for what is said otherwise."""
        sample = {"at": self.at_us, "values": {METRIC: 400.0 + self.number % 100}}
        return {"v": 1, "device": self.device, "samples": [sample], **other}


Forgery = tuple[str, bytes]
"""Topic and payload."""


def _values(value: object, metric: str = METRIC) -> Callable[[Place], Forgery]:
    """A message whose only value is this one; its time makes it unique."""

    def made(place: Place) -> Forgery:
        sample = {"at": place.at_us * 1_000 + place.number % 1_000, "values": {metric: value}}
        return place.topic, json.dumps(place.telemetry(samples=[sample])).encode()

    return made


def _field(**other: Any) -> Callable[[Place], Forgery]:
    return lambda place: (place.topic, json.dumps(place.telemetry(**other) | {"units": {METRIC: "um/s2"}}).encode())


def _cut(place: Place) -> Forgery:
    return place.topic, json.dumps(place.telemetry()).encode()[:-2]


def _too_large(place: Place) -> Forgery:
    return place.topic, json.dumps(place.telemetry()).encode() + b" " * MAX_PAYLOAD_BYTES


def _too_deep(place: Place) -> Forgery:
    return place.topic, b'{"v":1,"device":"' + str(
        place.number
    ).encode() + b'","samples":' + b"[" * 20 + b"]" * 20 + b"}"


def _of(device: str) -> Callable[[Place], Forgery]:
    return lambda place: (place.topic, json.dumps(place.telemetry(device=device)).encode())


def _stranger(place: Place) -> Forgery:
    other = Place(place.site, f"stranger-{place.number % 7}", place.at_us, place.number)
    return other.topic, json.dumps(other.telemetry()).encode()


def _elsewhere(place: Place) -> Forgery:
    return telemetry_topic(ANNEX, place.device), json.dumps(place.telemetry()).encode()


def _from_next_year(place: Place) -> Forgery:
    ahead_us = place.at_us + 400 * 24 * HOUR_US
    return place.topic, encode_telemetry(place.device, [Sample(ahead_us + place.number, {METRIC: 400.0})])


def _yesterday(place: Place) -> Forgery:
    sample = {"at": f"yesterday, {place.number}", "values": {METRIC: 1.0}}
    return place.topic, json.dumps(place.telemetry(samples=[sample])).encode()


FORGERIES: dict[Reason, Callable[[Place], Forgery]] = {
    Reason.NOT_JSON: _cut,
    Reason.TOO_LARGE: _too_large,
    Reason.TOO_DEEP: _too_deep,
    Reason.UNKNOWN_FIELD: lambda place: (place.topic, json.dumps(place.telemetry(unit={METRIC: "g"})).encode()),
    Reason.UNKNOWN_VERSION: lambda place: (place.topic, json.dumps(place.telemetry(v=2)).encode()),
    Reason.WRONG_TYPE: lambda place: (place.topic, json.dumps(place.telemetry(samples=place.number)).encode()),
    Reason.TEXT_FOR_NUMBER: _values("312.4"),
    Reason.TEXT_FOR_BOOLEAN: _values("true"),
    Reason.COMMA_DECIMAL: _values("312,4"),
    Reason.NOT_FINITE: _values(float("nan")),
    Reason.UNKNOWN_METRIC: _values(1.0, "pressure_bar"),
    Reason.BAD_TIME: _yesterday,
    Reason.DEVICE_MISMATCH: _of("somebody-else"),
    Reason.UNKNOWN_DEVICE: _stranger,
    Reason.WRONG_SITE: _elsewhere,
    Reason.TOO_FAR_IN_FUTURE: _from_next_year,
}
"""A maker of messages that must be refused for this reason."""


def late(place: Place, dice: random.Random) -> Forgery:
    """A message so old that, whatever is done to the service, it is late when it arrives."""
    old_us = place.at_us - round(dice.uniform(5.0, 20.0) * HOUR_US)
    return place.topic, encode_telemetry(place.device, [Sample(old_us + place.number % 1_000, {METRIC: 400.0})])


def ahead(place: Place, dice: random.Random) -> Forgery:
    """A message of a device whose clock is a little fast."""
    at_us = place.at_us + round(dice.uniform(0.0, 45.0) * SECOND_US)
    return place.topic, encode_telemetry(place.device, [Sample(at_us + place.number % 1_000, {METRIC: 400.0})])


def impossible(place: Place) -> Forgery:
    """A message with a value that the metric can never have."""
    return place.topic, encode_telemetry(place.device, [Sample(place.at_us + place.number % 1_000, {METRIC: 1e12})])


def newcomer(place: Place) -> Forgery:
    """A message of a device that is not known yet, and will be."""
    name = NEWCOMERS[place.number % len(NEWCOMERS)]
    sample = Sample(place.at_us + place.number % 1_000, {METRIC: 400.0 + place.number % 100})
    return telemetry_topic(ANNEX, name), encode_telemetry(name, [sample])
