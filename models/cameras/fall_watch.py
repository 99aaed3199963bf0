"""Fall watch: what the cameras that look up at one building say of things that fall, and when to believe it.

Source: DOMAIN 4.3 (track, hold-off, storm guard, a person reviews before a flat is named).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ingest.readings import Event, Still
from models.detector import State

KIND = "camera.falling_object"
RAIN = "rain_mm"
STORM_US = 600_000_000
"""How far back the storm guard looks. Source: DOMAIN 4.3, events in 10 min."""

_S_US = 1_000_000
_AFTER_US = 20 * _S_US  # DOMAIN 4.3: 20 s after the event are kept; the still after it has come by then
_DOUBT_US = 240 * _S_US
"""How long one without a track waits. Chosen by: where streaks come every 30 s on average, one in 3,000 is followed by
none for so long; at two minutes it is one in fifty, of which the simulated fleet had one a camera and four years."""
_UNDOUBTED = 1  # chosen by: a second one without a track meanwhile is a shower more often than a person
_WET_US = 3_600 * _S_US  # how long a gauge's word that it rained holds; chosen by: many speak once an hour
_HUSHED_US = tuple(hour * 3_600 * _S_US for hour in range(1, 8))
"""When a storm that is over is said to be over again. Chosen by: an order about a sensor is closed after six hours of
words that it is sound, an hour and a half apart at most, and nobody else speaks of a camera without readings."""
_MOST_SHOTS = 12
_MOST_EVENTS = 60  # ten minutes at a hold-off of 10 s


class Told(StrEnum):
    """What comes of the events of a camera."""

    FELL = "fell"
    OVER = "over"
    """Nothing has fallen for ten minutes."""
    STORM = "storm"
    """It reports so much that it is rain, a bird or an insect."""
    STORM_OVER = "storm_over"


@dataclass(frozen=True, slots=True)
class FallSettings:
    """The values in force, in the order of the detector's tunables."""

    track_m: float
    frames: float
    holdoff_s: float
    storm_events: float


@dataclass(frozen=True, slots=True)
class CameraWord:
    """What is to be said of one camera at one moment.

    Attributes:
        at_us: When.
        told: What.
        camera: Of which camera.
        events: How many it has reported in the last ten minutes.
        track_m: Length of the object's path, NaN where the camera does not tell.
        frames: Frames that showed it, NaN likewise.
        stills: sha256 of the pictures before and after.
    """

    at_us: int
    told: Told
    camera: str
    events: int
    track_m: float
    frames: float
    stills: tuple[str, ...]


class FallWatch:
    """One building's cameras; time is what `let_pass` and `hear` say it is.

    Attributes:
        said: The words so far.
    """

    def __init__(self, state: State, settings: FallSettings) -> None:
        self.said: list[CameraWord] = []
        self._state = state
        self._cameras: dict[str, State] = state.setdefault("cameras", {})
        self._settings = settings

    def see(self, still: Still) -> None:
        """Keep a picture to choose from; it never makes anything fire."""
        shots = self._cameras.get(still.device, {}).get("shots")
        if shots is None:
            shots = self._camera(still.device)["shots"]
        shots.append([still.at_us, still.sha256])
        shots.sort()
        del shots[:-_MOST_SHOTS]

    def rained(self, at_us: int) -> None:
        """Take in that a gauge of the building told of rain."""
        self._state["rained_us"] = max(at_us, self._state.get("rained_us", 0))

    def hear(self, event: Event) -> None:
        """Take in one event; those within the hold-off are the same object."""
        camera = self._camera(event.device)
        if event.attributes.get("state", "start") != "start" or event.at_us < camera["quiet_until_us"]:
            return
        camera["quiet_until_us"] = event.at_us + round(self._settings.holdoff_s * _S_US)
        camera["recent"] = [*_recent(camera, event.at_us), event.at_us][-_MOST_EVENTS:]
        if len(camera["recent"]) > self._settings.storm_events:
            self._doubt(event.device, event.at_us)
        elif not camera["stormy"]:
            track_m, frames = (_number(event.attributes, name) for name in ("track_m", "frames"))
            known = track_m is not None or frames is not None
            if known and (track_m or 0.0) < self._settings.track_m and (frames or 0.0) < self._settings.frames:
                return
            wait_us = _AFTER_US if known else _DOUBT_US
            camera["waiting"].append([event.at_us + wait_us, event.at_us, track_m, frames])

    def let_pass(self, until_us: int) -> None:
        """Let time pass up to, not including, `until_us`, and do what falls due on the way."""
        while (due := self._due()) is not None and due[0] < until_us:
            at_us, name = due
            camera = self._cameras[name]
            ripe = next((one for one in camera["waiting"] if one[0] == at_us), None)
            if ripe is not None:
                self._decide(name, ripe)
            elif at_us in camera["hushed_us"]:
                camera["hushed_us"].remove(at_us)
                self._say(at_us, Told.STORM_OVER, name)
            else:
                self._end(name, at_us)

    def next_us(self) -> int | None:
        """The next moment at which something changes though nothing is heard, or None."""
        due = self._due()
        return None if due is None else due[0]

    def _camera(self, name: str) -> State:
        return self._cameras.setdefault(
            name,
            {
                "recent": [],
                "waiting": [],
                "shots": [],
                "hushed_us": [],
                "quiet_until_us": 0,
                "raised": False,
                "stormy": False,
            },
        )

    def _due(self) -> tuple[int, str] | None:
        coming: list[tuple[int, str]] = []
        for name, camera in self._cameras.items():
            coming += [(one[0], name) for one in camera["waiting"]]
            coming += [(at_us, name) for at_us in camera["hushed_us"]]
            if (camera["raised"] or camera["stormy"]) and camera["recent"]:
                coming.append((camera["recent"][-1] + STORM_US, name))
        return min(coming, default=None)

    def _end(self, name: str, at_us: int) -> None:
        camera = self._cameras[name]
        told = Told.STORM_OVER if camera["stormy"] else Told.OVER
        if camera["stormy"]:
            camera["hushed_us"] = [at_us + after_us for after_us in _HUSHED_US]
        camera |= {"stormy": False, "raised": False, "recent": []}
        self._say(at_us, told, name)

    def _decide(self, name: str, ripe: list[Any]) -> None:
        """An event has waited for what speaks against it; without a track longer among many, and in the rain."""
        camera, (at_us, happened_us, track_m, frames) = self._cameras[name], ripe
        camera["waiting"].remove(ripe)
        known = track_m is not None or frames is not None
        last_us, wet = happened_us + STORM_US, at_us - self._state.get("rained_us", -_WET_US) < _WET_US
        others = [one for one in camera["recent"] if abs(one - happened_us) < STORM_US and one != happened_us]
        if not known and at_us < last_us and (wet or len(_recent(camera, at_us)) > _UNDOUBTED):
            camera["waiting"].append([last_us, happened_us, track_m, frames])
            return
        if not known and wet and others:
            return
        camera["raised"] = True
        if not _recent(camera, at_us):  # it waited for so long that its end would be due before it was said
            camera["recent"] = [at_us]
        self._say(at_us, Told.FELL, name, ripe)

    def _doubt(self, name: str, at_us: int) -> None:
        """So many fall from no house: what has waited is dropped, and what was said is taken back."""
        camera = self._cameras[name]
        camera["waiting"] = []
        if camera["raised"]:
            self._say(at_us, Told.OVER, name)
        if not camera["stormy"]:
            self._say(at_us, Told.STORM, name)
        camera |= {"raised": False, "stormy": True, "hushed_us": []}

    def _say(self, at_us: int, told: Told, name: str, ripe: list[Any] | None = None) -> None:
        camera = self._cameras[name]
        _, happened_us, track_m, frames = ripe or (0, at_us, None, None)
        nan = float("nan")
        stills = _around(camera["shots"], happened_us) if told is Told.FELL else ()
        events = len(_recent(camera, at_us))
        track, shown = (nan if one is None else one for one in (track_m, frames))
        self.said.append(CameraWord(at_us, told, name, events, track, shown, stills))


def _recent(camera: State, at_us: int) -> list[int]:
    return [one for one in camera["recent"] if one > at_us - STORM_US]


def _number(attributes: Mapping[str, Any], name: str) -> float | None:
    value = attributes.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _around(shots: list[list[Any]], at_us: int) -> tuple[str, ...]:
    """The last picture before a moment and the first after it."""
    before = [sha256 for taken_us, sha256 in shots if taken_us <= at_us][-1:]
    after = [sha256 for taken_us, sha256 in shots if taken_us > at_us][:1]
    return tuple(str(sha256) for sha256 in before + after)
