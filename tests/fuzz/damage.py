"""Damage: what happens to a sound message on its way, from a flipped bit to a value of a kind nobody expected."""

import json
from random import Random
from typing import Any

_LONG = "x" * 300
_HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 5e-324, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**25, 10**400),
    *(float("nan"), float("inf"), float("-inf"), 1764000000, 1764000000000, 1764000000000000, 1764000000000000000),
    *("", " ", "0", "3,14", "1e999", "NaN", "on", "TRUE", _LONG, "\u0000", "\ud800", "沪A·12345", "a.b.c", "/", "$"),
    *("2025-11-24T16:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2025-W48-1T00Z"),
    *({}, [], [[]], {"": {}}, {"value": 1}, {"value": 1, "time": 1}, {_LONG: 1}, [0] * 600),
    *({str(n): n for n in range(600)}, [{"a": n} for n in range(300)]),
)
_TOKENS = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\xff", b"\x00", b"1e", b"-", b"null")


def damaged(payload: bytes, random: Random) -> bytes:
    """The payload with one to four things wrong with it; sometimes with none."""
    for _ in range(random.randint(0, 4)):
        found = _parsed(payload) if random.random() < 0.7 else None
        payload = _in_bytes(payload, random) if found is None else _in_structure(found[0], random)
    return payload


def _parsed(payload: bytes) -> tuple[Any] | None:
    try:
        return (json.loads(payload),)
    except (ValueError, RecursionError):
        return None


def _in_structure(value: Any, random: Random) -> bytes:
    holders = list(_holders(value))
    if not holders:
        return _dumped(random.choice(_HOSTILE))
    holder = random.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = random.choice(keys)
    match random.randrange(6):
        case 0 | 1:
            holder[key] = random.choice(_HOSTILE)
        case 2:
            del holder[key]
        case 3:
            other = random.choice(holders)
            holder[key] = json.loads(json.dumps(other))
        case 4 if isinstance(holder, dict):
            holder[random.choice([_LONG, "", "value", "time", str(random.random()), *map(str, keys)])] = holder.pop(key)
        case _:
            holder[key] = random.choice([[holder[key]], {"value": holder[key]}, [holder[key]] * 3])
    return _dumped(value)


def _holders(value: Any) -> Any:
    """Every object and list inside a value that is not empty."""
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def _in_bytes(payload: bytes, random: Random) -> bytes:
    at, length = random.randint(0, len(payload)), random.randint(1, 16)
    match random.randrange(6):
        case 0 if payload:
            at = min(at, len(payload) - 1)
            return payload[:at] + bytes([payload[at] ^ 1 << random.randrange(8)]) + payload[at + 1 :]
        case 1:
            return payload[:at]
        case 2:
            return payload[:at] + payload[at + length :]
        case 3:
            return payload[:at] + random.choice(_TOKENS) + payload[at:]
        case 4:
            return payload[:at] + payload[max(0, at - length) : at] * random.randint(1, 20) + payload[at:]
        case _:
            return payload[:at] + random.randbytes(length) + payload[at + length :]
