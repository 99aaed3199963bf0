"""Hydraulics: a pump's suction, its margin to boiling, and whether it runs without water."""

import math
from collections.abc import Mapping

from ingest.registry import Asset
from models.detector import State
from models.pumps.operation import CURRENT, Moment

SUCTION, DISCHARGE, FLOW, WATER = "suction_pressure_kpa", "pressure_kpa", "flow_m3_h", "fluid_temperature_c"

_HELD_US = {
    SUCTION: 150_000_000,
    DISCHARGE: 150_000_000,
    FLOW: 150_000_000,
    WATER: 86_400_000_000,
    CURRENT: 150_000_000,
}
"""How long a value of another device still counts: two missed samples of a minute; water warms slowly."""

DRY_SUCTION_KPA = 20.0
DRY_CURRENT_SHARE = 0.6
"""Source: DOMAIN 3, dry run: P_suction < 0.02 MPa with current < 60 % rated."""

_ATMOSPHERE_KPA = 101.325  # Source: ISO 2533, standard atmosphere at sea level
_GRAVITY_M_S2 = 9.80665  # Source: CGPM 1901, exact
_DENSITY_KG_M3 = 998.2  # Source: IAPWS-95, water at 20 C
_WATER_C = 20.0
_A_PER_KW = 2.0
"""Rated current of a three-phase motor at 380 V. Source: electricians' rule; P / (1.73 x 380 V x 0.85 x 0.9)."""


def carried(state: State, now: Moment) -> dict[str, float]:
    """What is known of suction, discharge, flow, water and current at a moment, by metric.

    Args:
        state: JSON dict, changed: `held`, by metric its value, with how long ago it was told if that was not just now.
        now: The moment next to that of the call before. What it says itself comes first; what other devices said a
            short while ago fills the gaps.
    """
    older = {name: _aged(held, now.passed_us) for name, held in state.get("held", {}).items()}
    told = {name: now.values[name] for name in _HELD_US if name in now.values}
    if CURRENT not in told and now.current_a is not None:
        told[CURRENT] = now.current_a
    fresh = {name: (value, ago_us) for name, (value, ago_us) in older.items() if ago_us <= _HELD_US[name]}
    kept = {name: [value, ago_us] if ago_us else value for name, (value, ago_us) in fresh.items()}
    state["held"] = kept | {name: round(value, 3) for name, value in told.items()}
    return {name: value for name, (value, _) in fresh.items()} | told


def _aged(held: float | list[float], passed_us: int) -> tuple[float, int]:
    """A value that is held, and how long ago it was told."""
    value, ago_us = held if isinstance(held, list) else (held, 0)
    return value, int(ago_us) + passed_us


def rated_current_a(asset: Asset) -> float | None:
    """Its rated current, from its power where only that is known; None where nothing is."""
    limits = asset.limits
    if "rated_current_a" in limits:
        return float(limits["rated_current_a"])
    return _A_PER_KW * float(limits["power_kw"]) if "power_kw" in limits else None


def rpm_share(asset: Asset, rpm: float | None) -> float:
    """Speed over rated speed; 1 where either is not known."""
    rated = float(asset.limits.get("rated_speed_rpm", 0.0))
    return rpm / rated if rated > 0.0 and rpm else 1.0


def loaded_current_a(asset: Asset, rpm: float | None) -> float | None:
    """The rated current brought to a speed: torque, and current with it, goes with its square (affinity laws).

    None where neither rated current nor power is known.
    """
    rated_a = rated_current_a(asset)
    return None if rated_a is None else rated_a * rpm_share(asset, rpm) ** 2


def is_dry(
    known: Mapping[str, float],
    loaded_a: float | None,
    suction_kpa: float = DRY_SUCTION_KPA,
    share: float = DRY_CURRENT_SHARE,
) -> bool:
    """Whether a running pump runs without water; never where suction, current or the rated current is not known.

    Args:
        known: By metric, as `carried` gives it.
        loaded_a: Rated current at its speed.
        suction_kpa: Suction under it is no water, gauge.
        share: Share of the rated current under which the motor lifts nothing.
    """
    if loaded_a is None or SUCTION not in known or CURRENT not in known:
        return False
    return known[SUCTION] < suction_kpa and known[CURRENT] < share * loaded_a


def npsh_margin_m(known: Mapping[str, float], speed_share: float, required_m: float) -> float | None:
    """By how much the suction head exceeds what the pump requires, metres of water; None without a suction pressure.

    Args:
        known: By metric, as `carried` gives it.
        speed_share: Speed over rated speed; what is required goes with its square.
        required_m: Required at rated speed.

    Source:
        ISO 9906, NPSH = (p_suction + p_atmosphere - p_vapour) / (rho g), velocity head left out (under 0.2 m in pipes
        that keep to GB 50015's velocities).

    Example:
        >>> round(npsh_margin_m({"suction_pressure_kpa": -75.0}, 1.0, 2.0), 2)
        0.45
    """
    if SUCTION not in known:
        return None
    absolute = known[SUCTION] + _ATMOSPHERE_KPA - vapour_pressure_kpa(known.get(WATER, _WATER_C))
    return absolute * 1e3 / (_DENSITY_KG_M3 * _GRAVITY_M_S2) - required_m * speed_share**2


def vapour_pressure_kpa(water_c: float) -> float:
    """The pressure at which water boils at a temperature.

    Source:
        Magnus formula with the coefficients of WMO-No. 8 (2008), annex 4.B; within 1 % from 0 to 60 C.

    Example:
        >>> round(vapour_pressure_kpa(20.0), 2)
        2.33
    """
    return 0.6112 * math.exp(17.62 * water_c / (243.12 + water_c))
