"""Pump bearing: a pump whose vibration has become worse than its zone, or than its own usual, allows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.registry import Asset, AssetClass
from models.detector import DetectorSpec, Memory, State
from models.findings import Finding, Verdict
from models.pumps.bearing_condition import RAISE, PumpSettings, condition, course_of, leave_zone_d, zone_d_since
from models.pumps.bearing_evidence import pump_evidence
from models.pumps.bearing_memory import BLOCK_US, add, close_block, remember_hour, running
from models.pumps.bearing_prognosis import HORIZON_DAYS
from models.pumps.iso_zones import IsoBounds, bounds_of
from models.pumps.samples import steady_samples
from models.pumps.watch import note_spoken, spoken_us
from models.thresholds import ThresholdBook, Tunable
from models.words import WordDetector, Words

FAILURE_MODE = "pump.bearing"

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_HOUR_US = 60 * _MINUTE_US
_HORIZON_US = round(HORIZON_DAYS * 24 * _HOUR_US)

_SETTLE = Tunable("pump.bearing.settle_s", "s", 0.0, 600.0, 60.0, "DOMAIN 3: compare only after 60 s of running")
_ZONE_D = Tunable("pump.bearing.zone_d_s", "s", 0.0, 3600.0, 60.0, "DOMAIN 3: zone D for 60 s")
_SILENT = Tunable("pump.bearing.silent_s", "s", 600.0, 86400.0, 3600.0, "chosen by: twelve missed five-minute samples")
TUNABLES = (
    _SETTLE,
    _ZONE_D,
    Tunable("pump.bearing.change_share_of_bc", "1", 0.05, 1.0, 0.25, "DOMAIN 3: a change of 25 % of the B/C bound"),
    Tunable("pump.bearing.crossing_d", "d", 1.0, 90.0, 14.0, "DOMAIN 3: predicted zone D within 14 days"),
    Tunable("pump.bearing.envelope_sigma", "sigma", 1.0, 20.0, 4.0, "chosen by: as for pipes, 4 robust spreads"),
    Tunable("pump.bearing.kurtosis_watch", "1", 3.0, 20.0, 4.0, "DOMAIN 3: kurtosis above 4 is watched"),
    Tunable(
        "pump.bearing.learning_blocks",
        "blocks",
        12.0,
        576.0,
        48.0,
        "chosen by: 4 h of steady running at a speed, which a pump that follows people collects in one or two days",
    ),
    _SILENT,
    Tunable("pump.bearing.hot_c", "C", 40.0, 150.0, 80.0, "DOMAIN 3: bearing over 80 C alarms"),
    Tunable("pump.bearing.trip_c", "C", 40.0, 200.0, 95.0, "DOMAIN 3: bearing over 95 C trips"),
)
_LIVES_ON = frozenset({"velocity_rms_mm_s"})
_OF_A_SAMPLE = (_SETTLE, _ZONE_D, _SILENT)


class PumpBearing(WordDetector):
    """Judges a pump every five minutes of steady running by zone, change, trend, and the bearing's own signs.

    Works badly where a pump never runs for an hour a day at one speed (no usual is learnt, only zones count) and
    where its foundation, not its bearing, shakes.

    Source:
        DOMAIN 3: ISO 10816-1 zones, "Rules to ship", bearing stages.
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is; a wear that takes ten days from its first 5 % to zone C is spoken of before zone C."""
        return DetectorSpec(
            name="pump_bearing",
            version=6,
            failure_modes=(FAILURE_MODE,),
            asset_classes=frozenset({AssetClass.PUMP}),
            width_us=_MINUTE_US,
            tunables=TUNABLES,
            delay_us=10 * 24 * _HOUR_US,
            needs=(frozenset({"velocity_rms_mm_s"}),),
            learns_us=3_600_000_000,
        )

    def hear(self, words: Words, memory: Memory, thresholds: ThresholdBook) -> Sequence[Finding]:
        """A finding of a pump whose block is full or that is in zone D; see `WordDetector.hear`."""
        found = _judged(words, memory, thresholds)
        return () if found is None else (found,)


def _judged(words: Words, memory: Memory, thresholds: ThresholdBook) -> Finding | None:
    asset = words.asset
    state = memory.states.setdefault(asset.id, {})
    settle_s, zone_d_s, silent_s = thresholds.values(_OF_A_SAMPLE, asset, words.start_us).values()
    bounds = bounds_of(asset.limits)
    spoke_us = words.newest_us(_LIVES_ON)
    silent_us = round(silent_s * _SECOND_US)
    if spoke_us is None:
        return _silence(words, memory, silent_us)
    memory.wake_us.setdefault(asset.id, spoke_us + silent_us)
    alarmed = _gather(state, words, bounds, (settle_s, zone_d_s))
    note_spoken(state, spoke_us)
    if not alarmed and words.end_us - state.setdefault("closed_us", words.start_us) < BLOCK_US:
        return None
    # The rest of what may be turned is asked for once a block, not once a minute.
    used = thresholds.values(TUNABLES, asset, words.start_us)
    settings = PumpSettings(*used.values())
    if not close_block(state, words.end_us, settings.learning_blocks):
        leave_zone_d(state)
        return Finding(asset.id, FAILURE_MODE, spoke_us, Verdict.NOT_APPLICABLE)
    remember_hour(state, settings.kurtosis_watch)
    return _scored(asset, spoke_us, state, bounds, used)


def _silence(words: Words, memory: Memory, silent_us: int) -> Finding | None:
    """Unknown once nothing has been heard for too long, and again as long as that goes on."""
    asset, spoke_us = words.asset.id, spoken_us(memory.states[words.asset.id])
    if spoke_us is None:
        return None
    if words.end_us <= spoke_us + silent_us:
        memory.wake_us.setdefault(asset, spoke_us + silent_us)
        return None
    memory.wake_us.setdefault(asset, words.start_us + silent_us)
    return Finding(asset, FAILURE_MODE, words.start_us, Verdict.UNKNOWN)


def _gather(state: State, words: Words, bounds: IsoBounds, seconds: tuple[float, float]) -> bool:
    """Put the words' steady samples into the block; whether the pump has just been in zone D for long enough.

    `seconds` are those it must have run before it counts, and those for which zone D must have lasted.
    """
    alarmed, (settle_s, zone_d_s) = False, seconds
    for sample in steady_samples(state, words, settle_s * _SECOND_US):
        add(state, sample)
        since = zone_d_since(state, sample.at_us, sample.velocity, bounds)
        lasted = since is not None and sample.at_us - since >= zone_d_s * _SECOND_US
        alarmed = alarmed or (lasted and not state.get("in_zone_d", False))
        state.pop("in_zone_d", None)
        if lasted:
            state["in_zone_d"] = True
    return alarmed


def _scored(asset: Asset, at_us: int, state: State, bounds: IsoBounds, used: Mapping[str, float]) -> Finding:
    settings, now = PumpSettings(*used.values()), running(state)
    course = course_of(state, bounds)
    in_zone_d = state.get("in_zone_d", False)
    judged = condition(now, course, bounds, settings, in_zone_d=in_zone_d)
    if not now.hour_is_full and not judged.severity:
        return Finding(asset.id, FAILURE_MODE, at_us, Verdict.TOO_EARLY)
    wear = None if in_zone_d or bounds.zone(now.velocity) == "D" else course.wear
    if wear is not None and wear.is_over():
        wear = None
    finding = Finding(
        asset=asset.id,
        failure_mode=FAILURE_MODE,
        at_us=at_us,
        verdict=Verdict.SCORED,
        score=judged.score,
        probability=None if wear is None else round(wear.chance(), 4),
        horizon_us=None if wear is None else _HORIZON_US,
        thresholds=used,
        severity=judged.severity,
    )
    if judged.score < RAISE:
        return finding
    return replace(
        finding,
        time_to_failure=None if wear is None else wear.time_to_zone_d(at_us),
        evidence=pump_evidence(asset.id, state, now, judged, (bounds, settings)),
    )
