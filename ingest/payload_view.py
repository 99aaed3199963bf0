"""Payload view: what a person sees of a message: JSON, text or bytes, with number plates blotted out."""

import json
import re
from dataclasses import dataclass
from typing import Any

from ingest.formats.nesting import too_deep
from ingest.plates import CHINESE_PLATE, PLATE_KEYS

_SHOWN_BYTES = 512
_SHOWN_CHARACTERS = 65_536
_BLOT = "***"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")  # JPEG (ISO/IEC 10918-1, B.1.1.3) and PNG (RFC 2083, 3.1)
_A_LINE = 16

# For what is not whole JSON: the value after such a key, up to where it ends or the text does.
_KEY_AND_VALUE = re.compile(
    rf'("(?:{"|".join(sorted(PLATE_KEYS))})"\s*:\s*)(\[[^\]]*\]?|"(?:[^"\\]|\\.)*"?|[^,}}\s]+)', re.IGNORECASE
)
# Not what would end a text or be no character.
_ESCAPED = re.compile(r"\\u(?!00[0-7]|[dD][89a-fA-F])([0-9a-fA-F]{4})")


@dataclass(frozen=True, slots=True)
class PayloadView:
    """A payload for people.

    Attributes:
        kind: `json` (indented), `text` or `hex`.
        text: What to show.
        size: Of the whole payload, in bytes.
        cut: There is more than is shown.
        masked: Something that looks like a number plate was blotted out.
    """

    kind: str
    text: str
    size: int
    cut: bool = False
    masked: bool = False


def view(payload: bytes, *, plates: bool = False) -> PayloadView:
    """A payload as a person can read it.

    Args:
        payload: As it came.
        plates: Show number plates; only to who may see them. A picture is never shown, only how its bytes begin.

    Example:
        >>> view(b'{"plate": "AB 123 C"').text
        '{"plate": ***'
        >>> view(bytes([255, 216, 255])).kind
        'hex'
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = ""
    if not text.replace("\n", "").replace("\t", "").replace("\r", "").isprintable() or (payload and not text):
        return PayloadView("hex", _hex(payload[:_SHOWN_BYTES]), len(payload), len(payload) > _SHOWN_BYTES)
    parsed = _parsed(text, payload)
    if parsed is None:
        shown = text if plates else _blotted_text(text)
        masked = shown != text
        kind = "text"
    else:
        whole = _indented(parsed)
        shown = whole if plates else _indented(_blotted(parsed))
        masked, kind = shown != whole, "json"
    return PayloadView(kind, shown[:_SHOWN_CHARACTERS], len(payload), len(shown) > _SHOWN_CHARACTERS, masked)


def is_private(payload: bytes) -> bool:
    """Whether a payload is a picture, or something in it looks like a number plate.

    Example:
        >>> [is_private(one) for one in (b'{"plate": "AB 123 C"}', b'{"plate": null}', bytes([255, 216, 255]))]
        [True, False, True]
    """
    return payload.startswith(_PICTURES) or view(payload).masked


def _parsed(text: str, payload: bytes) -> Any:
    """The JSON, or None if it is none that people would want to see indented."""
    if too_deep(payload):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _indented(value: Any) -> str:
    # JSON can escape half a character, which nothing can send on.
    return json.dumps(value, indent=2, ensure_ascii=False).encode(errors="backslashreplace").decode()


def _blotted(value: Any, *, is_plate: bool = False) -> Any:
    match value:
        case dict():
            return {key: _blotted(one, is_plate=str(key).lower() in PLATE_KEYS) for key, one in value.items()}
        case list():
            return [_blotted(one, is_plate=is_plate) for one in value]
        case str():
            return _BLOT if is_plate else CHINESE_PLATE.sub(_BLOT, value)
    return value


def _blotted_text(text: str) -> str:
    spelled_out = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    blotted = CHINESE_PLATE.sub(_BLOT, _KEY_AND_VALUE.sub(rf"\1{_BLOT}", spelled_out))
    return text if blotted == spelled_out else blotted


def _hex(data: bytes) -> str:
    lines = [data[start : start + _A_LINE] for start in range(0, len(data), _A_LINE)]
    return "\n".join(f"{index * _A_LINE:04x}  {line.hex(' ')}" for index, line in enumerate(lines))
