"""Calibration: maps keep order and range, a fit recovers what it should, and a base rate has no skill."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pipes.burst_risk import CALIBRATION
from models.statistics.calibration import BetaMap, brier_skill, calibration_error, fit_beta, reliability

chances = st.floats(0.0, 1.0, allow_nan=False)


@given(chances, chances)
def test_the_map_keeps_order_and_range(one: float, other: float) -> None:
    """A higher raw chance is never mapped lower, and nothing leaves [0, 1]."""
    low, high = sorted((one, other))

    assert 0.0 <= float(CALIBRATION(low)) <= float(CALIBRATION(high)) <= 1.0


def test_a_fit_recovers_a_distortion() -> None:
    """Chances that were pushed to the extremes are brought back."""
    rng = np.random.default_rng(1)
    true = rng.uniform(0.02, 0.98, 20_000)
    outcomes = (rng.random(true.size) < true).astype(float)
    pushed = true**2 / (true**2 + (1 - true) ** 2)
    fitted = fit_beta(pushed, outcomes)

    assert (fitted.low, fitted.high) == pytest.approx((0.5, 0.5), abs=0.05)
    assert calibration_error(np.asarray(fitted(pushed)), outcomes) < 0.02 < calibration_error(pushed, outcomes)


def test_the_base_rate_has_no_skill() -> None:
    """Always saying the base rate scores zero, and its reliability table has one honest row."""
    outcomes = np.array([0.0, 1.0, 0.0, 0.0])
    said = np.full(4, 0.25)

    assert brier_skill(said, outcomes) == pytest.approx(0.0)
    assert [(r.said, r.came_true, r.count) for r in reliability(said, outcomes)] == [(0.25, 0.25, 4)]
    assert BetaMap(1.0, 1.0, 0.0)(0.25) == pytest.approx(0.25)
