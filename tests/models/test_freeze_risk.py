"""Freeze risk: the chance that a pipe freezes follows the cold, and lagging and flow lower it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pipes.freeze_risk import FreezeConditions, freeze_risk

CONDITIONS = st.builds(
    FreezeConditions,
    st.floats(0.0, 48.0),
    st.floats(-60.0, 50.0),
    st.sampled_from([None, False, True]),
    st.sampled_from([None, False, True]),
)


@pytest.mark.parametrize(
    ("conditions", "chance"),
    [
        (FreezeConditions(24.0, -12.0), 2 / 3),
        (FreezeConditions(6.0, -7.0), 1 / 20),
        (FreezeConditions(0.0, 2.0), 1 / 2_000),
    ],
)
def test_it_keeps_its_anchors(conditions: FreezeConditions, chance: float) -> None:
    """The three chances that the weights were chosen by come out, to a fifth of each."""
    assert freeze_risk(conditions) == pytest.approx(chance, rel=0.2)


@given(CONDITIONS, st.floats(0.0, 10.0))
def test_more_cold_is_never_less_likely(conditions: FreezeConditions, more: float) -> None:
    """A colder forecast and longer cold raise the chance or leave it."""
    chance = freeze_risk(conditions)

    assert 0.0 <= chance <= 1.0
    assert freeze_risk(replace(conditions, minimum_c=conditions.minimum_c - more)) >= chance
    assert freeze_risk(replace(conditions, cold_hours=conditions.cold_hours + more)) >= chance


@given(CONDITIONS)
def test_lagging_and_flow_help_and_what_is_unknown_does_not(conditions: FreezeConditions) -> None:
    """Lagging and flow never raise the chance; not knowing of them is as bad as not having them."""
    bare = freeze_risk(replace(conditions, insulated=False, flowing=False))

    assert freeze_risk(replace(conditions, insulated=True, flowing=False)) <= bare
    assert freeze_risk(replace(conditions, insulated=False, flowing=True)) <= bare
    assert freeze_risk(replace(conditions, insulated=None, flowing=None)) == bare
