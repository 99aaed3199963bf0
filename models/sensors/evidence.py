"""Sensor evidence: what is wrong with a sensor, how that shows, and what would have kept the detector quiet."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.metrics import METRICS
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.sensors.series import POINT_US, Channel, decimals_of
from models.statistics.pictures import rows_of
from models.statistics.traces import rounded

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with a device.

    Attributes:
        kind: `stuck`, `jumping`, `drifting`, `silent`, `offline` or `clock`.
        seen: How much of it, in `unit`.
        limit: From when on it is a fault, in `unit`.
        unit: Of both.
        metric: The channel, or empty when it is the whole device.
        alone: Of a silent device: the other devices of its site go on.
    """

    kind: str
    seen: float
    limit: float
    unit: str
    metric: str = ""
    alone: bool = True

    @property
    def told_as(self) -> str:
        """Its kind, or `site_silent` if the others fell silent with it."""
        return self.kind if self.alone else "site_silent"

    @property
    def score(self) -> float:
        """0.5 at its limit, more beyond; in [0, 1)."""
        return 1.0 - math.pow(0.5, self.seen / self.limit)


_NAMES = (
    ("flat_s", "stuck"),
    ("jump_share", "jumping"),
    ("neighbour_gap", "drifting"),
    ("silent_s", "silent"),
    ("offline_s", "offline"),
    ("clock_off_s", "clock"),
)


def worst_first(troubles: Sequence[Trouble]) -> list[Trouble]:
    """Troubles by how bad they are; those that are equally bad by kind and channel."""
    return sorted(troubles, key=lambda one: (-one.score, one.kind, one.metric))


def sensor_evidence(
    device: str, troubles: Sequence[Trouble], channels: Mapping[str, Channel], facts: dict[str, float | str]
) -> Evidence:
    """Everything the finding is explained with.

    Args:
        device: Its id.
        troubles: What is wrong, at least one, worst first.
        channels: What is known of its series by metric.
        facts: What else is to be told.
    """
    worst = troubles[0]
    channel = channels.get(worst.metric)
    name = next(name for name, kind in _NAMES if kind == worst.kind)
    # Rounded down: the bound that is said must itself not fire.
    bound = min(round(worst.limit, 3), round(worst.seen, 3))
    return Evidence(
        signal=None if channel is None else _trace(channel),
        contributions=(Contribution(name, round(worst.seen, 3), worst.unit, None, 1.0),),
        counterfactual=Counterfactual(name, bound, worst.unit),
        facts=_described(device, troubles) | facts,
    )


def _described(device: str, troubles: Sequence[Trouble]) -> dict[str, float | str]:
    worst = troubles[0]
    channels = sorted({one.metric for one in troubles if one.metric and one.seen >= one.limit})
    described: dict[str, float | str] = {"kind": worst.told_as, "device": device}
    if worst.metric:
        described |= {"metric": worst.metric, "channels": max(1, len(channels))}
    return described


def _trace(channel: Channel) -> Trace:
    decimals, track = decimals_of(channel.metric), channel.track
    points = [(at * POINT_US, step / 10**decimals) for at, step in rows_of(channel.points)]
    if points[-1][0] + POINT_US <= track.at_us:
        points.append((track.at_us // _SECOND_US * _SECOND_US, track.value))
    times = tuple(at_us for at_us, _ in points)
    return Trace(channel.metric, METRICS[channel.metric].unit, times, rounded([value for _, value in points], decimals))
