"""Detector: the Protocol that every failure mode's file implements."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from ingest.readings import Batch
from ingest.registry import Asset, AssetClass
from models.findings import Finding
from models.thresholds import ThresholdBook, Tunable
from models.windows import Window

State = dict[str, Any]
"""A detector's memory of one asset: plain numbers, strings, lists and dicts (JSON values), small, no pickle."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What a detector is, for the engine, the threshold pages and the README.

    Attributes:
        name: The file's name; the key of its state. Changing what the state means needs a new `version`.
        version: Of the state's meaning.
        failure_modes: What it may report.
        asset_classes: The assets it is run on.
        width_us: Width of its windows, microseconds; windows start at multiples of it.
        tunables: What may be turned.
        delay_us: How long after the true onset, in event time, it promises to have spoken in its scenario.
        needs: Of each set an asset's devices must say at least one, metric or kind of event, or nothing is watched.
        learns_us: For about how long it says `TOO_EARLY` of a new asset; 0 if it does not learn.
        where: A limit of the registry and the values it must have for an asset to be watched; None: any asset.
    """

    name: str
    version: int
    failure_modes: tuple[str, ...]
    asset_classes: frozenset[AssetClass]
    width_us: int
    tunables: tuple[Tunable, ...]
    delay_us: int
    needs: tuple[frozenset[str], ...] = ()
    learns_us: int = 0
    where: tuple[str, frozenset[str]] | None = None


@dataclass(slots=True)
class Memory:
    """The states of a detector's assets, and when each wants to be woken though nothing was heard.

    Attributes:
        states: By asset id. A detector puts a new dict for an asset it has not met and may change dicts in place.
        wake_us: By asset id, the event time at which the detector wants a window even if it is empty (a timer);
            the engine removes an entry once it has served it.
    """

    states: MutableMapping[str, State] = field(default_factory=dict)
    wake_us: MutableMapping[str, int] = field(default_factory=dict)


class Detector(Protocol):
    """Turns closed windows into findings, deterministically, whatever order messages came in.

    A detector keeps nothing outside `memory`, never changes its inputs, and takes time only from windows.
    Every implementation passes `tests/contracts/detector.py`.
    """

    @property
    def spec(self) -> DetectorSpec:
        """What it is."""
        ...

    def observe(self, windows: Sequence[Window], memory: Memory, thresholds: ThresholdBook) -> list[Finding]:
        """The findings of windows that closed together.

        Args:
            windows: All of the same [start_us, end_us), at most one an asset, of assets of the spec's classes. An
                asset's windows come in ascending time; windows in which nothing was said are left out unless the
                detector asked to be woken. An implementation may loop over them or work on all at once.
            memory: Read and updated.
            thresholds: Values in force.

        Returns:
            Findings whose at_us lies in the window, ascending by (at_us, asset, failure_mode, subject).
        """
        ...


@runtime_checkable
class ArrivalJudge(Detector, Protocol):
    """A detector to which one message may prove something by itself."""

    def judge_on_arrival(self, batch: Batch, asset: Asset, thresholds: ThresholdBook) -> list[Finding]:
        """What one message proves by itself, at once, without memory (an entrapment code); mostly nothing.

        The same message must lead `observe` to a finding of the same asset, failure mode and time with a score at
        least as high, unless the asset's episode is open or just closed: the ordered path confirms what this path
        announced.
        """
        ...
