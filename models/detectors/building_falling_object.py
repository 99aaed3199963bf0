"""Falling object: something thrown from a building, as its cameras report it, and cameras that report too much."""

import math
from collections.abc import Mapping, Sequence

from ingest.registry import Asset, AssetClass
from models.cameras.fall_watch import KIND, RAIN, CameraWord, FallSettings, FallWatch, Told
from models.detector import DetectorSpec, Memory
from models.findings import Contribution, Counterfactual, Evidence, Finding, Verdict
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

FAILURE_MODE = "building.falling_object"
_SENSOR = "sensor.fault"
_S_US = 1_000_000
_STORM_SCORE = 0.8  # chosen by: as surely over 0.5 as the other faults of sensors are

TUNABLES = (
    Tunable("building.falling_object.track_m", "m", 0.0, 100.0, 3.0, "DOMAIN 4.3: vertical track of 3 m or more"),
    Tunable("building.falling_object.frames", "frames", 1.0, 100.0, 5.0, "DOMAIN 4.3: or 5 frames or more"),
    Tunable("building.falling_object.holdoff_s", "s", 1.0, 120.0, 10.0, "DOMAIN 4.3: hold-off 10 s a camera"),
    Tunable(
        "building.falling_object.storm_events", "events", 2.0, 60.0, 5.0, "DOMAIN 4.3: more than 5 in 10 min is rain"
    ),
)


class BuildingFallingObject:
    """Believes a camera's own detection once its track is long enough, or nothing has spoken against it for a while.

    It never says from which flat: that is for a person, after the review. A camera that sees rain, birds or insects
    is not believed and becomes an order about the sensor; where a gauge of the building tells of rain, what a camera
    without tracks sees has to be alone for ten minutes. Works badly where a camera tells no track and things fall at
    the pace of a drizzle that nobody measures.
    """

    spec = DetectorSpec(
        name="building_falling_object",
        version=3,
        failure_modes=(FAILURE_MODE, _SENSOR),
        asset_classes=frozenset({AssetClass.BUILDING}),
        width_us=5 * _S_US,
        tunables=TUNABLES,
        delay_us=30 * _S_US,  # with a track; 245 s without
        needs=(frozenset({KIND}),),
    )

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """See `Detector.observe`."""
        found: list[Finding] = []
        for window in windows:
            asset = window.asset
            events = [e for e in window.events if e.kind == KIND]
            rain = [r for r in window.readings if r.metric == RAIN and r.value > 0.0]
            if not (events or rain or window.stills or asset.id in memory.states):
                continue
            used = thresholds.values(TUNABLES, asset, window.start_us)
            watch = FallWatch(memory.states.setdefault(asset.id, {}), FallSettings(*used.values()))
            for still in window.stills:
                watch.see(still)
            for reading in rain:
                watch.rained(reading.at_us)
            for event in events:
                watch.let_pass(event.at_us)
                watch.hear(event)
            watch.let_pass(window.end_us)
            found += [_finding(asset, word, used) for word in watch.said]
            next_us = watch.next_us()
            if next_us is not None:
                memory.wake_us[asset.id] = next_us
        return sorted(found, key=lambda f: (f.at_us, f.asset, f.failure_mode, f.subject))


def _finding(asset: Asset, word: CameraWord, used: Mapping[str, float]) -> Finding:
    mode = _SENSOR if word.told in {Told.STORM, Told.STORM_OVER} else FAILURE_MODE
    score = {Told.FELL: 1.0, Told.STORM: _STORM_SCORE}.get(word.told, 0.0)
    evidence = {Told.FELL: _fall, Told.STORM: _storm}.get(word.told)
    seen = evidence(word, used) if evidence else None
    return Finding(
        asset.id, mode, word.at_us, Verdict.SCORED, score, subject=word.camera, evidence=seen, thresholds=used
    )


def _fall(word: CameraWord, used: Mapping[str, float]) -> Evidence:
    """Which camera and how long a track; never a floor or a flat, though some cameras claim to know it."""
    if not math.isnan(word.track_m) and word.track_m >= used["building.falling_object.track_m"]:
        limit = used["building.falling_object.track_m"]
        part = Contribution("track_m", round(word.track_m, 2), "m", None, 1.0)
        # With frames enough it would have been believed all the same.
        alone = not word.frames >= used["building.falling_object.frames"]
        return Evidence(
            contributions=(part,),
            counterfactual=Counterfactual("track_m", limit, "m") if alone else None,
            stills=word.stills,
            facts={"camera": word.camera},
        )
    name = "events_10_min" if math.isnan(word.frames) else "frames"
    value = float(word.events) if math.isnan(word.frames) else word.frames
    parts = (Contribution(name, value, "count", None, 1.0),)
    return Evidence(contributions=parts, stills=word.stills, facts={"camera": word.camera})


def _storm(word: CameraWord, used: Mapping[str, float]) -> Evidence:
    return Evidence(
        contributions=(Contribution("events_10_min", float(word.events), "count", None, 1.0),),
        counterfactual=Counterfactual("events_10_min", used["building.falling_object.storm_events"], "count"),
        facts={"kind": "false_alarms", "device": word.camera},
    )
