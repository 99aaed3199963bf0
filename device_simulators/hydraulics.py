"""Hydraulics: the laws that pipes obey, in SI units."""

import math

import numpy as np

from device_simulators.calendar import Values

WATER_DENSITY_KG_M3 = 1_000.0
WATER_BULK_MODULUS_PA = 2.19e9  # DOMAIN 1.2
DISCHARGE_COEFFICIENT = 0.62  # DOMAIN 1.2, sharp-edged orifice
_WATER_EXPANSION = 1.51e-4  # of volume, a kelvin at 15 C (Kell 1975)
_STEEL_EXPANSION = 1.17e-5  # of length, a kelvin (ASM, carbon steel)


def circle_area_m2(diameter_m: float) -> float:
    """The area of a round hole or pipe."""
    return math.pi * diameter_m**2 / 4.0


def orifice_flow_m3_s(area_m2: Values | float, pressure_pa: Values | float) -> Values:
    """What leaves a hole.

    Args:
        area_m2: Of the hole, shape (n,) or one.
        pressure_pa: Inside over outside, shape (n,) or one, not negative.

    Returns:
        Shape (n,), in m3/s.

    Source:
        Q = Cd A sqrt(2 P / rho), Cd = 0.62: DOMAIN 1.2.

    Example:
        >>> round(float(orifice_flow_m3_s(circle_area_m2(0.003), 300e3)) * 60_000, 1)  # litres a minute, as DOMAIN 1.1
        6.4
    """
    flow: Values = DISCHARGE_COEFFICIENT * np.asarray(area_m2) * np.sqrt(2.0 * np.asarray(pressure_pa) / 1_000.0)
    return flow


def wave_speed_m_s(diameter_m: float, wall_m: float, youngs_modulus_pa: float) -> float:
    """How fast a pressure wave runs in a full pipe.

    Args:
        diameter_m: Inner diameter.
        wall_m: Wall thickness.
        youngs_modulus_pa: Of the wall.

    Source:
        a = sqrt((K / rho) / (1 + K D / (E t))): DOMAIN 1.2.

    Example:
        >>> round(wave_speed_m_s(0.0527, 0.0038, 206e9))  # galvanised steel DN50
        1382
    """
    stiffness = 1.0 + WATER_BULK_MODULUS_PA * diameter_m / (youngs_modulus_pa * wall_m)
    return math.sqrt(WATER_BULK_MODULUS_PA / WATER_DENSITY_KG_M3 / stiffness)


def trapped_rise_pa(warmer_k: float, diameter_m: float, wall_m: float, youngs_modulus_pa: float) -> float:
    """How much the pressure rises in a full steel pipe that is shut at both ends while it warms up.

    Args:
        warmer_k: By how much, about 15 C.
        diameter_m: Inner diameter.
        wall_m: Wall thickness.
        youngs_modulus_pa: Of the wall.

    Source:
        dP = K_eff (expansion of water - expansion of the pipe) dT, 1 / K_eff = 1 / K + D / (E t): DOMAIN 1.2, as for a
        lost volume. Air that is trapped as well takes most of it.

    Example:
        >>> round(trapped_rise_pa(1.0, 0.068, 0.00365, 206e9) / 1e3)  # kPa a kelvin, galvanised steel DN65
        212
    """
    stiffness = 1.0 / WATER_BULK_MODULUS_PA + diameter_m / (youngs_modulus_pa * wall_m)
    return (_WATER_EXPANSION - 3.0 * _STEEL_EXPANSION) * warmer_k / stiffness


def joukowsky_pa(wave_speed: float, velocity_change_m_s: float) -> float:
    """The surge of a sudden change of velocity.

    Source:
        dP = rho a dV: DOMAIN 1.2.

    Example:
        >>> joukowsky_pa(1381.0, 1.0) / 1e5  # bar for 1 m/s in galvanised steel DN50
        13.81
    """
    return WATER_DENSITY_KG_M3 * wave_speed * velocity_change_m_s


def rupture_pressure_pa(before_pa: float, hole_m2: float, pipe_m2: float, wave_speed: float) -> float:
    """The pressure at a hole in the instant it tears open, before the supply has noticed.

    The water comes from both sides, so each side's velocity changes by Q / 2A and the pressure falls by Joukowsky's
    rho a Q / 2A, while Q is what the orifice lets out at the fallen pressure. A square root makes it one quadratic.

    Args:
        before_pa: The moment before.
        hole_m2: Area of the hole.
        pipe_m2: Inner area of the pipe.
        wave_speed: In the pipe, m/s.

    Returns:
        In Pa, between 0 and `before_pa`.
    """
    outlet = DISCHARGE_COEFFICIENT * hole_m2 * math.sqrt(2.0 / WATER_DENSITY_KG_M3)
    return _square_of_root(WATER_DENSITY_KG_M3 * wave_speed * outlet / (2.0 * pipe_m2), before_pa)


def leaking_pressure_pa(unloaded_pa: Values, leak_m2: Values, droop_pa_s_m3: float) -> Values:
    """The pressure of a pipe whose supply droops with flow while a hole draws from it.

    Args:
        unloaded_pa: What it would be without the hole, shape (n,).
        leak_m2: Area of the hole, shape (n,), zero for none.
        droop_pa_s_m3: Fall of the supply for each m3/s drawn (pressure-reducing valve and pipe).

    Returns:
        Shape (n,), in Pa: the exact solution of P = P0 - r Q(P) with the orifice's Q.
    """
    outlet = DISCHARGE_COEFFICIENT * leak_m2 * math.sqrt(2.0 / WATER_DENSITY_KG_M3)
    loss = droop_pa_s_m3 * outlet
    root: Values = (np.sqrt(loss**2 + 4.0 * unloaded_pa) - loss) / 2.0
    squared: Values = root**2
    return squared


def friction_pa(flow_m3_s: Values, length_m: float, diameter_m: float, roughness: float = 120.0) -> Values:
    """Head lost along a pipe.

    Args:
        flow_m3_s: Shape (n,), not negative.
        length_m: Of the pipe.
        diameter_m: Inner diameter.
        roughness: Hazen-Williams C; 120 for steel in use.

    Source:
        Hazen-Williams, h = 10.67 L Q^1.852 / (C^1.852 d^4.8704), as in the EPANET 2.2 manual.
    """
    head = 10.67 * length_m * flow_m3_s**1.852 / (roughness**1.852 * diameter_m**4.8704)
    loss: Values = WATER_DENSITY_KG_M3 * 9.81 * head
    return loss


def _square_of_root(slope: float, constant: float) -> float:
    """P for which P + slope sqrt(P) = constant."""
    root = (math.sqrt(slope**2 + 4.0 * constant) - slope) / 2.0
    return root**2
