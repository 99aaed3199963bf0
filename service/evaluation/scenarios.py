"""Scenarios: the simulated community's own scenarios, each judged whole."""

from collections.abc import Callable

from joblib import Parallel, delayed

from device_simulators.community import REGISTRY_FILE, Community
from ingest.decode import FORMATS
from ingest.registry_file import load_registry
from models.detectors.catalogue import DETECTORS
from service.evaluation.community import LATENESS_US
from service.evaluation.in_process import orders_of
from service.evaluation.outcome import Outcome

QUIET = ("lookalikes", "healthy")
"""Those in which nothing fails; `demo` is long, and made of what the others show."""


def run_scenarios(seed: int, start_us: int, n_jobs: int, say: Callable[[str], None]) -> list[Outcome]:
    """What became of the scenarios in which nothing fails."""
    say(f"scenarios: {', '.join(QUIET)}")
    return list(Parallel(n_jobs=n_jobs)(delayed(_run)(name, seed, start_us) for name in QUIET))


def _run(name: str, seed: int, start_us: int) -> Outcome:
    community, registry = Community(seed, start_us, name), load_registry(REGISTRY_FILE, FORMATS)
    orders = orders_of(community, registry, DETECTORS, LATENESS_US)
    span = (community.start_us, community.end_us)
    return Outcome(name, len(registry.assets), *span, tuple(orders), community.labels, ())
