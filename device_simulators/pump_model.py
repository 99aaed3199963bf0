"""Pump model: what a pump is rated for, by its power, and what its troubles do to it."""

from dataclasses import dataclass

import numpy as np

from device_simulators.calendar import Values
from device_simulators.faults import CLASS_I, CLASS_II, Machine

_CLASS_I_KW = 15.0  # DOMAIN 3: ISO 10816-1 class I up to 15 kW
_A_PER_KW = 2.0  # three phases at 380 V, as electricians reckon
_HEAD_M = 60.0
_EFFICIENCY = 0.6
_KW_PER_M3_H_M = 9.81 / 3_600.0


@dataclass(frozen=True, slots=True)
class PumpModel:
    """What a pump is rated for.

    Attributes:
        power_kw: Of its motor.
        supply_kpa: Suction pressure with nothing flowing, gauge.
        npsh_required_m: At rated speed.
        duty: `booster` follows the demand on a converter; `fire` stands, and is test-run each Monday at nine.
        machine: Its class of ISO 10816-1.
    """

    power_kw: float = 7.5
    supply_kpa: float = 60.0
    npsh_required_m: float = 2.5
    duty: str = "booster"

    @property
    def machine(self) -> Machine:
        """Its class of ISO 10816-1, by its power."""
        return CLASS_I if self.power_kw <= _CLASS_I_KW else CLASS_II

    @property
    def rated_current_a(self) -> float:
        """Of its motor."""
        return _A_PER_KW * self.power_kw

    @property
    def full_flow_m3_h(self) -> float:
        """What it gives at full demand, at 60 m and an efficiency of 60 %."""
        return _EFFICIENCY * self.power_kw / (_HEAD_M * _KW_PER_M3_H_M)


BOOSTER = PumpModel()
"""Of 7.5 kW, as in most pump rooms."""


@dataclass(slots=True)
class Strain:
    """What troubles do to a pump: arrays of the shape of its times, each neutral where nothing is wrong.

    Attributes:
        shake: Factor on the velocity by what is no wear (an alignment).
        suction_loss_kpa: Lost before the pump at full flow, over what a clean strainer costs.
        suction_shift_kpa: Added to the suction whatever flows (a tank that is low).
        dry: 1 without water.
        weak_phase: Share of its current that phase L3 lost.
        bearing_heat_c: Added to the bearing's temperature.
        winding_heat_c: Added to the winding's.
        off: 1 while it is switched off.
        inner: Share of its full flow that turns round inside it, past worn rings, and reaches nobody.
    """

    shake: Values
    suction_loss_kpa: Values
    suction_shift_kpa: Values
    dry: Values
    weak_phase: Values
    bearing_heat_c: Values
    winding_heat_c: Values
    off: Values
    inner: Values

    @classmethod
    def none(cls, count: int) -> "Strain":
        """Nothing is wrong at any of `count` times."""
        return cls(np.ones(count), *(np.zeros(count) for _ in range(8)))
