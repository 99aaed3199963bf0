"""Pump samples: the moments at which a pump that runs steadily told its vibration."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.detector import State
from models.pumps.operation import VELOCITY, moments
from models.windows import Window


@dataclass(frozen=True, slots=True)
class PumpSample:
    """One moment of a pump that has been running steadily.

    Attributes:
        at_us: Device time.
        velocity: mm/s.
        band: Which speeds it may be compared with.
        envelope: m/s2, or None if not sent.
        kurtosis: Or None if not sent.
    """

    at_us: int
    velocity: float
    band: str
    envelope: float | None
    kurtosis: float | None


def steady_samples(state: State, window: Window, settle_us: float) -> Iterator[PumpSample]:
    """The samples of a window that may be judged, ascending; `state` keeps since when the pump runs.

    Args:
        state: JSON dict, changed as `operation.moments` says.
        window: Of one pump.
        settle_us: How long a pump must have run, microseconds.
    """
    for now in moments(state, window):
        if not now.turns or now.ran_us <= settle_us or now.values.get(VELOCITY, 0.0) <= 0.0:
            continue
        envelope, kurtosis = now.values.get("envelope_rms_m_s2"), now.values.get("kurtosis")
        yield PumpSample(now.at_us, now.values[VELOCITY], now.band, envelope, kurtosis)
