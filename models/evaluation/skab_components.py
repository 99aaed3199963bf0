"""SKAB components: what principal components reach on SKAB, by the rule and the constants of asset.multivariate.

Nothing of it was chosen on SKAB: a row stands for an hour, twenty rows for a day.
"""

import numpy as np
import numpy.typing as npt

from models.evaluation.skab_arrays import Bools, Floats
from models.multivariate.components import Components, Known, components_of
from models.multivariate.rows import LAGS
from models.multivariate.settings import KEPT, RAISE
from models.multivariate.verdict import limit_of

BLOCK_ROWS = 20
"""Rows of which one value counts. Chosen by: the memory of the smoothing of asset.deviation, 1 / 0.05."""
_LASTING_ROWS = 5  # of a block: a quarter, as six hours are of a day


def together(values: Floats, learning_rows: int) -> Bools:
    """Whether Q or T2 of all channels is over its limit at each row, knowing nothing later.

    Args:
        values: Shape (n, channels).
        learning_rows: Rows that are known to be sound; half of them are fitted, half show how far sound ones go.
    """
    return _over(values, learning_rows)


def each_alone(values: Floats, learning_rows: int) -> Bools:
    """Whether any channel's last rows are over their limits (Sub-PCA); see `together`."""
    over = np.zeros(len(values), np.bool_)
    for channel in values.T:
        lagged = np.lib.stride_tricks.sliding_window_view(channel, LAGS)
        over[LAGS - 1 :] |= _over(lagged, learning_rows - LAGS + 1)
    return over


def _over(rows: Floats, learning_rows: int) -> Bools:
    fitted = learning_rows // 2
    usual = components_of(_known(rows[:fitted]), KEPT.default)
    lasting = _lasting(_statistics(usual, rows))
    blocks = lasting[fitted + BLOCK_ROWS - 1 : learning_rows : BLOCK_ROWS]
    over = np.zeros(len(rows), np.bool_)
    for statistic, sound in zip(lasting.T, blocks.T, strict=True):
        now = statistic > limit_of(sound.tolist(), RAISE.default).at
        over[BLOCK_ROWS:] |= now[BLOCK_ROWS:] & now[:-BLOCK_ROWS]
    return over


def _known(rows: Floats) -> Known:
    return Known(float(len(rows)), rows.mean(axis=0), np.cov(rows.T, bias=True))


def _statistics(usual: Components, rows: Floats) -> Floats:
    """Q and T2 of each row, shape (n, 2)."""
    return np.array([(one.apart, one.far) for one in map(usual.judged, rows)])


def _lasting(statistics: Floats) -> npt.NDArray[np.float64]:
    """What a quarter of the last block of rows reaches, shape (n, 2); of the first rows nothing."""
    blocks = np.lib.stride_tricks.sliding_window_view(statistics, BLOCK_ROWS, axis=0)
    lasting = np.zeros_like(statistics)
    lasting[BLOCK_ROWS - 1 :] = np.sort(blocks, axis=2)[:, :, -_LASTING_ROWS]
    return lasting
