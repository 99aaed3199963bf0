"""Falling objects: what a camera that looks up at a building reports of them, and of rain, hail, birds and wind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import MINUTE_US, SECOND_US
from device_simulators.labels import Label, Truth
from device_simulators.message import Message
from ingest.formats.precomplaint import Happening, encode_events
from ingest.topics import event_topic

_FALL_US = 2 * SECOND_US
_STORM_EVENTS, _STORM_US = 5, 10 * MINUTE_US  # DOMAIN 4.3: more than 5 in 10 min is rain
_HOLDOFF_US = 10 * SECOND_US  # DOMAIN 4.3
_DUE_US = 12 * MINUTE_US  # a camera that tells no track is believed after ten minutes (DOMAIN 4.3), then the review
_SEVEREST_M = 60.0  # twenty floors


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a camera reports at one moment.

    Attributes:
        at_us: When, microseconds since the epoch.
        track_m: How long a way down it saw it, None if it does not tell.
        frames: In how many frames, None likewise.
        state: `start`, or `stop` when the object is out of sight.
    """

    at_us: int
    track_m: float | None = None
    frames: int | None = None
    state: str = "start"


@dataclass(frozen=True, slots=True)
class Spell:
    """Sightings of one cause.

    Attributes:
        sightings: Ascending.
        thrown: Whether somebody threw or dropped something.
        note: What it is, for a person.
    """

    sightings: tuple[Sighting, ...]
    thrown: bool
    note: str

    def labels(self, asset: str) -> Iterator[Label]:
        """The truth: a fall is due at once; what is none is a look-alike, and a shower of it a camera to be seen to."""
        first_us, last_us = self.sightings[0].at_us, self.sightings[-1].at_us
        until_us = last_us + _DUE_US
        if self.thrown:
            longest_m = max((one.track_m or 10.0 for one in self.sightings), default=0.0)
            times = (first_us, first_us + _FALL_US, first_us, until_us)
            severity = min(1.0, longest_m / _SEVEREST_M)
            yield Label(asset, "building.falling_object", Truth.FAULT, *times, severity, self.note)
            return
        times_none = (first_us, None, first_us, until_us)
        yield Label(asset, "building.falling_object", Truth.LOOKALIKE, *times_none, 0.5, self.note)
        storm_us = _storm_from(self.sightings)
        if storm_us is not None:
            yield Label(asset, "sensor.fault", Truth.FAULT, first_us, None, storm_us, until_us, 0.3, self.note)


def _storm_from(sightings: Sequence[Sighting]) -> int | None:
    """When there are too many for anything that falls from a house; what follows within a hold-off is the same."""
    counted: list[int] = []
    for one in sightings:
        if one.state == "start" and (not counted or one.at_us >= counted[-1] + _HOLDOFF_US):
            counted.append(one.at_us)
            if len([at for at in counted if at > one.at_us - _STORM_US]) > _STORM_EVENTS:
                return one.at_us
    return None


@dataclass(frozen=True, slots=True)
class FacadeCamera:
    """A camera that looks up at a building.

    Attributes:
        site: Its site.
        device: Its id.
        spells: What it sees.
    """

    site: str
    device: str
    spells: Sequence[Spell]

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Ascending; each sighting is a message."""
        seen = sorted((s for spell in self.spells for s in spell.sightings), key=lambda one: one.at_us)
        for one in seen:
            if start_us <= one.at_us < end_us:
                told = {"state": one.state, "track_m": one.track_m, "frames": one.frames}
                known = {name: value for name, value in told.items() if value is not None}
                payload = encode_events(self.device, [Happening(one.at_us, "camera.falling_object", known)])
                yield Message(event_topic(self.site, self.device), payload, one.at_us)


def thrown(dice: np.random.Generator, at_us: int, *, tells: bool) -> Spell:
    """One object, or some within five minutes; from the first floor to the twentieth."""
    count = 1 if dice.random() < 0.7 else int(dice.integers(2, 5))  # noqa: PLR2004 -- chosen: most throw once
    gaps_us = (np.append(0.0, dice.uniform(15.0, 75.0, count - 1)) * SECOND_US).astype(np.int64)
    found: list[Sighting] = []
    for moment_us in (at_us + np.cumsum(gaps_us)).tolist():
        metres = round(float(np.exp(dice.uniform(np.log(3.2), np.log(_SEVEREST_M)))), 1)
        # DOMAIN 4.3: a fall of h metres takes sqrt(2 h / g) seconds; at 25 frames a second, half of them in sight.
        frames = max(2, int(np.sqrt(2.0 * metres / 9.81) * 25.0 * dice.uniform(0.3, 0.6)))
        found.append(Sighting(moment_us, metres, frames) if tells else Sighting(moment_us))
        if dice.random() < 0.3:  # noqa: PLR2004 -- some cameras also say that it is over
            found.append(Sighting(moment_us + 3 * SECOND_US, state="stop"))
    return Spell(tuple(found), thrown=True, note="something is thrown" if count == 1 else f"{count} things are thrown")


def shower(dice: np.random.Generator, at_us: int, note: str, *, tells: bool, often_s: float = 30.0) -> Spell:
    """Ten to forty minutes of streaks: rain, snow, hail, leaves and plastic in a storm."""
    lasts_s = float(dice.uniform(600.0, 2_400.0))
    gaps_s = dice.exponential(often_s, int(3 * lasts_s / often_s)) + 2.0
    moments_s = np.cumsum(gaps_s)
    found = [
        Sighting(at_us + round(s * SECOND_US), *(_streak(dice) if tells else ()))
        for s in moments_s[moments_s < lasts_s].tolist()
    ]
    return Spell(tuple(found) or (Sighting(at_us),), thrown=False, note=note)


def alone(dice: np.random.Generator, at_us: int, note: str, count: int) -> Spell:
    """A bird, an insect or a leaf: a short track now and then."""
    moments = sorted((at_us + dice.uniform(0.0, 1_500.0, count) * SECOND_US).astype(np.int64).tolist())
    return Spell(tuple(Sighting(moment_us, *_streak(dice)) for moment_us in moments), thrown=False, note=note)


def _streak(dice: np.random.Generator) -> tuple[float, int]:
    """Metres and frames of a streak near the lens: short in both."""
    return round(float(dice.uniform(0.2, 2.8)), 1), int(dice.integers(1, 5))
