"""Front gauge: the rain gauge of a building whose cameras see things fall, in their wet spells and in other rain."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import HOUR_US, MINUTE_US, day_of, local_days, stream
from device_simulators.falling_objects import Spell
from device_simulators.message import Message
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

_WET = frozenset({"rain", "snow", "hail and what a storm carries", "a drizzle"})
_EVERY_US = 10 * MINUTE_US  # while it rains; else it says once an hour that nothing fell
_BEFORE_US = 30 * MINUTE_US  # it has rained for up to so long when the first streak crosses the lens
_MISSES = 0.1  # share of spells that the gauge does not catch: wind, and snow that does not melt
_OWN_A_DAY = 0.4  # other rain, which no camera minds; chosen by: with two hours each it rains in 3 % of all hours
_OWN_H = 2.0


@dataclass(frozen=True, slots=True)
class RainGauge:
    """A tipping bucket on the roof.

    Attributes:
        site: Its site.
        device: Its id.
        seed: Of its dice.
        spells: What the cameras of the building see.
    """

    site: str
    device: str
    seed: int
    spells: Sequence[Spell]

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """Ascending: what fell, every ten minutes while it rains, and nothing once an hour."""
        wet = sorted({at_us for first, last in self._wet(start_us, end_us) for at_us in _grid(first, last)})
        dry = sorted(set(range(start_us - start_us % HOUR_US + HOUR_US, end_us, HOUR_US)) - set(wet))
        told = heapq.merge(((at_us, 0.2) for at_us in wet), ((at_us, 0.0) for at_us in dry))
        for at_us, fallen_mm in told:
            if start_us <= at_us < end_us:
                payload = encode_telemetry(self.device, [Sample(at_us, {"rain_mm": fallen_mm})])
                yield Message(telemetry_topic(self.site, self.device), payload, at_us)

    def _wet(self, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
        """From when until when it rains."""
        for spell in self.spells:
            dice = np.random.default_rng([self.seed, spell.sightings[0].at_us])
            caught, before_us = dice.random() >= _MISSES, round(dice.uniform(0.0, _BEFORE_US))
            if spell.note in _WET and caught:
                yield spell.sightings[0].at_us - before_us, spell.sightings[-1].at_us
        for midnight_us in local_days(start_us, end_us):
            dice = stream(self.seed, f"{self.device}-own", day_of(midnight_us))
            for hour in dice.uniform(0.0, 24.0 - _OWN_H, dice.poisson(_OWN_A_DAY)).tolist():
                began_us = midnight_us + round(hour * HOUR_US)
                yield began_us, began_us + round(_OWN_H * HOUR_US)


def _grid(first_us: int, last_us: int) -> range:
    """Ends of the ten minutes in which something fell."""
    return range(first_us - first_us % _EVERY_US + _EVERY_US, last_us + _EVERY_US, _EVERY_US)
