"""GB/T 24476: elevators' items, faults and packed bytes are read as their senders mean them, and no other way."""

import base64
import json
import struct
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceOptionError
from ingest.formats.gbt24476 import LAYOUTS, Gbt24476Format
from ingest.formats.packed_layout import BadLayoutError, PackedLayout
from ingest.formats.wire_format import Decoded, Message
from ingest.metrics import METRICS
from ingest.quarantine import Passed, Reason, Rejection
from ingest.readings import Event
from ingest.sources import NameMapping, Source

TOPIC = "elevator/MX1/up"
ARRIVAL_US = 1_764_000_000_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
FAULT = {
    "elevatorCode": "MXCS123123",
    "ST": "add",
    "D": "vUbpZQEeAAAAAQABBQAAAAAAAAoMK1k=",
    "TY": "SensorFault",
    "sensorType": "SINGLEBOX",
    "fault_type": "8",
    "faultId": "8454031169813413888",
    "time": "2024-03-07 15:46:54",
    "faultName": "非平层关人",
}
"""DOMAIN 5.2, as a gateway published it."""
MONITOR = {
    "elevatorCode": "MX5264",
    "ST": "S",
    "D": "5euYZAEAAAAAAAAAAQAAAAABACwAAAA=",
    "TY": "M",
    "sensorType": "SINGLEBOX",
    "time": "2023-06-26 09:37:41",
}
"""As the same vendor's box published it; its platform read floor 1, level, still, nobody inside, door closed."""
PLATFORM = {
    "registerNumber": "31101151152008120001",
    "Service_Mode": 1,
    "Car_Status": 0,
    "Car_Direction": 0,
    "Door_Zone": True,
    "Car_Position": "1",
    "Passenger_Status": False,
    "Door_Close_Status": True,
    "Door_Status": 2,
    "samplingTime": "2024-04-26 17:29:00",
}
"""The items as Shanghai's platform takes them."""
SINGLEBOX = {"layout.M": "maixin"}


def decode(said: Any, names: tuple[NameMapping, ...] = (), **options: str) -> Decoded | Message | Rejection | Passed:
    """What a source with these options makes of a message; a dot in an option's name is written as two underscores."""
    named = {name.replace("__", "."): value for name, value in options.items()}
    source = Source("elevators", "gbt24476", ("elevator/+/up",), options=named, names=names)
    route = Gbt24476Format(source).route(TOPIC)
    assert route is not None
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return route.decode(payload, ARRIVAL_US)


def part(said: Any, **options: Any) -> Decoded:
    """The one device's words."""
    message = decode(said, **options)
    assert isinstance(message, Message), message
    assert message.refused is None
    (only,) = message.parts
    return only


def readings(said: Any, **options: Any) -> dict[str, float]:
    return {reading.metric: reading.value for reading in part(said, **options).readings}


def event(said: Any, **options: Any) -> Event:
    (only,) = part(said, **options).events
    return only


def reason(said: Any, **options: Any) -> Reason:
    decoded = decode(said, **options)
    refused = decoded.refused if isinstance(decoded, Message) else decoded
    assert isinstance(refused, Rejection), refused
    return refused.reason


def shanghai_us(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000


def test_a_gateways_fault_is_an_event_and_a_reading() -> None:
    """The published sample: code and words as sent, local time as Shanghai's, and the second clock beside it."""
    said = part(FAULT, table="vendor")
    (fault,) = said.events

    assert (fault.device, fault.kind, fault.at_us) == ("MXCS123123", "elevator.fault", shanghai_us(FAULT["time"]))
    assert fault.attributes == {
        "code": 8,
        "table": "vendor",
        "state": "begin",
        "id": "8454031169813413888",
        "name": "非平层关人",
        "sensor": "SINGLEBOX",
        "epoch_us": 1_709_786_813_000_000,
        "skew_s": 10_801,
    }
    assert [(one.metric, one.value, one.at_us) for one in said.readings] == [("fault_code", 8.0, fault.at_us)]


def test_the_other_clock_may_be_the_one_that_counts() -> None:
    """Where two clocks differ by hours one of them is wrong, and a person knows which."""
    by_epoch = event(FAULT, clock="epoch")

    assert by_epoch.at_us == 1_709_786_813_000_000
    assert by_epoch.attributes["skew_s"] == event(FAULT).attributes["skew_s"]


def test_local_times_are_of_the_zone_that_is_set() -> None:
    """A text without a zone means what clocks show where the elevator stands."""
    assert event(FAULT, timezone="Asia/Urumqi").at_us - event(FAULT).at_us == 2 * 3_600 * 1_000_000
    assert event({**FAULT, "time": "2024-03-07T07:46:54Z"}).at_us == event(FAULT).at_us


def test_the_end_of_a_fault_clears_its_code() -> None:
    """Or a detector would take a car for stuck for ever."""
    ended = {**FAULT, "ST": "disappear"}

    assert event(ended).attributes["state"] == "end"
    assert readings(ended) == {"fault_code": 0.0}


def test_a_boxes_status_is_read_by_its_layout() -> None:
    """The published sample gives what its own platform reads there, at the time both clocks show."""
    said = part(MONITOR, layout__M="maixin")

    assert {one.metric: one.value for one in said.readings} == {
        "service_mode": 1.0,
        "car_running": 0.0,
        "car_direction": 0.0,
        "car_speed_m_s": 0.0,
        "door_zone": 1.0,
        "door_closed": 1.0,
        "person_present": 0.0,
        "floor": 1.0,
    }
    assert {one.at_us for one in said.readings} == {shanghai_us("2023-06-26 09:37:41")}
    assert said.device == "MX5264"


@pytest.mark.parametrize(
    ("packed", "door_zone"), [("nITTXQEVAAAAAQAAAQAAAAAAAB4=", 1.0), ("lpPuYAEAAAEAAQAAAQBcAAAAACY=", 0.0)]
)
def test_a_shorter_status_of_the_same_vendor_is_read(packed: str, door_zone: float) -> None:
    """Published by boxes on car roofs: twenty bytes, and the clock in them where no other is."""
    said = part({"elevatorCode": "MX1", "TY": "Monitor", "D": packed}, layout="maixin")
    (epoch_s,) = struct.unpack_from("<I", base64.b64decode(packed))

    assert {one.at_us for one in said.readings} == {epoch_s * 1_000_000}
    assert {one.metric: one.value for one in said.readings}["door_zone"] == door_zone


def test_without_a_layout_nothing_is_guessed() -> None:
    """The bytes differ between vendors and firmware, so a status of unknown ones says nothing."""
    assert reason(MONITOR) is Reason.EMPTY


def test_a_platforms_items_are_readings() -> None:
    """Item names of the standard; a platform's own door code is not taken for the standard's switch."""
    said = part(PLATFORM)

    assert said.device == "31101151152008120001"
    assert {one.metric: one.value for one in said.readings} == {
        "service_mode": 1.0,
        "car_running": 0.0,
        "car_direction": 0.0,
        "door_zone": 1.0,
        "floor": 1.0,
        "person_present": 0.0,
        "door_closed": 1.0,
    }
    assert said.unmapped == ()


def test_counters_are_readings() -> None:
    """Hours and trips of the statistics message."""
    assert readings({"Total_Running_Time": 12_345, "Present_Counter_Value": 678_901}) == {
        "running_time_h": 12_345.0,
        "trips_total": 678_901.0,
    }


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"Message_Code": 4}, 4),
        ({"Message_Code": ["90"]}, 90),
        ({"failureCode": "0101", "eventDesc": "困人", "alarmId": "x"}, 101),
    ],
)
def test_fault_codes_come_as_numbers_texts_and_lists(said: dict[str, Any], code: int) -> None:
    """The standard sends numbers, a city's platform text with leading zeros."""
    assert event(said).attributes["code"] == code
    assert readings(said) == {"fault_code": float(code)}


def test_several_faults_are_told_one_after_the_other() -> None:
    """A metric has one value at a time, and each code must be seen by whoever waits for it."""
    said = part({"Message_Code": [4, 90], "Time_Stamps": "2024-03-07 15:46:54"})
    start_us = shanghai_us("2024-03-07 15:46:54")

    assert [(one.at_us - start_us, one.value) for one in said.readings] == [(0, 4.0), (1, 90.0)]
    assert [one.attributes["code"] for one in said.events] == [4, 90]


@pytest.mark.parametrize("none", [0, [0], [], "0", "00"])
def test_no_fault_is_no_event(none: Any) -> None:
    """The code 0 says that there is none, and clears what was there."""
    said = part({"Message_Code": none})

    assert said.events == ()
    assert [one.value for one in said.readings] == [0.0]


@pytest.mark.parametrize(("value", "closed"), [(0, None), (1, 0.0), (2, 1.0), ("5", 1.0), (6.0, 0.0)])
def test_a_platforms_codes_mean_what_the_option_says(value: Any, closed: float | None) -> None:
    """1 is a closing door here and a closed one in the standard; 0 is unknown, and no reading."""
    said = decode({"Door_Status": value, "Car_Position": 3}, code__Door_Status="0=-,1=0,2=1,3=0,4=0,5=1,6=0")

    assert isinstance(said, Message)
    assert {one.metric: one.value for one in said.parts[0].readings}.get("door_closed") == closed


def test_fault_codes_that_are_words_can_be_given_numbers() -> None:
    """A controller's own `E-12` becomes the number the table knows it by."""
    assert event({"fault_type": "E-12"}, code__Message_Code="E-12=4,E-0=0").attributes["code"] == 4


def test_other_names_are_mapped_by_the_source() -> None:
    """Also instead of what an item is by default; a name without a meaning is reported."""
    names = (NameMapping("Machine_Room_Temperature", "air_temperature_c"), NameMapping("Car_Position", "", ""))
    said = part({"Machine_Room_Temperature": 26.5, "Car_Position": 3, "Car_Overload": False}, names=names)

    assert [(one.metric, one.value) for one in said.readings] == [("air_temperature_c", 26.5)]
    assert said.unmapped == ("Car_Overload",)


def test_the_topic_names_whoever_names_itself_not() -> None:
    """The level at the filter's `+`."""
    assert part({"Car_Position": 3}).device == "MX1"


def test_a_list_holds_several_elevators() -> None:
    """A platform sends the cars of a building together; each is one device."""
    message = decode([{**PLATFORM, "registerNumber": "a"}, {**PLATFORM, "registerNumber": "b"}])

    assert isinstance(message, Message)
    assert [one.device for one in message.parts] == ["a", "b"]


def test_a_message_without_a_time_is_another_one_each_time() -> None:
    """Or the same state a minute later would be taken for the first message sent twice."""
    dated, undated = decode(PLATFORM), decode({"Car_Position": 3})

    assert isinstance(dated, Message)
    assert isinstance(undated, Message)
    assert not dated.identity
    assert undated.identity
    assert undated.parts[0].readings[0].at_us == ARRIVAL_US


@pytest.mark.parametrize("kind", ["Dlog", "SelfCheck", "TR"])
def test_what_a_gateway_says_of_itself_is_passed_over(kind: str) -> None:
    """Logs and self-checks are no status and no fault."""
    assert decode({"elevatorCode": "MX1", "TY": kind, "ST": "start"}) is Passed.NOT_EVIDENCE


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"{", Reason.NOT_JSON),
        (b"3", Reason.WRONG_TYPE),
        (b"[]", Reason.EMPTY),
        (b"[" * 20, Reason.TOO_DEEP),
        ({}, Reason.EMPTY),
        ({"Door_Zone": 2}, Reason.WRONG_TYPE),
        ({"Door_Zone": [True]}, Reason.WRONG_TYPE),
        ({"Car_Position": "G"}, Reason.TEXT_FOR_NUMBER),
        ({"Car_Position": 3, "time": "yesterday"}, Reason.BAD_TIME),
        ({"Car_Position": 3, "time": True}, Reason.BAD_TIME),
        ({"Message_Code": "E-12"}, Reason.TEXT_FOR_NUMBER),
        ({"Message_Code": 99_999}, Reason.NUMBER_TOO_LARGE),
        ({"Message_Code": [1] * 33}, Reason.TOO_MANY_METRICS),
        ({f"item {number}": 1 for number in range(513)}, Reason.TOO_MANY_METRICS),
        ({**MONITOR, "D": "no base64!"}, Reason.WRONG_LAYOUT),
        ({**MONITOR, "D": 5}, Reason.WRONG_LAYOUT),
        ({**MONITOR, "D": "AAAAAAAA"}, Reason.WRONG_LAYOUT),
        ({**MONITOR, "D": base64.b64encode(bytes(21)).decode()}, Reason.WRONG_LAYOUT),
        ({**MONITOR, "D": base64.b64encode(bytes([0] * 7 + [9] + [0] * 15)).decode()}, Reason.WRONG_LAYOUT),
    ],
)
def test_what_cannot_be_is_refused_by_name(said: Any, why: Reason) -> None:
    """Nothing is cut, guessed or read in part."""
    assert reason(said, layout__M="maixin") is why


ITEMS = {
    "Service_Mode": ("service_mode", st.integers(0, 7)),
    "Car_Status": ("car_running", st.integers(0, 1)),
    "Car_Direction": ("car_direction", st.integers(0, 2)),
    "Door_Zone": ("door_zone", st.booleans()),
    "Car_Position": ("floor", st.integers(-5, 120)),
    "Door_Status": ("door_closed", st.booleans()),
    "Passenger_Status": ("person_present", st.booleans()),
    "Total_Running_Time": ("running_time_h", st.integers(0, 2**32 - 1)),
    "Present_Counter_Value": ("trips_total", st.integers(0, 2**32 - 1)),
}


@given(st.fixed_dictionaries({}, optional={name: one[1] for name, one in ITEMS.items()}), st.booleans())
def test_every_item_comes_through(items: dict[str, Any], as_text: bool) -> None:  # noqa: FBT001 -- hypothesis calls it
    """Whatever an elevator says by the standard, in JSON's own types or as text, is what is read."""
    said = {name: str(value) if as_text else value for name, value in items.items()}
    if not items:
        return

    assert readings({**said, "Time_Stamps": 1_764_000_000}) == {
        ITEMS[name][0]: float(value) for name, value in items.items()
    }
    assert {metric for metric, _ in ITEMS.values()} <= METRICS.keys()


@given(
    st.lists(st.sampled_from(["u8", "i8", "u16", "i16", "u32", "i32"]), min_size=1, max_size=12),
    st.lists(st.integers(0, 12), max_size=2),
    st.data(),
)
def test_every_layout_reads_what_was_packed(types: list[str], marks: list[int], data: st.DataObject) -> None:
    """Named fields come out as they were packed, at every length the layout allows and at no other."""
    letters = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "u32": "I", "i32": "i"}
    ends = sorted({min(max(one, 1), len(types)) for one in marks} | {len(types)})
    words = []
    for number, kind in enumerate(types, 1):
        words += [f"{kind}:field{number}", *(["|"] if number in ends[:-1] else [])]
    layout = PackedLayout(" ".join(words))
    end = data.draw(st.sampled_from(ends))
    packed = data.draw(st.binary(min_size=struct.calcsize("<" + "".join(letters[one] for one in types[:end]))))
    expected = struct.unpack_from("<" + "".join(letters[one] for one in types[:end]), packed)
    size = struct.calcsize("<" + "".join(letters[one] for one in types[:end]))

    assert layout.values(packed[:size]) == {f"field{number}": float(one) for number, one in enumerate(expected, 1)}
    lengths = {struct.calcsize("<" + "".join(letters[one] for one in types[:number])) for number in ends}
    assert isinstance(layout.values(packed), str) == (len(packed) not in lengths)


@given(
    st.binary(max_size=40) | st.binary(max_size=40).map(lambda data: json.dumps({"TY": "M", "D": data.hex()}).encode())
)
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    """Nothing a sender can put on the topic raises."""
    assert isinstance(decode(payload, layout="maixin"), Message | Rejection | Passed)


@pytest.mark.parametrize(("name", "lengths"), [("maixin", {20, 23, 25}), ("maixin_v200", {28})])
def test_the_layouts_we_ship_have_the_lengths_that_were_seen(name: str, lengths: set[int]) -> None:
    """A byte more or less is another firmware, and refused."""
    layout = PackedLayout(LAYOUTS[name])

    assert {size for size in range(64) if not isinstance(layout.values(bytes(size)), str)} == lengths


@pytest.mark.parametrize("text", ["", "u7", "u8:", "u8:a{x}", "... u8", "u8:a*1.2.3", "u8:a{1=b}", "i8:a b"])
def test_a_layout_that_is_none_is_named(text: str) -> None:
    """The sentence holds the part that is wrong."""
    with pytest.raises(BadLayoutError):
        PackedLayout(text)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"table": "iso"}, "option table is 'iso'; it must be one of gbt24476, vendor, city"),
        ({"clock": "sun"}, "it must be one of time, epoch"),
        ({"timezone": "Asia/Atlantis"}, "it must be the IANA name of a time zone"),
        ({"timezone": "../etc"}, "it must be the IANA name of a time zone"),
        ({"layout.M": "u9"}, "'u9' is no field"),
        ({"code.Door_Status": "open"}, "no list of codes such as"),
        ({"tabel": "city"}, "options are table, clock"),
    ],
)
def test_options_that_cannot_be_are_named(options: dict[str, str], sentence: str) -> None:
    """The sentence says source, option, value and what is possible."""
    with pytest.raises(SourceOptionError, match="'elevators'") as raised:
        Gbt24476Format(Source("elevators", "gbt24476", ("elevator/+/up",), options=options))
    assert sentence in str(raised.value)


def test_a_source_must_say_where_to_listen() -> None:
    """The standard names no topic, and listening to everything would take other formats' messages."""
    with pytest.raises(SourceOptionError, match="filters"):
        Gbt24476Format(Source("elevators", "gbt24476"))
