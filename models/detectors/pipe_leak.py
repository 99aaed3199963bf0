"""Pipe leak: water that runs in a riser every night, found by its meter long before the pipe is in danger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ingest.registry import Asset, AssetClass
from models.blocks import Block
from models.detector import DetectorSpec, Memory, State
from models.findings import Contribution, Counterfactual, Evidence, Finding, Trace, Verdict
from models.pipes.leak_nights import (
    FLOW_DECIMALS,
    LEARNING_NIGHTS,
    TUNABLES,
    LeakNight,
    LeakSettings,
    begin,
    close,
    gather,
    judge,
    usual_flow,
)
from models.pipes.night_stretches import night_stretches, said_by
from models.pipes.nights import ENDS_EVERY_US, FLOW, NightHours, clock_of
from models.statistics.pictures import rows_of
from models.statistics.ramp import ramp
from models.statistics.traces import crossed_us, rounded
from models.statistics.usual import Usual
from models.thresholds import ThresholdBook
from models.windows import Window

FAILURE_MODE = "pipe.leak"
RAISE: Final = 0.5
_TO_SHOW = 0.5 * RAISE
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_BAND_SIGMA = 3.0
_FIRST_H, _LAST_H = 2.0, 4.0  # DOMAIN 1.1: minimum night flow, 02:00-04:00


class PipeLeak:
    """Judges each metered riser once a night, an hour after the quiet hours end, beside its neighbours.

    The night's least flow over the riser's own usual of 28 nights, less what the neighbours rose too, is summed up by a
    one-sided CUSUM; a pressure that is down as well lowers its limit. Usual is learnt from quiet nights only, the last
    seven left out, and two nights at less than half of the leak are a repair. A cistern that runs in a flat for three
    to five nights is told too: the meter cannot know on which side of a door water is lost, and it is lost.

    Source:
        DOMAIN 1.1 (night flow, night pressure), 1.3 (neighbours first), 6.3 (CUSUM), 6.4 (frozen baselines).
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is; of a leak of 1 L/min or more it speaks within five nights."""
        return DetectorSpec(
            name="pipe_leak",
            version=3,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset({AssetClass.RISER}),
            width_us=_HOUR_US,
            tunables=TUNABLES,
            delay_us=5 * _DAY_US,
            needs=(frozenset({FLOW}),),
            learns_us=LEARNING_NIGHTS * _DAY_US,
        )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """The findings of nights that ended in the hour before; see `Detector.observe`."""
        due = [w for w in windows if _gathered(w, memory)]
        # All nights are judged before a state that neighbours read is changed: what they closed stays as it is.
        found = [_judged(w, memory, thresholds) for w in due]
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def observe_stretch(
        self,
        block: Block,
        memory: Memory,
        thresholds: ThresholdBook,  # noqa: ARG002 -- the contract's arguments
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Gather the hours in which no night ends; see `StretchDetector.observe_stretch`."""
        left: dict[str, int] = {}
        for stretch in night_stretches(block, memory, _hours, left):
            night = memory.states[stretch.asset.id].setdefault("night", {})
            begin(night, stretch.hours)
            for window in stretch.windows(stretch.hours.start_us):
                gather(night, window, stretch.hours)
        # Of a riser without a meter nothing is ever remembered.
        metered = {a.id for a, said in zip(block.assets, said_by(block, FLOW), strict=True) if said}
        return [], {riser: from_us for riser, from_us in left.items() if riser in memory.states or riser in metered}


def _hours(asset: Asset, at_us: int) -> NightHours:
    return NightHours.ending_after(at_us, clock_of(asset), _FIRST_H, _LAST_H)


def _gathered(window: Window, memory: Memory) -> bool:
    """Collect quiet readings, close a night that ends here; whether the night before waits to be judged."""
    asset = window.asset.id
    if asset not in memory.states and not window.by_device(FLOW):
        return False
    state = memory.states.setdefault(asset, {"quiet": []})
    hours = _hours(window.asset, window.start_us)
    waits = "closed" in state and not state["closed"].get("judged")
    gather(state.setdefault("night", {}), window, hours)
    memory.wake_us[asset] = hours.end_us - 1
    if not waits and hours.end_us <= window.end_us:
        close(state, hours)
        memory.wake_us[asset] = window.end_us
    return waits


def _judged(window: Window, memory: Memory, thresholds: ThresholdBook) -> Finding:
    asset, at_us = window.asset, window.start_us
    state = memory.states[asset.id]
    state["closed"]["judged"] = True
    if state["closed"]["flow"] is None:
        return Finding(asset.id, FAILURE_MODE, at_us, Verdict.UNKNOWN)
    used = {t.name: thresholds.value(t.name, asset, at_us) for t in TUNABLES}
    settings = LeakSettings(*used.values())
    beside = {n: memory.states[n] for n in asset.neighbours if "closed" in memory.states.get(n, {})}
    night = judge(state, [other["closed"] for other in beside.values()], settings)
    if night is None:
        return Finding(asset.id, FAILURE_MODE, at_us, Verdict.TOO_EARLY)
    finding = Finding(asset.id, FAILURE_MODE, at_us, Verdict.SCORED, _score(night, settings), thresholds=used)
    if (finding.score or 0.0) < _TO_SHOW:
        return finding
    return replace(finding, evidence=_evidence(asset.id, night, state, beside, settings))


def _score(night: LeakNight, settings: LeakSettings) -> float:
    """0.5 where the sum passes its limit; what is too small to be worth a visit, or rested a night, stays under it."""
    score = round(ramp(night.summed / night.limit, (0.0, 1.0, 2.0), (0.0, RAISE, 1.0)), 4)
    return score if night.lasts and night.leak_l_min >= settings.least_l_min else min(score, RAISE - 0.01)


def _evidence(asset: str, night: LeakNight, state: State, beside: dict[str, State], settings: LeakSettings) -> Evidence:
    usual = night.usual
    signal, high = _trace(asset, state), _high(usual)
    share = 0.3 if night.pressure_agrees else 0.0
    contributions = [Contribution("night_flow_l_min", night.flow_l_min, "L/min", round(usual.level, 2), 1.0 - share)]
    if share:
        contributions.append(Contribution("night_pressure_drop_kpa", night.drop_kpa, "kPa", 0.0, share))
    facts: dict[str, float | str] = {"leak_l_min": round(night.leak_l_min, 2), "hole_mm": round(night.hole_mm, 1)}
    # A night at usual and its slack adds nothing to the sum; where the sum was over its limit before, no night helps.
    bound = round(usual.level + settings.slack * usual.spread, 2)
    decided = night.before < night.limit <= night.summed and night.flow_l_min >= bound
    return Evidence(
        signal=signal,
        threshold=round(high, 2),
        crossed_us=crossed_us(zip(signal.at_us, signal.value, strict=True), high),
        neighbours=tuple(t for name, n in sorted(beside.items()) for t in [_trace(name, n)] if t.at_us),
        contributions=tuple(contributions),
        counterfactual=Counterfactual("night_flow_l_min", bound, "L/min") if decided else None,
        facts=facts,
    )


def _high(usual: Usual) -> float:
    """The upper edge of usual nights, for the picture."""
    return usual.level + _BAND_SIGMA * usual.spread


def _trace(asset: str, state: State) -> Trace:
    nights, usual = rows_of(state.get("history", [])), usual_flow(state)
    times = tuple(end * ENDS_EVERY_US for end, _ in nights)
    values = rounded([flow / 10**FLOW_DECIMALS for _, flow in nights], 2)
    edge = (round(_high(usual), 2),) * len(times) if usual else ()
    return Trace("night_flow_l_min", "L/min", times, values, high=edge, asset=asset)
