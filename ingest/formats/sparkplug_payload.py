"""Sparkplug payload: what a Sparkplug B message holds, read from its bytes within bounds, and the one we write."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from ingest.formats.json_payload import MAX_NAME, MAX_PAYLOAD_BYTES
from ingest.formats.protobuf_wire import BrokenMessageError, WireType, bytes_field, fields, varint_field
from ingest.quarantine import Reason, Rejection

MAX_METRICS = 5_000  # chosen by: what fits in the largest payload at 50 bytes a metric, as births are written
_COMPRESSED = "SPBV1.0_COMPRESSED"  # Eclipse Tahu's mark of a payload whose body is another one, deflated
_UINT32 = 2**32 - 1
_UINT64 = 2**64 - 1


Held = float | bool | str | None
"""What a metric holds, of all that could be a reading or a text."""


class DataType(IntEnum):
    """The types whose values can be readings, and those that are text. Source: Sparkplug 3.0.0, 6.4.16."""

    UNKNOWN = 0
    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATE_TIME = 13
    TEXT = 14
    UUID = 15


_SIGNED = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
_UNSIGNED = {DataType.UINT8: 8, DataType.UINT16: 16, DataType.UINT32: 32, DataType.UINT64: 64, DataType.DATE_TIME: 64}


class Kind(IntEnum):
    """The fields of a metric that hold its value; numbers of the protocol."""

    NONE = 0
    INT = 10
    LONG = 11
    FLOAT = 12
    DOUBLE = 13
    BOOLEAN = 14
    STRING = 15
    OTHER = 16
    """Bytes, data sets, templates and extensions: nothing that could be a reading."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a message, as it stands there.

    Attributes:
        name: Empty where the alias stands for it.
        alias: None: it has none.
        timestamp_ms: When it was measured; 0: not said.
        datatype: A number of `DataType` or above; 0: not said.
        historical: It was measured earlier and kept back.
        null: The device has nothing to say.
        unit: The property `engUnit`; empty: not said.
        quality: The property `Quality` (0 bad, 192 good, 500 stale); None: not said, which means good.
        kind: Where the value stands.
        value: Integers unsigned, whatever their type: see `meant`.
    """

    name: str = ""
    alias: int | None = None
    timestamp_ms: int = 0
    datatype: int = 0
    historical: bool = False
    null: bool = False
    unit: str = ""
    quality: int | None = None
    kind: Kind = Kind.NONE
    value: Held = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: when it was sent (0: not said), its place in the sequence, its metrics."""

    timestamp_ms: int
    seq: int | None
    metrics: tuple[Metric, ...]


_FLOATS = {Kind.FLOAT: "<f", Kind.DOUBLE: "<d"}
_VARINT, _BYTES = WireType.VARINT, WireType.BYTES
_EXPECTED = {1: _VARINT, 2: _BYTES, 3: _VARINT, 4: _BYTES}
_METRIC_EXPECTED = {
    **dict.fromkeys((2, 3, 4, 5, 6, 7, Kind.INT, Kind.LONG, Kind.BOOLEAN), _VARINT),
    **dict.fromkeys((1, 9, Kind.STRING, 16, 17, 18, 19), _BYTES),
    Kind.FLOAT: WireType.FIXED32,
    Kind.DOUBLE: WireType.FIXED64,
}


def parse(payload: bytes) -> Payload | Rejection:
    """What a message holds, or why it is refused. What is not part of the protocol is left out.

    Source:
        Sparkplug 3.0.0, 6.4.1; the field numbers are DOMAIN 5.3's.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Rejection(Reason.TOO_LARGE, f"the payload has {len(payload)} bytes; the limit is {MAX_PAYLOAD_BYTES}")
    try:
        return _payload(payload)
    except BrokenMessageError as error:
        return Rejection(Reason.NOT_PROTOBUF, f"the payload is no Sparkplug B message: {error}")


def meant(metric: Metric, datatype: int) -> Held | Rejection:
    """The value of a metric in its own type, None if it is none that a reading could hold, or why it is refused.

    Args:
        metric: As parsed.
        datatype: Its type, from the message or the birth.

    Source:
        Sparkplug 3.0.0, 6.4.16: signed integers stand in unsigned fields as two's complement. Some devices extend the
        sign to the field's width and some to the type's own, so both are read.

    Example:
        >>> meant(Metric(kind=Kind.INT, value=0xFFFF_FFFB), DataType.INT8), meant(Metric(kind=Kind.INT, value=251), 1)
        (-5, -5)
    """
    value = metric.value
    if metric.kind in {Kind.FLOAT, Kind.DOUBLE, Kind.STRING}:
        return value
    if metric.kind in {Kind.NONE, Kind.OTHER} or not isinstance(value, int):
        return None
    if metric.kind is Kind.BOOLEAN or (datatype == DataType.BOOLEAN and value <= 1):
        return bool(value)
    bits = _SIGNED.get(datatype)  # type: ignore[call-overload]
    if bits is not None:
        whole = 1 << (32 if metric.kind is Kind.INT else 64)
        if value < 1 << bits:
            return value - (1 << bits) if value >> (bits - 1) else value
        return value - whole if value >= whole - (1 << (bits - 1)) else _no_such(metric, datatype)
    bits = _UNSIGNED.get(datatype)  # type: ignore[call-overload]
    return value if bits is not None and value < 1 << bits else _no_such(metric, datatype)


def command(timestamp_ms: int, name: str) -> bytes:
    """The payload that sets one boolean metric of an edge to true."""
    metric = (
        bytes_field(1, name.encode())
        + varint_field(3, timestamp_ms)
        + varint_field(4, DataType.BOOLEAN)
        + varint_field(Kind.BOOLEAN, 1)
    )
    return varint_field(1, timestamp_ms) + bytes_field(2, metric)


def _no_such(metric: Metric, datatype: int) -> Rejection:
    if not datatype:
        return Rejection(Reason.WRONG_TYPE, f"{_called(metric)}: an integer without a datatype, here and in the birth")
    if datatype in {DataType.FLOAT, DataType.DOUBLE, DataType.BOOLEAN} or datatype > DataType.DATE_TIME:
        return Rejection(Reason.WRONG_TYPE, f"{_called(metric)}: an integer in a metric of datatype {datatype}")
    return Rejection(
        Reason.NUMBER_TOO_LARGE, f"{_called(metric)}: {metric.value} does not fit in {DataType(datatype).name}"
    )


def _called(metric: Metric) -> str:
    return metric.name[:40] or f"alias {metric.alias}"


def _payload(data: bytes) -> Payload | Rejection:
    timestamp_ms, seq, metrics = 0, None, list[Metric]()
    for number, wire_type, value in fields(data):
        if _EXPECTED.get(number) is not wire_type:
            continue
        match number, value:
            case 1, int():
                timestamp_ms = value
            case 2, bytes():
                if len(metrics) == MAX_METRICS:
                    return Rejection(Reason.TOO_MANY_METRICS, f"it holds more than {MAX_METRICS} metrics")
                metrics.append(_metric(value))
            case 3, int():
                seq = value
            case 4, bytes() if _text(value) == _COMPRESSED:
                raise BrokenMessageError("it is compressed; switch compression off at the edge")
    return Payload(timestamp_ms, seq, tuple(metrics))


def _metric(data: bytes) -> Metric:
    # As Protocol Buffers has it: of a field that comes twice the last one counts, nested messages are joined, and of
    # the fields that can hold the value only the last one is there.
    found: dict[int, int | bytes] = {}
    kind, raw, properties = Kind.NONE, b"", b""
    for number, wire_type, value in fields(data):
        if _METRIC_EXPECTED.get(number) is not wire_type:
            continue
        if number >= Kind.INT:
            kind, raw = Kind(min(number, Kind.OTHER)), value  # type: ignore[assignment]
        elif number == 9 and isinstance(value, bytes):  # noqa: PLR2004 -- the protocol's number of the field
            properties += value
        else:
            found[number] = value
    unit, quality = _properties(properties) if properties else ("", None)
    return Metric(
        name=_name(found.get(1, b"")),
        alias=_whole(found.get(2)),
        timestamp_ms=_whole(found.get(3)) or 0,
        datatype=(_whole(found.get(4)) or 0) & _UINT32,
        historical=bool(found.get(5)),
        null=bool(found.get(7)),
        unit=unit,
        quality=quality,
        kind=kind,
        value=_value(kind, raw),
    )


def _value(kind: Kind, raw: int | bytes) -> Held:
    if isinstance(raw, int):
        return bool(raw) if kind is Kind.BOOLEAN else raw & (_UINT32 if kind is Kind.INT else _UINT64)
    if kind in _FLOATS:
        return float(struct.unpack(_FLOATS[kind], raw)[0])
    return _text(raw) if kind is Kind.STRING else None


def _properties(data: bytes) -> tuple[str, int | None]:
    """Unit and quality out of a property set: its keys and its values are two lists of the same length."""
    keys: list[str] = []
    values: list[Mapping[int, int | bytes]] = []
    for number, wire_type, value in fields(data):
        if wire_type is _BYTES and isinstance(value, bytes):
            if number == 1:
                keys.append(_text(value))
            elif number == 2:  # noqa: PLR2004 -- the protocol's number of the field
                values.append({one: held for one, _, held in fields(value)})
    unit, quality = "", None
    for key, held in zip(keys, values, strict=False):
        if key == "engUnit" and isinstance(text := held.get(8), bytes):
            unit = _text(text).strip()
        elif key == "Quality":
            quality = _whole(held.get(3))
    return unit, quality


def _name(raw: int | bytes) -> str:
    name = _text(raw) if isinstance(raw, bytes) else ""
    if len(name) > MAX_NAME:
        raise BrokenMessageError(f"the name {name[:40]!r}... has {len(name)} characters; the limit is {MAX_NAME}")
    return name


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BrokenMessageError("a text is not UTF-8") from error


def _whole(value: int | bytes | None) -> int | None:
    return value if isinstance(value, int) else None
