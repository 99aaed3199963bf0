"""Deviation evidence: which channels moved, by how much, and what would have kept the detector quiet."""

import math
from collections.abc import Mapping

from ingest.metrics import METRICS
from models.detector import State
from models.deviation.channels import metric_of
from models.deviation.history import points_of
from models.deviation.level_shift import Channel, distance, spread
from models.deviation.memory import DeviationSettings, excess, fresh
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.statistics.traces import crossed_us, rounded

_MOST_CHANNELS = 6


def deviation_evidence(asset: str, state: State, at_us: int, settings: DeviationSettings) -> Evidence:
    """Everything the finding is explained with.

    Args:
        asset: Its id.
        state: Its memory after the last sample.
        at_us: Of the last sample.
        settings: In force.
    """
    times, totals = points_of(state["history"])
    shares = {n: excess(c, settings) for n, c in fresh(state, at_us).items()}
    leading = sorted((n for n, share in shares.items() if share > 0), key=lambda n: -shares[n])[:_MOST_CHANNELS]
    total = sum(shares[n] for n in leading) or 1.0
    return Evidence(
        signal=Trace("deviation_sigma", "sigma", times, rounded(totals, 2), asset=asset),
        threshold=settings.raise_at,
        crossed_us=crossed_us(zip(times, totals, strict=True), settings.raise_at),
        contributions=tuple(_contribution(state, n, shares[n] / total) for n in leading),
        counterfactual=_counterfactual(state, leading[0], shares, settings) if leading else None,
        facts={
            "channels_moved": len(leading),
            "channels_left_out": sum(bool(c.get("drifts")) for c in state["channels"].values()),
        },
    )


def _contribution(state: State, name: str, weight: float) -> Contribution:
    channel, metric = state["channels"][name], metric_of(name)
    usual, digits = _usual(state, name, channel), _digits(channel)
    seen = usual + channel["smooth"] - channel["base"]
    return Contribution(metric, round(seen, digits), METRICS[metric].unit, round(usual, digits), round(weight, 4))


def _usual(state: State, name: str, channel: Channel) -> float:
    """The baseline; for an asset that follows people that of the hour gathered last."""
    profile = state.get("profiles", {}).get(name)
    return float(channel["base"] if profile is None else profile["usual"] + channel["base"])


def _counterfactual(
    state: State, name: str, shares: Mapping[str, float], settings: DeviationSettings
) -> Counterfactual | None:
    """Where the channel that moved most should have stayed, the others being as they are.

    None where the others deviate enough without it, and where a deviation fades and what is seen would not raise it.
    """
    channel, metric = state["channels"][name], metric_of(name)
    allowed = settings.raise_at - (sum(shares.values()) - shares[name])
    if not 0.0 < allowed <= shares[name]:
        return None
    reach = (settings.shift.free + allowed) * spread(channel)
    over = distance(channel) < 0
    edge = _usual(state, name, channel) + (-reach if over else reach)
    # Rounded towards the quiet side: the level that is said must itself not fire.
    scale = 10.0 ** _digits(channel)
    held = (math.ceil(edge * scale) if over else math.floor(edge * scale)) / scale
    return Counterfactual(metric, held, METRICS[metric].unit, over=over)


def _digits(channel: Channel) -> int:
    """Decimals that show a tenth of a spread: of a pressure of 350.2 kPa known to 0.05 kPa one would not do."""
    return max(0, 1 - math.floor(math.log10(spread(channel))))
