"""Coverage: which asset is watched for which failure mode right now, and why not where it is not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alerts.policy.modes import mode_of
from alerts.watches import Watch
from ingest.log import LastWord
from ingest.registry import Asset, Device, Registry
from models.detector import Detector, DetectorSpec, State
from models.findings import Verdict
from models.sensors.habits import habit_of, silent_after_us
from models.sensors.series import Channel, said_by


class Standing(StrEnum):
    """How it stands with one asset and failure mode, worst first."""

    NOT_WATCHED = "not_watched"
    """Nothing is there that could see it."""
    UNKNOWN = "unknown"
    """It ought to be watched, and is not at this moment."""
    LEARNING = "learning"
    """It is too early for a word."""
    WATCHED = "watched"


class Cause(StrEnum):
    """Why it stands so; `alerts.words.coverage` has a sentence for each."""

    NONE = "none"
    NO_DEVICE = "no_device"
    WAITING = "waiting_for_approval"
    NEVER_HEARD = "never_heard"
    METRIC_MISSING = "metric_missing"
    INGEST_AWAY = "ingest_away"
    SCORING_BEHIND = "scoring_behind"
    SILENT = "silent"
    CLOCK = "clock_wrong"
    CHANNEL = "channel_faulty"
    NO_VALID_DATA = "no_valid_data"
    LEARNING = "learning"


@dataclass(frozen=True, slots=True)
class Cover:
    """One line of the answer.

    Attributes:
        asset: Its id.
        site: Its site's.
        failure_mode: What it is to be watched for.
        standing: How it stands.
        cause: Why.
        device: The device it is about, or empty.
        metric: What is missing or at fault, or empty.
        since_us: Since when, or None if that is not known.
        until_us: Until about when, while it learns; None if that is over and it still had too little to learn from.
        off_s: How far a clock is ahead; 0 if it is not about a clock.
        waiting: How many devices of the site wait for approval.
    """

    asset: str
    site: str
    failure_mode: str
    standing: Standing
    cause: Cause = Cause.NONE
    device: str = ""
    metric: str = ""
    since_us: int | None = None
    until_us: int | None = None
    off_s: float = 0.0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """All that coverage is judged by.

    Attributes:
        now_us: By the service's clock.
        registry: As it is now.
        detectors: What runs.
        watches: The newest word of each detector, by asset and failure mode.
        words: By device id, when it was last heard of.
        devices: By device id, what `sensor.fault` remembers of it.
        waiting: By site, how many devices wait for approval.
        ingest_away_us: Since when messages are not taken in, or None while they are.
        scoring_behind_us: Since when scoring stands still although there is something to score, or None.
    """

    now_us: int
    registry: Registry
    detectors: Sequence[Detector]
    watches: Mapping[tuple[str, str], Watch]
    words: Mapping[str, LastWord]
    devices: Mapping[str, State]
    waiting: Mapping[str, int] = field(default_factory=dict)
    ingest_away_us: int | None = None
    scoring_behind_us: int | None = None


_ORDER = tuple(Standing)
_FAR_OFF_US = 60_000_000


def coverage(known: Known, site: str = "") -> list[Cover]:
    """Every asset and failure mode that is meant to be watched, worst first, then by site, asset and mode.

    Args:
        known: What it is judged by.
        site: Only this one; empty: all.
    """
    found = [
        cover
        for asset in known.registry.assets.values()
        if site in {"", asset.site}
        for cover in _of_asset(known, asset)
    ]
    return sorted(found, key=lambda one: (_ORDER.index(one.standing), one.site, one.asset, one.failure_mode))


def counts(covers: Iterable[Cover]) -> dict[str, dict[Standing, int]]:
    """By site, how many there are of each standing."""
    by_site: dict[str, dict[Standing, int]] = {}
    for cover in covers:
        of_site = by_site.setdefault(cover.site, dict.fromkeys(Standing, 0))
        of_site[cover.standing] += 1
    return by_site


def _of_asset(known: Known, asset: Asset) -> Iterable[Cover]:
    """A line a failure mode: that of the first detector which watches for it, in the order of the catalogue.

    A riser's burst is foreseen by its vibration and seen by its pressure; where it is foreseen, the line says how that
    stands, and where nothing could foresee it, how it stands with seeing it.
    """
    by_mode: dict[str, Cover] = {}
    for detector in known.detectors:
        if not _is_for(detector.spec, asset):
            continue
        for cover in _covers(known, asset, detector.spec):
            first = by_mode.setdefault(cover.failure_mode, cover)
            if first.standing is Standing.NOT_WATCHED and cover.standing is not Standing.NOT_WATCHED:
                by_mode[cover.failure_mode] = cover
    return by_mode.values()


def _is_for(spec: DetectorSpec, asset: Asset) -> bool:
    if asset.asset_class not in spec.asset_classes:
        return False
    return spec.where is None or str(asset.limits.get(spec.where[0])) in spec.where[1]


def _covers(known: Known, asset: Asset, spec: DetectorSpec) -> Iterator[Cover]:
    for failure_mode in spec.failure_modes:
        mode = mode_of(failure_mode)
        if mode.of_sensor:
            continue
        cover = _cover(known, asset, spec, failure_mode)
        if not (mode.general and cover.cause in {Cause.NO_DEVICE, Cause.NEVER_HEARD, Cause.METRIC_MISSING}):
            # What is general is a bonus where there is something to go by, and promised to nobody else.
            yield cover


def _cover(known: Known, asset: Asset, spec: DetectorSpec, failure_mode: str) -> Cover:
    waiting = known.waiting.get(asset.site, 0)
    cover = Cover(asset.id, asset.site, failure_mode, Standing.WATCHED, waiting=waiting)
    devices = known.registry.devices_of(asset.id)
    if not devices:
        return replace(cover, standing=Standing.NOT_WATCHED, cause=Cause.WAITING if waiting else Cause.NO_DEVICE)
    heard = [device for device in devices if device.id in known.words or device.id in known.devices]
    if not heard:
        return replace(cover, standing=Standing.NOT_WATCHED, cause=Cause.NEVER_HEARD, device=devices[0].id)
    for cause, since_us in (
        (Cause.INGEST_AWAY, known.ingest_away_us),
        (Cause.SCORING_BEHIND, known.scoring_behind_us),
    ):
        if since_us is not None:
            return replace(cover, standing=Standing.UNKNOWN, cause=cause, since_us=since_us)
    return _by_its_devices(known, cover, devices, spec)


def _by_its_devices(known: Known, cover: Cover, devices: Sequence[Device], spec: DetectorSpec) -> Cover:
    """Whether what the detector needs is there; if it is, what the detector says."""
    born_us = known.now_us
    for need in spec.needs:
        sources = [device for device in devices if need & _says(known, device)]
        if not sources:
            return _missing(known, cover, devices, need)
        troubles = [_trouble(known, cover, device, need) for device in sources]
        if (worst := troubles[0]) is not None and None not in troubles:
            return worst
        born_us = min(known.devices[device.id]["born_us"] for device in sources)
    watch = known.watches.get((cover.asset, cover.failure_mode))
    if watch is not None and watch.verdict is Verdict.UNKNOWN:
        return replace(cover, standing=Standing.UNKNOWN, cause=Cause.NO_VALID_DATA, since_us=watch.at_us)
    if (watch is None and spec.learns_us) or (watch is not None and watch.verdict is Verdict.TOO_EARLY):
        until_us = born_us + spec.learns_us
        until = until_us if until_us > known.now_us else None
        return replace(cover, standing=Standing.LEARNING, cause=Cause.LEARNING, until_us=until)
    return cover


def _says(known: Known, device: Device) -> frozenset[str]:
    return frozenset(said_by(known.devices[device.id])) if device.id in known.devices else frozenset()


def _missing(known: Known, cover: Cover, devices: Sequence[Device], need: frozenset[str]) -> Cover:
    """Nobody ever said what is needed: because nobody can, or because the one who could was never heard."""
    unheard = next((d for d in devices if d.id not in known.words and d.id not in known.devices), None)
    if unheard is not None:
        return replace(cover, standing=Standing.NOT_WATCHED, cause=Cause.NEVER_HEARD, device=unheard.id)
    for device in devices:
        word = known.words.get(device.id)
        if device.id not in known.devices and word is not None and abs(word.received_us - word.at_us) > _FAR_OFF_US:
            off_s = (word.at_us - word.received_us) / 1e6
            return replace(cover, standing=Standing.UNKNOWN, cause=Cause.CLOCK, device=device.id, off_s=off_s)
    return replace(cover, standing=Standing.NOT_WATCHED, cause=Cause.METRIC_MISSING, metric=min(need))


def _trouble(known: Known, cover: Cover, device: Device, need: frozenset[str]) -> Cover | None:
    """Why a device that can say what is needed does not say it now, or None when it does."""
    state = known.devices[device.id]
    lost = replace(cover, standing=Standing.UNKNOWN, device=device.id)
    clock, habit = state.get("clock"), habit_of(state)
    if clock is not None and clock["off_s"] < 0:
        # Ahead of time it is still scored; behind, all it says comes too late.
        return replace(lost, cause=Cause.CLOCK, since_us=clock["since_us"], off_s=clock["off_s"])
    since_us = _silent_since(known, device, habit)
    if since_us is not None:
        return replace(lost, cause=Cause.SILENT, since_us=since_us)
    metrics = sorted(need & said_by(state))
    series = {metric: state["series"].get(metric) for metric in metrics}
    faulty = [metric for metric, one in series.items() if one and Channel.of(metric, one, habit).at_fault]
    if faulty == metrics:
        return replace(lost, cause=Cause.CHANNEL, metric=faulty[0])
    return None


def _silent_since(known: Known, device: Device, habit: State) -> int | None:
    word = known.words.get(device.id)
    last_us: int = max(habit["at_us"], word.received_us if word is not None else 0)
    if habit["offline_us"] is not None:
        return int(habit["offline_us"])
    if habit["silence"] and (word is None or word.received_us <= habit["at_us"] + habit["holds_us"] + _FAR_OFF_US):
        return int(habit["at_us"])
    after_us = silent_after_us(habit, device.silent_after_us, habit["least_us"])
    late = after_us is not None and known.now_us > last_us + after_us + habit["holds_us"]
    return last_us if late else None
