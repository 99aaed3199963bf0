"""Calibration: the shipped map is the one its fleet gives, and it keeps its word on a fleet it has not seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.burst_fleet import figures, judge, simulate
from models.pipes.burst_risk import CALIBRATION, default_settings
from models.statistics.calibration import BetaMap, brier_skill, calibration_error, fit_beta, reliability

chances = st.floats(0.0, 1.0, allow_nan=False)


def test_the_shipped_map_is_what_seed_1_gives() -> None:
    """Running the fit again gives the numbers in the tree."""
    settings = default_settings()
    judged = judge(list(simulate(900, settings.failure_level, seed=1)), settings)
    spoke = judged.persisting()
    fitted = fit_beta(judged.raw[spoke], judged.bursts[spoke])

    assert (fitted.low, fitted.high, fitted.intercept) == pytest.approx(
        (CALIBRATION.low, CALIBRATION.high, CALIBRATION.intercept), abs=0.01
    )


def test_held_out_risers_find_it_calibrated() -> None:
    """On risers of another seed the chance has skill, errs by little, and most bursts are warned of a day ahead."""
    settings = default_settings()
    fleet = list(simulate(450, settings.failure_level, seed=2))
    reached = figures(fleet, judge(fleet, settings))

    assert reached.skill > 0.25
    assert reached.calibration_error < 0.03
    assert reached.warned_24h / reached.bursts > 0.55
    assert reached.false_risers / reached.sound < 0.10


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
