"""Protobuf wire: fields of a Protocol Buffers message as they stand in its bytes, read and written without a schema."""

from collections.abc import Iterator
from enum import IntEnum

_MORE = 0x80
_LAST_SHIFT = 63
_UINT64 = 2**64 - 1
_LARGEST_TAG = 2**32 - 1  # a tag is a uint32: 29 bits of field number, 3 of wire type


class WireType(IntEnum):
    """How a field's value is written; the groups of old (3 and 4) are refused."""

    VARINT = 0
    FIXED64 = 1
    BYTES = 2
    FIXED32 = 5


_FIXED = {WireType.FIXED64: 8, WireType.FIXED32: 4}
_TYPES = {int(one): one for one in WireType}


class BrokenMessageError(ValueError):
    """The bytes are no Protocol Buffers message; says where they stop being one."""


def fields(data: bytes) -> Iterator[tuple[int, WireType, int | bytes]]:
    """The fields of a message in their order: number, wire type, and the value.

    A varint is an unsigned integer below 2**64, everything else the bytes as they stand (fixed ones little-endian).

    Args:
        data: One message; nested ones are values of type `BYTES`.

    Raises:
        BrokenMessageError: The bytes end inside a field, or cannot be fields.

    Source:
        Protocol Buffers, "Encoding" (protobuf.dev/programming-guides/encoding).

    Example:
        >>> [(number, value) for number, _, value in fields(bytes.fromhex("0896011202686958fbffffffffffffffff01"))]
        [(1, 150), (2, b'hi'), (11, 18446744073709551611)]
    """
    at, size = 0, len(data)
    while at < size:
        # Most tags and lengths are one byte, and a call costs more than reading it.
        tag, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
        number, wire_type = tag >> 3, _TYPES.get(tag & 7)
        if wire_type is None or not number or tag > _LARGEST_TAG:
            raise BrokenMessageError(f"byte {at - 1} begins no field")
        if wire_type is WireType.VARINT:
            value, at = _varint(data, at)
            yield number, wire_type, value
            continue
        length = _FIXED.get(wire_type)
        if length is None:
            length, at = (data[at], at + 1) if at < size and data[at] < _MORE else _varint(data, at)
        if length > size - at:
            raise BrokenMessageError(f"field {number} is {length} bytes long; {size - at} are left")
        yield number, wire_type, data[at : at + length]
        at += length


def varint_field(number: int, value: int) -> bytes:
    """A field of an integer or boolean.

    Example:
        >>> varint_field(1, 150).hex()
        '089601'
    """
    return _written(number << 3) + _written(value)


def bytes_field(number: int, value: bytes) -> bytes:
    """A field of a text, bytes or a nested message."""
    return _written(number << 3 | WireType.BYTES) + _written(len(value)) + value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A varint and where it ends."""
    value = shift = 0
    try:
        while (byte := data[at]) & _MORE:
            value |= (byte & ~_MORE) << shift
            shift += 7
            at += 1
            if shift > _LAST_SHIFT:
                raise BrokenMessageError(f"the number that ends at byte {at} takes more than ten bytes")
    except IndexError as error:
        raise BrokenMessageError("it ends inside a number") from error
    return (value | byte << shift) & _UINT64, at + 1


def _written(value: int) -> bytes:
    out = bytearray()
    while value >= _MORE:
        out.append(value & ~_MORE & 0xFF | _MORE)
        value >>= 7
    out.append(value)
    return bytes(out)
