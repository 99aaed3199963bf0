"""Network fleet: water networks with a leak each, and what resembles one, and the truth."""

from collections.abc import Sequence

import numpy as np

from device_simulators.calendar import DAY_US, HOUR_US, local_midnight
from device_simulators.fleet import Group
from device_simulators.network_faults import ABRUPT_SHARE, GROWTH_DAYS, HOLES_M, Draw, Drift, NetworkLeak
from device_simulators.water_network import BRANCHES, SAMPLE_MINUTES, SAMPLES_A_MESSAGE, WaterNetwork

_LEARNT_DAYS = 30
_REPAIRED_AFTER_DAYS = (3.0, 20.0)


def network_groups(dice: np.random.Generator, assets: int, start_us: int, end_us: int) -> Sequence[Group]:
    """Groups of one network each; three in four leak, all see hydrants flushed and busy days, every fourth a drift.

    See `device_simulators.fleet.FleetMaker`.
    """
    return [_group(n, np.random.default_rng(int(dice.integers(0, 2**62))), start_us, end_us) for n in range(assets)]


def _group(number: int, dice: np.random.Generator, start_us: int, end_us: int) -> Group:
    site = f"network-{number:03}"
    asset = f"{site}-water"
    drifts = [_drift(dice, start_us, end_us)] if number % 4 == 3 else []  # noqa: PLR2004 -- the last of four
    leaks = [] if drifts else [_leak(dice, number, start_us, end_us)]
    draws = [_flush(dice, start_us, end_us), _busy_day(dice, start_us, end_us)]
    network = WaterNetwork(site, asset, number, leaks, draws, drifts)
    befalls: list[NetworkLeak | Draw | Drift] = [*leaks, *draws, *drifts]
    labels = sorted((one.label(asset) for one in befalls), key=lambda one: one.onset_us)
    table = {"id": asset, "site": site, "class": "water_network", "place_zh": asset, "place_en": asset}
    gathers_s = SAMPLE_MINUTES * 60 * (SAMPLES_A_MESSAGE - 1)
    devices = [{"id": d, "site": site, "assets": [asset], "reports_every_s": gathers_s} for d in network.devices()]
    return Group(site, (table,), tuple(devices), tuple(labels), network.messages)


def _leak(dice: np.random.Generator, number: int, start_us: int, end_us: int) -> NetworkLeak:
    """Abrupt or growing as often, as long and as wide as BattLeDIM's; its peak lies in the span."""
    abrupt = dice.random() < ABRUPT_SHARE
    growth = 0.0 if abrupt else float(dice.triangular(*GROWTH_DAYS))
    first, last = start_us + _LEARNT_DAYS * DAY_US, end_us - (growth + _REPAIRED_AFTER_DAYS[1]) * DAY_US
    onset_us = round(dice.uniform(first, max(last, first + DAY_US)))
    peak_us = onset_us + round(growth * DAY_US)
    repaired_us = peak_us + round(dice.uniform(*_REPAIRED_AFTER_DAYS) * DAY_US)
    node = tuple(BRANCHES)[number % len(BRANCHES)]
    return NetworkLeak(node, onset_us, peak_us, repaired_us, float(dice.uniform(*HOLES_M)))


def _flush(dice: np.random.Generator, start_us: int, end_us: int) -> Draw:
    at_us = _some_midnight(dice, start_us, end_us) + 9 * HOUR_US
    return Draw(str(dice.choice(tuple(BRANCHES))), at_us, at_us + HOUR_US, 30.0, "a hydrant is flushed for an hour")


def _busy_day(dice: np.random.Generator, start_us: int, end_us: int) -> Draw:
    at_us = _some_midnight(dice, start_us, end_us) + 7 * HOUR_US
    return Draw(str(dice.choice(tuple(BRANCHES))), at_us, at_us + 12 * HOUR_US, 4.0, "a day on which all wash")


def _drift(dice: np.random.Generator, start_us: int, end_us: int) -> Drift:
    begins = _some_midnight(dice, start_us, end_us - 60 * DAY_US)
    return Drift(str(dice.choice(tuple(BRANCHES))), begins, -float(dice.uniform(0.1, 0.5)), begins + 40 * DAY_US)


def _some_midnight(dice: np.random.Generator, start_us: int, end_us: int) -> int:
    first = start_us + _LEARNT_DAYS * DAY_US
    return local_midnight(round(dice.uniform(first, max(end_us - 5 * DAY_US, first + DAY_US))))
