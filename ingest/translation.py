"""Translation: a foreign message's names, units and values as readings in our words."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.metrics import METRICS
from ingest.quarantine import Reason, Rejection
from ingest.readings import Reading
from ingest.sources import NameMapping, Source
from ingest.units import conversion

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_SWITCH = {"true": 1.0, "on": 1.0, "yes": 1.0, "false": 0.0, "off": 0.0, "no": 0.0}
# Names times devices; a device that makes names up must cost no memory.
_KEPT = 20_000
_LONGEST_KEPT = 512
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Value:
    """One named value of a message, as the format found it.

    Attributes:
        name: As a `NameMapping` would call it.
        at_us: Device time, microseconds since the epoch.
        value: A number, a boolean, a text, or None where the device has nothing to say.
        unit: If the message itself says it (SenML does); empty if not.
    """

    name: str
    at_us: int
    value: object
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Translated:
    """What became of a message's values.

    Attributes:
        readings: In the order of the message.
        unmapped: Names that nobody has said the meaning of, each once, in order.
    """

    readings: tuple[Reading, ...]
    unmapped: tuple[str, ...] = ()


class Translation:
    """What the names of one source mean.

    A name that is mapped to no metric is left out, one that is neither mapped nor a metric of ours is reported. The
    text of a number is a number here, because gateways send it so; our own format refuses it.

    Args:
        source: Whose names.
    """

    def __init__(self, source: Source) -> None:
        self._mappings = {(mapping.address, mapping.name): mapping for mapping in source.names}
        self._known: dict[tuple[str, str, str], tuple[str, float, float] | Rejection | None] = {}

    def readings(self, address: str, values: Iterable[Value]) -> Translated | Rejection:
        """The readings of one device's values, or why the whole message is refused.

        Args:
            address: What the device calls itself on the wire; the readings carry it as their device.
            values: In the order of the message.
        """
        readings: list[Reading] = []
        unmapped: dict[str, None] = {}
        for value in values:
            meaning = self._meaning(address, value.name, value.unit)
            if isinstance(meaning, Rejection):
                return meaning
            if meaning is None:
                unmapped[value.name] = None
                continue
            metric, scale, offset = meaning
            if not metric or value.value is None:
                continue
            number = _number(value.value)
            if isinstance(number, Reason):
                return Rejection(
                    number, f"{value.name[:_SHOWN]}: {str(value.value)[:_SHOWN]!r} is no number for {metric}"
                )
            number = number * scale + offset
            if not math.isfinite(number):
                return Rejection(Reason.NUMBER_TOO_LARGE, f"{value.name[:_SHOWN]} is no finite number of {metric}")
            readings.append(Reading(address, metric, value.at_us, number))
        return Translated(tuple(readings), tuple(unmapped))

    def _meaning(self, address: str, name: str, unit: str) -> tuple[str, float, float] | Rejection | None:
        key = (address, name, unit)
        if key in self._known:
            return self._known[key]
        meaning = self._looked_up(address, name, unit)
        if len(address) + len(name) + len(unit) <= _LONGEST_KEPT:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = meaning
        return meaning

    def _looked_up(self, address: str, name: str, unit: str) -> tuple[str, float, float] | Rejection | None:
        mapping = self._mappings.get((address, name)) or self._mappings.get(("", name))
        if mapping is None:
            if name not in METRICS:
                return None
            mapping = NameMapping(name, name)
        if not mapping.metric:
            return "", 1.0, 0.0
        metric = METRICS.get(mapping.metric)
        if metric is None:
            return Rejection(
                Reason.UNKNOWN_METRIC, f"{name[:_SHOWN]} is mapped to {mapping.metric!r}, which does not exist"
            )
        sent_in = mapping.unit or unit or metric.unit
        found = conversion(metric.unit, sent_in)
        if found is None:
            return Rejection(
                Reason.UNKNOWN_UNIT, f"{name[:_SHOWN]}: {metric.name} is in {metric.unit}; not from {sent_in[:32]!r}"
            )
        return metric.name, mapping.scale * found.scale, mapping.offset * found.scale + found.offset


def _number(value: object) -> float | Reason:
    """A value as a finite number, or why it is none."""
    match value:
        case bool() | int() | float():
            try:
                number = float(value)
            except OverflowError:
                return Reason.NUMBER_TOO_LARGE
            return number if math.isfinite(number) else Reason.NOT_FINITE
        case str():
            return _number_of_text(value.strip())
    return Reason.WRONG_TYPE


def _number_of_text(text: str) -> float | Reason:
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else Reason.NOT_FINITE
    if _COMMA.fullmatch(text):
        return Reason.COMMA_DECIMAL
    return _SWITCH.get(text.lower(), Reason.TEXT_FOR_NUMBER)
