"""Checkpoint: what a restarted engine needs to go on as if nothing had happened."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredState:
    """A detector's memory of one asset, as text.

    Attributes:
        detector: The detector's name.
        asset: The asset's id.
        version: Of the state's meaning; a state of another version is dropped at restore, and learning starts anew.
        state: JSON; `null` when the detector has none.
        wake_us: When the detector wants a window though nothing was said, or None.
        alone: The detector failed on this asset or in its company, and is asked about it alone; see `models.asked`.
    """

    detector: str
    asset: str
    version: int
    state: str
    wake_us: int | None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where an engine stands after the record at `position`.

    Attributes:
        position: Of the last record that was offered; 0 when there was none.
        resume_position: A restarted engine reads the log after this position (`log.read(resume_position, ...)`): what
            lies up to `position` is offered with `seen=True` and only fills the open windows again.
        watermarks_us: By site, for sites that have spoken.
        states: To restore: all of them. From `Engine.checkpoint`: those that changed since the one before, to be
            stored over the older ones.
    """

    position: int
    resume_position: int
    watermarks_us: Mapping[str, int]
    states: tuple[StoredState, ...] = ()
