"""Pump: a booster on a frequency converter that holds its pressure, or a fire pump, with a monitor on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import DAY_US, MINUTE_US, SECOND_US, Values, day_of, local_days, stream
from device_simulators.faults import BearingWear
from device_simulators.message import Message
from device_simulators.pump_model import BOOSTER, PumpModel, Strain
from device_simulators.pump_physics import (
    Features,
    boiling,
    drawn_a,
    peak_hz,
    phases_a,
    turning,
    vibration,
    warmth_c,
    water,
)
from device_simulators.pump_troubles import PumpTrouble, usual_starts
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

REPORTS_EVERY_US = 5 * MINUTE_US  # DOMAIN 3: edge sends features every 1 to 5 min
_GATHERED = 6
_DENSE_US = 10 * SECOND_US


@dataclass(frozen=True, slots=True)
class Pump:
    """One pump and its monitor.

    Attributes:
        site: The site's id.
        asset: The pump's id; its device is `{asset}-monitor`.
        seed: Of its dice.
        phase_s: Seconds after the full five minutes at which it measures.
        wear: What happens to its bearing.
        troubles: What else happens to it.
        model: What it is rated for.
        every_us: How often its monitor measures while all is as usual; a day is a multiple of it.
        leaves_out: Metrics that its monitor has no sensor for.
    """

    site: str
    asset: str
    seed: int
    phase_s: int = 0
    wear: Sequence[BearingWear] = ()
    troubles: Sequence[PumpTrouble] = ()
    model: PumpModel = BOOSTER
    every_us: int = REPORTS_EVERY_US
    leaves_out: frozenset[str] = frozenset()

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """The monitor: one sample of all features at a time; while it is alarmed, six of ten seconds in a message."""
        device = f"{self.asset}-monitor"
        topic = telemetry_topic(self.site, device)
        for midnight_us in local_days(start_us, end_us):
            told = [[sample] for sample in _samples(*self.features(midnight_us))]
            told += self._alarmed(midnight_us)
            for samples in sorted(told, key=lambda them: them[-1].at_us):
                if start_us <= samples[0].at_us and samples[-1].at_us < end_us:
                    yield Message(topic, encode_telemetry(device, samples), samples[-1].at_us)

    def features(self, midnight_us: int) -> tuple[Values, Features]:
        """What the monitor measures through one local day: times, and values by metric name in the metric's unit."""
        count = DAY_US // self.every_us
        at_us = midnight_us + self.phase_s * SECOND_US + np.arange(count, dtype=np.float64) * self.every_us
        return at_us, self._measured(stream(self.seed, self.asset, day_of(midnight_us)), midnight_us, at_us)

    def _alarmed(self, midnight_us: int) -> list[list[Sample]]:
        """What it measures every ten seconds of this day because something is wrong, message by message."""
        found: list[list[Sample]] = []
        for number, trouble in enumerate(self.troubles):
            begins_us, ends_us = trouble.watched_us() or (0, 0)
            first_us, last_us = max(begins_us, midnight_us), min(ends_us, midnight_us + DAY_US)
            if first_us < last_us:
                at_us = np.arange(first_us, last_us, _DENSE_US, dtype=np.float64)
                dice = stream(self.seed, f"{self.asset}-alarm", day_of(midnight_us), number)
                samples = _samples(at_us, self._measured(dice, midnight_us, at_us))
                found += [samples[n : n + _GATHERED] for n in range(0, len(samples), _GATHERED)]
        return found

    def _measured(self, dice: np.random.Generator, midnight_us: int, at_us: Values) -> Features:
        model, strain = self.model, self._strain(at_us)
        growth = np.sum([np.zeros(len(at_us)), *(wear.growth(at_us) for wear in self.wear)], axis=0)
        turned = turning(dice, midnight_us, at_us, model, strain)
        hard = boiling(turned, model, strain)
        features = vibration(dice, turned, growth, hard, (model.machine.healthy_mm_s, strain.shake))
        features["speed_rpm"] = np.where(turned.asleep, 0.0, turned.speed_rpm)
        features["current_a"] = drawn_a(dice, turned, model)
        features |= warmth_c(dice, midnight_us, turned, growth, strain)
        features["envelope_peak_hz"] = peak_hz(dice, turned, growth)
        features |= phases_a(dice, features["current_a"], strain.weak_phase)
        features |= water(dice, turned, hard, model, strain)
        starts = usual_starts(at_us, model.duty)
        features["starts_total"] = np.floor(starts + sum(trouble.starts(at_us) for trouble in self.troubles))
        return {name: values for name, values in features.items() if name not in self.leaves_out}

    def _strain(self, at_us: Values) -> Strain:
        strain = Strain.none(len(at_us))
        for trouble in self.troubles:
            trouble.strain(strain, at_us)
        return strain


def _samples(at_us: Values, features: Features) -> list[Sample]:
    names = tuple(features)
    rows = zip(*(features[name].round(3).tolist() for name in names), strict=True)
    return [Sample(int(at), dict(zip(names, row, strict=True))) for at, row in zip(at_us.tolist(), rows, strict=True)]
