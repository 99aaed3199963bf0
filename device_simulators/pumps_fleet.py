"""Pumps fleet: boosters of several sizes and the sumps of buildings, a year of their troubles, and the truth."""

from collections.abc import Iterable, Sequence

import numpy as np

from device_simulators.calendar import MINUTE_US
from device_simulators.faults import BearingWear
from device_simulators.fleet import Group, Table
from device_simulators.labels import Label
from device_simulators.pump import Pump
from device_simulators.pump_befalls import (
    FAULTS,
    INNOCENTS,
    SUMP_FAULTS,
    Span,
    clog,
    hot_bearing,
    rain,
    splash,
    wear,
)
from device_simulators.pump_model import PumpModel
from device_simulators.pump_physics import RATED_SPEED_RPM
from device_simulators.pump_troubles import PumpTrouble
from device_simulators.sump import START_MM, Sump
from device_simulators.sump_troubles import SumpTrouble

_EVERY_US = 15 * MINUTE_US
_POWERS_KW = (3.0, 5.5, 7.5, 11.0, 22.0, 45.0, 75.0)
_BUILDING_EVERY = 4
_FIRE_EVERY = 20
_RAINS = 4
_VIBRATION = frozenset({"acceleration_rms_m_s2", "envelope_rms_m_s2", "kurtosis", "envelope_peak_hz"})
_STATION = frozenset({"pressure_kpa", "flow_m3_h", "current_l1_a", "current_l2_a", "current_l3_a", "starts_total"})


def pumps_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Groups of one asset each, every fourth a building with a sump, each with one fault and what resembles others.

    See `device_simulators.fleet.FleetMaker`. The kinds of trouble go round, so that each befalls as many assets.
    """
    groups: list[Group] = []
    for number in range(assets):
        span = Span(np.random.default_rng(int(dice.integers(0, 2**62))), start_us, end_us)
        make = _building if number % _BUILDING_EVERY == _BUILDING_EVERY - 1 else _pump
        groups.append(make(number, span))
    return groups


def _pump(number: int, span: Span) -> Group:
    rank = number - number // _BUILDING_EVERY  # among the pumps
    site, model = f"pumps-{number:03}", _model(rank, span.dice)
    asset, befalls = f"{site}-pump", FAULTS[rank % len(FAULTS)]
    what: list[BearingWear | PumpTrouble] = [INNOCENTS[(rank + n) % len(INNOCENTS)](span, model) for n in (0, 3)]
    if model.duty == "booster":
        what.append(befalls(span, model))
    # A bearing is watched by a kit on its housing, the rest by the station's panel, and cavitation needs both.
    left_out = _STATION if befalls in {wear, hot_bearing} else frozenset[str]() if befalls is clog else _VIBRATION
    pump = Pump(
        site,
        asset,
        seed=rank,
        phase_s=rank % 60,
        wear=[one for one in what if isinstance(one, BearingWear)],
        troubles=[one for one in what if not isinstance(one, BearingWear)],
        model=model,
        every_us=_EVERY_US,
        leaves_out=left_out,
    )
    device = {"id": f"{asset}-monitor", "site": site, "assets": [asset], "reports_every_s": 60}
    table = _table(asset, site, "pump", _limits(model))
    return Group(site, (table,), (device,), _by_onset(one.label(asset) for one in what), pump.messages)


def _building(number: int, span: Span) -> Group:
    rank, site = number // _BUILDING_EVERY, f"pumps-{number:03}"
    asset = f"{site}-building"
    troubles: list[SumpTrouble] = [SUMP_FAULTS[rank % len(SUMP_FAULTS)](span), splash(span)]
    troubles += [rain(span) for _ in range(_RAINS)]
    sump = Sump(site, asset, rank, troubles)
    devices = [{"id": f"{asset}-{one}", "site": site, "assets": [asset]} for one in ("sump", "pit", "floor")]
    # Every other building's start level is not in the registry, and must be seen.
    limits: dict[str, float | str] = {"sump_start_level_mm": START_MM} if rank % 2 else {}
    table = _table(asset, site, "building", limits)
    return Group(site, (table,), tuple(devices), _by_onset(one.label(asset) for one in troubles), sump.messages)


def _model(rank: int, dice: np.random.Generator) -> PumpModel:
    return PumpModel(
        power_kw=_POWERS_KW[rank % len(_POWERS_KW)],
        supply_kpa=float(dice.uniform(35.0, 120.0)),
        npsh_required_m=round(float(dice.uniform(2.0, 3.5)), 1),
        duty="fire" if rank % _FIRE_EVERY == _FIRE_EVERY - 1 else "booster",
    )


def _limits(model: PumpModel) -> dict[str, float | str]:
    return {
        "power_kw": model.power_kw,
        "rated_current_a": model.rated_current_a,
        "rated_speed_rpm": RATED_SPEED_RPM,
        "npsh_required_m": model.npsh_required_m,
        "duty": "daily",
        "bearing_balls": 9.0,
        "bearing_ball_diameter_mm": 9.525,
        "bearing_pitch_diameter_mm": 46.0,
    }


def _table(asset: str, site: str, asset_class: str, limits: dict[str, float | str]) -> Table:
    return {"id": asset, "site": site, "class": asset_class, "place_zh": asset, "place_en": asset, "limits": limits}


def _by_onset(labels: Iterable[Label]) -> tuple[Label, ...]:
    return tuple(sorted(labels, key=lambda label: label.onset_us))
