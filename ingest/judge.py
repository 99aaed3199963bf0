"""Judge: what is known against each record of a message, and how far it moves its site's watermark."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ingest.clock import HURRIED, Clock
from ingest.device_clock import DeviceClocks
from ingest.formats.wire_format import Decoded
from ingest.metrics import METRICS
from ingest.quarantine import Reason, Rejection
from ingest.readings import UNSCORED, Batch, Event, Quality, Reading
from ingest.registry import Registry
from ingest.series_quality import SeriesJudge, Track, flags

_OLD_US = 24 * 3_600 * 1_000_000  # DOMAIN 5.4
_FUTURE_US = 600 * 1_000_000  # DOMAIN 5.4
_AHEAD_US = 5 * 1_000_000  # chosen by: NTP holds a device within milliseconds; 5 s is half the default lateness


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of a message it takes.

    Attributes:
        batch: With the quality of each record.
        watermark_us: Of the site, this message counted in.
    """

    batch: Batch
    watermark_us: int


# Plain integers: flags as enum members cost 2 us a reading, in a place that has 5.
_LATE, _CLOCK_AHEAD, _OUT_OF_RANGE = int(Quality.LATE), int(Quality.CLOCK_AHEAD), int(Quality.OUT_OF_RANGE)
_UNSCORED = int(UNSCORED)


@dataclass(slots=True)
class _Limits:
    """The moments that separate late, in time, ahead and refused for one message, and how far it moves time."""

    late_us: int
    ahead_us: int
    refused_us: int
    received_us: int
    newest_us: int = 0
    ahead: bool = False

    def quality(self, at_us: int, *, believed: bool) -> int | None:
        """The flags of a record, or None if it is too far in the future; what is scored moves `newest_us`."""
        if at_us < self.late_us:
            return _LATE if believed else _LATE | _OUT_OF_RANGE
        quality = 0
        if at_us > self.ahead_us:
            if at_us > self.refused_us:
                return None
            quality, at_us, self.ahead = _CLOCK_AHEAD, self.received_us, True
        if not believed:
            return quality | _OUT_OF_RANGE
        self.newest_us = max(self.newest_us, at_us)
        return quality


class Judge:
    """Judges messages one by one; it keeps no watermark itself, so that a message can be judged again.

    What it remembers of series and clocks is for advice; of a message that is judged again it may say less.

    Args:
        registry: Which device stands where.
        lateness_us: How far a record may lie behind the watermark, in microseconds.
        clock: The one that dates arrivals; devices' clocks are not held against it while it hurries. None: one that
            never does.
    """

    def __init__(self, registry: Registry, lateness_us: int, clock: Clock | None = None) -> None:
        self._lateness_us = lateness_us
        self._clock = clock
        self._series = SeriesJudge()
        self._clocks = DeviceClocks(_AHEAD_US)
        self.take_up(registry)

    def take_up(self, registry: Registry) -> None:
        """Go on with another registry."""
        patience_us = dict.fromkeys(registry.assets, 0)
        for device in registry.devices.values():
            for asset in device.assets:
                patience_us[asset] = max(patience_us[asset], device.reports_every_us)
        self._devices = {
            (device.source, device.address or device.id): (
                device,
                self._lateness_us + min((patience_us[asset] for asset in device.assets), default=0),
            )
            for device in registry.devices.values()
        }
        self._series.forget(set(registry.devices))
        self._clocks.forget(set(registry.devices))

    def knows(self, source: str, address: str) -> bool:
        """Whether the registry has a device of this address, for what comes through this source."""
        return ("", address) in self._devices or (source, address) in self._devices

    def judge(
        self, decoded: Decoded, site: str, received_us: int, watermarks: Mapping[str, int], source: str = ""
    ) -> Verdict | Rejection:
        """The batch and the site's new watermark, or why the whole message is refused.

        Args:
            decoded: What one device says.
            site: The site its topic names, or empty.
            received_us: Its arrival, microseconds since the epoch.
            watermarks: By site, before this message; a site that has none yet is as if nothing was ever late.
            source: The id of the source it came through.
        """
        address = decoded.device
        device, bound_us = self._devices.get(("", address)) or self._devices.get((source, address)) or (None, 0)
        if device is None:
            return unknown_device(address)
        if site and site != device.site:
            return Rejection(
                Reason.WRONG_SITE, f"{device.id!r} stands at {device.site!r}, the topic says {site[:64]!r}"
            )
        before_us = watermarks.get(device.site, 0)
        late_us = max(before_us - bound_us, received_us - _OLD_US)
        limits = _Limits(late_us, received_us + _AHEAD_US, received_us + _FUTURE_US, received_us)
        readings = _judged_readings(decoded, limits, self._series.of(device.id, received_us))
        if isinstance(readings, Rejection):
            return readings
        events = _judged_events(decoded, limits)
        if isinstance(events, Rejection):
            return events
        stills = decoded.stills
        if device.id != address:
            readings = tuple([replace(reading, device=device.id) for reading in readings])
            events = tuple([replace(event, device=device.id) for event in events])
            stills = tuple([replace(still, device=device.id) for still in stills])
        off = limits.ahead or limits.newest_us < received_us - bound_us or self._clocks.any_wrong
        # Else its time is right, as that of nearly all is, and there is nothing to follow.
        if off and (self._clock is None or self._clock.speed <= HURRIED):
            newest_us = max([r.at_us for r in readings] + [e.at_us for e in events], default=received_us)
            wrong = self._clocks.hear(device.id, newest_us, received_us, bound_us)
            if wrong is not None:
                events = (*events, wrong)
        batch = Batch(device.site, device.id, received_us, readings, events, stills)
        return Verdict(batch, max(before_us, limits.newest_us))


def unknown_device(address: str) -> Rejection:
    """What is said of a device that nobody has let in."""
    return Rejection(Reason.UNKNOWN_DEVICE, f"the registry has no device {address[:64]!r}")


def _judged_readings(decoded: Decoded, limits: _Limits, tracks: dict[str, Track]) -> tuple[Reading, ...] | Rejection:
    judged: list[Reading] = []
    for reading in decoded.readings:
        metric = METRICS.get(reading.metric)
        if metric is None:
            return Rejection(Reason.UNKNOWN_METRIC, f"there is no metric {reading.metric[:64]!r}")
        believed = metric.low <= reading.value <= metric.high
        quality = limits.quality(reading.at_us, believed=believed)
        if quality is None:
            return _too_far(reading.metric, reading.at_us, limits)
        if not quality & _UNSCORED:
            quality |= flags(tracks, reading.metric, reading.at_us, reading.value)
        judged.append(replace(reading, quality=quality) if quality else reading)
    return tuple(judged)


def _judged_events(decoded: Decoded, limits: _Limits) -> tuple[Event, ...] | Rejection:
    judged: list[Event] = []
    for event in decoded.events:
        quality = limits.quality(event.at_us, believed=True)
        if quality is None:
            return _too_far(event.kind, event.at_us, limits)
        judged.append(replace(event, quality=quality) if quality else event)
    return tuple(judged)


def _too_far(what: str, at_us: int, limits: _Limits) -> Rejection:
    # An absurd time would not even be a date, so the sentence says how far it is away.
    ahead_s = (at_us - limits.refused_us + _FUTURE_US) / 1e6
    return Rejection(
        Reason.TOO_FAR_IN_FUTURE,
        f"{what} is dated {ahead_s:.0f} s after it arrived; the limit is {_FUTURE_US // 10**6} s",
    )
