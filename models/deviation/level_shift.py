"""Level shift: one channel's distance from its own baseline, smoothed lightly, with nothing of the future in it."""

import math
from dataclasses import dataclass
from typing import Any

from models.deviation.digits import short

RECENT_BLOCKS = 5
"""Blocks whose middle is the first baseline: where the channel is now, whatever it did as learning began. Chosen by:
over 128 random settings the upper quartile of SKAB's F1 rose from 0.784 to 0.788 and false alarms fell."""

Channel = dict[str, Any]
"""A channel's memory as JSON: while warming up `count`, `sum`, `squares`, `means`, `within`; then `smooth`, `base`,
`variance` (of the smoothed signal around the baseline), `least` (its floor) and `drifts`."""


@dataclass(frozen=True, slots=True)
class ShiftSettings:
    """How channels are followed; see `models.deviation.settings` for sources.

    Attributes:
        warm_up: Samples before the first word, a multiple of `block` is used.
        block: Samples averaged into one value whose spread is learnt; it matches the smoothing, 2 / smoothing - 1.
        smoothing: Share of the way the smoothed signal goes to each sample.
        follow: Samples in which the baseline goes most of the way to the signal, while quiet.
        widen: Samples in which the spread goes most of the way to what is seen, while quiet.
        spike: The most spreads one sample may lie away before it is cut off.
        free: Spreads of distance that count as nothing.
        drift_share: Share of a channel's variance between blocks from which on it is said to drift.
    """

    warm_up: int
    block: int
    smoothing: float
    follow: float
    widen: float
    spike: float
    free: float
    drift_share: float


def new_channel() -> Channel:
    """A channel that has said nothing yet."""
    return {"count": 0, "sum": 0.0, "squares": 0.0, "means": [], "within": 0.0}


def is_warm(channel: Channel) -> bool:
    """Whether the channel has a baseline."""
    return "base" in channel


def warm_up(channel: Channel, value: float, settings: ShiftSettings) -> None:
    """Take in one sample of a channel that has no baseline yet; the last one makes it.

    The spread is that of block means, not of samples: where neighbouring samples resemble each other, means of 20
    scatter more than a twentieth of the variance, and it is the smoothed signal that will be judged.

    Source:
        DOMAIN 6.3: threshold alarms on autocorrelated residuals are the main source of false alarms.
    """
    channel["count"] += 1
    channel["sum"] += value
    channel["squares"] += value * value
    if channel["count"] < settings.block:
        return
    mean = channel["sum"] / settings.block
    channel["within"] += max(0.0, channel["squares"] / settings.block - mean * mean)
    channel["means"].append(short(mean))
    channel.update(count=0, sum=0.0, squares=0.0)
    if len(channel["means"]) * settings.block < settings.warm_up:
        return
    means, within = channel["means"], channel["within"] / len(channel["means"])
    base = _middle(means[-RECENT_BLOCKS:])
    centre = sum(means) / len(means)
    between = sum((m - centre) ** 2 for m in means) / len(means)
    # A channel that never moves still has its last digit; without a floor its first step would be infinitely far.
    least = max(between, within / settings.block, (1e-4 * base) ** 2, 1e-18)
    drifts = between > settings.drift_share * (between + within)
    smooth = means[-1]
    for key in new_channel():
        channel.pop(key, None)
    channel.update(smooth=smooth, base=base, variance=short(least), least=short(least), drifts=int(drifts))


def move(channel: Channel, value: float, settings: ShiftSettings) -> None:
    """Move a warm channel's smoothed signal towards a sample; a spike is cut off first."""
    reach = settings.spike * spread(channel)
    held = min(channel["base"] + reach, max(channel["base"] - reach, value))
    channel["smooth"] = short(channel["smooth"] + settings.smoothing * (held - channel["smooth"]))


def follow(channel: Channel, settings: ShiftSettings) -> None:
    """Move a warm channel's baseline and spread towards what is seen; to be called while the asset is quiet."""
    away = channel["smooth"] - channel["base"]
    if abs(away) < settings.free * spread(channel):
        variance = channel["variance"] + (away * away - channel["variance"]) / settings.widen
        channel["variance"] = short(max(channel["least"], variance))
    channel["base"] = short(channel["base"] + away / settings.follow)


def anchor(channel: Channel, pace: float) -> None:
    """Move a warm channel's baseline by the share `pace`: after a shift has ended, things seldom return exactly."""
    channel["base"] = short(channel["base"] + pace * (channel["smooth"] - channel["base"]))


def spread(channel: Channel) -> float:
    """The standard deviation of the smoothed signal around the baseline, in the channel's unit, > 0."""
    return math.sqrt(channel["variance"])


def distance(channel: Channel) -> float:
    """How many spreads the smoothed signal lies above (below, if negative) the baseline; 0 for one that drifts."""
    return 0.0 if channel["drifts"] else float((channel["smooth"] - channel["base"]) / spread(channel))


def _middle(values: list[float]) -> float:
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
