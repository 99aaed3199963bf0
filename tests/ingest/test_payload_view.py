"""Payload view: whatever a message holds can be shown, and no number plate is."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ingest.payload_view import view

PLATES = ("沪A12345", "京B·C1234", "粤AD12345", "AB 123 C")

_plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text('abc {}[]:,"\\é\n')
_json: st.SearchStrategy[Any] = st.recursive(
    _plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3), max_leaves=8
)


@given(
    st.binary(max_size=700) | st.text(max_size=300).map(str.encode) | _json.map(lambda one: json.dumps(one).encode())
)
@example(b'"\\ud800"')
@example(b"1" * 5_000)
@example(b'{"a":' * 300 + b"1" + b"}" * 300)
@example(b"NaN")
@example(b'{"plate":')
@example(b'{"plate":[')
def test_anything_can_be_shown(payload: bytes) -> None:
    """Any bytes become text that can be sent and printed, with their size, and the same again with plates."""
    for plates in (False, True):
        seen = view(payload, plates=plates)

        assert seen.text.encode().decode() == seen.text
        assert seen.size == len(payload)
        assert not (plates and seen.masked)
        assert seen.kind != "hex" or len(payload) > 0


@given(st.sampled_from(PLATES), _json, st.booleans(), st.integers(0, 40), st.booleans())
def test_no_plate_is_shown(plate: str, beside: Any, escaped: bool, missing: int, listed: bool) -> None:  # noqa: FBT001 -- hypothesis gives them
    """A plate under its key is blotted out wherever it stands, escaped or not, in whole JSON and in broken."""
    said = {"x": beside, "after": {"recognized_license_plate": [plate, 0.9] if listed else plate, "z": beside}}
    text = json.dumps(said, ensure_ascii=escaped)
    seen = view(text[: len(text) - missing].encode())
    hidden = plate[-5:]

    assert hidden not in seen.text


def test_a_plate_in_words_is_blotted_out() -> None:
    """Chinese plates are known by how they are written, wherever they stand."""
    seen = view("a car, 沪A12345 or 粤AD12345, at the gate; lift 2A1".encode())

    assert (seen.text, seen.masked) == ("a car, *** or ***, at the gate; lift 2A1", True)
