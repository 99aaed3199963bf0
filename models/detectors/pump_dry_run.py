"""Pump dry run: a pump that turns without water."""

from collections.abc import Mapping

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.conclusions import Conclusion, found, in_force
from models.detector import DetectorSpec, State
from models.findings import Contribution, Counterfactual, Evidence, Finding, Verdict
from models.pumps.hydraulics import (
    DRY_CURRENT_SHARE,
    DRY_SUCTION_KPA,
    SUCTION,
    carried,
    is_dry,
    loaded_current_a,
    rated_current_a,
)
from models.pumps.operation import CURRENT, PHASES, SPEED, Moment, moments
from models.pumps.watch import Rule, RuleDetector, note, trace_of
from models.statistics.traces import crossed_us
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window
from models.words import Words

FAILURE_MODE = "pump.dry_run"

_S_US = 1_000_000
_MINUTE_US = 60 * _S_US

_SUCTION = Tunable(
    "pump.dry_run.suction_kpa", "kPa", -101.0, 500.0, DRY_SUCTION_KPA, "DOMAIN 3: suction under 0.02 MPa"
)
_SHARE = Tunable(
    "pump.dry_run.current_share", "1", 0.1, 1.0, DRY_CURRENT_SHARE, "DOMAIN 3: current under 60 % of the rated one"
)
_LASTS = Tunable("pump.dry_run.lasts_s", "s", 5.0, 600.0, 30.0, "DOMAIN 3: for 30 s")

_DRY_SCORE = 0.95
_HOLDING_SCORE = 0.4
_EARLY_NEEDS = frozenset({SPEED, SUCTION})


class PumpDryRun(RuleDetector):
    """Judges suction pressure and current of a running pump, message by message and minute by minute.

    Works badly where a sound pump draws from less than 2 m of water: turn `pump.dry_run.suction_kpa` there. It says
    nothing of a pump whose rated current and power the registry does not know.
    """

    spec = DetectorSpec(
        name="pump_dry_run",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.PUMP}),
        width_us=_MINUTE_US,
        tunables=(_SUCTION, _SHARE, _LASTS),
        delay_us=2 * _MINUTE_US,  # 30 s, seen by samples of a minute
        needs=(frozenset({SUCTION}), frozenset({CURRENT, PHASES[0]})),
    )

    @property
    def rule(self) -> Rule:
        """See `RuleDetector`."""
        return RULE

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A message whose samples of speed, suction and current are dry for as long as it takes.

        See `ArrivalJudge`. A message without the speed proves nothing: another device may know that the
        pump stands.
        """
        if not {r.metric for r in batch.readings} >= _EARLY_NEEDS:
            return []
        readings = tuple(sorted(batch.readings, key=lambda r: (r.at_us, r.device, r.metric)))
        said = Words.of(Window(asset, readings[0].at_us, readings[-1].at_us + 1, readings))
        used = in_force(RULE.tunables, asset, readings[0].at_us, thresholds)
        told = [w for w in _judged({}, said, used) if w.score == _DRY_SCORE]
        return [found(FAILURE_MODE, asset, word, used) for word in told[:1]]


def _judged(state: State, said: Words, used: Mapping[str, float]) -> list[Conclusion]:
    """A word when it begins to be dry for long enough, and one at the last moment that could be judged."""
    words: list[Conclusion] = []
    begun: Conclusion | None = None
    last: Conclusion | None = None
    for now in moments(state, said):
        known = carried(state, now)
        if now.turns is None or (now.turns and not {SUCTION, CURRENT} <= known.keys()):
            continue
        if not now.turns or rated_current_a(said.asset) is None:
            for known_of_dryness in ("dry_us", "raised"):
                state.pop(known_of_dryness, None)
            last = Conclusion(now.at_us, Verdict.NOT_APPLICABLE)
            continue
        last = _concluded(state, said.asset, now, known, used)
        note(state, now.at_us, known[SUCTION])
        if last.score != _DRY_SCORE:
            state.pop("raised", None)
        elif not state.get("raised"):
            begun = last
            words.append(begun)
            state["raised"] = True
    return [*words, last] if last is not None and last is not begun else words


def _concluded(
    state: State, asset: Asset, now: Moment, known: Mapping[str, float], used: Mapping[str, float]
) -> Conclusion:
    loaded_a = loaded_current_a(asset, now.rpm)
    if not is_dry(known, loaded_a, used[_SUCTION.name], used[_SHARE.name]):
        state.pop("dry_us", None)
        return Conclusion(now.at_us, Verdict.SCORED, 0.0)
    lasted_us = now.at_us - state.setdefault("dry_us", now.at_us)
    if lasted_us < used[_LASTS.name] * _S_US:
        return Conclusion(now.at_us, Verdict.SCORED, _HOLDING_SCORE)
    shown = {**known, "current_share": known[CURRENT] / (loaded_a or 1.0), "dry_s": lasted_us / _S_US}
    evidence = _evidence(state, asset, now.at_us, shown, used[_SUCTION.name])
    return Conclusion(now.at_us, Verdict.SCORED, _DRY_SCORE, evidence=evidence)


def _evidence(state: State, asset: Asset, at_us: int, shown: Mapping[str, float], limit: float) -> Evidence:
    """What it went by; `limit` is the suction under which there is no water, kPa."""
    suction, percent = round(shown[SUCTION], 1), round(100.0 * shown["current_share"], 1)
    signal = trace_of(state, asset.id, SUCTION, "kPa", (at_us, suction))
    # Crossed from above: turned around, a limit is reached from below.
    crossed = crossed_us(((at, -v) for at, v in zip(signal.at_us, signal.value, strict=True)), -limit)
    contributions = (
        Contribution(SUCTION, suction, "kPa", None, 0.5),
        Contribution("current_share", percent, "%", None, 0.3),
        Contribution("dry_s", round(shown["dry_s"]), "s", None, 0.2),
    )
    return Evidence(
        signal=signal,
        threshold=limit,
        crossed_us=crossed,
        contributions=contributions,
        counterfactual=Counterfactual(SUCTION, limit, "kPa", over=True),
        facts={"cause": SUCTION},
    )


RULE = Rule(FAILURE_MODE, PumpDryRun.spec.tunables, frozenset({SUCTION}), _judged)
