"""Run: the whole service on this machine, with or without a simulated community, until Ctrl-C."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx
from rich.text import Text

from service.broker import device_credentials, embedded_broker
from service.clock import SimulationClock, SystemClock
from service.display import RunDisplay
from service.folders import DataFolder
from service.output import console
from service.processes import Part, Processes, accepts_connections, require_free_port
from service.settings import Settings, as_environment
from service.simulation import watched_plan
from service.wiring import begin_clock, clock_of, folder_of, ingest_names, stopped_by_signals, zone_of

_REFRESH_S = 1.0
_LOOK_S = 0.25
_DAY_US = 86_400_000_000
_PRECOMPLAINT = (sys.executable, "-m", "service.cli")


@dataclass(frozen=True, slots=True)
class Company:
    """What publishes beside the service.

    Attributes:
        name: What to call it on the screen and in the logs.
        command: Arguments of `precomplaint`.
        history_us: From and until when it publishes history in a hurry, or None if it does not.
    """

    name: str
    command: tuple[str, ...]
    history_us: tuple[int, int] | None = None


def simulated(settings: Settings, scenario: str | None, seed: int | None) -> Company:
    """The simulated community of this data folder: the one that ran before, or a new one."""
    _, history_us = watched_plan(settings, scenario, seed, SystemClock().now_us())
    begin_clock(settings, history_us[0])
    return Company("simulate", ("simulate",), history_us)


def replayed(settings: Settings, file: Path, first_us: int, arguments: Sequence[str]) -> Company:
    """A recording that is published beside the service, from its first moment on."""
    begin_clock(settings, first_us)
    return Company("replay", ("replay", str(file), *arguments))


def run(settings: Settings, company: Company | None) -> None:
    """Start every part in order, show what happens, keep the parts up, and stop them all on Ctrl-C.

    Raises:
        ServiceError: Something does not start: says what, where and what to do.
    """
    folder = folder_of(settings)
    host = "127.0.0.1" if settings.api.host in _EVERYWHERE else settings.api.host
    display = RunDisplay(console, host, settings.api.port, zone_of(settings), clock_of(settings).now_us)
    with folder.held(), stopped_by_signals() as stop:
        processes = Processes(folder.logs, as_environment(settings))
        try:
            if not _start(settings, folder, (processes, stop), display):
                return
            _say_where(settings, folder, display)
            if company is not None:
                processes.start(Part(company.name, (*_PRECOMPLAINT, *company.command), keep_up=False))
            _watch(processes, display, stop, (company, _progress(folder, company)))
        finally:
            with display.step("stopped; starting again goes on from here"):
                processes.stop()


_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- recognised, not listened on


def _start(
    settings: Settings, folder: DataFolder, started: tuple[Processes, threading.Event], display: RunDisplay
) -> bool:
    """Start broker, ingest, scoring and API, each once the one before it is ready; False if told to stop meanwhile."""
    processes, stop = started
    broker = settings.broker
    require_free_port("crew page and API", settings.api.host, settings.api.port, "--port or api.port")
    if broker.kind != "external":
        require_free_port("MQTT broker", broker.host, broker.port, "broker.port")
        embedded = embedded_broker(broker.kind, folder.broker, broker.host, broker.port)
        with display.step(f"MQTT broker on {broker.host}:{broker.port} ({embedded.program}: {embedded.promise})"):
            listens = partial(_is_over, stop, partial(accepts_connections, broker.host, broker.port))
            processes.start(Part("broker", embedded.command, is_ready=listens))
    for part, does in _parts(settings, folder, display):
        folder.ready_file(part.name).unlink(missing_ok=True)
        if stop.is_set():
            return False
        with display.step(does):
            processes.start(replace(part, is_ready=partial(_is_over, stop, part.is_ready)))
    return not stop.is_set()


def _parts(settings: Settings, folder: DataFolder, display: RunDisplay) -> Iterator[tuple[Part, str]]:
    """Every part after the broker, and what it does in a person's words."""
    ingests = ingest_names(settings)
    for number, name in enumerate(ingests, 1):
        which = f" ({number} of {len(ingests)})" if len(ingests) > 1 else ""
        command = (*_PRECOMPLAINT, "ingest", "--number", str(number))
        part = Part(name, command, is_ready=folder.ready_file(name).exists)
        yield part, f"ingest{which}: every message is stored before it is acknowledged"
    scores = Part("score", (*_PRECOMPLAINT, "score"), is_ready=folder.ready_file("score").exists)
    yield scores, "scoring: windows, detectors, episodes, work orders"
    answers = partial(accepts_connections, display.host, settings.api.port)
    yield Part("api", (*_PRECOMPLAINT, "api"), is_ready=answers), "ticket API, crew page and history"


def _is_over(stop: threading.Event, is_ready: Callable[[], bool]) -> bool:
    """Whether there is nothing more to wait for."""
    return stop.is_set() or is_ready()


def _say_where(settings: Settings, folder: DataFolder, display: RunDisplay) -> None:
    """Print the addresses a person needs."""
    user, _ = device_credentials(folder.broker)
    console.print()
    console.print(f"  [bold]crew page[/]    {display.api}/")
    console.print(f"  [bold]ticket API[/]   {display.api}/api/v1/docs")
    if settings.broker.kind != "external":
        password = folder.broker / "device_password"
        console.print(
            f"  [bold]devices[/]      mqtt://{settings.broker.host}:{settings.broker.port}, user {user}, "
            f"password in {password}"
        )
    console.print(f"  [bold]data, logs[/]   {folder.root}, {folder.logs}")
    console.print("\n  Ctrl-C stops everything.\n")


def _watch(
    processes: Processes,
    display: RunDisplay,
    stop: threading.Event,
    beside: tuple[Company | None, Callable[[], tuple[float, float] | None]],
) -> None:
    """Show what happens and keep the parts up until told to stop; say it when what publishes beside it has ended."""
    shown_s = 0.0
    company, progress = beside
    with display.live(), httpx.Client(timeout=5.0) as client:
        while not stop.wait(_LOOK_S):
            for part in processes.look_after():
                console.print(f"[yellow]{part} ended and was started again[/]")
            if company is not None and processes.ended(company.name) is not None:
                console.print(
                    f"[yellow]{company.name} has ended:[/] ", Text(processes.last_words(company.name)), sep=""
                )
                company = None
            now_s = time.monotonic()
            if now_s - shown_s >= _REFRESH_S:
                shown_s = now_s
                display.refresh(client, progress(), now_s)


def _progress(folder: DataFolder, company: Company | None) -> Callable[[], tuple[float, float] | None]:
    """Says how many days of history are published and how many there are, None once that is over."""
    if company is None or company.history_us is None:
        return lambda: None
    start_us, until_us = company.history_us
    clock = SimulationClock(folder.clock, start_us)

    def progress() -> tuple[float, float] | None:
        now_us = clock.now_us()
        if now_us >= until_us:
            return None
        return max(0, now_us - start_us) / _DAY_US, (until_us - start_us) / _DAY_US

    return progress
