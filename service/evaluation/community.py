"""Community: simulated fleets judged group by group, in parallel, by the detectors and the policy that ship."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from joblib import Parallel, delayed

from device_simulators.calendar import DAY_US
from device_simulators.fleet import Group
from device_simulators.labels import Label
from ingest.decode import FORMATS
from ingest.registry import Registry
from ingest.registry_edit import with_sealed_permits
from ingest.registry_file import registry_of_tables
from models.detectors.catalogue import DETECTORS
from service.evaluation.fleets import FLEETS, Community, Fleet, groups_of
from service.evaluation.forecasts import Forecast, ForecastBook
from service.evaluation.in_process import Order, orders_of, sealed_plate
from service.evaluation.truth import Judged, judge

MONTH_US = 365.25 / 12 * DAY_US
LATENESS_US = 10_000_000
"""The default of `ingest.lateness_s`."""

_TIMEZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one group.

    Attributes:
        family: Whose it is.
        assets: How many.
        start_us: From when on each was watched, microseconds since the epoch.
        end_us: Until when.
        orders: What was raised.
        labels: The truth.
        forecasts: What was said of the next 72 hours.
    """

    family: str
    assets: int
    start_us: int
    end_us: int
    orders: tuple[Order, ...]
    labels: tuple[Label, ...]
    forecasts: tuple[Forecast, ...]

    @property
    def months(self) -> float:
        """For how long each was watched."""
        return (self.end_us - self.start_us) / MONTH_US

    def judged(self) -> Judged:
        """Its orders held against its labels."""
        return judge(self.orders, self.labels, self.end_us)


def registry_of_group(group: Group) -> Registry:
    """The registry that a group's tables make, with its one site and permits that nobody can read."""
    site = {"id": group.site, "name_zh": group.site, "name_en": group.site, "timezone": _TIMEZONE}
    tables = {"site": [site], "asset": list(group.assets), "device": list(group.devices)}
    known = registry_of_tables(group.site, tables, FORMATS)
    return with_sealed_permits(known, sealed_plate)


def run_group(family: str, group: Group, start_us: int, end_us: int) -> Outcome:
    """Simulate one group and judge it."""
    book = ForecastBook()
    messages = group.messages(start_us, end_us)
    orders = orders_of(messages, registry_of_group(group), DETECTORS, LATENESS_US, book.hear)
    forecasts = tuple(book.held_against(group.labels))
    return Outcome(family, len(group.assets), start_us, end_us, tuple(orders), group.labels, forecasts)


def run_community(
    community: Community, n_jobs: int, say: Callable[[str], None], fleets: Iterable[Fleet] = FLEETS
) -> list[Outcome]:
    """What became of every group of every family; the same whatever `n_jobs` and joblib's backend.

    Args:
        community: How many assets, and for how long.
        n_jobs: As joblib has it: -1 is all cores.
        say: Told of each family, and of each tenth of its groups.
        fleets: The families.
    """
    chosen, outcomes = tuple(fleets), list[Outcome]()
    for fleet in chosen:
        made = range(len(groups_of(fleet, community, chosen)))
        # A worker makes its group again from the dice: generators do not travel between processes.
        jobs = (delayed(_run_numbered)(fleet, community, chosen, number) for number in made)
        for done, outcome in enumerate(Parallel(n_jobs=n_jobs, return_as="generator")(jobs), 1):
            outcomes.append(outcome)
            if done % max(1, len(made) // 10) == 0:
                say(f"{fleet.family}: {done} of {len(made)} groups")
    return outcomes


def _run_numbered(fleet: Fleet, community: Community, fleets: tuple[Fleet, ...], number: int) -> Outcome:
    group = groups_of(fleet, community, fleets)[number]
    return run_group(fleet.family, group, community.start_us, community.end_us)
