"""Plates: equal ones and near ones are recognised, others are not, and none can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plates import PLATE_KEYS, PlateSeal, sealed_attributes

SEAL = PlateSeal(b"sixteen bytes or more")
PLATES = st.text("沪京ABC0178", min_size=1, max_size=8)


def distance(a: str, b: str) -> int:
    """Levenshtein's edit distance, row by row."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        above, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (char != other)))
    return row[-1]


def edited(plate: str, data: st.DataObject) -> str:
    """The plate after one or two random edits."""
    for _ in range(data.draw(st.integers(1, 2))):
        i = data.draw(st.integers(0, len(plate)))
        plate = plate[:i] + data.draw(st.sampled_from(["", "8", "C"])) + plate[i + data.draw(st.integers(0, 1)) :]
    return plate or "A"


@given(PLATES, st.data())
def test_near_means_at_most_one_character_apart(plate: str, data: st.DataObject) -> None:
    """Two plates share a pattern exactly if their edit distance is at most one."""
    other = data.draw(PLATES) if data.draw(st.booleans()) else edited(plate, data)
    a, b = SEAL.seal(plate), SEAL.seal(other)

    assert a is not None
    assert b is not None
    assert bool(set(a.near) & set(b.near)) == (distance(plate, other) <= 1)
    assert (a.hash == b.hash) == (plate == other)


@pytest.mark.parametrize("written", ["沪A12345", "沪A·12345", " 沪a 123-45 "])
def test_the_way_of_writing_does_not_matter(written: str) -> None:
    """Dots, spaces, dashes and case are not part of a plate."""
    assert SEAL.seal(written) == SEAL.seal("沪A12345")


def test_another_key_makes_other_hashes() -> None:
    """Without the key nothing can be compared."""
    a, b = SEAL.seal("沪A12345"), PlateSeal(b"another key of 16").seal("沪A12345")

    assert a is not None
    assert b is not None
    assert a.hash != b.hash
    assert not set(a.near) & set(b.near)


@pytest.mark.parametrize(
    ("plate", "masked"),
    [("沪A12345", "沪A·12***"), ("粤BD12345", "粤B·D1***"), ("ABC12345", "ABC***"), ("AB1", "A***")],
)
def test_the_mask_hides_more_than_it_shows(plate: str, masked: str) -> None:
    """A crew recognises the car beside it and can find no other by it."""
    sealed = SEAL.seal(plate)

    assert sealed is not None
    assert sealed.masked == masked


def test_what_is_no_plate_is_nothing() -> None:
    """A reading of dots and spaces is not a plate that two cars share."""
    assert SEAL.seal(" ·--") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from(sorted(PLATE_KEYS)), st.data())
def test_no_attribute_of_an_event_lets_a_plate_through(around: object, key: str, data: st.DataObject) -> None:
    """Under a name of its own in any spelling and depth, or in the middle of any text, a plate is not kept."""
    spelled = data.draw(st.sampled_from([key, key.upper(), key.title()]))
    hidden = data.draw(
        st.sampled_from(
            [
                {spelled: "沪A12345"},
                {"vehicle": {spelled: ["沪A12345", 0.9]}},
                {"seen": [{"deep": {spelled: "沪A12345"}}]},
                {"note": "he left with 沪A12345 at noon", "list": ["沪A·12345"]},
            ]
        )
    )
    kept = sealed_attributes({"around": around} | hidden, SEAL)

    assert "A12345" not in str(kept).replace("·", "")


def test_a_plate_that_any_device_sends_is_sealed_as_a_camera_s_is() -> None:
    """So the same car is recognised; a seal that is there already stays, and without a key nothing does."""
    sealed = SEAL.seal("沪A12345")
    kept = sealed_attributes({"plate": "沪A12345", "label": "car"}, SEAL)

    assert sealed is not None
    assert (kept["plate_hash"], kept["plate_masked"], kept["label"]) == (sealed.hash, "沪A·12***", "car")
    assert sealed_attributes(kept, SEAL) == kept
    assert sealed_attributes({"plate": "沪A12345", "label": "car"}, None) == {"label": "car"}
