"""Building flood: water in an elevator's pit or on a floor, a sump that rises, or a sump pump that works too hard."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.conclusions import RAISE, Conclusion, found, in_force, is_due
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.pumps.flood_evidence import flood_evidence
from models.pumps.operation import CURRENT, RUNNING
from models.pumps.sump import (
    FLOOR,
    LEVEL,
    PIT,
    STARTS,
    FloodSettings,
    Part,
    judge_level,
    parts,
    take,
    wet_dues_us,
    wet_part,
)
from models.pumps.watch import SILENT_US, note, silence
from models.thresholds import ThresholdBook, Tunable
from models.words import WordDetector, Words

FAILURE_MODE = "building.flood"

_S_US = 1_000_000
_WINDOW_US = 10 * _S_US
_CALM = 0.25
_START_LEVEL = "sump_start_level_mm"
_LIVES_ON = frozenset({PIT, FLOOR, LEVEL, RUNNING, STARTS, CURRENT})

TUNABLES = (
    Tunable("building.flood.wet_s", "s", 0.0, 600.0, 10.0, "DOMAIN 1.6: elevator pit water sensor wet for 10 s"),
    Tunable("building.flood.above_start_mm", "mm", 10.0, 5_000.0, 200.0, "DOMAIN 1.6: start level + 0.2 m"),
    Tunable("building.flood.above_for_s", "s", 0.0, 7_200.0, 300.0, "DOMAIN 1.6: for 5 min"),
    Tunable("building.flood.starts_per_hour", "1/h", 1.0, 120.0, 12.0, "DOMAIN 1.6: more than 12 starts an hour"),
    Tunable("building.flood.run_time_ratio", "1", 1.1, 10.0, 1.5, "DOMAIN 1.6: 1.5 times the median of its week"),
)


class BuildingFlood(WordDetector):
    """Judges the immersion sensors, sump levels and sump pumps of a building; the worst sign speaks for it.

    An immersion sensor that also serves an elevator is judged here alone: its water makes one order. Works badly
    where a sump pump starts and stops between two samples, and where its start level is neither registered nor seen.
    """

    spec = DetectorSpec(
        name="building_flood",
        version=3,
        failure_modes=(FAILURE_MODE,),
        asset_classes=frozenset({AssetClass.BUILDING}),
        width_us=_WINDOW_US,
        tunables=TUNABLES,
        delay_us=2 * _WINDOW_US,  # of the pit; a level takes 5 min more, starts an hour
        needs=(frozenset({PIT, FLOOR, LEVEL, RUNNING, STARTS}),),
    )

    def hear(self, words: Words, memory: Memory, thresholds: ThresholdBook) -> Sequence[Finding]:
        """See `WordDetector.hear`."""
        return _heard(words, memory, thresholds)

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """A message in which a pit has been wet for as long as it takes; see `ArrivalJudge`."""
        since_us: int | None = None
        for reading in sorted((r for r in batch.readings if r.metric == PIT), key=lambda r: r.at_us):
            since_us = None if reading.value <= 0.0 else since_us if since_us is not None else reading.at_us
            used = in_force(TUNABLES, asset, reading.at_us, thresholds)
            part = wet_part(PIT, since_us, reading.at_us, FloodSettings(*used.values()).wet_s)
            if part.score >= RAISE:
                evidence = flood_evidence(asset.id, {}, reading.at_us, [(batch.device, part)])
                word = Conclusion(reading.at_us, Verdict.SCORED, part.score, part.severity, evidence)
                return [found(FAILURE_MODE, asset, word, used)]
        return []


def _heard(words: Words, memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
    asset = words.asset
    said = _said(words)
    if not said and asset.id not in memory.states:
        return []
    state = memory.states.setdefault(asset.id, {"sumps": {}, "judged_us": words.start_us})
    used = in_force(TUNABLES, asset, words.start_us, thresholds)
    settings = FloodSettings(*used.values())
    told = _judged(state, words, said, settings)
    if said:
        state["spoke_us"] = max(at_us for at_us, _ in said)
    quiet = [] if said or told else silence(words, memory, FAILURE_MODE)
    dues = [due for sump in state["sumps"].values() for due in wet_dues_us(sump, settings) if due >= words.end_us]
    silent_us = state["spoke_us"] + SILENT_US
    memory.wake_us[asset.id] = min([*dues, silent_us if silent_us >= words.end_us else words.start_us + SILENT_US])
    return quiet or [found(FAILURE_MODE, asset, word, used) for word in told if is_due(state, word)]


def _said(words: Words) -> dict[tuple[int, str], dict[str, float]]:
    """What was said of water and its pumps, by moment and device, ascending."""
    told = (((at_us, device), _LIVES_ON & values.keys(), values) for at_us, device, values in words.said)
    return {when: {metric: values[metric] for metric in sorted(known)} for when, known, values in told if known}


def _judged(
    state: State, words: Words, said: Mapping[tuple[int, str], Mapping[str, float]], settings: FloodSettings
) -> list[Conclusion]:
    """A word wherever a limit is passed, by what is said or by time alone, and one at the last moment."""
    registered = words.asset.limits.get(_START_LEVEL)
    registered_mm = None if registered is None else float(registered)
    found: list[Conclusion] = []
    for (at_us, device), values in said.items():
        found += _passed(state, words, at_us, settings)
        sump = state["sumps"].setdefault(device, {})
        take(sump, at_us, values)
        if LEVEL in values:
            judge_level(sump, at_us, registered_mm, settings)
            note(sump, at_us, values[LEVEL])
        found += _risen(state, words.asset, at_us, settings)
    found += _passed(state, words, words.end_us, settings)
    if said and (not found or found[-1].at_us < state["judged_us"]):
        found.append(_concluded(state, words.asset, state["judged_us"], settings))
    return found


def _passed(state: State, words: Words, until_us: int, settings: FloodSettings) -> list[Conclusion]:
    """What is proved before a moment by time that passes: a sensor that has been wet for long enough."""
    dues = sorted(due for sump in state["sumps"].values() for due in wet_dues_us(sump, settings) if due < until_us)
    late = [max(due, words.start_us) for due in dues if due > state["judged_us"]]
    return [word for at_us in late for word in _risen(state, words.asset, at_us, settings)]


def _risen(state: State, asset: Asset, at_us: int, settings: FloodSettings) -> list[Conclusion]:
    """A word if the score has just passed a limit, or gone up a level."""
    word = _concluded(state, asset, at_us, settings)
    score, before = word.score or 0.0, state.pop("high", 0.0)
    state["judged_us"] = at_us
    if score >= RAISE:
        state["high"] = score
    return [word] if score >= RAISE and score > before else []


def _concluded(state: State, asset: Asset, at_us: int, settings: FloodSettings) -> Conclusion:
    """What all devices together say; what is high and has not been heard of for an hour makes it unknown."""
    seen: list[tuple[str, Part]] = []
    for device, sump in state["sumps"].items():
        its = parts(sump, at_us, settings)
        if at_us - sump["heard_us"] < SILENT_US:
            seen += [(device, part) for part in its]
        elif any(part.score >= _CALM for part in its):
            return Conclusion(at_us, Verdict.UNKNOWN)
    if not seen:
        return Conclusion(at_us, Verdict.TOO_EARLY)
    seen.sort(key=lambda one: (-one[1].score, one[0], one[1].name))
    worst = seen[0][1]
    word = Conclusion(at_us, Verdict.SCORED, worst.score, worst.severity)
    if worst.score < RAISE:
        return word
    return replace(word, evidence=flood_evidence(asset.id, state["sumps"][seen[0][0]], at_us, seen))
