"""Pipe freeze: one word a cold spell, more urgent as it gets worse, a patrol at the thaw; mild winters stay quiet."""

from collections.abc import Sequence

import pytest

from ingest.readings import Batch
from models.detectors.pipe_freeze import FREEZE, THAW, PipeFreeze
from models.findings import Finding, Verdict
from tests.models.stream import HOUR_US, MIDNIGHT_US
from tests.models.surroundings_samples import Curve, forecast, house, in_time, measured, warning
from tests.models.worlds import engine, logged, ordered


def findings(batches: Sequence[Batch], mode: str = FREEZE) -> list[Finding]:
    """What is found of the house."""
    known = house()
    return [f for f in ordered(engine(known, [PipeFreeze()]), logged(batches, known)) if f.failure_mode == mode]


def raised(found: Sequence[Finding], severity: int = 0) -> float | None:
    """The first hour with a high score at least as severe, or None."""
    high = (f for f in found if (f.score or 0.0) >= 0.5 and f.severity >= severity)
    return next(((f.at_us - MIDNIGHT_US) / HOUR_US for f in high), None)


def air(curve: Curve, hours: float = 24.0) -> list[Batch]:
    return measured("air", hours, {"air_temperature_c": curve})


def cause(found: Sequence[Finding]) -> object:
    """What the first high finding goes by."""
    first = next(f for f in found if (f.score or 0.0) >= 0.5)
    assert first.evidence is not None
    assert first.evidence.facts is not None
    return first.evidence.facts["cause"]


def test_a_cold_forecast_prepares_and_a_colder_one_orders() -> None:
    """-4 C in the forecast lists what is exposed; -7 C is an order."""
    found = findings(in_time(air(lambda _: 3.0, 12), [forecast(2, -3.0), forecast(4, -4.0), forecast(8, -7.0)]))

    assert raised(found) == pytest.approx(4, abs=0.2)
    assert raised(found, severity=1) == pytest.approx(8, abs=0.2)
    assert cause(found) == "foretold_c"


@pytest.mark.parametrize(("metric", "degrees"), [("air_temperature_c", -7.0), ("pipe_temperature_c", 2.0)])
def test_cold_air_and_a_cold_pipe_are_orders(metric: str, degrees: float) -> None:
    """Without any forecast, what is measured is enough."""
    found = findings(measured("pipe", 8, {metric: lambda h: 9.0 if h < 5 else degrees}))

    assert raised(found, severity=1) == pytest.approx(5, abs=0.2)
    assert cause(found) == metric


@pytest.mark.parametrize(("colour", "severity"), [("blue", 0), ("yellow", 0), ("orange", 1), ("red", 2)], ids=str)
def test_a_published_colour_prepares_as_urgently_as_it_is(colour: str, severity: int) -> None:
    """Blue and yellow are seasonal, orange is due, red is an emergency; none before it was published."""
    found = findings(in_time(air(lambda _: 6.0), [warning(9, "cold", colour, 6)]))

    assert raised(found) == raised(found, severity) == pytest.approx(9, abs=0.2)
    assert raised(found, severity + 1) is None
    assert {f.score for f in found if f.at_us >= MIDNIGHT_US + 16 * HOUR_US} == {0.0}


def test_a_fall_of_the_daily_minimum_has_its_colour_when_nobody_publishes() -> None:
    """From 14 C to 1 C from one day to the next is orange by 12 C but not by 0 C: yellow, and a preparation."""
    found = findings(air(lambda h: 14.0 if h < 50 else 1.0, 60))

    assert raised(found) == pytest.approx(50, abs=0.2)
    assert cause(found) == "cold_yellow"


def test_pressure_that_rises_while_nothing_flows_in_the_frost_is_an_emergency() -> None:
    """Water trapped behind ice: 100 kPa more than when the flow stopped."""
    gauge = measured("gauge", 12, {"flow_m3_h": lambda h: 0.0 if h >= 6 else 1.0})
    pressed = measured("rain", 12, {"pressure_kpa": lambda h: 350.0 + max(0.0, h - 7) * 60.0})
    found = findings(in_time(air(lambda _: -8.0, 12), gauge, pressed))

    assert raised(found, severity=2) == pytest.approx(8.7, abs=0.2)


def test_the_patrol_is_due_at_the_thaw_and_for_a_day() -> None:
    """Twelve hours of frost, then warmer than 1.5 C for a whole hour: a patrol, which is over after 24 h."""
    found = findings(air(lambda h: -5.0 if h < 14 else 3.0, 48), THAW)

    assert raised(found) == pytest.approx(15, abs=0.2)
    assert [(f.at_us - MIDNIGHT_US) / HOUR_US for f in found if f.score == 0.0] == [pytest.approx(39, abs=0.2)]


LOOKALIKES: dict[str, list[Batch]] = {
    "a night at -3 C": air(lambda h: 4.0 - 7.0 * (h % 24 < 8), 72),
    "water from a winter main": measured("pipe", 24, {"pipe_temperature_c": lambda _: 4.0}),
    "hot days and cold nights": air(lambda h: 18.0 - 13.0 * (h % 24 < 8), 96),
    "a booster starts at night": in_time(
        air(lambda _: 1.0),
        measured("gauge", 24, {"flow_m3_h": lambda _: 0.0}),
        measured("rain", 24, {"pressure_kpa": lambda h: 350.0 + 200.0 * (h > 12)}),
    ),
    "a taken back warning": in_time(air(lambda _: 6.0), [warning(9, "cold", "none")]),
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_what_only_looks_like_frost_is_let_be(story: Sequence[Batch]) -> None:
    """None of them raises frost or a patrol."""
    assert raised(findings(story)) is None
    assert raised(findings(story, THAW)) is None


@pytest.mark.parametrize(
    "curve",
    [lambda h: -5.0 if h < 8 else 3.0, lambda h: -2.0 if h < 20 else 3.0, lambda h: -5.0 if h < 20 else 1.0],
    ids=["8 h", "-2 C", "up to 1 C"],
)
def test_no_patrol_after_a_short_or_light_frost_or_without_a_thaw(curve: Curve) -> None:
    """It takes twelve hours at -4 C and then more than 1.5 C."""
    assert raised(findings(air(curve, 40), THAW)) is None


def test_a_warm_pipe_does_not_speak_for_air_that_is_not_heard() -> None:
    """The thermometer outdoors is silent for an hour of the frost: that is no thaw, though the pipe indoors is warm."""
    outdoors = [b for b in air(lambda _: -9.0) if not 15 <= (b.received_us - MIDNIGHT_US) / HOUR_US < 17]
    pipe = measured("pipe", 24, {"pipe_temperature_c": lambda _: 8.0})

    assert raised(findings(in_time(outdoors, pipe), THAW)) is None


def test_a_silent_thermometer_is_unknown_and_not_mild() -> None:
    """Three hours after its last word nothing is known, and that is said once."""
    found = findings([*air(lambda _: -9.0, 4), *measured("gauge", 12, {"flow_m3_h": lambda _: 1.0})[24:]])

    assert {f.verdict for f in found if f.at_us >= MIDNIGHT_US + 7 * HOUR_US} == {Verdict.UNKNOWN}


@pytest.mark.parametrize(
    "odd",
    [{"minimum_c": "cold"}, {"rain_mm": [3]}, {"rain_mm": {"3": "much", "x": 1}}, {"hours": -4}, {"hours": True}, {}],
    ids=str,
)
def test_a_forecast_of_another_make_harms_nobody(odd: dict[str, object]) -> None:
    """What cannot be read says nothing."""
    broken = forecast(2)
    broken.events[0].attributes.clear()
    broken.events[0].attributes.update(odd)

    assert raised(findings(in_time(air(lambda _: 6.0, 6), [broken]))) is None
