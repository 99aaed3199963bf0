"""Packed layout: where the values stand in a controller's packed bytes, written down as data, never in code.

A layout is fields in their order, with spaces between: a type (`u8`, `i8`, `u16`, `i16`, `u32`, `i32`, little-endian),
and for what is wanted a name, a factor and what its codes mean: `i16:car_speed_m_s*0.01`, `u8:Door_Zone{0=1,1=0}`,
where `{0=1,1=-}` says that code 0 is 1 and that code 1 means nothing. `|` says that the bytes may end there, `...` that
anything may follow.
"""

import re
import struct
from dataclasses import dataclass

_TYPES = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i"}
_FIELD = re.compile(r"(?P<type>[ui]\d+)(?::(?P<name>[^\s*{}]+)(?:\*(?P<factor>[\d.]+))?(?:\{(?P<codes>[^{}]*)\})?)?")
_CODE = re.compile(r"\s*([^=,\s]+)\s*=\s*(-|[+-]?\d+(?:\.\d+)?)\s*")
_MORE = "..."
_END = "|"


class BadLayoutError(ValueError):
    """The text is no layout; says which part of it."""


class Codes:
    """What the codes of one item mean.

    Args:
        text: `0=1,1=2,2=-`: by the code as it is sent, its value, or `-` where it says nothing.

    Raises:
        BadLayoutError: The text is not that.

    Example:
        >>> Codes("1=0,2=1,0=-").value(2)
        1.0
    """

    def __init__(self, text: str) -> None:
        found = [_CODE.fullmatch(part) for part in text.split(",")]
        if not all(found):
            raise BadLayoutError(f"{text!r} is no list of codes such as 0=1,1=0,2=-")
        self._values = {one[1].lower(): None if one[2] == "-" else float(one[2]) for one in found if one is not None}

    @property
    def known(self) -> str:
        """The codes, for a sentence."""
        return ", ".join(self._values)

    def knows(self, code: object) -> bool:
        """Whether a code has a meaning, if only that it says nothing."""
        return _written(code) in self._values

    def value(self, code: object) -> float | None:
        """What a known code means; None: nothing."""
        return self._values[_written(code)]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    factor: float
    codes: Codes | None


class PackedLayout:
    """One layout, read once.

    Args:
        text: As above.

    Raises:
        BadLayoutError: The text is not that.

    Example:
        >>> PackedLayout("u32:epoch_s u8 u8:floor | u8:speed*0.1").values(bytes([1, 0, 0, 0, 9, 3]))
        {'epoch_s': 1.0, 'floor': 3.0}
    """

    def __init__(self, text: str) -> None:
        self._fields: list[_Field] = []
        self._more = False
        self._ends: list[tuple[int, struct.Struct, int]] = []
        format_ = "<"
        for part in text.split():
            if self._more:
                raise BadLayoutError(f"nothing can follow {_MORE}")
            if part == _MORE:
                self._more = True
            elif part == _END:
                self._end(format_)
            else:
                format_ += self._field(part)
        self._end(format_)
        if len(format_) == 1:
            raise BadLayoutError("a layout has at least one field")

    def values(self, packed: bytes) -> dict[str, float] | str:
        """The named values, or what is wrong with the bytes.

        Args:
            packed: As the controller packed them.
        """
        lengths = [length for length, _, _ in self._ends]
        fitting = [end for end in self._ends if end[0] == len(packed) or (self._more and end[0] <= len(packed))]
        if not fitting:
            said = " or ".join(map(str, lengths)) + (" or more" if self._more else "")
            return f"{len(packed)} bytes where the layout has {said}"
        length, format_, fields = fitting[-1]
        found: dict[str, float] = {}
        for field, raw in zip(self._fields[:fields], format_.unpack(packed[:length]), strict=True):
            if not field.name:
                continue
            if field.codes is None:
                found[field.name] = raw * field.factor
            elif not field.codes.knows(raw):
                return f"{field.name}: {raw} is none of the codes {field.codes.known}"
            elif (value := field.codes.value(raw)) is not None:
                found[field.name] = value
        return found

    def _field(self, part: str) -> str:
        match = _FIELD.fullmatch(part)
        if match is None or match["type"] not in _TYPES:
            raise BadLayoutError(
                f"{part!r} is no field; one looks like u8, i16:car_speed_m_s*0.01 or u8:Door_Zone{{0=1}}"
            )
        codes = None if match["codes"] is None else Codes(match["codes"])
        try:
            factor = float(match["factor"] or 1)
        except ValueError as error:
            raise BadLayoutError(f"{part!r}: {match['factor']!r} is no factor") from error
        self._fields.append(_Field(match["name"] or "", factor, codes))
        return _TYPES[match["type"]]

    def _end(self, format_: str) -> None:
        whole = struct.Struct(format_)
        self._ends.append((whole.size, whole, len(self._fields)))


def _written(code: object) -> str:
    """A code as it stands in a list of codes: `true` for true and "True", `2` for 2, 2.0 and "2"."""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return str(code).strip().lower()
