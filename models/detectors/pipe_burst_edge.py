"""Pipe burst edge: a riser that tears open, told as soon as its pressure has stayed down and its water runs out."""

from collections.abc import Mapping, Sequence
from typing import Final

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.blocks import EVER, Block
from models.detector import DetectorSpec, Memory, State
from models.findings import Contribution, Counterfactual, Evidence, Finding, Trace, Verdict
from models.pipes.burst_edge import (
    FEWEST_SECONDS,
    FLOW,
    PRESSURE,
    SOUND,
    TUNABLES,
    WITHIN,
    EdgeSettings,
    Fall,
    Witness,
    lasting_fall,
    note_flow,
    note_sound,
    take_pressure,
    witness,
)
from models.pipes.edge_rows import EdgeRows, PressureTimes
from models.statistics.traces import rounded
from models.thresholds import ThresholdBook
from models.windows import Window

FAILURE_MODE = "pipe.burst"
TORN: Final = 0.95
"""The score of a tear. Chosen by: words say "almost certain" from here on; it is proof and no probability."""

_S_US = 1_000_000
_WINDOW_US = 10 * _S_US
_HOUR_US = 3_600 * _S_US
_CALM_US = 25 * _HOUR_US
"""How long it says that the pressure is back. Chosen by: an hour more than the policy wants to hear it."""
_MORE_URGENT = 1
_READ = frozenset({PRESSURE, FLOW, SOUND})


class PipeBurstEdge:
    """Watches the seconds: a fall that stays, with more flow, or more noise where there is no meter, is a tear.

    It speaks of tears alone, so that an open warning of `PipeBurst` is neither calmed nor kept up by pipes that are
    whole; the warning goes up to level I and stays one order. Works badly where the logger keeps no seconds around an
    edge (a sample a minute shows none), where a hydrant is opened in less than ten seconds, and for a riser without a
    meter: it waits for the next record of its vibration.

    Source:
        DOMAIN 1.1 (sudden burst), 1.5 (emergency = burst edge rule).
    """

    spec = DetectorSpec(
        name="pipe_burst_edge",
        version=2,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.RISER}),
        width_us=_WINDOW_US,
        tunables=TUNABLES,
        delay_us=30 * 60 * _S_US,  # with a meter in the same message 2 min, with vibration two of its records
        needs=(frozenset({PRESSURE}), frozenset({FLOW, SOUND})),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found = [f for window in windows for f in _observed(window, memory, thresholds)]
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def new_states(self) -> EdgeRows:
        """See `BlockDetector.new_states`."""
        return EdgeRows()

    def observe_block(
        self, block: Block, memory: Memory, thresholds: ThresholdBook
    ) -> tuple[list[Finding], Mapping[str, int]]:
        """Keep what those risers said whose loggers speak too seldom to show a fall; nothing is to be said of them."""
        states = memory.states
        if not isinstance(states, EdgeRows):
            return [], dict.fromkeys((asset.id for asset in block.assets), EVER)
        told, from_us, until_us = PressureTimes.of(block), block.at_us[0].tolist(), block.until_us.tolist()
        left: dict[str, int] = {}
        for riser, columns in block.columns_of().items():
            asset, first, last = block.assets[columns[0]], from_us[columns[0]], until_us[columns[0]] - 1
            place, within_us = states.place_of(riser), _within_us(asset, first, last, thresholds)
            if place is None or within_us is None or not told.are_plain(place, columns, within_us):
                left[riser] = EVER
            else:
                for column in columns:
                    states.take(place, block, column, told)
        return [], left

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A message that holds the fall, the time after it, and the flow; see `ArrivalJudge`."""
        # Every message passes here, and most hold one moment, which is no fall.
        moments = {r.at_us for r in batch.readings}
        if len(moments) <= FEWEST_SECONDS or not {PRESSURE, FLOW} <= {r.metric for r in batch.readings}:
            return []
        state: State = {"loggers": {}}
        readings = sorted(
            (r for r in batch.readings if r.metric in {PRESSURE, FLOW}), key=lambda r: (r.at_us, r.metric)
        )
        settings = _settings(asset, readings[0].at_us, thresholds)
        for reading in readings:
            _take(state, reading.device, reading.metric, (reading.at_us, reading.value), settings)
            torn = _torn(state, reading.at_us, settings)
            if torn:
                return [_finding(asset, reading.at_us, torn, thresholds)]
        return []


def _within_us(asset: Asset, first_us: int, last_us: int, thresholds: ThresholdBook) -> float | None:
    """How close to each other samples are of which a fall is made; None if that changes between two times."""
    first, last = (thresholds.values(TUNABLES, asset, at_us) for at_us in (first_us, last_us))
    return first[WITHIN.name] * _S_US if first is last or first == last else None


def _observed(window: Window, memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    readings = [r for r in window.readings if r.metric in _READ]
    if not readings:
        return []
    asset, found = window.asset, list[Finding]()
    state = memory.states.setdefault(asset.id, {"loggers": {}})
    settings = _settings(asset, window.start_us, thresholds)
    for reading in readings:
        _take(state, reading.device, reading.metric, (reading.at_us, reading.value), settings)
        torn = _torn(state, reading.at_us, settings)
        if torn and "torn" not in state:
            fall, _ = torn
            state["torn"] = {"before_kpa": fall.before_kpa, "told_us": reading.at_us}
            found.append(_finding(asset, reading.at_us, torn, thresholds))
    return found or _afterwards(window, state, settings)


def _settings(asset: Asset, at_us: int, thresholds: ThresholdBook) -> EdgeSettings:
    return EdgeSettings(*thresholds.values(TUNABLES, asset, at_us).values())


def _take(state: State, device: str, metric: str, said: tuple[int, float], settings: EdgeSettings) -> None:
    if metric == PRESSURE:
        take_pressure(state["loggers"].setdefault(device, {}), *said, settings)
    elif metric == FLOW:
        note_flow(state, *said)
    else:
        note_sound(state, *said)


def _torn(state: State, at_us: int, settings: EdgeSettings) -> tuple[Fall, Witness] | None:
    """A fall that lasts and that is witnessed; one that is witnessed against is over."""
    for logger in state["loggers"].values():
        fall = lasting_fall(logger, at_us, settings)
        seen = witness(state, fall, settings) if fall else None
        if fall and seen:
            del logger["fall"]
            if seen.tears:
                return fall, seen
    return None


def _afterwards(window: Window, state: State, settings: EdgeSettings) -> list[Finding]:
    """Once an hour after a tear: still down, or back; until it has been back for a day."""
    torn, pressures = state.get("torn"), [r.value for r in window.readings if r.metric == PRESSURE]
    if torn is None or not pressures or window.start_us - torn["told_us"] < _HOUR_US:
        return []
    down = torn["before_kpa"] - pressures[-1] >= settings.least_drop_kpa(torn["before_kpa"])
    torn["told_us"] = window.start_us
    torn["back_us"] = None if down else torn.get("back_us") or window.start_us
    if not down and window.start_us - torn["back_us"] >= _CALM_US:
        del state["torn"]
    score, severity = (TORN, _MORE_URGENT) if down else (0.0, 0)
    return [Finding(window.asset.id, FAILURE_MODE, window.start_us, Verdict.SCORED, score, severity=severity)]


def _finding(asset: Asset, at_us: int, torn: tuple[Fall, Witness], thresholds: ThresholdBook) -> Finding:
    used = thresholds.values(TUNABLES, asset, at_us)
    evidence = _evidence(asset, *torn, EdgeSettings(*used.values()))
    return Finding(
        asset.id,
        FAILURE_MODE,
        at_us,
        Verdict.SCORED,
        TORN,
        evidence=evidence,
        thresholds=used,
        severity=_MORE_URGENT,
    )


def _evidence(asset: Asset, fall: Fall, seen: Witness, settings: EdgeSettings) -> Evidence:
    times, values = zip(*fall.trace, strict=True)
    limit = settings.least_drop_kpa(fall.before_kpa)
    # The counterfactual is the last limit that a fall of this size kept: half a limit is where it would have recovered.
    drop = round(fall.before_kpa - fall.now_kpa, 1)
    witnessed = (
        Contribution("flow_step_m3_h", round(seen.since - seen.before, 2), "m3/h", 0.0, 0.5)
        if seen.metric == FLOW
        else Contribution("burst_vibration_ratio", round(seen.since / seen.before, 2), "1", 1.0, 0.5)
    )
    return Evidence(
        signal=Trace(PRESSURE, "kPa", times, rounded(values, 2), asset=asset.id),
        threshold=round(fall.before_kpa - limit, 2),
        crossed_us=fall.at_us,
        contributions=(Contribution("pressure_drop_kpa", drop, "kPa", 0.0, 0.5), witnessed),
        counterfactual=Counterfactual("pressure_drop_kpa", round(limit, 2), "kPa") if drop >= limit else None,
        facts={"cause": "pressure_drop_kpa"},
    )
