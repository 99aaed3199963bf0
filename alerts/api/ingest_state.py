"""Ingest state: whether messages are being taken in, as the ingest processes last noted it themselves."""

import math
from dataclasses import dataclass
from typing import Literal

from alerts.api.backend import Backend
from ingest.figures import Note

CONNECTED = "precomplaint_ingest_connected"
"""The gauge by which a process says that it is an ingest and whether the broker has it."""
_SILENT_S = 15.0  # they note something every two seconds; a slow disk may hold one up for some


@dataclass(frozen=True, slots=True)
class IngestState:
    """How ingest does.

    Attributes:
        state: `connected` if any process is; `silent` if none has noted anything lately: it does not run, or hangs.
        noted_s: How old the newest note is, in real seconds; None if there never was one.
    """

    state: Literal["connected", "disconnected", "silent"]
    noted_s: float | None


def ingest_state(backend: Backend) -> IngestState:
    """Whether messages are being taken in."""
    said = [
        (_age_s(backend, note), connected)
        for note in backend.log.notes().values()
        if (connected := _figure(note)) is not None
    ]
    if not said:
        return IngestState("silent", None)
    newest_s = min(age_s for age_s, _ in said)
    if newest_s > _SILENT_S:
        return IngestState("silent", newest_s)
    connected = any(connected for age_s, connected in said if age_s <= _SILENT_S)
    return IngestState("connected" if connected else "disconnected", newest_s)


def noted_ages_s(backend: Backend) -> dict[str, float]:
    """By process, the real seconds since it last noted how it does."""
    return {process: _age_s(backend, note) for process, note in backend.log.notes().items()}


def _figure(note: Note) -> float | None:
    return next((family.figures[0].value for family in note.families if family.name == CONNECTED), None)


def _age_s(backend: Backend, note: Note) -> float:
    """Real seconds since a note; a simulation's clock runs faster, or stands still."""
    speed = backend.clock.speed
    age_s = max(0.0, (backend.clock.now_us() - note.at_us) / 1e6)
    return age_s / speed if math.isfinite(speed) and speed > 0.0 else 0.0
