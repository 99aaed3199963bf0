"""Front gauge: it tells of the rain that a camera sees, and of some that it does not; else that nothing fell."""

import json

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_midnight
from device_simulators.falling_objects import Spell, shower, thrown
from device_simulators.front_gauge import RainGauge

START = local_midnight(1_764_000_000_000_000)
DAYS = 100


def spells(note: str) -> list[Spell]:
    """One a day at noon."""
    dice = np.random.default_rng(2)
    return [shower(dice, START + day * DAY_US + 12 * HOUR_US, note, tells=False) for day in range(DAYS)]


def told(spells: list[Spell]) -> list[tuple[int, float]]:
    """What the gauge says, when and how much."""
    gauge = RainGauge("s", "g", 4, spells)
    messages = list(gauge.messages(START, START + DAYS * DAY_US))
    return [(m.at_us, json.loads(m.payload)["samples"][0]["values"]["rain_mm"]) for m in messages]


def wet(spells: list[Spell]) -> int:
    """On how many days it tells of rain in the ten minutes after noon."""
    noons = {START + day * DAY_US + 12 * HOUR_US for day in range(DAYS)}
    said = [at_us for at_us, fallen_mm in told(spells) if fallen_mm > 0.0]
    return sum(any(noon < at_us <= noon + 10 * MINUTE_US for at_us in said) for noon in noons)


def test_it_tells_of_most_of_the_rain_that_a_camera_sees() -> None:
    """Nine spells in ten, and of leaves and insects no more than of a day without any."""
    assert 80 <= wet(spells("rain")) <= 99
    assert wet(spells("leaves")) == wet([]) < 15


def test_it_rains_now_and_then_without_a_camera_minding() -> None:
    """In one hour of thirty, so that what is thrown is thrown in the rain as well."""
    dice = np.random.default_rng(3)
    things = [thrown(dice, START + day * DAY_US, tells=False) for day in range(DAYS)]
    said = told(things)
    hours = {at_us // HOUR_US for at_us, fallen_mm in said if fallen_mm > 0.0}

    assert 0.01 < len(hours) / (24 * DAYS) < 0.08


def test_it_speaks_every_hour_in_the_order_of_time() -> None:
    """No hour passes without a word, and no moment has two."""
    times = [at_us for at_us, _ in told(spells("snow"))]

    assert times == sorted(set(times))
    assert max(np.diff(times)) == HOUR_US
