"""Windows: the slice of event time that a detector is fed."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.readings import Event, Reading, Still
from ingest.registry import Asset, Device
from models.told import ToldReadings


@dataclass(frozen=True, slots=True)
class Window:
    """Everything scoreable that one asset's devices said in [start_us, end_us).

    Attributes:
        asset: Whose window it is.
        start_us: Inclusive, microseconds since the epoch, a multiple of the width.
        end_us: Exclusive.
        readings: Ascending by (at_us, device, metric), no duplicates, none flagged unscored.
        events: Ascending by (at_us, device, kind), no duplicates.
        stills: Ascending by at_us. A still has only its arrival time, so it is evidence, never a reason to fire.
        devices: What the registry says of the asset's devices, in its order.
    """

    asset: Asset
    start_us: int
    end_us: int
    readings: Sequence[Reading] = ()
    events: tuple[Event, ...] = ()
    stills: tuple[Still, ...] = ()
    devices: tuple[Device, ...] = ()

    def said(self, metric: str, start_us: int, end_us: int) -> list[tuple[int, float]]:
        """What was said of a metric in start_us <= at_us < end_us: moments and values, in the order of the readings."""
        if end_us <= self.start_us or start_us >= self.end_us:
            return []
        if isinstance(self.readings, ToldReadings):
            return self.readings.said(metric, start_us, end_us)
        return [(r.at_us, r.value) for r in self.readings if r.metric == metric and start_us <= r.at_us < end_us]

    def by_device(self, metric: str) -> dict[str, list[float]]:
        """What each device said of a metric, in the order of time."""
        if isinstance(self.readings, ToldReadings):
            return self.readings.by_device(metric)
        found: dict[str, list[float]] = {}
        for reading in self.readings:
            if reading.metric == metric:
                found.setdefault(reading.device, []).append(reading.value)
        return found

    @property
    def patience_us(self) -> int:
        """For how much longer it stays open than the windows of assets whose devices hold nothing back."""
        return max((device.reports_every_us for device in self.devices), default=0)
