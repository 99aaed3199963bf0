"""Elevator e-bike: the codes of the tables that have one, one word a stay, and no word of other tables' numbers."""

import pytest

from models.detectors.elevator_ebike import ElevatorEbike
from models.findings import Finding, Verdict
from tests.models.camera_samples import car, codes
from tests.models.worlds import T0, S, engine, logged, ordered


def findings(table: str, *told: tuple[float, int]) -> list[tuple[float, float | None]]:
    """Seconds after T0, and the score."""
    known = car(table)
    found: list[Finding] = ordered(engine(known, [ElevatorEbike()]), logged(codes(*told), known))
    assert all(f.verdict is Verdict.SCORED or f.score is None for f in found)
    assert all(f.severity == bool(f.score) for f in found)
    return [((f.at_us - T0) / S, f.score) for f in found]


@pytest.mark.parametrize(("table", "code"), [("vendor", 37), ("city", 317)])
def test_it_is_said_at_once_and_over_two_minutes_after_the_code_has_gone(table: str, code: int) -> None:
    """At 60 s it is in, at 90 s out: over at 210 s."""
    assert findings(table, (0, 0), (60, code), (90, 0), (400, 0), (500, 0)) == [(60, 1.0), (210, 0.0)]


def test_one_that_is_pushed_in_again_within_two_minutes_is_one_stay() -> None:
    """The doors open, somebody turns round: nothing ends in between."""
    said = findings("vendor", (60, 37), (90, 0), (150, 37), (160, 0), (400, 0), (500, 0))

    assert [score for _, score in said] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(("table", "code"), [("gbt24476", 37), ("city", 37), ("vendor", 317), ("vendor", 38)])
def test_the_same_number_of_another_table_is_none(table: str, code: int) -> None:
    """37 is an e-bike to a vendor and nothing of the kind to the standard."""
    assert findings(table, (60, code), (90, 0), (400, 0)) == []


def test_silence_is_unknown_and_not_over() -> None:
    """Ten minutes without a word: nobody knows whether it is still in there."""
    assert findings("vendor", (60, 37), (900, 37))[1] == (660, None)
