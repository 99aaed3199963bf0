"""Measure: every part of the table, each alone, so that what is missing costs only its own rows."""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from device_simulators.calendar import DAY_US, local_midnight
from models.errors import ModelError
from models.evaluation.figure import Figure
from service.clock import SystemClock
from service.evaluation.community import run_community
from service.evaluation.community_figures import community_figures, look_alike_figures
from service.evaluation.fleets import Community
from service.evaluation.kept_outcomes import KeptOutcomes
from service.evaluation.outcome import Outcome
from service.evaluation.report import Measured
from service.evaluation.scenarios import run_scenarios

Say = Callable[[str], None]

PUBLIC = {
    "skab": ("models.evaluation.skab", "skab"),
    "ltown": ("models.evaluation.ltown", "battledim_ltown"),
    "azure": ("models.evaluation.azure", "azure_pdm"),
}
"""By part: the protocol's module and its folder below `--data`."""
SIMULATED = ("community", "lookalikes")
PARTS = ("community", "lookalikes", *PUBLIC)
"""In the order of the page."""

_START_US = local_midnight(1_764_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    Attributes:
        data: Holds the folders of the public data.
        parts: Some of `PUBLIC`, `community` and `lookalikes`, in the table's order.
        assets: Of the simulated community.
        days: For which it is simulated.
        seed: Of its dice.
        n_jobs: As joblib has it.
        cache: Where simulated years of L-Town are kept, about two minutes each to make anew, and what became of each
            group of the community, so that a run that was stopped goes on; None: nowhere.
    """

    data: Path
    parts: tuple[str, ...]
    assets: int
    days: int
    seed: int
    n_jobs: int
    cache: Path | None = None

    def command(self, part: str) -> str:
        """How to measure one part again."""
        size = f" --assets {self.assets} --days {self.days} --seed {self.seed}" if part not in PUBLIC else ""
        return f"precomplaint evaluate --only {part}{size}"


@dataclass(frozen=True, slots=True)
class PartFigures:
    """What one part gave.

    Attributes:
        part: Its name.
        figures: Of it.
        missing: A line for each thing that could not run.
    """

    part: str
    figures: Sequence[Figure]
    missing: Sequence[str] = ()


def measure(plan: Plan, say: Say) -> Iterator[PartFigures]:
    """The figures of the plan's parts, each as soon as it is there."""
    simulated = simulate(plan, say) if set(SIMULATED) & set(plan.parts) else []
    for part in plan.parts:
        yield _public(part, plan, say) if part in PUBLIC else PartFigures(part, _simulated(part, plan, simulated, say))


def _public(part: str, plan: Plan, say: Say) -> PartFigures:
    module, folder = PUBLIC[part]
    kept = {"cache": plan.cache} if part == "ltown" else {}
    try:
        return PartFigures(part, tuple(import_module(module).figures(plan.data / folder, say, **kept)))
    except ModelError as error:
        return PartFigures(part, (), (f"{part}: {error}",))


def simulate(plan: Plan, say: Say) -> list[Outcome]:
    """What became of the community's groups."""
    community = Community(plan.assets, _START_US, _START_US + plan.days * DAY_US, plan.seed)
    commit = checked_out()
    kept = KeptOutcomes(plan.cache / "community", community, commit) if plan.cache and commit else None
    return run_community(community, plan.n_jobs, say, kept=kept)


def _simulated(part: str, plan: Plan, outcomes: Sequence[Outcome], say: Say) -> list[Figure]:
    """The community's figures or its look-alikes', from one simulation."""
    assets = sum(outcome.assets for outcome in outcomes)
    data = f"Simulated community, {assets} assets, {plan.days} days, seed {plan.seed}"
    if part == "community":
        return community_figures(outcomes, data, plan.seed)
    scenarios = run_scenarios(plan.seed, _START_US, plan.n_jobs, say)
    return look_alike_figures(outcomes, data) + look_alike_figures(scenarios, "The community's scenarios")


def provenance(how: str) -> Measured:
    """Today and the commit that is checked out, as far as git knows; `+` says that the tree has changes."""
    commit = _git("rev-parse", "--short", "HEAD")
    date = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC).date().isoformat()
    return Measured(date, commit if checked_out() or not commit else f"{commit}+", how)


def checked_out() -> str:
    """The commit that is checked out if its tree has no changes, else nothing: outcomes of such a tree are nobody's."""
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return "" if changed else _git("rev-parse", "--short", "HEAD")


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(Path(__file__).parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 -- git itself
