"""Raise levels: block maxima keep the promised rate, also where single scores follow each other."""

import numpy as np
import pytest
from scipy.signal import lfilter

from models.fitted.errors import TooFewRowsError
from models.fitted.raise_levels import empirical_level, gumbel_level, pooled


def days(count: int, rho: float, seed: int) -> np.ndarray:
    """The highest of 96 samples of each day of an AR(1)."""
    noise = np.random.default_rng(seed).normal(size=(count, 96))
    return lfilter([np.sqrt(1 - rho**2)], [1.0, -rho], noise.ravel()).reshape(count, 96).max(axis=1)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.9])
@pytest.mark.parametrize("level", [empirical_level, gumbel_level])
def test_sound_days_exceed_it_as_rarely_as_promised(rho: float, level: object) -> None:
    """Asked for 12 days a year, held-out days exceed it on 6 to 20, however much samples follow each other."""
    bound = level(days(2_000, rho, 1), 12.0)  # type: ignore[operator]
    rate = 365.25 * np.mean(days(4_000, rho, 2) > bound)

    assert 6.0 < rate < 20.0


def test_heavy_tails_are_under_covered_by_a_gumbel_and_not_by_the_empirical() -> None:
    """With a Student t of 3 the fitted level promises 1 day a year in vain; that is why both are shown."""
    dice = np.random.default_rng(1)
    learnt, held = (dice.standard_t(3, (4_000, 24)).max(axis=1) for _ in range(2))
    empirical, gumbel = (365.25 * np.mean(held > level(learnt, 1.0)) for level in (empirical_level, gumbel_level))

    assert gumbel > 2.0
    assert empirical < gumbel


def test_assets_of_a_class_are_pooled_in_one_scale() -> None:
    """Two assets far apart, of many days each, look alike once they are pooled, and a new one is hardly moved."""
    dice = np.random.default_rng(2)
    loud, quiet = dice.normal(10.0, 2.0, 2_000), dice.normal(1.0, 0.1, 2_000)
    whole = pooled({"loud": loud, "quiet": quiet})

    assert whole.size == 4_000
    assert abs(np.median(whole[:2_000]) - np.median(whole[2_000:])) < 0.2 * np.abs(np.median(loud) - np.median(quiet))


def test_too_few_days_tell_no_level() -> None:
    """Below sixty asset-days nothing is proposed."""
    with pytest.raises(TooFewRowsError):
        empirical_level(np.ones(59), 1.0)
