"""Forecasts: what was said of the next 72 hours, one word an asset and day, and whether it came true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from device_simulators.calendar import DAY_US, HOUR_US
from device_simulators.labels import Label, Truth
from models.findings import Finding

HORIZON_US = 72 * HOUR_US
"""Source: the product's promise (DESIGN)."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The last probability that was said of an asset on a day.

    Attributes:
        failure_mode: Of what.
        probability: That it comes within the horizon.
        came_true: Whether it did.
        last_value: Whether it had come within as long before, by which who knows nothing else would go.
    """

    failure_mode: str
    probability: float
    came_true: bool
    last_value: bool = False


@dataclass(slots=True)
class ForecastBook:
    """Keeps the last probability of each asset, failure mode and day.

    Attributes:
        said: By asset, failure mode and day since the epoch: when, and what.
    """

    said: dict[tuple[str, str, int], tuple[int, float]] = field(default_factory=dict)

    def hear(self, finding: Finding) -> None:
        """Keep what a finding says of the next 72 hours; others say nothing of them."""
        if finding.probability is not None and finding.horizon_us == HORIZON_US:
            key = (finding.asset, finding.failure_mode, finding.at_us // DAY_US)
            self.said[key] = (finding.at_us, finding.probability)

    def held_against(self, labels: Iterable[Label]) -> list[Forecast]:
        """The forecasts with their outcome; those made while something had failed foretell nothing and are left out."""
        failures: dict[tuple[str, str], list[Label]] = {}
        for label in labels:
            if label.truth is Truth.FAULT and label.failure_us is not None:
                failures.setdefault((label.asset, label.failure_mode), []).append(label)
        return [
            Forecast(
                mode,
                probability,
                _comes(failures.get((asset, mode), ()), at_us),
                _comes(failures.get((asset, mode), ()), at_us - HORIZON_US),
            )
            for (asset, mode, _), (at_us, probability) in self.said.items()
            if not _has_failed(failures.get((asset, mode), ()), at_us)
        ]


def _comes(failures: Sequence[Label], at_us: int) -> bool:
    return any(one.failure_us is not None and at_us < one.failure_us <= at_us + HORIZON_US for one in failures)


def _has_failed(failures: Sequence[Label], at_us: int) -> bool:
    return any(
        one.failure_us is not None and one.failure_us <= at_us <= max(one.raise_until_us, one.sound_us or 0)
        for one in failures
    )


def columns(forecasts: Iterable[Forecast]) -> tuple[Floats, Floats]:
    """Probabilities and outcomes (0 or 1), shape (n,) each."""
    pairs = [(one.probability, float(one.came_true)) for one in forecasts]
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
