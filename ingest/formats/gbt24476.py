"""GB/T 24476: status and faults of elevators, as their gateways and the cities' platforms send them in JSON.

A message is one object or a list of them. Who says it, first one there: `Identification_Number`, `registerNumber`,
`elevatorCode`, the topic's level at the last `+` of the source's filter, the source's address. When, first one there:
`Time_Stamps`, `samplingTime`, `occurTime`, `time`, the epoch in `D`, the arrival; without a zone it is local time.

Items of the standard, by name: `Service_Mode`, `Car_Status`, `Car_Direction`, `Door_Zone`, `Car_Position`,
`Door_Status` (closed position reached; some platforms send that as `Door_Close_Status` and a code of theirs under this
name, which is then left out), `Passenger_Status`, `Total_Running_Time` (hours), `Present_Counter_Value` (trips),
`Message_Code` (one, or a list). Other names are mapped by the source.

Event `elevator.fault`, as often as it is said: `code` (as a number: `0101` is 101), `table` (whose code it is), `state`
(`begin`, `end`, empty where it is not said), `id`, `name` and `sensor` if the sender has them; if `D` holds a second
clock, `epoch_us`, what that shows, and `skew_s`, how far the other one is ahead of it. A fault is also a reading
`fault_code`, its end (and code 0) the reading 0; several at once are told a microsecond apart, as a metric has one
value at a time. What a code means the asset's limit `fault_code_table` says: it has to name the same table.

Options of the source:

- `table`: `gbt24476` (default), `vendor` or `city`
- `timezone`: IANA name, of times without a zone; Asia/Shanghai by default
- `clock`: `time` (default) or `epoch`: which one counts where both are there
- `code.{item}`: what the codes of an item mean if not what the standard says: `code.Door_Status` = `0=-,1=0,2=1`
- `layout` and `layout.{TY}`: where the values stand in `D`: one of `LAYOUTS`, or a layout as `packed_layout` has it; by
  default only the epoch is read, as the rest differs from vendor to vendor and between firmware of one

Source:
    DOMAIN 2.1 and 5.2; GB/T 24476-2017, clauses 7 to 11.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from ingest.errors import SourceOptionError
from ingest.formats.addresses import address_of
from ingest.formats.json_payload import read
from ingest.formats.packed_layout import BadLayoutError, Codes, PackedLayout
from ingest.formats.parts import Parts
from ingest.formats.times import local_microseconds
from ingest.formats.wire_format import Message, Route
from ingest.quarantine import Passed, Reason, Rejection
from ingest.sources import NameMapping, Source
from ingest.topics import matches
from ingest.translation import Translation

LAYOUTS = {
    "epoch": "u32:epoch_s ...",
    # On the car roof (20 or 25 bytes) and as one box for all (23 bytes). Left out: version, state of the box, car door,
    # power, signal, battery, and what follows the closed door, in which they differ. DOMAIN 5.2, S84.
    "maixin": (
        "u32:epoch_s u8 u8 u8:Car_Direction u8:Door_Zone{0=1,1=0} i8:car_speed_m_s*0.1 u8 u8:Passenger_Status u8"
        " i8:Car_Position u8 u8 u8:Service_Mode{0=1,1=2,2=0} u8:Car_Status u8:Door_Status u8 u8 | u8 u8 u8 | u8 u8"
    ),
    "maixin_v200": (
        "u32:epoch_s u8 u8 u8:Car_Direction u8:Door_Zone{0=1,1=0} i16 i16:car_speed_m_s*0.01 u8 i8:Car_Position u8"
        " u8:Car_Status u8:Door_Status u8:Passenger_Status i16 i32 i32"
    ),
}
"""Layouts seen in the field, by name; an option can hold any other."""

_ITEMS = {
    "Service_Mode": "service_mode",
    "Car_Status": "car_running",
    "Car_Direction": "car_direction",
    "Door_Zone": "door_zone",
    "Car_Position": "floor",
    "Door_Status": "door_closed",
    "Door_Close_Status": "door_closed",
    "Passenger_Status": "person_present",
    "Total_Running_Time": "running_time_h",
    "Present_Counter_Value": "trips_total",
}
_SWITCHES = ("Car_Status", "Door_Zone", "Door_Status", "Door_Close_Status", "Passenger_Status")
_TRUTH = Codes("0=0,1=1,false=0,true=1")
_ADDRESSES = ("Identification_Number", "registerNumber", "elevatorCode")
_TIMES = ("Time_Stamps", "samplingTime", "occurTime", "time")
_FAULTS = ("Message_Code", "failureCode", "fault_type")
_WORDS = {"faultId": "id", "alarmId": "id", "faultName": "name", "eventDesc": "name", "sensorType": "sensor"}
_NO_ITEMS = {
    *(*_ADDRESSES, *_TIMES, *_FAULTS, *_WORDS),
    *("TY", "ST", "D", "manufacturerCode", "leaveFactoryNumber", "statusCollectTime", "alarmChannel"),
    *("Object_Name", "Object_Identifier", "Device_Identifier"),
}
_STATUS = ("Monitor", "M")
_STATES = {"add": "begin", "disappear": "end"}
_CHOICES = {"table": ("gbt24476", "vendor", "city"), "clock": ("time", "epoch")}
"""The options that are one word of several; the first is the default."""
_LONGEST_PACKED = 1_024
_LONGEST_WORD = 80
_MOST_FAULTS = 32
_MOST_CODE = 65_535
_OBJECTS: TypeAdapter[dict[str, Any] | list[dict[str, Any]]] = TypeAdapter(dict[str, Any] | list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class _Told:
    """When something was said: `at` as `Parts` takes it, and for an event the other clock in `clocks`."""

    at: object
    clocks: Mapping[str, int]


class Gbt24476Format:
    """Reads what elevators say.

    Args:
        source: Its filters (the standard names no topic), names, and options as above.

    Raises:
        SourceOptionError: It has no filters, or an option cannot be that.
    """

    def __init__(self, source: Source) -> None:
        if not source.filters:
            raise SourceOptionError(source.id, "filters", "", "given, such as elevator/+/up: the standard has no topic")
        self.filters = source.filters
        self._source = source
        mapped = {mapping.name for mapping in source.names}
        items = (NameMapping(name, metric) for name, metric in _ITEMS.items() if name not in mapped)
        self._translation = Translation(replace(source, names=(*source.names, *items)))
        self._codes = dict.fromkeys(_SWITCHES, _TRUTH)
        self._layouts = {"layout": PackedLayout(LAYOUTS["epoch"])}
        self._chosen = {option: choices[0] for option, choices in _CHOICES.items()}
        self._zone = ZoneInfo("Asia/Shanghai")
        for option, value in source.options.items():
            self._take_option(option, value)

    def route(self, topic: str) -> Route | None:
        """See `WireFormat.route`."""
        if not any(matches(one, topic) for one in self.filters):
            return None
        return Route(partial(self._decode, address_of(self._source, self.filters, topic)))

    def _take_option(self, option: str, value: str) -> None:
        choices = _CHOICES.get(option)
        if choices is not None:
            if value not in choices:
                raise self._wrong(option, value, f"one of {', '.join(choices)}")
            self._chosen[option] = value
            return
        head, _, item = option.partition(".")
        if option != "timezone" and head not in {"code", "layout"}:
            known = "table, clock, timezone, code.{item}, layout and layout.{TY}"
            raise self._wrong(option, value, f"left out; options are {known}")
        try:
            if option == "timezone":
                self._zone = ZoneInfo(value)
            elif head == "code":
                self._codes[item] = Codes(value)
            else:
                self._layouts[option] = PackedLayout(LAYOUTS.get(value, value))
        except BadLayoutError as error:
            raise self._wrong(option, value, f"written otherwise: {error}") from error
        except (ValueError, OSError, KeyError) as error:  # as zoneinfo has it
            raise self._wrong(option, value, "the IANA name of a time zone") from error

    def _wrong(self, option: str, value: str, expected: str) -> SourceOptionError:
        return SourceOptionError(self._source.id, option, value[:_LONGEST_WORD], expected)

    def _decode(self, address: str, payload: bytes, received_us: int) -> Message | Rejection | Passed:
        said = read(_OBJECTS, payload)
        if isinstance(said, Rejection):
            return said
        objects = said if isinstance(said, list) else [said]
        wanted = [one for one in objects if "TY" not in one or one["TY"] in _STATUS or "fault_type" in one]
        if objects and not wanted:
            return Passed.NOT_EVIDENCE
        parts = Parts(self._translation, payload, received_us)
        for one in wanted:
            self._take(parts, _speaker(one) or address, one)
        return parts.message()

    def _take(self, parts: Parts, address: str, said: Mapping[str, Any]) -> None:
        """What one object says."""
        packed = self._packed(said)
        if isinstance(packed, Rejection):
            parts.refuse(address, packed)
            return
        told = self._told(said, packed.pop("epoch_s", 0.0))
        meant = {name: self._meant(name, value) for name, value in (packed | _items(said)).items()}
        faults = _faults(said)
        refused = next((value for value in meant.values() if isinstance(value, Rejection)), None)
        if len(faults) > _MOST_FAULTS:
            refused = Rejection(Reason.TOO_MANY_METRICS, f"it names {len(faults)} faults; the limit is {_MOST_FAULTS}")
        if refused is not None:
            parts.refuse(address, refused)
            return
        if meant:
            parts.say(address, told.at, meant)
        for number, code in enumerate(faults):
            at = _later(parts, told.at, number) if number else told.at
            self._fault(parts, address, replace(told, at=at), code, said)

    def _fault(self, parts: Parts, address: str, told: _Told, sent: Any, said: Mapping[str, Any]) -> None:
        """One fault that an object names."""
        meant = self._meant("Message_Code", sent)
        code = meant if isinstance(meant, Rejection) else _code(meant)
        if isinstance(code, Rejection):
            parts.refuse(address, code)
            return
        if code is None:
            return
        state = _STATES.get(str(said.get("ST")), "")
        parts.measure(address, told.at, "fault_code", 0 if state == "end" else code)
        if code:
            words = {word: str(said[key])[:_LONGEST_WORD] for key, word in _WORDS.items() if said.get(key)}
            attributes = {"code": code, "table": self._chosen["table"], "state": state, **words, **told.clocks}
            parts.happen(address, told.at, "elevator.fault", attributes)

    def _told(self, said: Mapping[str, Any], epoch_s: float) -> _Told:
        """When an object was said, by the clock that counts; None is its arrival."""
        written = next((said[key] for key in _TIMES if said.get(key) is not None and said[key] != ""), None)
        time_us = None if written is None else local_microseconds(written, self._zone)
        epoch_us = round(epoch_s * 1_000_000)
        if written is None or not epoch_us:
            return _Told(time_us or written or epoch_us or None, {})
        if time_us is None:
            return _Told(written, {})  # no time at all; refused where it is used
        clocks = {"skew_s": round((time_us - epoch_us) / 1_000_000), "epoch_us": epoch_us}
        return _Told(epoch_us if self._chosen["clock"] == "epoch" else time_us, clocks)

    def _meant(self, name: str, value: Any) -> Any:
        """The value of an item, by its codes if it has any, or why it is refused."""
        codes = self._codes.get(name)
        if codes is None or value is None:
            return value
        if isinstance(value, dict | list) or not codes.knows(value):
            known = f"none of the codes {codes.known}; option code.{name} says what they mean"
            return Rejection(Reason.WRONG_TYPE, f"{name}: {str(value)[:40]!r} is {known}")
        return codes.value(value)

    def _packed(self, said: Mapping[str, Any]) -> dict[str, float] | Rejection:
        """The values in `D`."""
        packed = said.get("D")
        if packed is None or packed == "":
            return {}
        if not isinstance(packed, str) or len(packed) > _LONGEST_PACKED:
            return Rejection(Reason.WRONG_LAYOUT, f"D is no text of at most {_LONGEST_PACKED} characters")
        try:
            data = base64.b64decode(packed, validate=True)
        except (binascii.Error, ValueError):
            return Rejection(Reason.WRONG_LAYOUT, "D is not base64")
        kind = str(said.get("TY"))[:40]
        values = self._layouts.get(f"layout.{kind}", self._layouts["layout"]).values(data)
        return Rejection(Reason.WRONG_LAYOUT, f"D of {kind!r}: {values}") if isinstance(values, str) else values


def _speaker(said: Mapping[str, Any]) -> str:
    found = next((said[key] for key in _ADDRESSES if said.get(key)), "")
    return str(found) if isinstance(found, str | int) else ""


def _items(said: Mapping[str, Any]) -> dict[str, Any]:
    """The named values of an object: the standard's, and whatever else it holds."""
    left_out = _NO_ITEMS | ({"Door_Status"} if "Door_Close_Status" in said else set())
    return {name: value for name, value in said.items() if name not in left_out}


def _faults(said: Mapping[str, Any]) -> list[Any]:
    """The fault codes of an object, 0 if it says that there is none."""
    sent = next((said[key] for key in _FAULTS if said.get(key) is not None), None)
    if sent is None:
        return []
    return (sent or [0]) if isinstance(sent, list) else [sent]


def _code(sent: Any) -> int | Rejection | None:
    """A fault code as a number, or why it is none; None says nothing."""
    if sent is None:
        return None
    text = str(sent).strip().removesuffix(".0")
    if not (text.isascii() and text.isdigit()):
        said = "no number; option code.Message_Code says what such codes mean"
        return Rejection(Reason.TEXT_FOR_NUMBER, f"the fault code {text[:40]!r} is {said}")
    if len(text) > len(str(_MOST_CODE)) or int(text) > _MOST_CODE:
        return Rejection(Reason.NUMBER_TOO_LARGE, f"the fault code {text[:40]} is above {_MOST_CODE}")
    return int(text)


def _later(parts: Parts, at: object, microseconds: int) -> object:
    if at is None:
        return parts.since_arrival(microseconds / 1e6)
    return at + microseconds if isinstance(at, int) else at
