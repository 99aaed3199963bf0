"""SenML: packs of sensor measurements in JSON (RFC 8428).

Topic `senml/{device}`, or whatever the source's own filters bring.

A resolved name (`bn` and `n`) is taken apart into device and name:

- `urn:dev:ow:10e2073a01080063:voltage` and other names of RFC 9039: `urn:dev:ow:10e2073a01080063` and `voltage`
- else, if the source's filter has a `+`, or the source has an `address`: that device, and the whole name
- else before and after the last `/` or `:` (`riser-1/pressure`)

A measurement without a name of its own is called by its unit, without one `value`. A sum (`s`) has the name
`{name}.sum`. Units are those of the pack (`u`, `bu`) unless the source maps the name to another one. A time below 2^28
is relative to the arrival; so is a missing one. It has no events and no options.

Not read: a pack whose `bver` needs more than RFC 8428 and the secondary units of RFC 8798; labels that end in `_`,
which nobody may ignore; the older form with a list `e`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictStr, TypeAdapter, with_config
from typing_extensions import TypedDict

from ingest.formats.addresses import address_of
from ingest.formats.json_payload import MAX_NAME, read
from ingest.formats.options import refuse_options
from ingest.formats.parts import Parts
from ingest.formats.wire_format import Message, Route
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import Source
from ingest.translation import Translation

_FILTERS = ("senml/+",)
_RELATIVE_BELOW_S = 2**28  # RFC 8428, 4.5.3
_KNOWN_FEATURES = 0b11010  # RFC 9100, 2: version 10, and feature 4, secondary units
_LAST_WITHOUT_FEATURES = 10  # RFC 9100, 2.1
# RFC 9039, 3: after the identifier the component begins with an underscore; RFC 8428's examples write colons, OMA's
# objects slashes.
_URN = re.compile(r"(urn:dev:[a-z]+:[^:/_]+)[:/_]?(.*)", re.DOTALL)
_SEPARATORS = "/:"

_Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]


@with_config(ConfigDict(extra="allow"))
class _Record(TypedDict, total=False):
    bn: StrictStr
    bt: _Finite
    bu: StrictStr
    bv: _Finite
    bs: _Finite
    bver: _Finite
    n: StrictStr
    u: StrictStr
    v: _Finite
    vs: StrictStr
    vb: StrictBool
    vd: StrictStr
    s: _Finite
    t: _Finite


_PACK: TypeAdapter[list[_Record]] = TypeAdapter(Annotated[list[_Record], Field(min_length=1)])


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A record that needs no other one to be understood."""

    name: str
    time_s: float
    unit: str
    value: object
    sum: float | None


class SenmlFormat:
    """Decodes packs.

    Args:
        source: Who publishes them.

    Raises:
        SourceOptionError: The source has an option.
    """

    def __init__(self, source: Source) -> None:
        refuse_options(source)
        self.filters = source.filters or _FILTERS
        self._source = source
        self._translation = Translation(source)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        if not self._source.filters and not topic.startswith("senml/"):
            return None
        return Route(partial(self._pack, address_of(self._source, self.filters, topic)))

    def _pack(self, address: str, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        records = read(_PACK, payload)
        if isinstance(records, Rejection):
            return records
        strange = _strange(records)
        if strange is not None:
            return strange
        parts = Parts(self._translation, payload, received_us)
        for record in _resolved(records):
            device, name = _apart(record.name, address)
            name = name or record.unit or "value"
            if len(name) > MAX_NAME:
                parts.refuse(device, Rejection(Reason.TOO_LARGE, f"a name is longer than {MAX_NAME} characters"))
                continue
            time_s = record.time_s
            at = time_s if time_s >= _RELATIVE_BELOW_S else parts.since_arrival(time_s)
            if record.value is not None:
                parts.measure(device, at, name, record.value, record.unit)
            if record.sum is not None:
                parts.measure(device, at, f"{name}.sum", record.sum)
        return parts.message()


def _strange(records: list[_Record]) -> Rejection | None:
    """What in a pack we may not pass by, or None."""
    for record in records:
        version = record.get("bver", _LAST_WITHOUT_FEATURES)
        if version > _LAST_WITHOUT_FEATURES and (version % 1 or int(version) & ~_KNOWN_FEATURES):
            return Rejection(Reason.UNKNOWN_VERSION, f"bver is {version:g}; 26 is the newest that is known here")
        for label in record:
            if label.endswith("_"):
                return Rejection(Reason.UNKNOWN_FIELD, f"the label {label[:40]!r} must be understood, and is not")
    return None


def _resolved(records: list[_Record]) -> Iterator[_Resolved]:
    """Every record with the base fields in force worked in (RFC 8428, 4.6)."""
    base: dict[str, Any] = {}
    for record in records:
        base |= {label: value for label, value in record.items() if label in {"bn", "bt", "bu", "bv", "bs"}}
        value: object = next((record[label] for label in ("vs", "vb", "vd") if label in record), None)
        if "v" in record or (value is None and "bv" in base):
            value = base.get("bv", 0.0) + record.get("v", 0.0)
        yield _Resolved(
            base.get("bn", "") + record.get("n", ""),
            base.get("bt", 0.0) + record.get("t", 0.0),
            record.get("u", base.get("bu", "")),
            value,
            base.get("bs", 0.0) + record.get("s", 0.0) if "s" in record or "bs" in base else None,
        )


def _apart(name: str, address: str) -> tuple[str, str]:
    urn = _URN.fullmatch(name)
    if urn is not None:
        return urn[1], urn[2]
    if address:
        return address, name.strip(_SEPARATORS)
    at = max(map(name.rfind, _SEPARATORS))
    return name[: max(at, 0)], name[at + 1 :]
