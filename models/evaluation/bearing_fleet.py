"""Bearing fleet: simulated vibration with known wear, to calibrate the chance of zone D and to say what it reaches.

Run `python -m models.evaluation.bearing_fleet` to print the calibration and its held-out figures.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.pumps.bearing_prognosis import CALIBRATION, HORIZON_DAYS, Prognosis, grown
from models.pumps.iso_zones import IsoBounds, bounds_of
from models.statistics.calibration import BetaMap, brier, brier_skill, calibration_error, fit_beta, reliability
from models.statistics.local_trend import Trend

Floats = npt.NDArray[np.float64]

DAYS = 120
STEP_DAYS = 0.125
"""Of an hour of running, the last of every three hours: enough for a trend, and a tenth of the work."""

_LEARNT = 16  # of the first steps, as the live baseline is learnt
_SPALL = 0.05  # of the healthy velocity, by which a first spall shows
_WANDER = 0.15  # of the log growth, per square root of a day; chosen by: no recorded wear is a clean exponential
_STAY_MILD = 1 / 3  # greased in time, or a shallow spall that is run in
_NOISE = 0.03
_DAILY = 0.015  # what bearing_memory found between days


@dataclass(frozen=True, slots=True)
class Bearing:
    """One simulated bearing.

    Attributes:
        velocity: Of hours of running, mm/s, at one speed, up to zone D, shape (n,).
        usual: Without wear, as it was learnt, mm/s.
        failed_day: When it reached zone D, or None.
        bounds: Of its pump's class.
    """

    velocity: Floats
    usual: float
    failed_day: float | None
    bounds: IsoBounds


def simulate(bearings: int, seed: int) -> Iterator[Bearing]:
    """Bearings of which a third wear, a sixth shake more for another reason, and a half stay sound.

    Wear begins with a spall, grows exponentially into zone C within 10 to 40 days and on; a third of it stays mild. The
    other reason (an alignment, a loose foot) is a step that stays.
    """
    dice = np.random.default_rng(seed)
    days = np.arange(0.0, DAYS, STEP_DAYS)
    for number in range(bearings):
        bounds = bounds_of({"power_kw": 7.5 if number % 2 else 30.0})
        healthy = bounds.b * dice.uniform(0.35, 0.65)
        kind = number % 6
        added: Floats = np.zeros(days.size)
        if kind < 2:  # noqa: PLR2004 -- two of six
            added = _wear(dice, days, healthy, bounds)
        elif kind == 2:  # noqa: PLR2004 -- one of six
            added = dice.uniform(0.2, 2.0) * np.where(days >= dice.uniform(8.0, 90.0), 1.0, 0.0)
        slow = np.repeat(dice.normal(0.0, _DAILY, DAYS), round(1 / STEP_DAYS))
        true = healthy * (1.0 + added)
        past = np.flatnonzero(true > bounds.c)
        last = past[0] + 1 if past.size else days.size
        seen = true * np.exp(slow + dice.normal(0.0, _NOISE, days.size))
        yield Bearing(
            seen[:last], float(np.median(seen[:_LEARNT])), float(days[past[0]]) if past.size else None, bounds
        )


def _wear(dice: np.random.Generator, days: Floats, healthy: float, bounds: IsoBounds) -> Floats:
    onset, to_zone_c = dice.uniform(8.0, 70.0), dice.uniform(10.0, 40.0)
    at_bc = bounds.b / healthy - 1.0
    pace = np.log(at_bc / _SPALL) / to_zone_c
    wander = np.cumsum(dice.normal(0.0, _WANDER * np.sqrt(STEP_DAYS), days.size)) * (days > onset)
    wander -= wander[np.searchsorted(days, onset)]
    ceiling = dice.uniform(0.6, 2.0) if dice.random() < _STAY_MILD else np.inf
    grown: Floats = np.minimum(_SPALL * np.exp(pace * (days - onset) + wander), ceiling) * (days >= onset)
    return grown


@dataclass(frozen=True, slots=True)
class Judged:
    """Every judged hour of a fleet.

    Attributes:
        raw: Uncalibrated chance of zone D within 72 h, shape (n,).
        fails: 1 where the bearing reached it within 72 h, shape (n,).
    """

    raw: Floats
    fails: Floats


def judge(fleet: list[Bearing]) -> Judged:
    """What the live judgement says every three hours of every bearing, once a day has passed."""
    raw, fails = list[float](), list[float]()
    for bearing in fleet:
        trend: Trend | None = None
        for step, velocity in enumerate(bearing.velocity.tolist()):
            trend = grown(trend, STEP_DAYS, velocity / bearing.usual - 1.0)
            day, failed = step * STEP_DAYS, bearing.failed_day
            if day < 1.0 or (failed is not None and day >= failed):
                continue
            wear = None if trend is None else Prognosis(trend, bearing.usual, bearing.bounds)
            raw.append(0.0 if wear is None else wear.raw_chance(HORIZON_DAYS))
            fails.append(float(failed is not None and failed <= day + HORIZON_DAYS))
    return Judged(np.array(raw), np.array(fails))


def main(arguments: list[str] | None = None) -> None:
    """Fit the calibration on one fleet and print what it reaches on another."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.bearing_fleet", description=main.__doc__)
    parser.add_argument("--bearings", type=int, default=900, help="in each fleet (default 900)")
    parser.add_argument("--seed", type=int, default=1, help="of the fleet that is fitted; the next one is held out")
    chosen = parser.parse_args(arguments)
    judged = judge(list(simulate(chosen.bearings, chosen.seed)))
    grows = judged.raw > 0.0
    fitted = fit_beta(judged.raw[grows], judged.fails[grows])
    held_out = judge(list(simulate(chosen.bearings, chosen.seed + 1)))
    out = [
        f"{name:<8} low {m.low:.3f} high {m.high:.3f} intercept {m.intercept:.3f}"
        for name, m in (("fitted", fitted), ("shipped", CALIBRATION))
    ]
    out += [f"{'hours':<18} {held_out.raw.size}", f"{'base rate':<18} {held_out.fails.mean():.4f}"]
    raw = BetaMap(1.0, 1.0, 0.0)
    for name, scale in (("raw", raw), ("calibrated", CALIBRATION)):
        chances = np.asarray(scale(held_out.raw))
        out.append(
            f"{name:<11} brier {brier(chances, held_out.fails):.5f} skill {brier_skill(chances, held_out.fails):.3f} "
            f"calibration error {calibration_error(chances, held_out.fails):.4f}"
        )
    out += ["said   came true   hours"]
    out += [
        f"{b.said:.2f}   {b.came_true:.2f}   {b.count:>10}"
        for b in reliability(np.asarray(CALIBRATION(held_out.raw)), held_out.fails)
    ]
    print("\n".join(out))  # noqa: T201 -- a command that prints its figures


if __name__ == "__main__":
    main()
