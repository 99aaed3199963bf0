"""Pump physics: how a pump turns, shakes, draws, warms and moves water, and what its troubles do to each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from device_simulators.calendar import DAY_US, HOUR_US, Values, autoregressive
from device_simulators.demand import demand
from device_simulators.pump_model import PumpModel, Strain

RATED_SPEED_RPM = 2_900.0
REFERENCE_SPEED_RPM = 2_750.0
RATED_CURRENT_A = 15.0  # of 7.5 kW at 380 V

_SHUT_OFF_HEAD_M = 60.0
_HELD_HEAD_M = 46.0
_FALL_M = 14.0  # by which the head falls from no flow to full flow, at rated speed
_FULL_DEMAND = 2.6  # of the day's mean; the most the pump can give at rated speed
_SLEEP_BELOW = 0.1
_RUN_EVERY = 3
_CHURN = 0.05  # of its full flow, that a fire pump sends back to the tank while it is tested
_KPA_PER_M = 9.81
_CLEAN_LOSS_KPA = 4.0  # of a clean strainer and its pipe at full flow
_ATMOSPHERE_M = 10.1  # less the vapour pressure of cold water
_BOILS_FROM_M = 0.8  # of margin; chosen by: pumps are noisy well before they lose head (ISO 9906, NPSH3)
_OUTER_RING = 3.572  # orders: 9/2 (1 - 9.525/46), of a 6206
_WORN = 0.05  # of growth, where `BearingWear` begins
_TEST_WEEKDAY, _TEST_H = 4, (9.0, 9.5)  # Mondays: 1 January 1970 was a Thursday

Features = dict[str, Values]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Turning:
    """How a pump turns at each time.

    Attributes:
        at_us: The times.
        drawn: Flow over full flow.
        moved: The same through its impeller, with what turns round inside.
        asleep: It stands.
        speed_rpm: While it does not.
        load: Of its motor, over the rated one.
    """

    at_us: Values
    drawn: Values
    moved: Values
    asleep: Flags
    speed_rpm: Values
    load: Values


def turning(dice: np.random.Generator, midnight_us: int, at_us: Values, model: PumpModel, strain: Strain) -> Turning:
    """Speed follows from the affinity laws: the pump holds a head H, and H = H0 (n/n0)^2 - k Q^2."""
    count = len(at_us)
    drawn = np.minimum(demand(dice, midnight_us, at_us, 0.12) / _FULL_DEMAND, 1.0)
    # With nearly nothing drawn it sleeps on its pressure vessel and only tops that up.
    asleep = (drawn * _FULL_DEMAND < _SLEEP_BELOW) & (np.arange(count) % _RUN_EVERY > 0) & (strain.dry < 1.0)
    if model.duty == "fire":
        drawn, asleep = np.full(count, _CHURN), ~under_test(midnight_us, at_us)
    # What is lost before the pump it makes up for, as long as it can turn faster.
    lost_m = (strain.suction_loss_kpa * drawn**2 - strain.suction_shift_kpa) / _KPA_PER_M
    moved = np.minimum(drawn + strain.inner, 1.0)
    head = np.clip(_HELD_HEAD_M + _FALL_M * moved**2 + lost_m, 0.0, _SHUT_OFF_HEAD_M)
    speed = RATED_SPEED_RPM * np.sqrt(head / _SHUT_OFF_HEAD_M) + dice.normal(0.0, 4.0, count)
    load = (speed / RATED_SPEED_RPM) ** 3 * (0.45 + 0.55 * moved) * (1.0 - 0.9 * strain.dry)
    return Turning(at_us, drawn, moved, asleep | (strain.off > 0.0), speed, load)


def under_test(midnight_us: int, at_us: Values) -> Flags:
    """Whether a fire pump is being test-run at these times of a local day."""
    hour = (at_us - midnight_us) / HOUR_US
    monday = (midnight_us + 8 * HOUR_US) // DAY_US % 7 == _TEST_WEEKDAY
    return np.asarray(monday & (hour >= _TEST_H[0]) & (hour < _TEST_H[1]))


def boiling(turned: Turning, model: PumpModel, strain: Strain) -> Values:
    """How hard it cavitates: 0 not at all, 1 with nothing left of the margin, 1.5 at most."""
    required = model.npsh_required_m * (turned.speed_rpm / RATED_SPEED_RPM) ** 2
    margin = suction_kpa(turned, model, strain) / _KPA_PER_M + _ATMOSPHERE_M - required
    hard: Values = np.clip((_BOILS_FROM_M - margin) / _BOILS_FROM_M, 0.0, 1.5) * (1.0 - strain.dry) * ~turned.asleep
    return hard


def suction_kpa(turned: Turning, model: PumpModel, strain: Strain) -> Values:
    """Gauge: the supply's, less what strainer and pipe cost at this flow; about nothing when there is no water."""
    flow = turned.drawn * ~turned.asleep
    wet = model.supply_kpa + strain.suction_shift_kpa - (_CLEAN_LOSS_KPA + strain.suction_loss_kpa) * flow**2
    kpa: Values = np.where(strain.dry > 0.0, 1.0, np.maximum(wet, -95.0))
    return kpa


def vibration(
    dice: np.random.Generator, turned: Turning, growth: Values, hard: Values, scale: tuple[float, Values]
) -> Features:
    """What an accelerometer on the bearing tells.

    Unbalance pushes with m e w^2, so velocity goes with the square of speed. Wear raises the envelope first and the
    velocity last; kurtosis rises early and falls late as the knocks merge (DOMAIN 3, stages). Bubbles that collapse
    make broadband noise and leave the velocity as it was.

    Args:
        dice: Its dice.
        turned: How it turns.
        growth: What wear adds to the healthy velocity, as its multiple.
        hard: How hard it cavitates.
        scale: Healthy velocity at reference speed in mm/s, and a factor on the velocity by what is no wear.
    """
    count, shake = len(growth), (turned.speed_rpm / REFERENCE_SPEED_RPM) ** 2
    healthy, moved = scale
    ratio = growth / 0.35
    told = {
        "velocity_rms_mm_s": healthy * shake * moved * (1.0 + growth) * _scatter(dice, count, 0.03),
        "acceleration_rms_m_s2": 3.0 * shake * (1.0 + 1.2 * growth) * (1.0 + 2.0 * hard) * _scatter(dice, count, 0.05),
        "envelope_rms_m_s2": 0.8
        * shake
        * (1.0 + 5.0 * np.sqrt(growth))
        * (1.0 + 1.2 * hard)
        * _scatter(dice, count, 0.06),
        "kurtosis": 3.1 + 4.5 * ratio * np.exp(1.0 - ratio) + 1.5 * hard + np.abs(dice.normal(0.0, 0.12, count)),
    }
    features = {name: np.where(turned.asleep, 0.0, values) for name, values in told.items()}
    features["velocity_rms_mm_s"] += turned.asleep * 0.04  # what other pumps shake through the floor
    features["kurtosis"] += turned.asleep * 3.0  # of a record that holds only noise
    return features


def peak_hz(dice: np.random.Generator, turned: Turning, growth: Values) -> Values:
    """The strongest line of the envelope's spectrum: the outer ring's once it is worn, the shaft's before."""
    orders = np.where(growth > _WORN, _OUTER_RING, 1.0)
    hz: Values = np.where(turned.asleep, 0.0, turned.speed_rpm / 60.0 * orders * dice.normal(1.0, 0.004, len(growth)))
    return hz


def drawn_a(dice: np.random.Generator, turned: Turning, model: PumpModel) -> Values:
    """The mean current of the phases."""
    noise = dice.normal(0.0, 0.08, len(turned.load)) * model.rated_current_a / RATED_CURRENT_A
    amperes: Values = np.where(turned.asleep, 0.0, model.rated_current_a * (0.3 + 0.7 * turned.load) + noise)
    return amperes


def phases_a(dice: np.random.Generator, mean_a: Values, weak: Values) -> Features:
    """The currents of the phases, whose mean is given, 1 % apart by the supply; L3 has lost the share `weak`."""
    lost = [weak / 2.0, weak / 2.0, -weak]
    return {
        f"current_l{n + 1}_a": mean_a
        * (1.0 + 0.01 * (n - 1) + lost[n] * 2.0 / 3.0)
        * dice.normal(1.0, 0.003, len(weak))
        for n in range(3)
    }


def warmth_c(dice: np.random.Generator, midnight_us: int, turned: Turning, growth: Values, strain: Strain) -> Features:
    """Bearing and winding. Iron cools far slower than the pump's short sleeps, so they do not show."""
    hours = (turned.at_us - midnight_us) / HOUR_US
    room = 21.0 + 2.0 * np.sin(2 * np.pi * hours / 24.0 - 2.0) + autoregressive(dice, len(growth), 0.9, 0.5)
    return {
        "bearing_temperature_c": room + 19.0 * turned.load + 5.0 * np.minimum(growth, 8.0) + strain.bearing_heat_c,
        "winding_temperature_c": room + 8.0 + 30.0 * turned.load + strain.winding_heat_c,
    }


def water(dice: np.random.Generator, turned: Turning, hard: Values, model: PumpModel, strain: Strain) -> Features:
    """Suction and discharge pressure and flow; a pump that cavitates gives less of both at the same speed."""
    count, wet = len(hard), (1.0 - strain.dry) * ~turned.asleep
    before = suction_kpa(turned, model, strain)
    curve = _SHUT_OFF_HEAD_M * (turned.speed_rpm / RATED_SPEED_RPM) ** 2 - _FALL_M * turned.moved**2
    # While it stands, the check valve holds what the others of its set give.
    given = np.where(wet > 0.0, curve * (1.0 - 0.2 * hard), _HELD_HEAD_M * (1.0 - 0.3 * strain.dry))
    return {
        "suction_pressure_kpa": before + dice.normal(0.0, 0.4, count),
        "pressure_kpa": before * (wet > 0.0) + given * _KPA_PER_M + dice.normal(0.0, 1.5, count),
        "flow_m3_h": model.full_flow_m3_h * turned.drawn * wet * (1.0 - 0.1 * hard) * dice.normal(1.0, 0.01, count),
    }


def _scatter(dice: np.random.Generator, count: int, spread: float) -> Values:
    values: Values = np.exp(autoregressive(dice, count, 0.5, spread))
    return values
