"""Probability fit: isotonic where the data bear it, Platt's line where not, always rising and better than before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fitted.errors import ModelUnreadableError, TooFewRowsError
from models.fitted.probability_fit import Said, fit_map
from models.fitted.probability_map import IsotonicMap, PlattMap, map_json, map_of
from models.statistics.calibration import calibration_error


def said(rows: int, seed: int = 1) -> Said:
    """Chances that say twice what comes true."""
    dice = np.random.default_rng(seed)
    chances = dice.uniform(0.0, 1.0, rows)
    return Said(chances, (dice.random(rows) < chances / 2).astype(np.float64))


@pytest.mark.parametrize(
    ("rows", "kind"), [(4_000, IsotonicMap), (1_000, IsotonicMap), (999, PlattMap), (60, PlattMap)]
)
def test_the_map_is_chosen_by_what_there_is(rows: int, kind: type) -> None:
    """From 1,000 rows with 50 failures on it is isotonic, else a line on the log-odds."""
    assert isinstance(fit_map(said(rows)), kind)


def test_few_failures_of_many_rows_take_a_line() -> None:
    """Forty failures do not carry steps, however many rows there are."""
    outcomes = np.zeros(5_000)
    outcomes[:40] = 1.0

    assert isinstance(fit_map(Said(np.linspace(1.0, 0.0, 5_000), outcomes)), PlattMap)


@pytest.mark.parametrize("rows", [400, 4_000])
def test_chances_come_true_on_rows_it_has_not_seen(rows: int) -> None:
    """What was said twice too often is halved: the held-out calibration error falls by more than half."""
    fitted, held = fit_map(said(rows)), said(4_000, seed=2)
    after = np.array([fitted(float(chance)) for chance in held.chances])

    assert calibration_error(after, held.outcomes) < 0.5 * calibration_error(held.chances, held.outcomes)


@given(st.integers(0, 1_000), st.sampled_from([80, 2_000]), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_map_never_falls_and_survives_its_storing(seed: int, rows: int, one: float, other: float) -> None:
    """What was likelier stays at least as likely, in [0, 1]; stored and read it is the same map."""
    fitted = fit_map(said(rows, seed))
    low, high = sorted((one, other))

    assert 0.0 <= fitted(low) <= fitted(high) <= 1.0
    assert map_of("m", map_json(fitted)) == fitted


@pytest.mark.parametrize("failures", [0, 4])
def test_too_few_failures_fit_nothing(failures: int) -> None:
    """The error says how many there are and how many are needed."""
    outcomes = np.zeros(100)
    outcomes[:failures] = 1.0
    with pytest.raises(TooFewRowsError) as refused:
        fit_map(Said(np.full(100, 0.5), outcomes))

    assert refused.value.have == failures


def test_what_is_no_map_is_refused() -> None:
    """Bytes of something else do not become a map."""
    with pytest.raises(ModelUnreadableError):
        map_of("m", b'{"type": "neural", "weights": []}')
