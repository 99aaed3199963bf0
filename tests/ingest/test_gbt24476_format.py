"""GB/T 24476: elevators' items, faults and packed bytes are read as their senders mean them, and no other way."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceOptionError
from ingest.formats.gbt24476 import Gbt24476Format
from ingest.formats.wire_format import Message
from ingest.metrics import METRICS
from ingest.quarantine import Passed, Reason
from ingest.sources import NameMapping, Source
from tests.ingest.elevator_messages import (
    ARRIVAL_US,
    FAULT,
    MONITOR,
    PLATFORM,
    decode,
    event,
    part,
    readings,
    reason,
    shanghai_us,
)

"""DOMAIN 5.2, as a gateway published it."""


"""As the same vendor's box published it; its platform read floor 1, level, still, nobody inside, door closed."""


"""The items as Shanghai's platform takes them."""


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
