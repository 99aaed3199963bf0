"""Building storm: made ready by the colour of the rain, published, measured or forecast; ordinary rain stays quiet."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.words.contributions import PHRASES
from alerts.words.surroundings import SIGNS
from ingest.readings import Batch
from models.detectors.building_storm import BuildingStorm
from models.engine import Engine
from models.findings import Finding
from models.surroundings.colours import Colour, cold_colour, rain_colour
from models.thresholds import DefaultThresholds
from tests.models.stream import HOUR_US, MIDNIGHT_US
from tests.models.surroundings_samples import Curve, forecast, house, in_time, measured, warning
from tests.models.worlds import LATENESS_US, engine, logged, ordered


def findings(batches: Sequence[Batch]) -> list[Finding]:
    """What is found of the house."""
    known = house()
    return ordered(engine(known, [BuildingStorm()]), logged(batches, known))


def raised(found: Sequence[Finding], severity: int = 0) -> float | None:
    """The first hour with a high score at least as severe, or None."""
    high = (f for f in found if (f.score or 0.0) >= 0.5 and f.severity >= severity)
    return next(((f.at_us - MIDNIGHT_US) / HOUR_US for f in high), None)


def rain(mm_an_hour: Curve, hours: float = 24.0) -> list[Batch]:
    return measured("rain", hours, {"rain_mm": lambda h: mm_an_hour(h) / 6})


@pytest.mark.parametrize(
    ("mm_an_hour", "hours", "severity"),
    [(5.0, 10.0, 0), (9.0, 5.6, 0), (18.0, 2.8, 1), (40.0, 2.5, 2)],
    ids=["blue", "yellow", "orange", "red"],
)
def test_measured_rain_has_the_colour_of_its_amount(mm_an_hour: float, hours: float, severity: int) -> None:
    """50 mm in 12, 6 and 3 hours, 100 mm in 3: from a preparation to an emergency, as soon as it has fallen."""
    found = findings(rain(lambda h: mm_an_hour if h >= 4 else 0.0))

    assert raised(found, severity) == pytest.approx(4 + hours, abs=0.4)
    assert raised(found, severity + 1) is None


def test_a_forecast_prepares_before_it_rains() -> None:
    """60 mm within 3 hours foretold in the morning: the order is there while the sun shines."""
    found = findings(in_time(rain(lambda _: 0.0, 12), [forecast(8, 20.0, h3=60.0)]))

    assert raised(found, severity=1) == pytest.approx(8, abs=0.2)


@pytest.mark.parametrize(("colour", "severity"), [("blue", 0), ("yellow", 0), ("orange", 1), ("red", 2)])
def test_a_published_colour_wins_over_what_is_computed(colour: str, severity: int) -> None:
    """Who publishes colours knows more than one gauge."""
    found = findings(in_time(rain(lambda _: 50.0, 12), [warning(0.01, "rain", colour, 24)]))

    assert raised(found, severity) is not None
    assert raised(found, severity + 1) is None


@pytest.mark.parametrize(
    ("name", "least", "expected"), [("blue", 30.0, 7.3), ("orange", 12.0, 5.3), ("red", 500.0, 9.6)]
)
def test_a_site_may_turn_how_much_rain_a_colour_takes(name: str, least: float, expected: float) -> None:
    """A basement that floods early is made ready early: 9 mm an hour from four on reach the limit that was set."""
    known, turned = house(), f"building.storm.{name}_mm"
    tunables = [replace(t, default=least) if t.name == turned else t for t in BuildingStorm().spec.tunables]
    machine = Engine(known, [BuildingStorm()], DefaultThresholds(tunables), LATENESS_US)
    found = ordered(machine, logged(rain(lambda h: 9.0 if h >= 4 else 0.0), known))

    assert {f.thresholds[turned] for f in found if f.thresholds} == {least}
    assert raised(found) == pytest.approx(expected, abs=0.4)


LOOKALIKES: dict[str, list[Batch]] = {
    "a wet day": rain(lambda _: 3.5),
    "a short cloudburst": rain(lambda h: 80.0 if 9 <= h < 9.5 else 0.0),
    "a cold warning": in_time(rain(lambda _: 0.0), [warning(9, "cold", "red")]),
    "a forecast of some rain": in_time(rain(lambda _: 0.0), [forecast(9, 20.0, h3=20.0, h6=30.0, h12=45.0)]),
    "rain that is over": in_time(rain(lambda _: 0.0), [warning(9, "rain", "none")]),
}


@pytest.mark.parametrize("story", LOOKALIKES.values(), ids=LOOKALIKES.keys())
def test_ordinary_rain_is_let_be(story: Sequence[Batch]) -> None:
    """None of it raises anything."""
    assert raised(findings(story)) is None


@given(st.floats(0, 200), st.floats(0, 200), st.floats(0, 100))
def test_more_rain_is_never_a_milder_colour(three: float, more: float, extra: float) -> None:
    """Each amount on top keeps the colour or makes it worse."""
    amounts = {3: three, 6: three + more, 12: three + 2 * more}

    assert rain_colour(lambda h: amounts[h] + extra) >= rain_colour(lambda h: amounts[h])


@given(st.floats(-5, 30), st.floats(-20, 10), st.floats(0, 10))
def test_a_deeper_fall_is_never_a_milder_colour(fall_c: float, minimum_c: float, deeper: float) -> None:
    """As with rain; and without a known fall there is no colour."""
    shallow, deep = ({24: f, 48: f} for f in (fall_c, fall_c + deeper))

    assert cold_colour(deep.get, minimum_c - deeper) >= cold_colour(shallow.get, minimum_c)
    assert cold_colour(dict[int, float]().get, minimum_c) is Colour.NONE


def test_every_sign_of_weather_can_be_said() -> None:
    """Each sign has a word for the title and a phrase for the reason."""
    coloured = {f"{kind}_{c.name.lower()}" for kind in ("cold", "rain") for c in Colour if c}

    assert coloured <= SIGNS.keys()
    assert SIGNS.keys() <= PHRASES.keys()
