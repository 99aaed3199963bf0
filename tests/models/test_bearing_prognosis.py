"""Bearing prognosis: chances of zone D that come true, and times that hold what will be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.bearing_fleet import judge, main, simulate
from models.pumps.bearing_prognosis import BEGINS, CALIBRATION, Prognosis, grown
from models.pumps.iso_zones import bounds_of
from models.statistics.calibration import brier_skill, calibration_error
from models.statistics.local_trend import Trend
from tests.models.stream import DAY_US

BOUNDS = bounds_of({"power_kw": 7.5})


def followed(growth_by_day: list[float]) -> Trend | None:
    """The trend after these days, one hour a day."""
    trend: Trend | None = None
    for growth in growth_by_day:
        trend = grown(trend, 1.0, growth)
    return trend


def test_the_chance_comes_true_on_a_fleet_it_was_not_fitted_on() -> None:
    """On held-out bearings it has half the skill there is against climatology, and says what comes true."""
    judged = judge(list(simulate(120, seed=12)))
    chances = np.asarray(CALIBRATION(judged.raw))

    assert brier_skill(chances, judged.fails) > 0.5
    assert calibration_error(chances, judged.fails) < 0.005


def test_exponential_growth_is_foretold() -> None:
    """Wear that grows by a tenth a day from a fifth of usual is expected in zone D when it will be."""
    trend = followed([0.2 * math.exp(0.1 * day) for day in range(15)])
    assert trend is not None
    times = Prognosis(trend, 1.0, BOUNDS).time_to_zone_d(0)
    true_days = math.log(3.5 / 0.2) / 0.1 - 14.0

    assert times is not None
    assert times.p10_us / DAY_US < true_days < times.p90_us / DAY_US
    assert times.p50_us / DAY_US == pytest.approx(true_days, rel=0.15)


def test_a_step_that_stays_is_no_wear() -> None:
    """A pump that shakes by half more since an alignment, and no more, is not expected in zone D."""
    trend = followed([0.5] * 20)
    assert trend is not None

    assert Prognosis(trend, 1.0, BOUNDS).chance() < 0.01


def test_nothing_is_followed_that_does_not_grow() -> None:
    """Scatter around usual begins no prognosis, and one ends when the growth is gone."""
    assert followed([0.05, 0.1, -0.05, 0.14]) is None
    assert followed([0.3, 0.4, 0.01]) is None


def test_nothing_is_foretold_of_what_is_there() -> None:
    """Once the growth has taken the velocity over the bound at its usual speed, it is over."""
    near, there = (grown(None, 1.0, growth) for growth in (3.4, 3.6))
    assert near is not None
    assert there is not None

    assert not Prognosis(near, 1.0, BOUNDS).is_over()
    assert Prognosis(there, 1.0, BOUNDS).is_over()


@given(st.floats(BEGINS, 3.0), st.floats(0.0, 2.0))
def test_nearer_to_the_zone_is_never_less_likely(growth: float, more: float) -> None:
    """The chance lies in [0, 1] and rises with the growth."""
    near, far = (grown(None, 1.0, g) for g in (growth + more, growth))
    assert near is not None
    assert far is not None
    chances = [
        Prognosis(Trend(t.level, far.slope, far.level_variance, 0.0, far.slope_variance), 1.0, BOUNDS).chance()
        for t in (far, near)
    ]

    assert 0.0 <= chances[0] <= chances[1] + 1e-9 <= 1.0 + 1e-9


def test_the_command_prints_fit_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """What is fitted, what ships, and what it reaches on the other fleet."""
    main(["--bearings", "24"])
    said = capsys.readouterr().out

    assert said.startswith("fitted")
    assert all(word in said for word in ("shipped", "skill", "came true"))
