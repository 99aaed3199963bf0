"""Multivariate evidence: the days of late, and which channel was where the others did not let it be expected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ingest.metrics import METRICS
from models.detector import State
from models.deviation.channels import metric_of
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.multivariate.verdict import DECIMALS, Limit
from models.statistics.pictures import rows_of
from models.statistics.traces import crossed_us, rounded

_APART, _FAR = "channels_apart", "channels_far"
_MOST_CHANNELS = 6
_DIGITS = 4


def multivariate_evidence(asset: str, state: State, worst: Mapping[str, Any], zone: ZoneInfo) -> Evidence | None:
    """Everything the finding is explained with; None where limits have been forgotten.

    Args:
        asset: Its id.
        state: Its memory after the last day.
        worst: Of the last day, the most unusual hour.
        zone: The site's; a day's point lies at the midnight that ends it.
    """
    if state["limits"] is None:
        return None
    limits = (Limit(*state["limits"][:2]), Limit(*state["limits"][2:]))
    days = [(row[0], row[1] / 10**DECIMALS, row[2] / 10**DECIMALS) for row in rows_of(state["days"])]
    which = 0 if limits[0].reached(days[-1][1]) >= limits[1].reached(days[-1][2]) else 1
    limit, name = limits[which], (_APART, _FAR)[which]
    times = tuple(_midnight_us(day + 1, zone) for day, *_ in days)
    values = rounded([row[1 + which] / limit.usual for row in days], 2)
    threshold = round(limit.at / limit.usual, 2)
    return Evidence(
        signal=Trace(name, "1", times, values, asset=asset),
        threshold=threshold,
        crossed_us=crossed_us(zip(times, values, strict=True), threshold),
        contributions=_contributions(state["names"], worst),
        counterfactual=Counterfactual(name, threshold, "1"),
        facts={"channels": len(state["names"]), "hour_s": worst["hour"] * 3_600},
    )


def _midnight_us(day: int, zone: ZoneInfo) -> int:
    return round(datetime.fromordinal(day).replace(tzinfo=zone).timestamp()) * 1_000_000


def _contributions(names: list[str], worst: Mapping[str, Any]) -> tuple[Contribution, ...]:
    """What each channel was and what the others let expect; of a single one what its hours before let expect."""
    if len(names) == 1:
        return (_contribution(names[0], worst["seen"][-1], worst["expected"][-1], 1.0),)
    rows = sorted(zip(names, worst["seen"], worst["expected"], worst["shares"], strict=True), key=lambda row: -row[3])
    leading = rows[:_MOST_CHANNELS]
    total = sum(share for *_, share in leading)
    return tuple(_contribution(name, seen, usual, share / total) for name, seen, usual, share in leading if share > 0.0)


def _contribution(name: str, seen: float, usual: float, weight: float) -> Contribution:
    metric = metric_of(name)
    return Contribution(
        metric, float(f"{seen:.{_DIGITS}g}"), METRICS[metric].unit, float(f"{usual:.{_DIGITS}g}"), weight
    )
