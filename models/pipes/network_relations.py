"""Network relations: what the channels of a water network let expect of each other, learnt from how days go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRESSURE = "pressure_kpa"
FLOW = "flow_m3_h"
LEVEL = "water_level_mm"
METRICS = frozenset({PRESSURE, FLOW, LEVEL})

LOSS = "loss"
"""Stands in front of a channel that holds the head loss which a metered flow would make."""

_LOSS_EXPONENT = 1.852
"""Source: Hazen-Williams, head loss ~ flow^1.852 (EPANET 2.2 manual, section 3.1)."""
_RIDGE = 1e-3
"""Chosen by: of 1e-4, 1e-3 and 1e-2 on January 2019 of L-Town the smallest scatter from day to day (0.0028 m against
0.0029 and 0.0036 m), with seven, ten and fourteen days to learn from alike."""
_LEAST_SCALE = 1e-3
_DIGITS = 9  # a residual is a difference of pressures ten thousand times as large


def plain(values: Iterable[float]) -> list[float]:
    """Numbers as they are kept, with the digits that count.

    Example:
        >>> plain([1 / 3, 100.0])
        [0.333333333, 100.0]
    """
    return [float(f"{float(value):.{_DIGITS}g}") for value in values]


def channel(device: str, metric: str) -> str:
    """What a device measures, as one name."""
    return f"{device} {metric}"


def metric_of(name: str) -> str:
    """The metric of a channel."""
    return name.rpartition(" ")[2]


def device_of(name: str) -> str:
    """The device of a channel."""
    return name.rpartition(" ")[0]


def is_loss(name: str) -> bool:
    """Whether a channel is the head loss of a flow and was not measured itself."""
    return name.startswith(f"{LOSS} ") and name.count(" ") > 1


def with_losses(names: Sequence[str], hours: Floats) -> tuple[list[str], Floats]:
    """Channels and, behind them, the head losses of those that are flows, since pressure does not follow flow evenly.

    Args:
        names: Channels.
        hours: Their hourly means, shape (..., channels).
    """
    flows = [n for n, name in enumerate(names) if metric_of(name) == FLOW]
    losses = np.abs(hours[..., flows]) ** _LOSS_EXPONENT
    return [*names, *(f"{LOSS} {names[n]}" for n in flows)], np.concatenate((hours, losses), axis=-1)


@dataclass(frozen=True, slots=True)
class Relations:
    """A linear map from what all channels say to how far each one is from what the others let expect.

    Attributes:
        channels: With the losses, in the order of the rows and columns.
        weights: Shape (channels, channels), 1 on the diagonal; times the channels it gives each one's distance from
            its regression on all others, less a constant that a baseline holds.
    """

    channels: tuple[str, ...]
    weights: Floats

    @classmethod
    def learnt(cls, channels: Sequence[str], days: Sequence[Floats]) -> Self:
        """From hourly means; only how a day goes up and down counts, so a leak that grows over days teaches nothing.

        The regressions of all channels on all others at once are the rows of the inverse of their covariance.

        Args:
            channels: With the losses.
            days: A day each, shape (hours, channels); days may have different hours.
        """
        centred = np.concatenate([day - day.mean(axis=0) for day in days])
        scale = np.maximum(centred.std(axis=0), _LEAST_SCALE)
        covariance = (centred / scale).T @ (centred / scale) / len(centred)
        precision = np.linalg.inv(covariance + _RIDGE * np.eye(len(channels)))
        weights = precision / np.diag(precision)[:, None] * scale[:, None] / scale[None, :]
        return cls(tuple(channels), weights)

    @property
    def loggers(self) -> list[int]:
        """Which channels are pressures."""
        return [n for n, name in enumerate(self.channels) if metric_of(name) == PRESSURE]

    def residuals(self, means: Floats) -> Floats:
        """How far each channel is from what the others let expect, less a constant.

        Args:
            means: Of a day (a linear map of means is the mean of the map), shape (..., channels).

        Returns:
            In the unit of each channel, same shape.
        """
        result: Floats = means @ self.weights.T
        return result

    def completed(self, means: Floats, expected: Floats) -> Floats:
        """Means in which a channel that said nothing says exactly what the others let expect of it.

        Args:
            means: NaN where a channel was silent, shape (channels,).
            expected: The residuals of an ordinary day.
        """
        silent = np.isnan(means)
        if not silent.any():
            return means
        filled = np.where(silent, 0.0, means)
        missing = expected[silent] - (self.weights[silent] @ filled)
        filled[silent] = np.linalg.lstsq(self.weights[np.ix_(silent, silent)], missing, rcond=None)[0]
        return filled

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {"channels": list(self.channels), "weights": [plain(row) for row in self.weights]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_json` made plain."""
        return cls(tuple(kept["channels"]), np.array(kept["weights"], float))
