"""Pump cavitation: a pump whose water boils at the impeller because too little reaches it."""

from collections.abc import Mapping, Sequence

from ingest.registry import Asset, AssetClass
from models.conclusions import RAISE, Conclusion
from models.detector import DetectorSpec, State
from models.findings import Contribution, Counterfactual, Evidence, Verdict
from models.pumps.cavitation import (
    ACCELERATION,
    WATCH_AT_MOST,
    CavitationSettings,
    Signs,
    knows_something,
    learn,
    signs_of,
)
from models.pumps.hydraulics import DISCHARGE, SUCTION, carried, is_dry, loaded_current_a
from models.pumps.operation import moments
from models.pumps.watch import Rule, RuleDetector, note, trace_of
from models.statistics.traces import crossed_us
from models.thresholds import Tunable
from models.words import Words

FAILURE_MODE = "pump.cavitation"

_S_US = 1_000_000
_MINUTE_US = 60 * _S_US
_LEARN_EVERY_US = 5 * _MINUTE_US

TUNABLES = (
    Tunable("pump.cavitation.margin_m", "m", 0.1, 5.0, 0.5, "DOMAIN 3: NPSH margin under 0.5 m"),
    Tunable("pump.cavitation.loud_ratio", "1", 1.2, 10.0, 2.0, "DOMAIN 3: broadband acceleration up twice or more"),
    Tunable(
        "pump.cavitation.drop_share",
        "1",
        0.03,
        0.5,
        0.10,
        "chosen by: three times the 3 % head drop at which ISO 9906 says that a pump cavitates",
    ),
    Tunable(
        "pump.cavitation.npsh_required_m",
        "m",
        0.1,
        20.0,
        2.5,
        "chosen by: data sheets of boosters of 3 to 15 kW give 1.5 to 3.5 m; the registry's npsh_required_m is better",
    ),
    Tunable("pump.cavitation.lasts_s", "s", 0.0, 7200.0, 600.0, "chosen by: a strainer is changed within minutes"),
    Tunable("pump.cavitation.settle_s", "s", 0.0, 600.0, 60.0, "DOMAIN 3: compare only after 60 s of running"),
)

_RUN_DRY_SCORE = 0.95
_LASTING_SLACK_US = 10 * _S_US  # a sample that is due every five minutes comes a little early or late


class PumpCavitation(RuleDetector):
    """Judges suction, noise and head of a pump that has run for a minute.

    Works badly without a suction pressure: it then needs acceleration, flow and pressure, and hours to learn them.
    """

    spec = DetectorSpec(
        name="pump_cavitation",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.PUMP}),
        width_us=_MINUTE_US,
        tunables=TUNABLES,
        delay_us=20 * _MINUTE_US,
        needs=(frozenset({SUCTION, ACCELERATION}),),
    )

    @property
    def rule(self) -> Rule:
        """See `RuleDetector`."""
        return RULE


def _judged(state: State, said: Words, used: Mapping[str, float]) -> list[Conclusion]:
    asset, settings = said.asset, CavitationSettings(*used.values())
    last: Conclusion | None = None
    for now in moments(state, said):
        known = carried(state, now)
        if not now.turns or now.ran_us <= settings.settle_s * _S_US:
            if now.turns is not None:
                last = Conclusion(now.at_us, Verdict.NOT_APPLICABLE)
            continue
        signs = signs_of(state, asset, now, known, settings)
        if is_dry(known, loaded_current_a(asset, now.rpm)):
            last = _dry(state, asset, now.at_us, signs, settings)
            continue
        score = signs.score(settings)
        if score < WATCH_AT_MOST and now.at_us - state.get("learnt_us", 0) >= _LEARN_EVERY_US:
            learn(state, asset, now, known)
            state["learnt_us"] = now.at_us
        last = _concluded(state, asset, (now.at_us, score), signs, settings)
    return [] if last is None else [last]


def _dry(state: State, asset: Asset, at_us: int, signs: Signs, settings: CavitationSettings) -> Conclusion:
    """A pump without water makes no bubbles: `pump.dry_run` speaks, unless it cavitated before; then it is worse."""
    if not state.get("raised"):
        state.pop("high_us", None)
        return Conclusion(at_us, Verdict.NOT_APPLICABLE)
    return Conclusion(at_us, Verdict.SCORED, _RUN_DRY_SCORE, 1, _evidence(state, asset, at_us, signs, settings))


def _concluded(
    state: State, asset: Asset, judged: tuple[int, float], signs: Signs, settings: CavitationSettings
) -> Conclusion:
    """What is said of a moment; `judged` is when and its score, which counts once it has lasted."""
    at_us, score = judged
    if signs.margin_m is not None:
        note(state, at_us, signs.margin_m)
    elif signs.loudness is not None:
        note(state, at_us, signs.loudness)
    elif not knows_something(state):
        return Conclusion(at_us, Verdict.TOO_EARLY)
    if score < RAISE:
        for known_of_bubbles in ("high_us", "raised"):
            state.pop(known_of_bubbles, None)
        return Conclusion(at_us, Verdict.SCORED, score)
    if at_us - state.setdefault("high_us", at_us) < settings.lasts_s * _S_US - _LASTING_SLACK_US and not state.get(
        "raised"
    ):
        return Conclusion(at_us, Verdict.SCORED, WATCH_AT_MOST)
    state["raised"] = True
    return Conclusion(at_us, Verdict.SCORED, score, 0, _evidence(state, asset, at_us, signs, settings))


def _evidence(state: State, asset: Asset, at_us: int, signs: Signs, settings: CavitationSettings) -> Evidence:
    present = signs.present(settings)
    if signs.margin_m is not None:
        signal = trace_of(state, asset.id, "npsh_margin_m", "m", (at_us, round(signs.margin_m, 2)))
        limit, downward = settings.margin_m, -1.0
    else:
        newest = (at_us, round(signs.loudness or 1.0, 2))
        signal = trace_of(state, asset.id, "acceleration_ratio", "1", newest)
        limit, downward = settings.loud_ratio, 1.0
    points = ((at, downward * v) for at, v in zip(signal.at_us, signal.value, strict=True))
    return Evidence(
        signal=signal,
        threshold=limit,
        crossed_us=crossed_us(points, downward * limit),
        contributions=_contributions(signs, present),
        counterfactual=_counterfactual(signs, present, settings),
        facts={"signs": len(present)},
    )


def _contributions(signs: Signs, present: Sequence[str]) -> tuple[Contribution, ...]:
    """What was seen; the signs that are there share the weight, the rest has none."""
    seen = [
        ("npsh_margin_m", signs.margin_m, "m", None),
        ("acceleration_ratio", signs.loudness, "1", None),
        ("head_drop_percent", None if signs.drop is None else 100.0 * signs.drop, "%", None),
    ]
    told = [(name, value, unit, usual) for name, value, unit, usual in seen if value is not None]
    counted = [name for name, *_ in told if name in present] or [told[0][0]]
    made = [
        Contribution(name, round(value, 2), unit, usual, round((name in counted) / len(counted), 4))
        for name, value, unit, usual in told
    ]
    return tuple(sorted(made, key=lambda c: -c.weight))


def _counterfactual(signs: Signs, present: Sequence[str], settings: CavitationSettings) -> Counterfactual | None:
    """What by itself would have kept it quiet; None where every pair of three signs would have raised it."""
    if len(present) > 2:  # noqa: PLR2004 -- a pair is left whichever is taken away
        return None
    if signs.margin_m is not None and "npsh_margin_m" in present:
        alone = len(present) == 1
        limit = settings.margin_m if alone else 2.0 * settings.margin_m
        return Counterfactual("npsh_margin_m", limit, "m", over=True)
    return Counterfactual("acceleration_ratio", settings.loud_ratio, "1") if "acceleration_ratio" in present else None


RULE = Rule(FAILURE_MODE, TUNABLES, frozenset({SUCTION, ACCELERATION, DISCHARGE}), _judged)
