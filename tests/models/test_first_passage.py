"""First passage: the closed form, its integral over the drift, and the times read from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics.first_passage import Passage, crossing_times, passage_probability
from models.statistics.local_trend import Trend

PUBLISHED = [
    # distance, drift an hour, diffusion an hour, chance within 72 h and its Monte Carlo value (DOMAIN 1.4)
    (1.0, 0.01, 0.05, 0.3297, 0.3291),
    (1.0, 0.005, 0.1, 0.3735, 0.3692),
    (2.0, 0.01, 0.15, 0.2537, 0.2557),
    (5.0, -0.02, 0.4, 0.0710, 0.0729),
]

finite = {"allow_nan": False, "allow_infinity": False}
distances = st.floats(-1.0, 5.0, **finite)
drifts = st.floats(-2.0, 2.0, **finite)
diffusions = st.floats(0.01, 1.0, **finite)
horizons = st.floats(0.05, 400.0, **finite)
trends = st.builds(
    Trend,
    level=st.floats(-1.0, 3.0, **finite),
    slope=st.floats(-0.5, 1.0, **finite),
    level_variance=st.floats(1e-6, 0.1, **finite),
    covariance=st.just(0.0),
    slope_variance=st.floats(0.0, 0.1, **finite),
)


@pytest.mark.parametrize(("distance", "drift", "diffusion", "chance", "simulated"), PUBLISHED)
def test_closed_form_gives_the_published_chances(
    distance: float, drift: float, diffusion: float, chance: float, simulated: float
) -> None:
    """The four chances that were checked by Monte Carlo come out to four digits."""
    found = float(passage_probability(distance, 72.0, drift, diffusion))

    assert found == pytest.approx(chance, abs=5e-5)
    assert found == pytest.approx(simulated, abs=0.005)


def test_closed_form_agrees_with_simulated_paths() -> None:
    """Paths drawn with a Brownian bridge between steps cross as often as the formula says."""
    rng = np.random.default_rng(5)
    paths, steps, hours, level, drift, diffusion = 20_000, 72, 72.0, 1.0, 0.005, 0.1
    step = hours / steps
    ends = np.cumsum(rng.normal(drift * step, diffusion * np.sqrt(step), (paths, steps)), axis=1)
    starts = np.hstack([np.zeros((paths, 1)), ends[:, :-1]])
    above = np.maximum(level - starts, 0) * np.maximum(level - ends, 0)
    bridged = np.exp(-2 * above / (diffusion**2 * step))
    crossed = 1 - np.prod(1 - bridged, axis=1)

    assert float(passage_probability(level, hours, drift, diffusion)) == pytest.approx(crossed.mean(), abs=0.01)


@given(distances, drifts, diffusions, horizons)
def test_a_chance_lies_between_nothing_and_certainty(
    distance: float, drift: float, diffusion: float, days: float
) -> None:
    """Whatever the numbers, nothing overflows and the result is a probability."""
    chance = float(passage_probability(distance, days, drift, diffusion))

    assert 0.0 <= chance <= 1.0


@given(distances, st.floats(0.0, 1.0, **finite), drifts, diffusions, horizons)
def test_nearer_is_never_safer(distance: float, nearer: float, drift: float, diffusion: float, days: float) -> None:
    """Moving towards the failure level never lowers the chance."""
    far = float(passage_probability(distance, days, drift, diffusion))
    near = float(passage_probability(distance - nearer, days, drift, diffusion))

    assert near >= far - 1e-9


@given(distances, drifts, diffusions, horizons, st.floats(1.0, 5.0, **finite))
def test_longer_is_never_safer(distance: float, drift: float, diffusion: float, days: float, longer: float) -> None:
    """Allowing more time never lowers the chance."""
    short = float(passage_probability(distance, days, drift, diffusion))

    assert float(passage_probability(distance, days * longer, drift, diffusion)) >= short - 1e-9


@given(trends)
def test_a_known_drift_is_the_closed_form(trend: Trend) -> None:
    """With nothing uncertain the integral over the drift is the closed form itself."""
    sure = Trend(trend.level, trend.slope, 0.0, 0.0, 0.0)
    integrated = Passage(sure, 2.0, 0.0, 0.1).probability(3.0)

    assert integrated == pytest.approx(float(passage_probability(2.0 - trend.level, 3.0, trend.slope, 0.1)), abs=1e-9)


@given(trends)
def test_quantiles_are_ordered(trend: Trend) -> None:
    """The 10, 50 and 90 % times ascend, and none is given without the ones before it."""
    grid = np.geomspace(0.05, 365.0, 60)
    chances = np.asarray(Passage(trend, 2.0, 0.3, 0.1).probability(grid))
    early, middle, late = crossing_times(grid, chances, (0.1, 0.5, 0.9))
    known = [t for t in (early, middle, late) if t is not None]

    assert known == sorted(known)
    assert (early is not None) >= (middle is not None) >= (late is not None)


def test_a_level_passed_without_failing_is_not_certain_death() -> None:
    """Where failure levels differ between assets, standing above the usual one leaves a chance to survive."""
    above = Trend(2.2, 0.0, 0.001, 0.0, 0.001)

    assert Passage(above, 2.0, 0.0, 0.05).probability(3.0) == pytest.approx(1.0)
    assert 0.1 < float(Passage(above, 2.0, 0.3, 0.05).probability(3.0)) < 0.9
