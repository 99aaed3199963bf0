"""Family: the simulated assets of one family for a year, over several seeds, by failure mode and by kind of trouble.

Run `python -m service.evaluation.family elevators --assets 10 --seeds 41 42 43`.
"""

import argparse
from collections import Counter
from collections.abc import Sequence

from joblib import Parallel, delayed

from device_simulators.calendar import DAY_US, local_midnight
from models.evaluation.figure import Figure
from service.evaluation.community import run_group
from service.evaluation.community_figures import community_figures
from service.evaluation.fleets import FLEETS, Community, fleet_of, groups_of
from service.evaluation.measure import provenance
from service.evaluation.outcome import Outcome
from service.evaluation.report import markdown

_START_US = local_midnight(1_764_000_000_000_000)
_BASELINE_SEED = 0


def run_family(family: str, community: Community, n_jobs: int) -> list[Outcome]:
    """What became of each group of a family, all of the community's assets being of it.

    Args:
        family: Its name in `FLEETS`.
        community: How many assets, for how long, and the seed.
        n_jobs: As joblib has it.
    """
    fleet = fleet_of(family)
    groups = groups_of(fleet, community, [fleet])
    span = (community.start_us, community.end_us)
    return list(Parallel(n_jobs=n_jobs)(delayed(run_group)(family, group, *span) for group in groups))


def figures_by_kind(outcomes: Sequence[Outcome], data: str) -> list[Figure]:
    """How often each kind of fault was told, and how often each look-alike had one; a kind is a label's note."""
    there: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    for judged in (outcome.judged() for outcome in outcomes):
        found = [("faults", fault.labels[0], order) for fault, order in judged.found]
        fooled = [("look-alikes", label, order) for label, order in judged.fooled]
        for what, label, order in (*found, *fooled):
            kind = (what, f"{label.failure_mode}: {label.note}")
            there[kind] += 1
            told[kind] += order is not None
    return [
        Figure(f"{data}: {what}", name, value, "1", of=kind)
        for (what, kind), count in sorted(there.items())
        for name, value in ((what, float(count)), ("with a work order", float(told[what, kind])))
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, judge and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m service.evaluation.family", description=main.__doc__)
    parser.add_argument("family", choices=[fleet.family for fleet in FLEETS])
    parser.add_argument("--assets", type=int, default=10, help="for each seed (default 10)")
    parser.add_argument("--days", type=int, default=365, help="of each (default 365)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="of the dice (default 1)")
    parser.add_argument("--jobs", type=int, default=1, help="processes, as joblib has it (default 1)")
    chosen = parser.parse_args(arguments)
    outcomes: list[Outcome] = []
    for seed in chosen.seeds:
        community = Community(chosen.assets, _START_US, _START_US + chosen.days * DAY_US, seed)
        outcomes += run_family(chosen.family, community, chosen.jobs)
    seeds = " ".join(str(seed) for seed in chosen.seeds)
    how = f"{chosen.family} --assets {chosen.assets} --days {chosen.days} --seeds {seeds}"
    data = f"{len(outcomes)} groups of {chosen.family}, {chosen.days} days, seeds {seeds}"
    figures = [*community_figures(outcomes, data, _BASELINE_SEED), *figures_by_kind(outcomes, data)]
    print(markdown(figures, (), provenance(f"python -m service.evaluation.family {how}")))  # noqa: T201 -- its tables


if __name__ == "__main__":
    main()
