"""Pipe burst: the chance that a riser bursts within 72 hours, from what it sounds like at night."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ingest.registry import Asset, AssetClass
from models.blocks import Block
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.pipes import cold, transients
from models.pipes.burst_causes import CAUSE_TUNABLES, Causes, CauseSettings, burst_chances, with_frost
from models.pipes.burst_evidence import Case, burst_evidence, time_to_failure
from models.pipes.burst_memory import Judgement, close, judge
from models.pipes.burst_risk import HORIZON_DAYS, TUNABLES, WARN, BurstSettings
from models.pipes.freeze_risk import freeze_risk
from models.pipes.night_stretches import Swings, night_stretches, said_by
from models.pipes.nights import FLOW, PRESSURE, NightHours, begin, clock_of, collect
from models.stretches import StretchWindow
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "pipe.burst"

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_TO_SHOW = 0.5 * WARN

_NIGHT_START = Tunable("pipe.burst.night_start_h", "h", 0.0, 6.0, 2.0, "DOMAIN 1.1: best 02:00-04:00")
_NIGHT_END = Tunable("pipe.burst.night_end_h", "h", 1.0, 8.0, 4.0, "DOMAIN 1.1: best 02:00-04:00")
_LEARNING = Tunable(
    "pipe.burst.learning_nights",
    "nights",
    3.0,
    60.0,
    5.0,
    "chosen by: with 5 the learnt level is within one spread of nights in 94 % of 10,000 simulated starts",
)


class PipeBurst:
    """Judges each riser once a night, an hour after the quiet hours end, beside its neighbours.

    The night's median log vibration RMS over the riser's own usual, less what its neighbours rose too, is tracked by
    a level and a slope. Once it has persisted, its first passage through the failure level, calibrated on a simulated
    fleet together with what the sound's median frequency, the night's flow and its pressure say, gives the chance that
    a leak tears the pipe; transients, frost and background are causes beside it. Where a leak gives no sound for two
    nights, or tears open at once, it says nothing in time: that share is printed by
    `python -m service.evaluation.burst_nights`.

    Source:
        DOMAIN 1.1 (night, persistence, transients), 1.2 (fatigue), 1.3 (neighbours first), 1.4 (first passage, causes).
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is; of a leak that tears open within ten days of its first drop it speaks within nine."""
        return DetectorSpec(
            name="pipe_burst",
            version=4,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset({AssetClass.RISER}),
            width_us=_HOUR_US,
            tunables=(_NIGHT_START, _NIGHT_END, _LEARNING, *TUNABLES, *CAUSE_TUNABLES),
            delay_us=9 * _DAY_US,
            needs=(frozenset({"pipe_vibration_um_s2"}),),
            learns_us=6 * 24 * 3_600_000_000,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """The findings of nights that ended in the hour before; see `Detector.observe`."""
        due = [w for w in windows if self._gather(w, memory, thresholds)]
        # All nights are judged before any is shown beside its neighbours'.
        judged = [(w, _judged(w, memory, thresholds)) for w in due]
        found = [_finding(w, said, memory, thresholds) for w, said in judged]
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def observe_stretch(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Gather the hours in which no night ends; see `StretchDetector.observe_stretch`."""
        left: dict[str, int] = {}
        swings, air = Swings.of(block), said_by(block, cold.AIR)
        for stretch in night_stretches(block, memory, partial(_hours, thresholds=thresholds), left):
            state = memory.states[stretch.asset.id]
            night = state.setdefault("night", {})
            begin(night, stretch.hours)
            for window in stretch.windows(stretch.hours.start_us):
                collect(night, window, stretch.hours)
            if not stretch.is_whole or "cold" in state or any(air[n] for n in stretch.columns):
                for window in stretch.windows():
                    _take(state, window)
            else:
                swings.take(state, stretch)
        return [], left

    def _gather(self, window: Window, memory: Memory, thresholds: ThresholdBook) -> bool:
        """Collect quiet readings, close a night that ends here; whether the night before waits to be judged."""
        asset = window.asset
        state = memory.states.setdefault(asset.id, {"learnt": []})
        waits = "closed" in state and not state["closed"].get("judged")
        hours = _hours(asset, window.start_us, thresholds)
        collect(state.setdefault("night", {}), window, hours)
        _take(state, window)
        if waits:
            memory.wake_us[asset.id] = hours.end_us - 1
            return True
        if hours.end_us <= window.end_us:
            close(state, hours)
            transients.close_day(state)
            memory.wake_us[asset.id] = window.end_us
        else:
            memory.wake_us[asset.id] = hours.end_us - 1
        return False


def _hours(asset: Asset, at_us: int, thresholds: ThresholdBook) -> NightHours:
    """The quiet hours of a riser that are running, or else the next ones."""
    first = thresholds.value(_NIGHT_START.name, asset, at_us)
    last = thresholds.value(_NIGHT_END.name, asset, at_us)
    return NightHours.ending_after(at_us, clock_of(asset), first, max(last, first + 1.0))


def _take(state: State, window: Window | StretchWindow) -> None:
    """Note what strains the riser by day and by night: how its pressure swings, and the cold."""
    for device, pressures in window.by_device(PRESSURE).items():
        transients.take_pressures(state, device, pressures)
    air = [value for _, value in window.said(cold.AIR, window.start_us, window.end_us)]
    if air:
        cold.take_air(state.setdefault("cold", {}), window.start_us, min(air))
    for event in window.events if isinstance(window, Window) else ():
        if event.kind == cold.FORECAST:
            cold.take_forecast(state.setdefault("cold", {}), event)
    if "cold" in state:
        for at_us, m3_h in window.said(FLOW, window.start_us, window.end_us):
            cold.take_flow(state["cold"], at_us, m3_h)


def _judged(window: Window, memory: Memory, thresholds: ThresholdBook) -> Judgement | Verdict:
    """The judgement of the closed night, or why there is none."""
    asset, at_us = window.asset, window.start_us
    state = memory.states[asset.id]
    state["closed"]["judged"] = True
    if "frames" not in state["closed"]:
        return Verdict.UNKNOWN
    learning = thresholds.value(_LEARNING.name, asset, at_us)
    settings = BurstSettings(*thresholds.values(TUNABLES, asset, at_us).values())
    return judge(state, list(_neighbours(asset, memory).values()), settings, learning) or Verdict.TOO_EARLY


def _neighbours(asset: Asset, memory: Memory) -> dict[str, State]:
    return {n: memory.states[n] for n in asset.neighbours if n in memory.states}


def _finding(window: Window, judged: Judgement | Verdict, memory: Memory, thresholds: ThresholdBook) -> Finding:
    asset, at_us = window.asset, window.start_us
    if isinstance(judged, Verdict):
        return Finding(asset.id, FAILURE_MODE, at_us, judged)
    used, others = (thresholds.values(tunables, asset, at_us) for tunables in (TUNABLES, CAUSE_TUNABLES))
    state = memory.states[asset.id]
    case = Case(
        judged, _causes(asset, state, judged, at_us), BurstSettings(*used.values()), CauseSettings(*others.values())
    )
    return _scored(asset, at_us, case, {**used, **others}, memory)


def _causes(asset: Asset, state: State, judged: Judgement, at_us: int) -> Causes:
    lagged = asset.limits.get("insulated")
    exposed = cold.conditions(state.get("cold", {}), at_us, insulated=None if lagged is None else lagged == "yes")
    damage = transients.damage_of(state)
    return Causes(judged.after, damage, None if exposed is None else freeze_risk(exposed))


def _scored(asset: Asset, at_us: int, case: Case, used: Mapping[str, float], memory: Memory) -> Finding:
    chance = float(burst_chances(case.causes, case.settings, case.others, HORIZON_DAYS))
    finding = Finding(
        asset=asset.id,
        failure_mode=FAILURE_MODE,
        at_us=at_us,
        verdict=Verdict.SCORED,
        score=chance,
        probability=with_frost(chance, case.causes),
        horizon_us=round(HORIZON_DAYS * _DAY_US),
        thresholds=used,
    )
    if chance < _TO_SHOW:
        return finding
    return replace(
        finding,
        time_to_failure=time_to_failure(case, at_us),
        evidence=burst_evidence(case, asset.id, memory.states[asset.id], _neighbours(asset, memory)),
    )
