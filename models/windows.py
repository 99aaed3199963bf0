"""Windows: the slice of event time that a detector is fed."""

from dataclasses import dataclass

from ingest.readings import Event, Reading, Still
from ingest.registry import Asset, Device


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
    readings: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    stills: tuple[Still, ...] = ()
    devices: tuple[Device, ...] = ()
