"""L-Town warnings: what the shipped detector, and baselines that cost nothing, warn of, and what that is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.detectors.network_leak import LEARNING_DAYS
from models.evaluation.ltown_network import Leak
from models.pipes.network_relations import FLOW, LEVEL, PRESSURE, Floats, Relations, channel, with_losses
from models.pipes.network_watch import RAISE_SPREADS, Change, NetworkWatch
from models.statistics.usual import MAD_TO_SD

DAY_US = 86_400_000_000
MONTH_DAYS = 30.4375

_KPA_A_METRE = 9.80665
_BASELINE_SPREADS = 5.0
_RANDOM_A_MONTH = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    """Some whole days of the network.

    Attributes:
        name: For people.
        start_us: Its first midnight, microseconds since the epoch.
        loggers: Names of the nodes with a pressure logger.
        channels: Of all devices, the loggers first.
        hours: Hourly means in the channels' units, shape (days, 24, channels).
    """

    name: str
    start_us: int
    loggers: tuple[str, ...]
    channels: tuple[str, ...]
    hours: Floats

    @property
    def end_us(self) -> int:
        """Its last midnight."""
        return self.start_us + len(self.hours) * DAY_US


@dataclass(frozen=True, slots=True)
class Warned:
    """That a logger was named.

    Attributes:
        at_us: The midnight after the day that gave rise to it.
        logger: Which.
    """

    at_us: int
    logger: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the warnings of one recording were worth.

    Attributes:
        leads_us: From the first warning to the peak, by pipe, of incipient leaks that began in it.
        delays_us: From the start to the first warning, by pipe, of abrupt leaks; absent, as above: never.
        repeats: Warnings near a leak that was warned of already or began before the recording.
        false: Warnings near no running leak.
        leaks: Those that began in it.
        days: How long it is.
    """

    leads_us: Mapping[str, int]
    delays_us: Mapping[str, int]
    repeats: int
    false: int
    leaks: tuple[Leak, ...]
    days: int


def recording(name: str, start_us: int, loggers: Sequence[str], metres: Floats, others: Floats) -> Recording:
    """From hourly pressures in metres, shape (days, 24, loggers), and p227, p235, pump (m3/h) and tank level (m)."""
    channels = [channel(node, PRESSURE) for node in loggers]
    channels += [channel("p227", FLOW), channel("p235", FLOW), channel("PUMP_1", FLOW), channel("T1", LEVEL)]
    hours = np.concatenate((metres * _KPA_A_METRE, others * np.array([1.0, 1.0, 1.0, 1000.0])), axis=-1)
    return Recording(name, start_us, tuple(loggers), tuple(channels), hours)


def detected(what: Recording, raise_spreads: float = RAISE_SPREADS) -> list[Warned]:
    """What `NetworkLeak` raises, by the very functions it is made of, fed with days instead of windows."""
    channels, hours = with_losses(what.channels, what.hours)
    relations = Relations.learnt(channels, list(hours[:LEARNING_DAYS]))
    residuals = relations.residuals(hours.mean(axis=1))
    watch = NetworkWatch.learnt(residuals[:LEARNING_DAYS], relations.weights, relations.loggers)
    found: list[Warned] = []
    for n in range(LEARNING_DAYS, len(residuals)):
        day = watch.judge(residuals[n], raise_spreads)
        if day.change is Change.LEAK:
            found.append(Warned(what.start_us + (n + 1) * DAY_US, what.loggers[day.logger]))
    return found


def last_value(what: Recording) -> list[Warned]:
    """Baseline: a logger's day lies five spreads of daily changes under the day before."""
    days = what.hours[..., : len(what.loggers)].mean(axis=1)
    falls = -np.diff(days, axis=0)
    return _crossings(what, falls / _spread(falls[: LEARNING_DAYS - 1]), first=LEARNING_DAYS)


def robust_z(what: Recording) -> list[Warned]:
    """Baseline: a logger's day lies five spreads under its own first week."""
    days = what.hours[..., : len(what.loggers)].mean(axis=1)
    week = days[:LEARNING_DAYS]
    return _crossings(what, (np.median(week, axis=0) - days)[1:] / _spread(week), first=LEARNING_DAYS)


def always(what: Recording) -> list[Warned]:
    """Baseline: one warning every day, the loggers in turn."""
    count = len(what.loggers)
    days = range(LEARNING_DAYS, len(what.hours))
    return [Warned(what.start_us + (n + 1) * DAY_US, what.loggers[n % count]) for n in days]


def by_chance(what: Recording) -> list[Warned]:
    """Baseline: one warning a month at a logger and on a day that dice choose."""
    dice = np.random.default_rng(0)
    days = np.flatnonzero(dice.random(len(what.hours)) < _RANDOM_A_MONTH / MONTH_DAYS)
    return [Warned(what.start_us + (int(n) + 1) * DAY_US, str(dice.choice(what.loggers))) for n in days]


def tallied(
    warned: Sequence[Warned], what: Recording, leaks: Sequence[Leak], near: Mapping[str, frozenset[str]]
) -> Tally:
    """What warnings were worth.

    One warning finds one leak: of those that run near its logger, began within the recording and were not warned
    of yet, the one that began last. Any other warning is a repeat near a leak that runs, and else false.

    Source:
        datasets/README.md, protocol of L-Town; that one warning cannot find two leaks is stricter.
    """
    began = tuple(leak for leak in leaks if what.start_us <= leak.start_us < what.end_us)
    first: dict[str, int] = {}
    repeats = false = 0
    for warning in sorted(warned, key=lambda w: w.at_us):
        runs = [k for k in leaks if k.start_us <= warning.at_us <= k.end_us and warning.logger in near[k.pipe]]
        new = [leak for leak in runs if leak in began and leak.pipe not in first]
        if new:
            first[max(new, key=lambda leak: leak.start_us).pipe] = warning.at_us
        else:
            repeats, false = repeats + bool(runs), false + (not runs)
    return Tally(
        leads_us={k.pipe: k.peak_us - first[k.pipe] for k in began if k.incipient and k.pipe in first},
        delays_us={k.pipe: first[k.pipe] - k.start_us for k in began if not k.incipient and k.pipe in first},
        repeats=repeats,
        false=false,
        leaks=began,
        days=len(what.hours),
    )


def _spread(values: Floats) -> Floats:
    result: Floats = MAD_TO_SD * np.median(np.abs(values - np.median(values, axis=0)), axis=0)
    return result


def _crossings(what: Recording, spreads: Floats, first: int) -> list[Warned]:
    """Where a logger goes over the limit, day n of `spreads` being day n + 1 of the recording."""
    over = spreads > _BASELINE_SPREADS
    begins = over[1:] & ~over[:-1]
    return [
        Warned(what.start_us + (int(n) + 3) * DAY_US, what.loggers[int(logger)])
        for n, logger in np.argwhere(begins)
        if n + 2 >= first
    ]
