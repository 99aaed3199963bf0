"""Burst nights: simulated risers with known bursts, to calibrate the chance of a burst and to say what it reaches.

Run `python -m service.evaluation.burst_nights` to print the calibration, its held-out figures, and how much of a
burst can be known at all.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from device_simulators.calendar import DAY_US, HOUR_US, MINUTE_US, local_days, local_midnight
from device_simulators.pipes_fleet import Fated, fated_risers
from models.detector import State
from models.pipes.burst_memory import close, judge
from models.pipes.burst_risk import (
    CALIBRATION,
    HORIZON_DAYS,
    WARN,
    WITNESS_LOG_ODDS,
    WITNESSES,
    BurstBelief,
    default_settings,
    leak_chances,
    raw_chances,
)
from models.pipes.nights import DEFAULT_TIMEZONE, L_MIN_PER_M3_H, NightHours
from models.statistics.calibration import (
    BetaMap,
    brier,
    brier_skill,
    calibration_error,
    fit_beta_with,
    reliability,
)
from service.evaluation.burst_oracle import oracle_chance

Floats = npt.NDArray[np.float64]

_START_US = local_midnight(1_764_000_000_000_000)
_ZONE = ZoneInfo(DEFAULT_TIMEZONE)
_FIRST_H, _LAST_H, _LEARNING = 2.0, 4.0, 5.0  # as pipe.burst has them by default
_KNOWN = 0.5
_COPIES = 6
"""So many times a night is fitted with each witness known or not, by a coin: no riser has every sensor."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The judged nights of risers that had not burst yet.

    Attributes:
        riser: Index of the riser, shape (n,).
        end_us: Of the night, shape (n,).
        raw: Uncalibrated chance within 72 h; 0 while no leak is believed in, shape (n,).
        chance: Of a leak's burst within 72 h as it ships, shape (n,).
        oracle: Of who knows what befell the riser up to that night, shape (n,).
        bursts: 1 where the riser burst within 72 h, shape (n,).
        said: Whether each witness speaks, and whether it denies, shape (n, 2 k).
        burst_us: When each riser burst, or None; one a riser.
    """

    riser: npt.NDArray[np.int64]
    end_us: npt.NDArray[np.int64]
    raw: Floats
    chance: Floats
    oracle: Floats
    bursts: Floats
    said: Floats
    burst_us: Sequence[int | None]

    @property
    def believed(self) -> npt.NDArray[np.bool_]:
        """The nights on which a leak was believed in; those that calibration is about, shape (n,)."""
        return self.raw > 0


def judged_fleet(risers: int, days: int, seed: int, n_jobs: int = 1) -> Judged:
    """Simulate a fleet and judge its nights as the detector does."""
    end_us = _START_US + days * DAY_US
    groups = fated_risers(np.random.default_rng(seed), risers, _START_US, end_us)
    tables = Parallel(n_jobs=n_jobs)(
        delayed(_judged_group)(number * len(groups[0]), group, end_us) for number, group in enumerate(groups)
    )
    riser, end, raw, chance, oracle, bursts, *said = np.concatenate(tables).T
    burst_us = [_burst_us(one) for group in groups for one in group]
    return Judged(riser.astype(int), end.astype(int), raw, chance, oracle, bursts, np.stack(said, axis=1), burst_us)


def _judged_group(first: int, group: Sequence[Fated], end_us: int) -> Floats:
    """A row a night and riser, as `Judged` has its columns; `first` is the index of the group's first riser."""
    settings = default_settings()
    states: list[State] = [{"learnt": []} for _ in group]
    rows = list[list[float]]()
    for midnight_us in local_days(_START_US, end_us):
        hours = NightHours.ending_after(midnight_us, _ZONE, _FIRST_H, _LAST_H)
        for one, state in zip(group, states, strict=True):
            state["night"] = _night(one, midnight_us, hours)
            close(state, hours)
        for number, (one, state) in enumerate(zip(group, states, strict=True)):
            near = [other for other in states if other is not state]
            judged, burst_us = judge(state, near, settings, _LEARNING), _burst_us(one)
            if judged is None or (burst_us is not None and burst_us <= hours.end_us):
                continue
            belief = judged.after
            soon = burst_us is not None and burst_us <= hours.end_us + HORIZON_DAYS * DAY_US
            raw, chance = raw_chances(belief, settings, HORIZON_DAYS), leak_chances(belief, settings, HORIZON_DAYS)
            known = oracle_chance(one.fate.crack, hours.end_us) if one.fate.crack is not None else 0.0
            said = _said(belief, settings.nights)
            rows.append([first + number, hours.end_us, float(raw), float(chance), known, soon, *said])
    return np.array(rows)


def _night(one: Fated, midnight_us: int, hours: NightHours) -> State:
    """What `models.pipes.nights.collect` makes of what the riser sends at night."""
    riser = one.riser
    heard_us, rms, hz = riser.sound(midnight_us)
    heard = (heard_us >= hours.start_us) & (heard_us < hours.end_us)
    at_us, kpa = riser.pressure_kpa(midnight_us)
    quiet = (at_us >= hours.start_us) & (at_us < hours.end_us)
    quiet &= (at_us - midnight_us) // MINUTE_US % riser.every_minutes == 0
    by_hour = [
        kpa[quiet & (at_us >= hour) & (at_us < hour + HOUR_US)] for hour in range(hours.start_us, hours.end_us, HOUR_US)
    ]
    flow = riser.flow_m3_h(midnight_us, at_us, kpa)[quiet] * L_MIN_PER_M3_H if riser.metered else np.empty(0)
    return {
        "day": hours.day,
        "frames": np.log(rms[heard]).round(4).tolist(),
        "hz": np.log(hz[heard]).round(4).tolist(),
        "pressure": [round(float(np.median(one)), 2) for one in by_hour if one.size],
        "flow": flow.round(3).tolist(),
    }


def _said(belief: BurstBelief, nights: float) -> Iterator[bool]:
    for witness in WITNESSES:
        spoken = belief.spoken.get(witness)
        yield spoken is not None and spoken >= nights
        yield spoken == 0


def _burst_us(one: Fated) -> int | None:
    return one.fate.crack.burst_us if one.fate.crack is not None else None


def fitted(judged: Judged, seed: int = 0) -> tuple[BetaMap, dict[str, tuple[float, float]]]:
    """The calibration and the witnesses' log-odds that a fleet gives; no witness may count against itself."""
    believed = judged.believed
    said, dice = judged.said[believed], np.random.default_rng(seed)
    known = (np.repeat(dice.random((len(said), len(WITNESSES))) < _KNOWN, 2, axis=1) for _ in range(_COPIES))
    tables = [said * one for one in known]
    raw, bursts = (np.tile(one[believed], len(tables)) for one in (judged.raw, judged.bursts))
    beta, odds = fit_beta_with(raw, np.concatenate(tables), bursts, signs=(1, -1) * len(WITNESSES))
    pairs = zip(odds[::2].tolist(), odds[1::2].tolist(), strict=True)
    return beta, dict(zip(WITNESSES, pairs, strict=True))


@dataclass(frozen=True, slots=True)
class Figures:
    """What the chance of a leak's burst reaches on a fleet.

    Attributes:
        nights: On which a leak was believed in.
        brier: Of the chance on those nights.
        skill: Against always saying their base rate.
        skill_of_an_oracle: Of who saw the hole itself, on those nights: more cannot be known.
        calibration_error: Expected, on those nights.
        skill_all: On all nights, as `precomplaint evaluate` counts: pipes that tear at once are among them.
        skill_all_of_an_oracle: The same of the oracle.
        bursts: Risers that burst, at once or not.
        at_once: Of those, without a leak before.
        warned: Of all, by at least one night at or above the warning level before the burst.
        warned_24h: At least 24 hours before.
        warned_72h: At least 72 hours before.
        median_lead_days: Of the first warning.
        false_risers: Risers that did not burst and were warned of.
        sound: Risers that did not burst.
    """

    nights: int
    brier: float
    skill: float
    skill_of_an_oracle: float
    calibration_error: float
    skill_all: float
    skill_all_of_an_oracle: float
    bursts: int
    at_once: int
    warned: int
    warned_24h: int
    warned_72h: int
    median_lead_days: float
    false_risers: int
    sound: int


def figures(judged: Judged, warn: float = WARN) -> Figures:
    """The figures of a judged fleet; `warn` is the chance from which on a work order is raised."""
    believed = judged.believed
    chance, oracle, bursts = (one[believed] for one in (judged.chance, judged.oracle, judged.bursts))
    first: dict[int, int] = {}
    high = judged.chance >= warn
    for riser, end_us in zip(judged.riser[high].tolist(), judged.end_us[high].tolist(), strict=True):
        first.setdefault(riser, end_us)
    burst = {riser: at_us for riser, at_us in enumerate(judged.burst_us) if at_us is not None}
    leads = np.array([(at_us - first[riser]) / DAY_US for riser, at_us in burst.items() if riser in first])
    return Figures(
        nights=int(believed.sum()),
        brier=brier(chance, bursts),
        skill=brier_skill(chance, bursts),
        skill_of_an_oracle=brier_skill(oracle, bursts),
        calibration_error=calibration_error(chance, bursts),
        skill_all=brier_skill(judged.chance, judged.bursts),
        skill_all_of_an_oracle=brier_skill(judged.oracle, judged.bursts),
        bursts=len(burst),
        at_once=len(set(burst) - set(judged.riser[judged.oracle > 0].tolist())),
        warned=int((leads > 0).sum()),
        warned_24h=int((leads >= 1).sum()),
        warned_72h=int((leads >= HORIZON_DAYS).sum()),
        median_lead_days=float(np.median(leads)) if leads.size else 0.0,
        false_risers=len(first) - leads.size,
        sound=len(judged.burst_us) - len(burst),
    )


def main(arguments: list[str] | None = None) -> None:
    """Fit the calibration on one fleet and print what the shipped one reaches on another."""
    parser = argparse.ArgumentParser(prog="python -m service.evaluation.burst_nights", description=main.__doc__)
    parser.add_argument("--risers", type=int, default=216, help="in each fleet (default 216)")
    parser.add_argument("--days", type=int, default=300, help="that each lives (default 300)")
    parser.add_argument("--seed", type=int, default=101, help="of the fleet that is fitted (default 101)")
    parser.add_argument("--held-out", type=int, default=102, help="seed of the fleet that is judged (default 102)")
    parser.add_argument("--jobs", type=int, default=-1, help="processes (default: as many as cores)")
    chosen = parser.parse_args(arguments)
    beta, odds = fitted(judged_fleet(chosen.risers, chosen.days, chosen.seed, chosen.jobs))
    out = []
    for name, of, said in (("fitted", beta, odds), ("shipped", CALIBRATION, WITNESS_LOG_ODDS)):
        told = "  ".join(f"{witness} {speaks:+.3f} {denies:+.3f}" for witness, (speaks, denies) in said.items())
        out.append(f"{name:<8} low {of.low:.3f} high {of.high:.3f} intercept {of.intercept:.3f}  {told}")
    judged = judged_fleet(chosen.risers, chosen.days, chosen.held_out, chosen.jobs)
    reached, believed = figures(judged), judged.believed
    out += [f"{f.name:<23} {getattr(reached, f.name):.4g}" for f in fields(reached)]
    out += ["said   came true   nights"]
    out += [
        f"{b.said:.2f}   {b.came_true:.2f}   {b.count:>10}"
        for b in reliability(judged.chance[believed], judged.bursts[believed])
    ]
    print("\n".join(out))  # noqa: T201 -- a command that prints its figures


if __name__ == "__main__":
    main()
