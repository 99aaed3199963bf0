"""Elevator e-bike: an e-bike in a car, as the car's own camera or controller reports it by a fault code."""

from collections.abc import Mapping, Sequence

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory, State
from models.elevators.fault_codes import fault_codes
from models.findings import Contribution, Evidence, Finding, Verdict
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "building.ebike"
_CODE = "fault_code"
_S_US = 1_000_000
_SILENT_US = 600 * _S_US  # DOMAIN 7: elevator offline_s

TUNABLES = (Tunable("building.ebike.code_absent_s", "s", 0, 600, 120, "DOMAIN 4.1: clear when absent for 120 s"),)


class ElevatorEbike:
    """The codes of the car's table that mean an e-bike; one stay until none has been said for two minutes.

    A code is believed at once, as severity 1: who reports it has a model for just that. GB/T 24476 itself has no such
    code.

    Source:
        DOMAIN 2.1: 37 of the vendor extension, 0317 of the city platforms.
    """

    spec = DetectorSpec(
        name="elevator_ebike",
        version=1,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.ELEVATOR}),
        width_us=5 * _S_US,
        tunables=TUNABLES,
        delay_us=10 * _S_US,
        needs=(frozenset({_CODE}),),
        where=("fault_code_table", frozenset({"vendor", "city"})),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found: list[Finding] = []
        for window in windows:
            codes = [r for r in window.readings if r.metric == _CODE]
            if not codes and window.asset.id not in memory.states:
                continue
            state = memory.states.setdefault(window.asset.id, {"heard_us": 0, "seen_us": None, "stays": False})
            used = {t.name: thresholds.value(t.name, window.asset, window.start_us) for t in TUNABLES}
            absent_us = round(used["building.ebike.code_absent_s"] * _S_US)
            for reading in codes:
                found += _passed(state, window.asset, max(window.start_us, reading.at_us), absent_us)
                state["heard_us"] = reading.at_us
                if round(reading.value) in _numbers(window.asset):
                    state |= {"stays": True, "seen_us": None}
                    found.append(_found(window.asset, reading.at_us, reading.value, used))
                elif state["stays"] and state["seen_us"] is None:
                    state["seen_us"] = reading.at_us
            found += _passed(state, window.asset, window.end_us, absent_us, window.start_us)
            if state["stays"]:
                memory.wake_us[window.asset.id] = max(window.end_us, _due_us(state, absent_us))
        return sorted(found, key=lambda f: (f.at_us, f.asset))

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A message with such a code; see `ArrivalJudge`."""
        told = [r for r in batch.readings if r.metric == _CODE and round(r.value) in _numbers(asset)]
        used = {t.name: thresholds.value(t.name, asset, r.at_us) for r in told for t in TUNABLES}
        return [_found(asset, r.at_us, r.value, used) for r in told[:1]]


def _numbers(asset: Asset) -> frozenset[int]:
    return frozenset(code.number for code in fault_codes(asset).of_mode(FAILURE_MODE))


def _due_us(state: State, absent_us: int) -> int:
    """When the stay ends, or nobody knows any more: the code has gone for long enough, or nothing is heard."""
    gone_us: int = state["heard_us"] + _SILENT_US
    return gone_us if state["seen_us"] is None else min(gone_us, state["seen_us"] + absent_us)


def _passed(state: State, asset: Asset, until_us: int, absent_us: int, start_us: int = 0) -> list[Finding]:
    """What falls due before a moment."""
    if not state["stays"] or (due_us := _due_us(state, absent_us)) >= until_us:
        return []
    silent = due_us == state["heard_us"] + _SILENT_US
    state["stays"] = False
    verdict, score = (Verdict.UNKNOWN, None) if silent else (Verdict.SCORED, 0.0)
    return [Finding(asset.id, FAILURE_MODE, max(due_us, start_us), verdict, score)]


def _found(asset: Asset, at_us: int, code: float, used: Mapping[str, float]) -> Finding:
    evidence = Evidence(contributions=(Contribution("code_ebike", code, "code", None, 1.0),))
    return Finding(asset.id, FAILURE_MODE, at_us, Verdict.SCORED, 1.0, severity=1, evidence=evidence, thresholds=used)
