"""Deviation calm: what `hour_profile` and `level_shift` do to one channel, done to a row of channels.

Elementwise and in the same order, so that every number is the same to the last bit. Masks say which rows it is done to.
"""

import numpy as np
import numpy.typing as npt

from models.deviation.cells import Cells, Mask, Moments
from models.deviation.digits import Numbers, shortened
from models.deviation.hour_profile import SETTLED, ProfileRule, bin_of, held_exactly
from models.deviation.level_shift import ShiftSettings
from models.deviation.memory import STALE_GAPS, DeviationSettings

Channels = npt.NDArray[np.void]
"""Copies of rows of dtype `CHANNEL`."""


def close_hours(cells: Cells, closing: Mask, rule: ProfileRule) -> tuple[Numbers, Mask]:
    """Compare the hours that have ended with their usual and learn from them, as `hour_profile.gather` does.

    Args:
        cells: Copies of rows, changed.
        closing: Where an hour has ended, of assets in which nothing is wrong.
        rule: When the usual is known.

    Returns:
        By row the mean less the usual, and where it counts.
    """
    residual, counts = np.zeros(closing.shape), np.zeros(closing.shape, np.bool_)
    for since_us in np.unique(cells.since_us[closing]).tolist():
        bin_ = bin_of(since_us, rule.zone)
        at = np.flatnonzero(closing & (cells.since_us == since_us))
        seen, usual = cells.seen[at, bin_], cells.level[at, bin_].astype(np.float64)
        mean = cells.sum[at] / cells.count[at]
        cells.usual[at] = usual
        cells.seen[at, bin_] = np.minimum(seen + 1, SETTLED)
        cells.level[at, bin_] = held_exactly(usual + (mean - usual) / (seen + 1))
        residual[at], counts[at] = mean - usual, seen >= rule.days(bin_)
    cells.sum[closing], cells.count[closing] = 0.0, 0
    return residual, counts


def note_pace(channels: Channels, heard: Mask, at_us: Moments) -> None:
    """Keep when channels spoke and how long they usually pause, as `memory.take` does."""
    pause = at_us - channels["at_us"]
    usual = np.where(channels["gap_us"] < 0, pause, channels["gap_us"])
    gap_us = np.rint(usual + (np.minimum(pause, 3 * usual) - usual) / 10).astype(np.int64)
    channels["gap_us"] = np.where(heard, gap_us, channels["gap_us"])
    channels["at_us"] = np.where(heard, at_us, channels["at_us"])


def warm_up(channels: Channels, heard: Mask, samples: Numbers, settings: ShiftSettings) -> Mask:
    """Add samples to blocks as `level_shift.warm_up` does; where that did not end one, which is left to it."""
    channels["count"] += heard
    channels["sum"] += np.where(heard, samples, 0.0)
    channels["squares"] += np.where(heard, samples * samples, 0.0)
    return ~heard | (channels["count"] < settings.block)


def move(channels: Channels, heard: Mask, samples: Numbers, settings: ShiftSettings) -> None:
    """See `level_shift.move`."""
    at = channels[heard]
    reach = settings.spike * np.sqrt(at["variance"])
    held = np.minimum(at["base"] + reach, np.maximum(at["base"] - reach, samples[heard]))
    channels["smooth"][heard] = shortened(at["smooth"] + settings.smoothing * (held - at["smooth"]))


def follow(channels: Channels, quiet: Mask, settings: ShiftSettings) -> None:
    """See `level_shift.follow`."""
    at = channels[quiet]
    away = at["smooth"] - at["base"]
    near = np.abs(away) < settings.free * np.sqrt(at["variance"])
    variance = at["variance"] + (away * away - at["variance"]) / settings.widen
    widened = shortened(np.maximum(at["least"], variance))
    channels["variance"][quiet] = np.where(near, widened, at["variance"])
    channels["base"][quiet] = shortened(at["base"] + away / settings.follow)


def speak_still(channels: Channels, at_us: Moments) -> Mask:
    """Where a channel is warm and has not fallen silent, as `memory.fresh` says."""
    pause = at_us - channels["at_us"]
    still: Mask = channels["exists"] & channels["warm"] & (pause <= STALE_GAPS * channels["gap_us"])
    return still


def excess(channels: Channels, which: Mask, settings: DeviationSettings) -> Numbers:
    """See `memory.excess`; 0 outside of `which`."""
    at = channels[which]
    beyond = np.abs((at["smooth"] - at["base"]) / np.sqrt(at["variance"])) - settings.shift.free
    spreads = np.zeros(which.shape)
    spreads[which] = np.where(at["drifts"] == 0, np.maximum(0.0, beyond), 0.0)
    return spreads
