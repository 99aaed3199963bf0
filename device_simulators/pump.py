"""Pump: a booster on a frequency converter that holds its pressure, with a monitor on its bearing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import MINUTE_US, SECOND_US, Values, autoregressive, day_of, local_days, stream
from device_simulators.demand import demand
from device_simulators.faults import HEALTHY_VELOCITY_MM_S, BearingWear
from device_simulators.message import Message
from ingest.formats.precomplaint import Sample, encode_telemetry
from ingest.topics import telemetry_topic

REPORTS_EVERY_US = 5 * MINUTE_US  # DOMAIN 3: edge sends features every 1 to 5 min
RATED_SPEED_RPM = 2_900.0
REFERENCE_SPEED_RPM = 2_750.0
_RATED_CURRENT_A = 15.0  # 7.5 kW at 380 V
_SHUT_OFF_HEAD_M = 60.0
_HELD_HEAD_M = 46.0
_FULL_DEMAND = 2.6  # of the day's mean; the most the pump can give at rated speed
_SLEEP_BELOW = 0.1
_RUN_EVERY = 3

Features = dict[str, Values]


@dataclass(frozen=True, slots=True)
class Pump:
    """One booster pump and its monitor.

    Attributes:
        site: The site's id.
        asset: The pump's id; its device is `{asset}-monitor`.
        seed: Of its dice.
        phase_s: Seconds after the full five minutes at which it measures.
        wear: What happens to its bearing.
    """

    site: str
    asset: str
    seed: int
    phase_s: int = 0
    wear: Sequence[BearingWear] = ()

    def messages(self, start_us: int, end_us: int) -> Iterator[Message]:
        """The monitor: one sample of all features every five minutes."""
        device = f"{self.asset}-monitor"
        topic = telemetry_topic(self.site, device)
        for midnight_us in local_days(start_us, end_us):
            times, features = self.features(midnight_us)
            names = tuple(features)
            rows = zip(*(features[name].round(3).tolist() for name in names), strict=True)
            for at_us, row in zip(times.tolist(), rows, strict=True):
                if start_us <= at_us < end_us:
                    sample = Sample(int(at_us), dict(zip(names, row, strict=True)))
                    yield Message(topic, encode_telemetry(device, [sample]), int(at_us))

    def features(self, midnight_us: int) -> tuple[Values, Features]:
        """What the monitor measures through one local day: times, and values by metric name in the metric's unit.

        Speed follows from the affinity laws: the pump holds a head H, and H = H0 (n/n0)^2 - k Q^2. Unbalance pushes
        with m e w^2, so velocity goes with the square of speed. Wear raises the envelope first and the velocity
        last; kurtosis rises early and falls late as the knocks merge (DOMAIN 3, stages).
        """
        dice = stream(self.seed, self.asset, day_of(midnight_us))
        count = 24 * 60 * MINUTE_US // REPORTS_EVERY_US
        at_us = midnight_us + self.phase_s * SECOND_US + np.arange(count, dtype=np.float64) * REPORTS_EVERY_US
        drawn = np.minimum(demand(dice, midnight_us, at_us, 0.12) / _FULL_DEMAND, 1.0)
        # With nearly nothing drawn it sleeps on its pressure vessel and only tops that up.
        asleep = (drawn * _FULL_DEMAND < _SLEEP_BELOW) & (np.arange(count) % _RUN_EVERY > 0)
        head = _HELD_HEAD_M + (_SHUT_OFF_HEAD_M - _HELD_HEAD_M) * drawn**2
        speed = RATED_SPEED_RPM * np.sqrt(head / _SHUT_OFF_HEAD_M) + dice.normal(0.0, 4.0, count)
        load = (speed / RATED_SPEED_RPM) ** 3 * (0.45 + 0.55 * drawn)
        growth = np.sum([np.zeros(count), *(wear.growth(at_us) for wear in self.wear)], axis=0)
        shake = (speed / REFERENCE_SPEED_RPM) ** 2
        ratio = growth / 0.35
        running: Features = {
            "velocity_rms_mm_s": HEALTHY_VELOCITY_MM_S * shake * (1.0 + growth) * _scatter(dice, count, 0.03),
            "acceleration_rms_m_s2": 3.0 * shake * (1.0 + 1.2 * growth) * _scatter(dice, count, 0.05),
            "envelope_rms_m_s2": 0.8 * shake * (1.0 + 5.0 * np.sqrt(growth)) * _scatter(dice, count, 0.06),
            "kurtosis": 3.1 + 4.5 * ratio * np.exp(1.0 - ratio) + np.abs(dice.normal(0.0, 0.12, count)),
            "speed_rpm": speed,
            "current_a": _RATED_CURRENT_A * (0.3 + 0.7 * load) + dice.normal(0.0, 0.08, count),
        }
        features = {name: np.where(asleep, 0.0, values) for name, values in running.items()}
        features["velocity_rms_mm_s"] += asleep * 0.04  # what other pumps shake through the floor
        features["kurtosis"] += asleep * 3.0  # of a record that holds only noise
        room = 21.0 + 2.0 * np.sin(2 * np.pi * (at_us - midnight_us) / (24 * 60 * MINUTE_US) - 2.0)
        warmth = 19.0 * load + 5.0 * np.minimum(growth, 8.0)
        # Iron cools far slower than the pump's short sleeps, so they do not show.
        features["bearing_temperature_c"] = room + warmth + autoregressive(dice, count, 0.9, 0.5)
        return at_us, features


def _scatter(dice: np.random.Generator, count: int, spread: float) -> Values:
    values: Values = np.exp(autoregressive(dice, count, 0.5, spread))
    return values
