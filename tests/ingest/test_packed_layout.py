"""Packed status: bytes are read by their layout, and by nothing else."""

import base64
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.gbt24476 import LAYOUTS
from ingest.formats.packed_layout import BadLayoutError, PackedLayout
from ingest.formats.wire_format import Message
from ingest.quarantine import Passed, Reason, Rejection
from tests.ingest.elevator_messages import (
    MONITOR,
    decode,
    part,
    reason,
    shanghai_us,
)


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
