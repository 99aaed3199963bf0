"""Weather: a year of air and rain over one building, with cold waves and storms whose truth is known."""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, day_of, hour_of_day, local_midnight, stream
from device_simulators.labels import Label, Truth
from device_simulators.message import Message
from ingest.formats.precomplaint import Happening, Sample, encode_events, encode_telemetry
from ingest.topics import event_topic, telemetry_topic

_MEAN_C, _SWING_C = 16.0, 10.0  # a year in the lower Yangtze, 6 C in January; chosen so that frost comes by waves alone
_COLDEST_DAY = 15
_DAY_AND_NIGHT_C = 3.0
_UNREST_C = 1.0
_RAMP_US = 12 * HOUR_US
_AIR_US, _PIPE_US, _RAIN_US, _FORECAST_US = 30 * MINUTE_US, HOUR_US, HOUR_US, 12 * HOUR_US
_FROZEN_C, _THAW_C, _FROZEN_H, _ORDER_C = -4.0, 1.5, 12, -4.0  # DOMAIN 1.6


@dataclass(frozen=True, slots=True)
class ColdWave:
    """Air that falls within half a day and comes back after some days.

    Attributes:
        start_us: When it begins to fall.
        end_us: When it begins to rise again.
        low_c: The lowest air it brings.
    """

    start_us: int
    end_us: int
    low_c: float

    def share(self, at_us: int) -> float:
        """How much of it is there, 0 to 1."""
        fallen = (at_us - self.start_us) / _RAMP_US
        risen = (self.end_us + _RAMP_US - at_us) / _RAMP_US
        return max(0.0, min(1.0, fallen, risen))


@dataclass(frozen=True, slots=True)
class Storm:
    """Rain of one amount, evenly over some hours.

    Attributes:
        start_us: Its beginning.
        hours: How long.
        mm: How much.
        foretold: Whether the service saw it coming.
        colour: What was published two hours ahead, or empty.
    """

    start_us: int
    hours: float
    mm: float
    foretold: bool = True
    colour: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether it has a colour: 50 mm within 12 hours or more (DOMAIN 1.6)."""
        return self.mm / self.hours * min(self.hours, 12.0) >= 50.0  # noqa: PLR2004 -- as said

    def label(self, asset: str) -> Label:
        """Due from the first forecast on, until it is over."""
        end_us = self.start_us + round((self.hours + 1.0) * HOUR_US)
        truth = Truth.FAULT if self.is_fault else Truth.LOOKALIKE
        times = (self.start_us, self.start_us, self.start_us - 36 * HOUR_US, end_us)
        note = f"{self.mm:.0f} mm of rain within {self.hours:.1f} h"
        return Label(asset, "building.storm", truth, *times, min(1.0, self.mm / 150.0), note)

    def fallen_mm(self, from_us: int, until_us: int) -> float:
        """How much falls in [from_us, until_us)."""
        end_us = self.start_us + round(self.hours * HOUR_US)
        shared_us = max(0, min(until_us, end_us) - max(from_us, self.start_us))
        return self.mm * shared_us / (self.hours * HOUR_US)


@lru_cache(maxsize=16)
def _unrest_c(seed: int, day: int) -> float:
    """How much warmer a day is than its season; a stream of its own, asked for a hundred times a day."""
    return float(stream(seed, "air", day).normal(0.0, _UNREST_C))


@dataclass(frozen=True, slots=True)
class Weather:
    """One building's weather; its devices are `{asset}-air`, `-pipe`, `-rain` and `-gateway`.

    Attributes:
        site: The site's id.
        asset: The building's id.
        seed: Of its dice.
        waves: Of cold, apart from each other.
        storms: Of rain.
        draughts_us: Moments at which a door left open chills the pipe's thermometer for one sample.
        forecasts: Whether a gateway tells what is coming.
    """

    site: str
    asset: str
    seed: int
    waves: Sequence[ColdWave] = ()
    storms: Sequence[Storm] = ()
    draughts_us: Sequence[int] = ()
    forecasts: bool = True

    def air_c(self, at_us: int) -> float:
        """The air outdoors."""
        year = math.cos(2 * math.pi * (day_of(at_us) % 365.25 - _COLDEST_DAY) / 365.25)
        night = math.cos(2 * math.pi * (hour_of_day(at_us) - 5.0) / 24)
        today, tomorrow = (_unrest_c(self.seed, day_of(at_us) + n) for n in (0, 1))
        unrest = today + (tomorrow - today) * hour_of_day(at_us) / 24
        mild = _MEAN_C - _SWING_C * year - _DAY_AND_NIGHT_C * night + max(-2.0, min(2.0, unrest))
        share, low_c = max(((w.share(at_us), w.low_c) for w in self.waves), default=(0.0, 0.0))
        cold = low_c + 0.3 * _DAY_AND_NIGHT_C * (1.0 - night)
        return mild + (min(cold, mild) - mild) * share

    def labels(self) -> tuple[Label, ...]:
        """The truth, by onset: every wave, the thaw after a long one, every storm, every draught."""
        found = [label for wave in self.waves for label in self._of_wave(wave)]
        found += [storm.label(self.asset) for storm in self.storms]
        draughts = ((at_us, None, at_us, at_us + 3 * HOUR_US) for at_us in self.draughts_us)
        found += [Label(self.asset, "pipe.freeze", Truth.LOOKALIKE, *t, 0.0, "a door left open") for t in draughts]
        return tuple(sorted(found, key=lambda label: label.onset_us))

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """All its devices, ascending."""
        parts = [self._air(start_us, end_us), self._pipe(start_us, end_us), self._rain(start_us, end_us)]
        if self.forecasts:
            parts.append(self._gateway(start_us, end_us))
        yield from heapq.merge(*parts, key=attrgetter("at_us"))

    def station_messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Its thermometer outdoors and its gateway alone, ascending."""
        yield from heapq.merge(self._air(start_us, end_us), self._gateway(start_us, end_us), key=attrgetter("at_us"))

    def _of_wave(self, wave: ColdWave) -> Iterator[Label]:
        hours = range(wave.start_us, wave.end_us + 4 * DAY_US, HOUR_US)
        cold = [at_us for at_us in hours if self.air_c(at_us) <= _ORDER_C]
        severity = min(1.0, -wave.low_c / 16.0)
        if not cold:
            times = (wave.start_us, None, wave.start_us - DAY_US, wave.end_us + DAY_US)
            yield Label(self.asset, "pipe.freeze", Truth.LOOKALIKE, *times, 0.0, f"down to {wave.low_c:.0f} C only")
            return
        due = (wave.start_us, cold[0], wave.start_us - DAY_US, cold[0] + 6 * HOUR_US)
        yield Label(self.asset, "pipe.freeze", Truth.FAULT, *due, severity, f"a cold wave of {wave.low_c:.0f} C")
        thaw_us = next((at_us for at_us in hours if at_us > cold[-1] and self.air_c(at_us) > _THAW_C), None)
        if len(cold) > _FROZEN_H and thaw_us is not None:
            patrol = (thaw_us, None, thaw_us - 3 * HOUR_US, thaw_us + 12 * HOUR_US)
            yield Label(
                self.asset, "pipe.thaw", Truth.FAULT, *patrol, severity, f"the thaw after {len(cold)} h of frost"
            )

    def _told(self, name: str, at_us: int, **values: float) -> Message:
        device = f"{self.asset}-{name}"
        return Message(telemetry_topic(self.site, device), encode_telemetry(device, [Sample(at_us, values)]), at_us)

    def _noise(self, name: str, at_us: int) -> float:
        return float(stream(self.seed, name, at_us).normal(0.0, 0.05))

    def _air(self, start_us: int, end_us: int) -> Iterator[Message]:
        for at_us in range(start_us, end_us, _AIR_US):
            yield self._told("air", at_us, air_temperature_c=round(self.air_c(at_us) + self._noise("air", at_us), 2))

    def _pipe(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Water from the main keeps it up; half of what the shaft lets in takes it down."""
        chilled = {at_us - at_us % _PIPE_US for at_us in self.draughts_us}
        for at_us in range(start_us - start_us % _PIPE_US + _PIPE_US, end_us, _PIPE_US):
            air_c = self.air_c(at_us - 6 * HOUR_US)
            pipe_c = 9.0 + 0.05 * air_c + 0.3 * min(0.0, air_c + 2.0) + self._noise("pipe", at_us)
            yield self._told("pipe", at_us, pipe_temperature_c=round(1.0 if at_us in chilled else pipe_c, 2))
            if at_us in chilled and at_us + 10 * MINUTE_US < end_us:  # it reports at once when it changes
                yield self._told("pipe", at_us + 10 * MINUTE_US, pipe_temperature_c=round(pipe_c, 2))

    def _rain(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Each hour, and every ten minutes while it rains."""
        for hour_us in range(start_us, end_us, _RAIN_US):
            raining = any(storm.fallen_mm(hour_us, hour_us + _RAIN_US) for storm in self.storms)
            step_us = 10 * MINUTE_US if raining else _RAIN_US
            for at_us in range(hour_us + step_us, min(hour_us + _RAIN_US, end_us - 1) + 1, step_us):
                fallen = sum(storm.fallen_mm(at_us - step_us, at_us) for storm in self.storms)
                yield self._told("rain", at_us, rain_mm=round(fallen, 2))

    def _gateway(self, start_us: int, end_us: int) -> Iterator[Message]:
        """A forecast each half day, right to a degree and a tenth; warnings two hours ahead of a storm."""
        device, topic = f"{self.asset}-gateway", event_topic(self.site, f"{self.asset}-gateway")
        said = [(at_us, self._forecast(at_us)) for at_us in range(start_us + HOUR_US // 2, end_us, _FORECAST_US)]
        said += [
            (storm.start_us - 2 * HOUR_US, self._warning(storm))
            for storm in self.storms
            if storm.colour and start_us <= storm.start_us - 2 * HOUR_US < end_us
        ]
        for at_us, (kind, attributes) in sorted(said, key=lambda one: one[0]):
            yield Message(topic, encode_events(device, [Happening(at_us, kind, attributes)]), at_us)

    def _forecast(self, at_us: int) -> tuple[str, dict[str, object]]:
        dice = stream(self.seed, "forecast", at_us)
        lowest = min(self.air_c(at_us + n * 2 * HOUR_US) for n in range(13)) + dice.normal(0.0, 0.5)
        rain = {str(hours): round(self._most_mm(at_us, hours) * dice.uniform(0.9, 1.1), 1) for hours in (3, 6, 12)}
        return "weather.forecast", {"hours": 24, "minimum_c": round(lowest, 1), "rain_mm": rain}

    def _most_mm(self, at_us: int, hours: int) -> float:
        """The most that falls within so many hours of the next day, of what the service sees coming."""
        coming = [storm for storm in self.storms if storm.foretold]
        starts = range(at_us, at_us + DAY_US, HOUR_US)
        return max(sum(storm.fallen_mm(t, t + hours * HOUR_US) for storm in coming) for t in starts)

    def _warning(self, storm: Storm) -> tuple[str, dict[str, object]]:
        return "weather.warning", {"kind": "rain", "colour": storm.colour, "hours": storm.hours + 2.0}


def winter_and_summer(start_us: int, end_us: int) -> tuple[list[int], list[int]]:
    """Local midnights of days in December to February, and of June to August, away from both ends of the span."""
    days = range(local_midnight(start_us) + 5 * DAY_US, end_us - 12 * DAY_US, DAY_US)
    winter = [d for d in days if (day_of(d) % 365.25 < 50.0) or (day_of(d) % 365.25 > 340.0)]  # noqa: PLR2004 -- days
    summer = [d for d in days if 155.0 < day_of(d) % 365.25 < 240.0]  # noqa: PLR2004 -- as above
    return winter, summer
