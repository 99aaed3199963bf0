"""SKAB components: a break that no channel shows by itself is seen, and no row is judged by later ones."""

from collections.abc import Callable

import numpy as np
import pytest

from models.evaluation.skab_arrays import Bools, Floats
from models.evaluation.skab_components import each_alone, together

_ROWS, _LEARNT, _ONSET = 900, 400, 600


def channels(seed: int, *, breaks: bool) -> Floats:
    """Four channels of one load; from the onset on the last goes its own way, as far as it always did."""
    dice = np.random.default_rng(seed)
    load, own = dice.normal(size=(2, _ROWS))
    rows: Floats = load[:, None] * np.array([1.0, -2.0, 0.5, 1.0]) + 0.1 * dice.normal(size=(_ROWS, 4))
    if breaks:
        rows[_ONSET:, 3] = own[_ONSET:]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_a_break_between_channels_is_seen_together_and_not_alone(seed: int) -> None:
    """Within two blocks of the onset, and never before; a channel's own course stays as it was."""
    said = together(channels(seed, breaks=True), _LEARNT)

    assert not said[:_ONSET].any()
    assert said[_ONSET + 40 :].mean() > 0.9
    assert each_alone(channels(seed, breaks=True), _LEARNT)[_LEARNT:].mean() < 0.2


@pytest.mark.parametrize("judge", [together, each_alone])
def test_no_row_is_judged_by_later_ones(judge: Callable[[Floats, int], Bools]) -> None:
    """What is said of the first rows is the same without the others."""
    rows = channels(7, breaks=True)

    assert judge(rows, _LEARNT)[:700].tolist() == judge(rows[:700], _LEARNT).tolist()
