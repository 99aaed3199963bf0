"""Cavitation: the three signs by which a pump tells that its water boils, and how they are put together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.registry import Asset
from models.conclusions import RAISE
from models.detector import State
from models.pumps import own_curve
from models.pumps.hydraulics import npsh_margin_m, rpm_share
from models.pumps.operation import VELOCITY, Moment
from models.statistics.ramp import ramp

ACCELERATION = "acceleration_rms_m_s2"

WATCH_AT_MOST = 0.45

_MOST_BANDS = 6
_SAME_VELOCITY = 1.25  # chosen by: DOMAIN 3's 25 % change is where a velocity counts as changed
_DROP_SIGMA = 4.0  # chosen by: as for the bearing's envelope, 4 spreads
_STRANGE = 0.3  # in logarithms; chosen by: what is a third off is not learnt as usual
_MEMORY = 2_000.0


@dataclass(frozen=True, slots=True)
class CavitationSettings:
    """The values in force for one pump; see the Tunables of `pump_cavitation` for units and sources."""

    margin_m: float
    loud_ratio: float
    drop_share: float
    npsh_required_m: float
    lasts_s: float
    settle_s: float


@dataclass(frozen=True, slots=True)
class Signs:
    """What a moment of steady running shows.

    Attributes:
        margin_m: NPSH margin in metres, or None without a suction pressure.
        loudness: Broadband acceleration over usual at the speed, or None while that is being learnt.
        same_velocity: The velocity is as usual; also where it is not told.
        drop: Share by which the head lies below the pump's own curve, or None.
        drop_sigma: The same in spreads, or None.
    """

    margin_m: float | None
    loudness: float | None
    same_velocity: bool
    drop: float | None
    drop_sigma: float | None

    def present(self, settings: CavitationSettings) -> tuple[str, ...]:
        """The signs that are there, by the name of their contribution; a margin counts from twice its limit on."""
        found = []
        if self.margin_m is not None and self.margin_m < 2.0 * settings.margin_m:
            found.append("npsh_margin_m")
        if self.loudness is not None and self.loudness > settings.loud_ratio and self.same_velocity:
            found.append("acceleration_ratio")
        if (self.drop or 0.0) > settings.drop_share and (self.drop_sigma or 0.0) > _DROP_SIGMA:
            found.append("head_drop_percent")
        return tuple(found)

    def score(self, settings: CavitationSettings) -> float:
        """From 0.5 on it cavitates: the margin is under its limit, or two signs agree; one alone is watched.

        Source:
            DOMAIN 3: NPSH margin < 0.5 m alarms; suction low, head drop, and acceleration up twice without a change
            of velocity are the signs.
        """
        margin = math.inf if self.margin_m is None else self.margin_m
        limit, signs = settings.margin_m, self.present(settings)
        low = ramp(margin, (limit - 2.0, limit - 1e-9, limit, limit + 2.0), (0.9, RAISE, 0.45, 0.0))
        if len(signs) >= 2:  # noqa: PLR2004 -- a pair
            return max(low, 0.6 if len(signs) == 2 else 0.8)  # noqa: PLR2004 -- or all three
        loud = ramp(self.loudness or 1.0, (1.0, settings.loud_ratio), (0.0, 0.4)) * self.same_velocity
        weak = ramp(self.drop or 0.0, (0.0, settings.drop_share), (0.0, 0.4))
        return max(low, min(WATCH_AT_MOST, max(loud, weak)))


def signs_of(
    state: State, asset: Asset, now: Moment, known: Mapping[str, float], settings: CavitationSettings
) -> Signs:
    """What a moment of steady running shows, held against what the pump has learnt of itself."""
    required = float(asset.limits.get("npsh_required_m", settings.npsh_required_m))
    share = rpm_share(asset, now.rpm)
    loud, velocity = (_log_ratio(state, now, name) for name in (ACCELERATION, VELOCITY))
    fallen = own_curve.drop(state, known, share)
    return Signs(
        margin_m=npsh_margin_m(known, share, required),
        loudness=None if loud is None else math.exp(loud),
        same_velocity=velocity is None or velocity < math.log(_SAME_VELOCITY),
        drop=None if fallen is None else fallen[0],
        drop_sigma=None if fallen is None else fallen[1],
    )


def learn(state: State, asset: Asset, now: Moment, known: Mapping[str, float]) -> None:
    """Take a calm moment into what is usual at its speed, and into the pump's curve."""
    own_curve.learn(state, known, rpm_share(asset, now.rpm))
    bands = state.setdefault("bands", {})
    if now.band not in bands and len(bands) >= _MOST_BANDS:
        return
    band = bands.setdefault(now.band, {})
    for name in (ACCELERATION, VELOCITY):
        value = now.values.get(name, 0.0)
        if value <= 0.0:
            continue
        count, mean = band.get(name, (0, 0.0))
        away = math.log(value) - mean
        if count >= own_curve.LEARNING and abs(away) > _STRANGE:
            continue
        band[name] = [min(count + 1, round(_MEMORY)), round(mean + away / min(count + 1, _MEMORY), 6)]


def knows_something(state: State) -> bool:
    """Whether any band or the curve has been learnt."""
    known = any(count >= own_curve.LEARNING for b in state.get("bands", {}).values() for count, _ in b.values())
    return known or state.get("curve", [0.0])[0] >= own_curve.LEARNING


def _log_ratio(state: State, now: Moment, name: str) -> float | None:
    count, mean = state.get("bands", {}).get(now.band, {}).get(name, (0, 0.0))
    value = now.values.get(name, 0.0)
    return math.log(value) - mean if count >= own_curve.LEARNING and value > 0.0 else None
