"""Plates: a number plate as far as we keep it, so that the same car is recognised and nobody can read whose it is."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

PLATE_KEYS = frozenset({"recognized_license_plate", "license_plate", "plate", "plate_number", "plateno"})
"""Names under which devices send a plate, in lower case."""
CHINESE_PLATE = re.compile(
    r"[\u4e00-\u9fff][A-HJ-Z][·. -]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9\u4e00-\u9fff]", re.IGNORECASE
)
"""A plate anywhere in a text: province, letter, five or six more."""

_BLOT = "***"
_NOT_PLATE = re.compile(r"[^0-9A-Z\u4e00-\u9fff]")
_CHINESE = re.compile(r"[\u4e00-\u9fff][A-Z]")
_GAP = "*"  # never part of a normalised plate
_NEAR_HEX = 16  # 64 bits: over a million plates, two unlike ones meet by chance once in 10 million runs


@dataclass(frozen=True, slots=True)
class SealedPlate:
    """What is kept of a plate.

    Attributes:
        hash: HMAC-SHA256 of the normalised plate, hex. Equal for equal plates.
        masked: For people: `沪A·12***`.
        near: Keyed hashes of the plate with one character blotted out or one gap put in. Two plates have one of these
            in common exactly if they differ by at most one character changed, added or missing.
    """

    hash: str
    masked: str
    near: tuple[str, ...]


class PlateSeal:
    """Seals plates with one key; without the key a list of all possible plates does not help to open them.

    Args:
        key: Secret, 16 bytes or more, the same for as long as plates are to be recognised.

    Source:
        DOMAIN 4.4 (PIPL articles 19 and 26: no more than the purpose needs) and 4.1 (a plate read with one character
        wrong is the same car). The gap patterns are a neighbourhood index for edit distance one: a changed character
        is the same pattern in both plates, and a missing one is a gap in the shorter where the longer is blotted.

    Example:
        >>> seal = PlateSeal(b"sixteen bytes or more")
        >>> a, b, c = (seal.seal(plate) for plate in ("沪A12345", "沪A·1234S", "沪A123S4"))
        >>> a.masked, bool(set(a.near) & set(b.near)), bool(set(a.near) & set(c.near))
        ('沪A·12***', True, False)
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, plate: str) -> SealedPlate | None:
        """What is kept of a plate as a camera read it, or None if nothing of it is a letter or digit."""
        text = _NOT_PLATE.sub("", plate.upper())[:16]
        if not text:
            return None
        blotted = [text[:i] + _GAP + text[i + 1 :] for i in range(len(text))]
        gapped = [text[:i] + _GAP + text[i:] for i in range(len(text) + 1)]
        near = {self._digest(pattern)[:_NEAR_HEX] for pattern in blotted + gapped}
        return SealedPlate(self._digest(text), _masked(text), tuple(sorted(near)))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()


def sealed_attributes(attributes: Mapping[str, Any], seal: PlateSeal | None) -> dict[str, Any]:
    """An event's attributes in which no number plate can be read, whatever format or device it came from.

    A plate under a name of its own is left out, and at the top its seal is put in if the decoder has put in none; one
    in any other text is blotted out.

    Args:
        attributes: JSON object.
        seal: Seals what it can; None keeps nothing of a plate.

    Example:
        >>> sealed_attributes({"Plate": "沪A12345", "note": "沪A12345 again"}, None)
        {'note': '*** again'}
    """
    kept = {key: _blotted(value) for key, value in attributes.items() if key.lower() not in PLATE_KEYS}
    plates = [value for key, value in attributes.items() if key.lower() in PLATE_KEYS and isinstance(value, str)]
    sealed = seal.seal(plates[0]) if seal and plates and "plate_hash" not in kept else None
    if sealed is not None:
        kept |= {"plate_hash": sealed.hash, "plate_masked": sealed.masked, "plate_near": list(sealed.near)}
    return kept


def _blotted(value: Any) -> Any:
    match value:
        case dict():
            return {key: _blotted(one) for key, one in value.items() if str(key).lower() not in PLATE_KEYS}
        case list():
            return [_blotted(one) for one in value]
        case str():
            return CHINESE_PLATE.sub(_BLOT, value)
    return value


def _masked(text: str) -> str:
    if _CHINESE.match(text):
        return f"{text[:2]}·{text[2:4]}***"
    # Elsewhere plates have no place in front: less than half of it is shown.
    return f"{text[: min(3, len(text) // 2)]}***"
