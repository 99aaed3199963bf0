"""Community: simulated fleets judged group by group, in parallel, by the detectors and the policy that ship."""

from collections.abc import Callable, Iterable, Sequence

from joblib import Parallel, delayed

from device_simulators.fleet import Group
from ingest.decode import FORMATS
from ingest.log import Record
from ingest.registry import Registry
from ingest.registry_edit import with_sealed_permits
from ingest.registry_file import registry_of_tables
from models.detectors.catalogue import DETECTORS
from models.findings import Finding
from service.evaluation.daily_alarms import DayBook
from service.evaluation.fleets import FLEETS, Community, Fleet, groups_of
from service.evaluation.forecasts import ForecastBook
from service.evaluation.in_process import orders_of, sealed_plate
from service.evaluation.kept_outcomes import KeptOutcomes
from service.evaluation.outcome import Outcome

LATENESS_US = 10_000_000
"""The default of `ingest.lateness_s`."""

_TIMEZONE = "Asia/Shanghai"
_TOLD = 20


def registry_of_group(group: Group) -> Registry:
    """The registry that a group's tables make, with its one site and permits that nobody can read."""
    site = {"id": group.site, "name_zh": group.site, "name_en": group.site, "timezone": _TIMEZONE}
    tables = {"site": [site], "asset": list(group.assets), "device": list(group.devices)}
    known = registry_of_tables(group.site, tables, FORMATS)
    return with_sealed_permits(known, sealed_plate)


def run_group(family: str, group: Group, start_us: int, end_us: int) -> Outcome:
    """Simulate one group and judge it."""
    book, days, registry = ForecastBook(), DayBook(), registry_of_group(group)

    def hear(record: Record, findings: Sequence[Finding]) -> None:
        days.read(record)
        for finding in findings:
            book.hear(finding)

    orders = tuple(orders_of(group.messages(start_us, end_us), registry, DETECTORS, LATENESS_US, hear))
    forecasts, alarms = tuple(book.held_against(group.labels)), tuple(days.alarms(registry))
    return Outcome(family, len(group.assets), start_us, end_us, orders, group.labels, forecasts, alarms)


def run_community(
    community: Community,
    n_jobs: int,
    say: Callable[[str], None],
    fleets: Iterable[Fleet] = FLEETS,
    kept: KeptOutcomes | None = None,
) -> list[Outcome]:
    """What became of every group of every family; the same whatever `n_jobs` and joblib's backend.

    Args:
        community: How many assets, and for how long.
        n_jobs: As joblib has it: -1 is all cores.
        say: Told of each twentieth of the groups, and of the last.
        fleets: The families.
        kept: Outcomes of a run that was stopped; what is among them is not run again, and what is run is put there.
    """
    chosen = tuple(fleets)
    made = [(fleet, number) for fleet in chosen for number in range(len(groups_of(fleet, community, chosen)))]
    known = {(one.family, number): kept.get(one.family, number) for one, number in made} if kept is not None else {}
    missing = [(fleet, number) for fleet, number in made if known.get((fleet.family, number)) is None]
    # A worker makes its group again from the dice: generators do not travel between processes.
    jobs = (delayed(_run_numbered)(fleet, community, chosen, number) for fleet, number in missing)
    run = zip(missing, Parallel(n_jobs=n_jobs, return_as="generator")(jobs), strict=True)
    for done, ((fleet, number), outcome) in enumerate(run, len(made) - len(missing) + 1):
        known[fleet.family, number] = outcome
        if kept is not None:
            kept.put(fleet.family, number, outcome)
        if done % max(1, len(made) // _TOLD) == 0 or done == len(made):
            say(f"{done} of {len(made)} groups, now {fleet.family}")
    return [outcome for one, number in made if (outcome := known[one.family, number]) is not None]


def _run_numbered(fleet: Fleet, community: Community, fleets: tuple[Fleet, ...], number: int) -> Outcome:
    group = groups_of(fleet, community, fleets)[number]
    return run_group(fleet.family, group, community.start_us, community.end_us)
