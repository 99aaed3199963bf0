"""Elevator machine: what a gateway measures of doors, levels, brake, ride and ropes once a trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from device_simulators.calendar import DAY_US, stream
from device_simulators.labels import Label

Features = dict[str, float]

ROPE_NOMINAL_MM = 10.0
_TRIPS_BETWEEN_ROPE_READINGS = 40
_BALANCED_PERCENT = 45.0  # DOMAIN 2.4 and K: the counterweight balances 40 to 50 % of the load
_YEAR_DAYS = 365.25
_COLDEST_DAY = 20.0


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip as the machine knows it.

    Attributes:
        at_us: When the door has closed behind the passenger.
        floor: Where it stopped.
        up: Its direction.
        load_percent: Of the rated load.
        number: How many the gateway has measured before.
    """

    at_us: int
    floor: int
    up: bool
    load_percent: float
    number: int


class Befalling(Protocol):
    """Something that changes what is measured, and its truth."""

    def change(self, trip: Trip, features: Features, dice: np.random.Generator) -> None:
        """Change the features of a trip in place."""
        ...

    def label(self, asset: str) -> Label:
        """The truth about it."""
        ...


def current_of_load(load_percent: float, trip: Trip) -> float:
    """What the motor draws under a load in a trip's direction, A; the counterweight balances a half-full car."""
    return 14.0 + 0.05 * (load_percent - _BALANCED_PERCENT) * (1 if trip.up else -1)


@lru_cache(maxsize=1_024)
def _factor(seed: int, name: str, spread: float) -> float:
    """The same for every trip; a stream of its own is a third of what a trip takes to make."""
    return float(np.exp(stream(seed, name).normal(0.0, spread)))


@dataclass(frozen=True, slots=True)
class Machine:
    """An elevator's doors, brake, guides and ropes.

    Attributes:
        asset: The elevator's id.
        seed: Of its dice.
        befallings: What happens to it.
        every: The gateway measures one trip in so many.
        rope_loss_percent: Of the diameter at the first trip, and how much a thousand trips take.
        rope_wear_percent: By the thousand trips; 0.02 lasts some 300,000 trips to 6 % (DOMAIN 2.4: 7 to 10 years).
    """

    asset: str
    seed: int
    befallings: Sequence[Befalling] = ()
    every: int = 1
    rope_loss_percent: float = 1.0
    rope_wear_percent: float = 0.01

    def measured(self, trip: Trip) -> Features:
        """All features of one trip, by metric, in the metric's unit; healthy values by DOMAIN 2.2 and 2.4."""
        dice = stream(self.seed, f"{self.asset}-machine", trip.number)
        features = {
            "floor": float(trip.floor),
            "trip_direction": 1.0 if trip.up else 2.0,
            "car_load_percent": trip.load_percent,
            "trips_total": 100_000.0 + trip.number * self.every,
            **self._door(trip, dice),
            **self._drive(trip, dice),
            **self._ride(dice),
            **(self._ropes(trip, dice) if trip.number % _TRIPS_BETWEEN_ROPE_READINGS == 0 else {}),
            **self._door_cycle(trip, dice),
        }
        for befalling in self.befallings:
            befalling.change(trip, features, dice)
        return {name: float(f"{value:.4g}") if name != "trips_total" else value for name, value in features.items()}

    def _own(self, name: str, spread: float) -> float:
        """A factor that is this machine's own, or one landing's."""
        return _factor(self.seed, f"{self.asset} {name}", spread)

    def _door(self, trip: Trip, dice: np.random.Generator) -> Features:
        landing = self._own(f"door {trip.floor}", 0.06)
        somebody = dice.random() < 0.5  # noqa: PLR2004 -- somebody breaks the light curtain of half of them
        return {
            "doorway_blocked": float(somebody),
            "door_close_time_s": 2.9 * landing * np.exp(dice.normal(0.0, 0.03)),
            "door_motor_current_a": 1.8 * landing * np.exp(dice.normal(0.0, 0.05)),
            "door_reopens_count": float(dice.random() < (0.04 if somebody else 0.006)),
            "levelling_error_mm": 3.0 * dice.normal() + 12.0 * np.log(self._own(f"level {trip.floor}", 0.1)),
        }

    def _door_cycle(self, trip: Trip, dice: np.random.Generator) -> Features:
        """A drive of some 24 V for six seconds; a contact that makes after the last millimetres of a landing's lock."""
        lock = self._own(f"lock {trip.floor}", 0.1)
        return {
            "door_energy_j": 220.0 * self._own(f"door {trip.floor}", 0.06) ** 2 * np.exp(dice.normal(0.0, 0.06)),
            "door_lock_delay_ms": 120.0 * lock * np.exp(dice.normal(0.0, 0.08)),
        }

    def _drive(self, trip: Trip, dice: np.random.Generator) -> Features:
        season = np.cos(2 * np.pi * (trip.at_us / DAY_US - _COLDEST_DAY) / _YEAR_DAYS)
        room = 24.0 - 8.0 * season + dice.normal(0.0, 0.5)
        return {
            "brake_release_time_ms": 180.0 * self._own("release", 0.1) * np.exp(dice.normal(0.0, 0.04)),
            "stopping_distance_mm": 350.0 * (1 + 0.001 * trip.load_percent) * np.exp(dice.normal(0.0, 0.05)),
            "motor_current_a": current_of_load(trip.load_percent, trip) * np.exp(dice.normal(0.0, 0.04)),
            "air_temperature_c": room,
            "machine_temperature_c": room + 14.0 * self._own("warmth", 0.1) + dice.normal(0.0, 1.5),
        }

    def _ride(self, dice: np.random.Generator) -> Features:
        rough = self._own("ride", 0.15)
        usual = {
            "ride_vertical_a95_m_s2": 0.08,
            "ride_vertical_pk_pk_m_s2": 0.14,
            "ride_horizontal_a95_m_s2": 0.055,
            "ride_horizontal_pk_pk_m_s2": 0.09,
        }
        return {name: value * rough * float(np.exp(dice.normal(0.0, 0.1))) for name, value in usual.items()}

    def _ropes(self, trip: Trip, dice: np.random.Generator) -> Features:
        loss = self.rope_loss_percent + self.rope_wear_percent * trip.number * self.every / 1_000.0
        return {
            "rope_diameter_mm": ROPE_NOMINAL_MM * (1.0 - (loss + dice.normal(0.0, 0.3)) / 100.0),
            "rope_tension_spread_percent": 2.0 * self._own("tension", 0.2) + abs(dice.normal(0.0, 0.4)),
            "rope_slip_percent": 0.12 + abs(dice.normal(0.0, 0.03)),
        }
