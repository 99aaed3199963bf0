"""Flood evidence: which sign of water decided, on which device, and what would have kept it quiet."""

from collections.abc import Sequence

from models.conclusions import RAISE
from models.detector import State
from models.findings import Contribution, Counterfactual, Evidence, Trace
from models.pumps.sump import LEVEL, WET, Part
from models.pumps.watch import trace_of
from models.statistics.traces import crossed_us

_MOST_PARTS = 4
_UNITS = {LEVEL: "mm", "sump_starts_per_hour": "count", "run_time_ratio": "1", **dict.fromkeys(WET.values(), "s")}


def flood_evidence(asset: str, sump: State, at_us: int, seen: Sequence[tuple[str, Part]]) -> Evidence:
    """Everything the finding is explained with.

    Args:
        asset: The building's id.
        sump: JSON dict of the device of the worst sign.
        at_us: The moment.
        seen: Device and sign, the worst first; at least one.
    """
    device, worst = seen[0]
    counted = [part for _, part in seen[:_MOST_PARTS] if part.score > 0.0] or [worst]
    total = sum(part.score for part in counted) or 1.0
    signal = _level_trace(asset, sump, at_us, worst)
    points = zip(signal.at_us, signal.value, strict=True) if signal else ()
    alone = sum(part.score >= RAISE for _, part in seen) == 1
    unit = _UNITS[worst.name]
    return Evidence(
        signal=signal,
        threshold=worst.limit if signal else None,
        crossed_us=crossed_us(points, worst.limit),
        contributions=tuple(
            Contribution(p.name, round(p.value, 2), _UNITS[p.name], None, round(p.score / total, 4)) for p in counted
        ),
        counterfactual=Counterfactual(worst.name, worst.limit, unit) if alone else None,
        facts={"cause": worst.name, "sign": worst.name, "device": device},
    )


def _level_trace(asset: str, sump: State, at_us: int, worst: Part) -> Trace | None:
    if worst.name != LEVEL:
        return None
    return trace_of(sump, asset, LEVEL, "mm", (at_us, worst.value))
