"""Translation: foreign names, units and values become readings, and what has no meaning yet is reported."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.quarantine import Reason, Rejection
from ingest.readings import Reading
from ingest.sources import NameMapping, Source
from ingest.translation import Translated, Translation, Value

AT_US = 1_764_000_000_000_000
NAMES = (
    NameMapping("Pressure", "pressure_kpa", "MPa"),
    NameMapping("Pressure", "pressure_kpa", "bar", address="old"),
    NameMapping("raw", "pressure_kpa", "kPa", scale=62.5, offset=-250.0),
    NameMapping("battery", ""),
    NameMapping("vibration", "velocity_rms_mm_s"),
)
TRANSLATION = Translation(Source("gateway", "thingsboard", names=NAMES))


def translated(value: object, name: str = "Pressure", unit: str = "", address: str = "riser-1") -> Translated:
    found = TRANSLATION.readings(address, [Value(name, AT_US, value, unit)])
    assert isinstance(found, Translated)
    return found


def refusal(value: object, name: str = "Pressure", unit: str = "") -> Rejection:
    found = TRANSLATION.readings("riser-1", [Value(name, AT_US, value, unit)])
    assert isinstance(found, Rejection)
    return found


@pytest.mark.parametrize(
    ("name", "value", "address", "expected"),
    [
        ("Pressure", 0.3124, "riser-1", 312.4),
        ("Pressure", 3.124, "old", 312.4),
        ("raw", 8, "riser-1", 250.0),
        ("pressure_kpa", 312.4, "riser-1", 312.4),
    ],
)
def test_a_value_is_scaled_and_converted(name: str, value: float, address: str, expected: float) -> None:
    """A device's own mapping comes before its source's; one of our own names needs none."""
    (reading,) = translated(value, name, address=address).readings

    assert (reading.device, reading.metric, reading.at_us) == (address, "pressure_kpa", AT_US)
    assert reading.value == pytest.approx(expected)


def test_the_message_may_say_the_unit() -> None:
    """Where the mapping names no unit the message's own counts."""
    (reading,) = translated(0.0018, "vibration", "m/s").readings

    assert reading == Reading("riser-1", "velocity_rms_mm_s", AT_US, pytest.approx(1.8))


@pytest.mark.parametrize("name", ["battery", "Pressure"])
def test_what_is_not_wanted_or_not_said_is_left_out(name: str) -> None:
    """A name that is mapped to nothing, and a null, are no reading and no question."""
    assert translated(None if name == "Pressure" else 97, name) == Translated(())


def test_an_unknown_name_is_reported_once() -> None:
    """The rest is read, and the names that nobody knows come in the order of the message."""
    values = [Value(name, AT_US, 1.0) for name in ("x", "Pressure", "y", "x")]
    found = TRANSLATION.readings("riser-1", values)

    assert isinstance(found, Translated)
    assert (len(found.readings), found.unmapped) == (1, ("x", "y"))


@given(st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12))
def test_a_number_in_text_is_the_number(value: float) -> None:
    """Gateways send numbers as text; they mean the same."""
    assert translated(str(value), "pressure_kpa").readings == translated(value, "pressure_kpa").readings


@pytest.mark.parametrize(("text", "value"), [("true", 1.0), ("OFF", 0.0), (" on ", 1.0), (True, 1.0)])
def test_a_switch_is_one_or_zero(text: object, value: float) -> None:
    """Booleans and the words for them are 0 and 1."""
    assert translated(text, "door_closed").readings[0].value == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.inf, Reason.NOT_FINITE),
        ("1e999", Reason.NOT_FINITE),
        (10**400, Reason.NUMBER_TOO_LARGE),
        ("0,31", Reason.COMMA_DECIMAL),
        ("high", Reason.TEXT_FOR_NUMBER),
        ({"v": 1}, Reason.WRONG_TYPE),
        ([1], Reason.WRONG_TYPE),
    ],
)
def test_what_is_no_number_is_refused_by_name(value: object, reason: Reason) -> None:
    """The sentence names the value's name and shows a short piece of it."""
    found = refusal(value)

    assert (found.reason, found.detail[:8]) == (reason, "Pressure")
    assert len(found.detail) < 140


def test_a_mapping_that_cannot_be_is_refused() -> None:
    """A unit that does not convert, or a metric that does not exist, is said of the first value that meets it."""
    names = (NameMapping("a", "pressure_kpa", "mm/s"), NameMapping("b", "mood"))
    translation = Translation(Source("s", "senml", names=names))
    found = [translation.readings("d", [Value(name, AT_US, 1.0)]) for name in ("a", "b")]

    assert [f.reason for f in found if isinstance(f, Rejection)] == [Reason.UNKNOWN_UNIT, Reason.UNKNOWN_METRIC]


def test_made_up_names_cost_no_memory() -> None:
    """A device that makes up a name a message is forgotten again."""
    translation = Translation(Source("s", "senml"))
    for number in range(50_000):
        translation.readings("d", [Value(f"name {number}", AT_US, 1.0)])

    assert len(translation._known) <= 20_000  # noqa: SLF001 -- the memory itself is what must stay small


def test_a_number_that_no_unit_can_hold_is_refused() -> None:
    """What was finite in megapascals must not arrive as an infinite pressure, which no store takes."""
    assert refusal(1.7e308).reason == Reason.NUMBER_TOO_LARGE
