"""Simulation: which simulated community runs in a data folder, and how a restart goes on with it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from device_simulators.community import Community
from device_simulators.labels import write_labels
from device_simulators.line import Broker
from device_simulators.message import Message
from device_simulators.pace import Pace, hurried, steady
from device_simulators.publish import Progress, Published, Watcher, publish
from service.broker import device_credentials
from service.clock import SimulationClock
from service.errors import ServiceError
from service.settings import Settings
from service.wiring import clock_of, folder_of, log_of

_SCENARIO, _SEED = "demo", 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a simulated community publishes.

    Attributes:
        scenario: A name from `device_simulators.scenarios`.
        seed: Of all dice.
        start_us: When it begins, microseconds since the epoch.
    """

    scenario: str
    seed: int
    start_us: int

    def community(self) -> Community:
        """The community it describes.

        Raises:
            UnknownScenarioError: There is no such scenario.
        """
        return Community(self.seed, self.start_us, self.scenario)


def new_plan(scenario: str, seed: int, now_us: int) -> Plan:
    """A plan whose history ends about now, so that its work orders carry today's date.

    Raises:
        UnknownScenarioError: There is no such scenario.
    """
    trial = Community(seed, now_us, scenario)
    history_us = trial.fast_forward_until_us - trial.start_us
    return Plan(scenario, seed, Community(seed, now_us - history_us, scenario).start_us)


class OtherSimulationError(ServiceError):
    """A data folder holds another simulation than the one that was asked for."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        super().__init__(
            f"{folder} holds a simulation of {plan.scenario} with seed {plan.seed}; leave out --scenario and --seed to "
            "go on with it, or choose another folder with --data"
        )


def kept_plan(path: Path, scenario: str | None, seed: int | None, now_us: int) -> Plan:
    """The plan that already runs in this data folder, or else a new one, which is kept from now on.

    Raises:
        OtherSimulationError: What runs there has another scenario or seed.
        UnknownScenarioError: There is no such scenario.
    """
    if path.exists():
        kept = Plan(**json.loads(path.read_text(encoding="utf-8")))
        if (scenario or kept.scenario, kept.seed if seed is None else seed) != (kept.scenario, kept.seed):
            raise OtherSimulationError(path.parent, kept)
        return kept
    plan = new_plan(scenario or _SCENARIO, _SEED if seed is None else seed, now_us)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    return plan


def messages_from(community: Community, now_us: int) -> Iterator[Message]:
    """What is still to be published at `now_us`.

    A message of that very moment may have been published before; ingest recognises it and stores it once.
    """
    return (message for message in community if message.at_us >= now_us)


def watched_plan(
    settings: Settings, scenario: str | None, seed: int | None, now_us: int
) -> tuple[Plan, tuple[int, int]]:
    """The plan of this data folder, and from and until when it publishes history in a hurry; see `kept_plan`."""
    plan = kept_plan(folder_of(settings).simulation, scenario, seed, now_us)
    community = plan.community()
    return plan, (community.start_us, community.fast_forward_until_us)


def simulate(
    settings: Settings, plan: Plan, speed: float | None, progress: Callable[[Progress], None], stop: threading.Event
) -> Published:
    """Publish a simulated community until it ends or is stopped; goes on where an earlier run stopped.

    With a simulation's clock the community drives the clock of the whole service, and waits for ingest. With the
    system's clock it publishes at real time from now on.

    Args:
        settings: Of the service that listens.
        plan: What to publish; its labels are written beside the data.
        speed: Simulated seconds a real second; None: history in a hurry, then lively, then calm.
        progress: Is told about ten times a second.
        stop: Ends it.
    """
    folder = folder_of(settings)
    community = plan.community()
    write_labels(folder.root / "labels.jsonl", community.labels)
    clock = clock_of(settings)
    now_us = max(clock.now_us(), community.start_us)
    watcher = Watcher(progress=progress)
    if isinstance(clock, SimulationClock):
        watcher = Watcher(clock.advance, progress, stored_up_to(settings))
        clock.advance(now_us, 1.0)
    pace: Pace = steady(speed) if speed is not None else hurried(community.fast_forward_until_us)
    return publish(messages_from(community, now_us), broker_of(settings, "simulator"), pace, watcher, stop)


def stored_up_to(settings: Settings) -> Callable[[], int]:
    """Says up to which time ingest has stored, so that a hurried publisher can wait for it."""
    log = log_of(settings)
    return lambda: max(log.watermarks().values(), default=0)


def broker_of(settings: Settings, client: str) -> Broker:
    """The service's broker, for a publisher: with the embedded one a device's rights are all it has."""
    chosen = settings.broker
    username, password = chosen.username, chosen.password.get_secret_value() if chosen.password else None
    if chosen.kind != "external":
        username, password = device_credentials(folder_of(settings).broker)
    return Broker(chosen.host, chosen.port, username, password, f"precomplaint-{client}")
