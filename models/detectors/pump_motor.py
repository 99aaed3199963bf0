"""Pump motor: a pump whose three phases draw unequal currents, or whose winding is too hot."""

from collections.abc import Mapping, Sequence

from ingest.registry import Asset, AssetClass
from models.conclusions import RAISE, Conclusion
from models.detector import DetectorSpec, State
from models.findings import Contribution, Counterfactual, Evidence, Verdict
from models.pumps.hydraulics import rated_current_a
from models.pumps.operation import PHASES, Moment, moments
from models.pumps.watch import Rule, RuleDetector, note, trace_of
from models.statistics.ramp import ramp
from models.statistics.traces import crossed_us
from models.thresholds import Tunable
from models.words import Words

FAILURE_MODE = "pump.motor"
WINDING = "winding_temperature_c"

_S_US = 1_000_000
_MINUTE_US = 60 * _S_US

_IMBALANCE = Tunable("pump.motor.imbalance_percent", "%", 1.0, 50.0, 5.0, "DOMAIN 3: current imbalance over 5 %")
_HOT = Tunable("pump.motor.winding_alarm_c", "C", 40.0, 180.0, 80.0, "DOMAIN 3: winding over 80 C alarms")
_TRIP = Tunable("pump.motor.winding_trip_c", "C", 40.0, 200.0, 95.0, "DOMAIN 3: winding over 95 C trips")
_LASTS = Tunable("pump.motor.lasts_s", "s", 0.0, 7200.0, 600.0, "chosen by: a start and a dip of the supply are over")
_SETTLE = Tunable("pump.motor.settle_s", "s", 0.0, 600.0, 60.0, "DOMAIN 3: compare only after 60 s of running")

TUNABLES = (_IMBALANCE, _HOT, _TRIP, _LASTS, _SETTLE)

_LEAST_LOAD = 0.3
"""Share of the rated current under which phases are not compared. Chosen by: a motor at no load draws about that, and
there a volt of the supply and the last digit of a clamp already make per cents."""
_URGENT_PERCENT = 15.0
"""From which on it is a level more urgent. Chosen by: three times the alarm; a lost phase makes 100 and more."""
_WATCH_AT_MOST = 0.45


class PumpMotor(RuleDetector):
    """Judges phases and winding of a pump that has run for a minute; every sample of ten minutes must show it.

    Imbalance is the largest distance of a phase from the mean of the three, over the mean (as NEMA MG 1, 14.36,
    has it for voltages).
    Works badly where one meter reads all pumps of a panel.
    """

    spec = DetectorSpec(
        name="pump_motor",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.PUMP}),
        width_us=_MINUTE_US,
        tunables=TUNABLES,
        delay_us=25 * _MINUTE_US,
        needs=(frozenset({PHASES[0], WINDING}),),
    )

    @property
    def rule(self) -> Rule:
        """See `RuleDetector`."""
        return RULE


def imbalance_percent(phases_a: Sequence[float]) -> float:
    """The largest distance of a phase from the mean of all, in per cent of the mean; 0 when nothing flows.

    Example:
        >>> round(imbalance_percent((10.0, 10.0, 8.8)), 1)
        8.3
    """
    mean = sum(phases_a) / len(phases_a)
    return 100.0 * max(abs(phase - mean) for phase in phases_a) / mean if mean > 0.0 else 0.0


def _judged(state: State, said: Words, used: Mapping[str, float]) -> list[Conclusion]:
    last: Conclusion | None = None
    for now in moments(state, said):
        told = bool(now.phases_a) or WINDING in now.values
        if now.turns is None or (now.turns and not told):
            continue
        if not now.turns or now.ran_us <= used[_SETTLE.name] * _S_US:
            for lasting in ("unequal_us", "hot_us"):
                state.pop(lasting, None)
            last = Conclusion(now.at_us, Verdict.NOT_APPLICABLE)
            continue
        last = _concluded(state, said.asset, now, used)
    return [] if last is None else [last]


def _concluded(state: State, asset: Asset, now: Moment, used: Mapping[str, float]) -> Conclusion:
    imbalance, winding = _imbalance(asset, now), now.values.get(WINDING)
    if imbalance is None and winding is None:
        return Conclusion(now.at_us, Verdict.NOT_APPLICABLE)
    note(state, now.at_us, imbalance if imbalance is not None else winding or 0.0)
    unequal, heated = _parts(imbalance or 0.0, winding or 0.0, used)
    lasting = [
        score if _lasts(state, key, now.at_us, score, used) else min(score, _WATCH_AT_MOST)
        for key, score in (("unequal_us", unequal), ("hot_us", heated))
    ]
    score = max(lasting)
    if score < RAISE:
        return Conclusion(now.at_us, Verdict.SCORED, score)
    severity = int((imbalance or 0.0) >= _URGENT_PERCENT or (winding or 0.0) > used[_TRIP.name])
    evidence = _evidence(state, asset, now.at_us, (imbalance, winding), used)
    return Conclusion(now.at_us, Verdict.SCORED, score, severity, evidence)


def _lasts(state: State, key: str, at_us: int, score: float, used: Mapping[str, float]) -> bool:
    """Whether a score has been up for long enough; `state[key]` keeps since when every sample has been."""
    if score < RAISE:
        state.pop(key, None)
        return False
    lasted_us: int = at_us - state.setdefault(key, at_us)
    return lasted_us >= used[_LASTS.name] * _S_US


def _imbalance(asset: Asset, now: Moment) -> float | None:
    phases, rated_a = now.phases_a, rated_current_a(asset)
    if not phases or (rated_a is not None and sum(phases) / len(phases) < _LEAST_LOAD * rated_a):
        return None
    return round(imbalance_percent(phases), 2)


def _parts(imbalance: float, winding: float, used: Mapping[str, float]) -> tuple[float, float]:
    """What imbalance and winding give by themselves; 0.5 where their limit is passed."""
    limit, hot, trip = used[_IMBALANCE.name], used[_HOT.name], used[_TRIP.name]
    unequal = ramp(imbalance, (0.0, limit, limit + 1e-9, 3.0 * limit), (0.0, _WATCH_AT_MOST, RAISE, 0.8))
    heated = ramp(winding, (hot - 30.0, hot, hot + 1e-9, trip, trip + 1e-9), (0.0, _WATCH_AT_MOST, RAISE, 0.7, 0.9))
    return unequal, heated


def _evidence(
    state: State, asset: Asset, at_us: int, seen: tuple[float | None, float | None], used: Mapping[str, float]
) -> Evidence:
    imbalance, winding = seen[0] or 0.0, seen[1] or 0.0
    unequal, heated = _parts(imbalance, winding, used)
    rows = [
        ("current_imbalance_percent", imbalance, "%", unequal, used[_IMBALANCE.name]),
        (WINDING, winding, "C", heated, used[_HOT.name]),
    ]
    rows.sort(key=lambda row: -row[3])
    total = unequal + heated
    both = min(unequal, heated) >= RAISE
    name, value, unit, _, limit = rows[0]
    own_trace = name == "current_imbalance_percent" or seen[0] is None
    signal = trace_of(state, asset.id, name, unit, (at_us, value)) if own_trace else None
    crossed = crossed_us(zip(signal.at_us, signal.value, strict=True), limit) if signal else None
    return Evidence(
        signal=signal,
        threshold=limit if signal else None,
        crossed_us=crossed,
        contributions=tuple(Contribution(n, round(v, 1), u, None, round(p / total, 4)) for n, v, u, p, _ in rows),
        counterfactual=None if both else Counterfactual(name, limit, unit),
    )


RULE = Rule(FAILURE_MODE, TUNABLES, frozenset({*PHASES, WINDING}), _judged)
