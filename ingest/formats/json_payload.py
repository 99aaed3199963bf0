"""JSON payload: from bytes to a value of bounded size and depth, or the refusal; and the named leaves in it."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ingest.formats.nesting import MAX_DEPTH, too_deep
from ingest.formats.refusals import explain
from ingest.quarantine import Reason, Rejection

MAX_PAYLOAD_BYTES = 256 * 1024  # DOMAIN 5.4
MAX_METRICS = 512  # DOMAIN 5.4, per sample
MAX_NAME = 256  # chosen by: no name that a person maps is longer; nested names would multiply a long one
_INT64 = 2**63

_T = TypeVar("_T")


def read(adapter: TypeAdapter[_T], payload: bytes, *, show_value: bool = True, bounded: bool = False) -> _T | Rejection:
    """What a payload holds, as the adapter wants it, or why it is refused.

    Args:
        adapter: The shape of the message.
        payload: As published.
        show_value: Whether the refusal may repeat a short value that is wrong.
        bounded: The shape itself is less deep than the limit, so that depth matters only for the refusal's name.

    Example:
        >>> read(TypeAdapter(dict[str, int]), b'{"a": 1}')
        {'a': 1}
        >>> read(TypeAdapter(dict[str, int]), b"[").reason
        <Reason.NOT_JSON: 'not_json'>
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        return Rejection(Reason.TOO_LARGE, f"the payload has {len(payload)} bytes; the limit is {MAX_PAYLOAD_BYTES}")
    if not bounded and too_deep(payload):
        return _deep()
    try:
        return adapter.validate_json(payload)
    except ValidationError as error:
        return _deep() if bounded and too_deep(payload) else explain(error, show_value=show_value)


def leaves(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any] | Rejection:
    """The values inside nested objects and lists, by dotted name, or a refusal if there are too many.

    Args:
        values: A JSON object, never deeper than `MAX_DEPTH`.
        prefix: Goes before every name, with a dot.

    Example:
        >>> leaves({"a": {"b": 1, "c": [2, 3]}, "d": None})
        {'a.b': 1, 'a.c.0': 2, 'a.c.1': 3, 'd': None}
        >>> leaves({"voltage": 3.6}, "Battery")
        {'Battery.voltage': 3.6}
    """
    found: dict[str, Any] = {}
    for name, value in _named(values, prefix):
        if len(name) > MAX_NAME:
            return Rejection(Reason.TOO_LARGE, f"the name {name[:40]!r}... is longer than {MAX_NAME} characters")
        found[name] = value
        if len(found) > MAX_METRICS:
            return Rejection(Reason.TOO_MANY_METRICS, f"one sample holds more than {MAX_METRICS} values")
    return found


def bad_number(value: Any) -> Reason | None:
    """What is wrong with a number inside a parsed JSON value, which is never deeper than `MAX_DEPTH`; None if nothing.

    pydantic checks the numbers of the fields it knows, not those inside free attributes.
    """
    match value:
        case dict():
            return next(filter(None, map(bad_number, value.values())), None)
        case list():
            return next(filter(None, map(bad_number, value)), None)
        case float() if not math.isfinite(value):
            return Reason.NOT_FINITE
        case int() if not -_INT64 <= value < _INT64:
            return Reason.NUMBER_TOO_LARGE
    return None


def _deep() -> Rejection:
    return Rejection(Reason.TOO_DEEP, f"the JSON is nested deeper than {MAX_DEPTH} levels")


def _named(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    pairs: Iterable[tuple[Any, Any]]
    if isinstance(value, dict) and len(name) <= MAX_NAME:
        pairs = value.items()
    elif isinstance(value, list) and len(name) <= MAX_NAME:
        pairs = enumerate(value)
    else:
        yield name, value
        return
    for key, inner in pairs:
        yield from _named(inner, f"{name}.{key}" if name else str(key))
