"""Pump samples: the moments at which a pump that runs steadily told its vibration."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.registry import Asset
from models.detector import State
from models.pumps.defect_lines import geometry_of
from models.pumps.hydraulics import SUCTION, carried, npsh_margin_m, rpm_share
from models.pumps.operation import VELOCITY, Moment, moments
from models.words import Words

_NPSH_REQUIRED_M = 2.5  # chosen by: as the default of pump.cavitation
_STARVED_M = 1.0  # chosen by: from twice its limit on, pump.cavitation counts the margin as a sign


@dataclass(frozen=True, slots=True)
class PumpSample:
    """One moment of a pump that has been running steadily.

    Attributes:
        at_us: Device time.
        velocity: mm/s.
        band: Which speeds it may be compared with.
        envelope: m/s2, or None if not sent or if the water may be boiling, whose bubbles are impacts too.
        kurtosis: Likewise.
        temperature: Of the bearing, C, or None if not sent.
        part: The part of the bearing at whose frequency the envelope's spectrum peaks; empty if none's or not known.
    """

    at_us: int
    velocity: float
    band: str
    envelope: float | None
    kurtosis: float | None
    temperature: float | None = None
    part: str = ""


def steady_samples(state: State, words: Words, settle_us: float) -> Iterator[PumpSample]:
    """The samples that may be judged, ascending; `state` keeps since when the pump runs.

    Args:
        state: JSON dict, changed as `operation.moments` and `hydraulics.carried` say.
        words: Of one pump.
        settle_us: How long a pump must have run, microseconds.
    """
    geometry = geometry_of(words.asset.limits)
    for now in moments(state, words):
        starved = _is_starved(state, now, words.asset)
        if not now.turns or now.ran_us <= settle_us or now.values.get(VELOCITY, 0.0) <= 0.0:
            continue
        told = {} if starved else now.values
        peak_hz = told.get("envelope_peak_hz", 0.0)
        yield PumpSample(
            now.at_us,
            now.values[VELOCITY],
            now.band,
            told.get("envelope_rms_m_s2"),
            told.get("kurtosis"),
            now.values.get("bearing_temperature_c"),
            geometry.part_at(now.rpm, peak_hz) if geometry and now.rpm and peak_hz > 0.0 else "",
        )


def _is_starved(state: State, now: Moment, asset: Asset) -> bool:
    if SUCTION not in now.values and "held" not in state:
        return False
    required = float(asset.limits.get("npsh_required_m", _NPSH_REQUIRED_M))
    margin = npsh_margin_m(carried(state, now), rpm_share(asset, now.rpm), required)
    return margin is not None and margin < _STARVED_M
