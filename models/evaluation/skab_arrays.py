"""SKAB arrays: the deviation detector of steady assets over many recordings and many settings at once.

The same arithmetic as `models.deviation`, a row of all recordings at a time, so that a search takes a minute and not
hours. A test holds the two together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.deviation.level_shift import RECENT_BLOCKS
from models.deviation.memory import ANCHOR_PACE, DeviationSettings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_LEAST_SHARE, _LEAST = 1e-4, 1e-18


@dataclass(frozen=True, slots=True)
class Stack:
    """Recordings side by side, the short ones padded at their end.

    Attributes:
        values: In each channel's unit, shape (rows, recordings, channels).
        judged: Which rows count, shape (rows, recordings).
        anomalous: Which rows are labelled so, shape (rows, recordings).
    """

    values: Floats
    judged: Bools
    anomalous: Bools


def stacked(recordings: Sequence[tuple[Floats, Bools]], learning_rows: int) -> Stack:
    """Put recordings side by side.

    Args:
        recordings: Of each its values, shape (n, channels), and its labels, shape (n,).
        learning_rows: Rows of each that are not judged.
    """
    rows = max(len(labels) for _, labels in recordings)
    values = np.stack([np.pad(v, ((0, rows - len(v)), (0, 0)), mode="edge") for v, _ in recordings], axis=1)
    judged = np.zeros((rows, len(recordings)), dtype=np.bool_)
    anomalous = np.zeros_like(judged)
    for column, (_, labels) in enumerate(recordings):
        judged[learning_rows : len(labels), column] = True
        anomalous[: len(labels), column] = labels
    return Stack(values, judged, anomalous)


def deviations(values: Floats, settings: Sequence[DeviationSettings]) -> Iterator[tuple[int, Bools, Floats]]:
    """What the detector says at each row, knowing nothing later.

    Args:
        values: Of a `Stack`.
        settings: To be tried side by side; all of them share `block` and `warm_up`.

    Yields:
        The row's number, whether each recording deviates and its distance in spreads, both of shape (settings,
        recordings). Nothing is said of the rows that are learnt.
    """
    block = settings[0].shift.block
    learnt = -(-settings[0].shift.warm_up // block) * block
    state = _Channels(values[:learnt], block, settings)
    for row in range(learnt, len(values)):
        yield row, *state.take(values[row])


class _Channels:
    """Every channel of every recording under every setting: shape (settings, recordings, channels)."""

    def __init__(self, learnt: Floats, block: int, settings: Sequence[DeviationSettings]) -> None:
        blocks = learnt.reshape(-1, block, *learnt.shape[1:])
        means, within = blocks.mean(axis=1), blocks.var(axis=1).mean(axis=0)
        between, base = means.var(axis=0), np.median(means[-RECENT_BLOCKS:], axis=0)
        least = np.maximum(np.maximum(between, within / block), np.maximum((_LEAST_SHARE * base) ** 2, _LEAST))
        shifts = [s.shift for s in settings]
        self._smoothing, self._follow, self._widen, self._spike, self._free, drift_share = (
            np.array([getattr(s, name) for s in shifts], dtype=np.float64)[:, None, None]
            for name in ("smoothing", "follow", "widen", "spike", "free", "drift_share")
        )
        self._raise_at, self._release_share, self._settle = (
            np.array([getattr(s, name) for s in settings], dtype=np.float64)[:, None]
            for name in ("raise_at", "release_share", "settle")
        )
        shape = (len(settings), *base.shape)
        self._counts = ~(between > drift_share * (between + within))
        self._least, self._variance = (np.broadcast_to(least, shape).copy() for _ in range(2))
        self._smooth, self._base = (np.broadcast_to(level, shape).copy() for level in (means[-1], base))
        self._high = np.zeros(shape[:2], dtype=np.bool_)
        self._peak, self._settling = np.zeros(shape[:2]), np.zeros(shape[:2])

    def take(self, row: Floats) -> tuple[Bools, Floats]:
        """Whether each recording deviates once it has said this, and how far it is from its baselines."""
        spread = np.sqrt(self._variance)
        reach = self._spike * spread
        held = self._base + np.clip(row - self._base, -reach, reach)
        self._smooth = self._smooth + self._smoothing * (held - self._smooth)
        away = self._smooth - self._base
        total = (np.maximum(0.0, np.abs(away) / spread - self._free) * self._counts).sum(axis=2)
        settling, quiet = self._judge(total)
        near = quiet & (np.abs(away) < self._free * spread)
        widened = np.maximum(self._least, self._variance + (away * away - self._variance) / self._widen)
        self._variance = np.where(near, widened, self._variance)
        self._base = self._base + np.where(quiet, away / self._follow, np.where(settling, ANCHOR_PACE * away, 0.0))
        return self._high, total

    def _judge(self, total: Floats) -> tuple[Bools, Bools]:
        """Begin and end deviations; which recordings settle and which are quiet, shape (settings, recordings, 1)."""
        settling = self._settling > 0
        lasting = self._high & ~settling
        peak = np.where(lasting, np.maximum(self._peak, total), self._peak)
        ends = lasting & (total < self._release_share * peak)
        begins = ~settling & ~self._high & (total >= self._raise_at)
        self._settling = np.where(ends, self._settle, np.maximum(0.0, self._settling - 1))
        self._peak = np.where(begins, total, np.where(ends, 0.0, peak))
        quiet = ~settling & ~lasting & ~begins
        self._high = (self._high & ~ends) | begins
        return settling[..., None], quiet[..., None]
