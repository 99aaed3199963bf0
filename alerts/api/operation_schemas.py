"""Operation schemas: what the API gives of assets, readings, quarantine, outbox and of how the service is doing."""

from datetime import datetime
from typing import Literal

from alerts.api.history_schemas import State
from alerts.api.schemas import Out, TextOut
from ingest.registry import AssetClass


class ClockOut(Out):
    """The service's time; a page ticks its countdowns with it."""

    now: datetime
    speed: float
    """How many seconds of this clock pass in a real second now; 1 but in a simulation, where it may change.

    0 when a recording is played as fast as possible: time then stands until the next message."""


class StatusOut(Out):
    """What is happening."""

    now: datetime
    """The service's time."""
    readings_per_s: float
    """Readings scored in a real second, over the last ten seconds in which somebody asked."""
    readings_total: int
    quarantined_total: int
    """Messages refused since the log was made; the quarantine keeps the newest of very many."""
    episodes_open: int
    work_orders_open: int
    lag_positions: int
    """How far scoring is behind the log; 0 when it has read everything."""


class OutboxOut(Out):
    """Something other systems may want to know; delivered by reading on from the last id."""

    id: int
    at: datetime
    kind: str
    """`work_order.raised`, `work_order.moved` and so on: the history's actions."""
    work_order: int
    payload: dict[str, str | int | float | None]


class OutboxPage(Out):
    """Outbox rows, oldest first."""

    items: list[OutboxOut]
    next: int
    """Hand it back as `after`."""


class WatchOut(Out):
    """The newest word of the detectors on one failure mode of an asset."""

    failure_mode: str
    mode_name: TextOut
    verdict: Literal["scored", "too_early", "unknown", "not_applicable", "not_yet"]
    """`not_yet`: nothing was heard since the service was set up. Only `scored` has a score."""
    at: datetime | None
    score: float | None
    probability: float | None
    episode_open: bool


class AssetOut(Out):
    """A thing that can fail, and what is known of it now."""

    id: str
    site: str
    asset_class: AssetClass
    place: TextOut
    devices: list[str]
    watched: list[WatchOut]
    work_orders_open: int


class ReadingsOut(Out):
    """One metric of one device over time, columns of equal length."""

    device: str
    metric: str
    unit: str
    at: list[datetime]
    value: list[float]
    quality: list[int]
    """0 is good; flags: 1 late, 2 clock ahead, 4 out of range; advice: 8 jump, 16 stuck, 32 after gap, 64 repeated."""


class HealthOut(Out):
    """Whether the service's parts answer."""

    status: Literal["ok"]
    """The API and its database."""
    ingest: Literal["connected", "disconnected", "silent"]
    """`silent`: it has noted nothing for 15 s, so it does not run, or hangs; devices' messages wait at the broker."""
    ingest_noted_s: float | None
    """Real seconds since ingest last noted what it does; null if it never did."""
    history: State
    """`troubled`: something keeps readings from the time-series store; they wait in the log. `elsewhere`: another
    process fills it."""
    history_trouble: str
    """One sentence, empty while all is well."""
    history_lag_positions: int | None
    """How far the time-series store is behind the log."""
