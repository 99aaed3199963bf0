"""Pump cycling: a pump that is started more often than its motor and its switchgear last."""

from collections.abc import Mapping

from ingest.registry import Asset, AssetClass
from models.conclusions import RAISE, Conclusion
from models.detector import DetectorSpec, State
from models.findings import Contribution, Counterfactual, Evidence, Verdict
from models.pumps.operation import CURRENT, PHASES, RUNNING, SPEED, moments
from models.pumps.starts import Starts
from models.pumps.watch import Rule, RuleDetector, note, trace_of
from models.statistics.ramp import ramp
from models.statistics.traces import crossed_us
from models.thresholds import Tunable
from models.words import Words

FAILURE_MODE = "pump.cycling"
COUNTER = "starts_total"

_MINUTE_US = 60_000_000

_LIMIT = Tunable("pump.cycling.starts_per_hour", "1/h", 1.0, 120.0, 12.0, "DOMAIN 3: more than 12 starts an hour")

_URGENT = 2.5
"""Times the limit from which on it is a level more urgent. Chosen by: 30 starts an hour leave two minutes to run and to
cool; a vessel without any air makes as many."""


class PumpCycling(RuleDetector):
    """Counts a pump's starts: a vessel that lost its air, a check valve or a pipe that leaks, switches set too close.

    Works badly without a counter where a pump starts and stops between two samples.
    """

    spec = DetectorSpec(
        name="pump_cycling",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.PUMP}),
        width_us=_MINUTE_US,
        tunables=(_LIMIT,),
        delay_us=3 * 60 * _MINUTE_US,
        needs=(frozenset({COUNTER, RUNNING, SPEED, CURRENT, PHASES[0]}),),
        learns_us=60 * _MINUTE_US,
    )

    @property
    def rule(self) -> Rule:
        """See `RuleDetector`."""
        return RULE


def _judged(state: State, said: Words, used: Mapping[str, float]) -> list[Conclusion]:
    starts, at_us = Starts(state), None
    for now in moments(state, said):
        counter = now.values.get(COUNTER)
        if now.turns is None and counter is None:
            continue
        at_us = now.at_us
        starts.take(at_us, now.turns, counter)
    if at_us is None:
        return []
    limit, count = used[_LIMIT.name], starts.an_hour()
    note(state, at_us, float(count))
    if count <= limit:
        if not starts.is_full(at_us):
            return [Conclusion(at_us, Verdict.TOO_EARLY)]
        return [Conclusion(at_us, Verdict.SCORED, ramp(count, (0.0, limit), (0.0, 0.4)))]
    score = ramp(count, (limit, 3.0 * limit), (RAISE, 0.9))
    severity = int(count >= _URGENT * limit)
    return [Conclusion(at_us, Verdict.SCORED, score, severity, _evidence(state, said.asset, (at_us, count), limit))]


def _evidence(state: State, asset: Asset, seen: tuple[int, int], limit: float) -> Evidence:
    signal = trace_of(state, asset.id, "starts_per_hour", "count", (seen[0], float(seen[1])))
    return Evidence(
        signal=signal,
        threshold=limit,
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), limit + 1.0),
        contributions=(Contribution("starts_per_hour", float(seen[1]), "count", None, 1.0),),
        counterfactual=Counterfactual("starts_per_hour", limit, "count"),
    )


RULE = Rule(FAILURE_MODE, (_LIMIT,), frozenset({COUNTER, RUNNING, SPEED, CURRENT, *PHASES}), _judged)
