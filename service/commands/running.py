"""Running: the commands that start the service, whole or one part of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import (
    RUN,
    Config,
    Data,
    JsonLogs,
    Mapping,
    Port,
    Scenario,
    Seed,
    at_work,
    settings_of,
)
from service.commands.simulation import speed_of
from service.errors import NothingToWatchError
from service.output import console, log_to_stderr

if TYPE_CHECKING:
    from service.settings import Settings

commands = typer.Typer()


@commands.command(rich_help_panel=RUN)
def run(
    config: Config = None,
    data: Data = None,
    port: Port = None,
    simulate: Annotated[
        bool, typer.Option("--simulate/--no-simulate", help="Run a simulated community beside it.")
    ] = False,
    scenario: Scenario = None,
    seed: Seed = None,
    replay: Annotated[
        Path | None, typer.Option(help="Play this recorded table into a service made for it.", metavar="FILE")
    ] = None,
    mapping: Mapping = None,
    speed: Annotated[str, typer.Option(help="Of the recording: recorded seconds a real second, or max.")] = "60",
) -> None:
    """Start everything on this machine: broker, ingest, scoring, API with the crew page, history."""
    from service.replay import for_recording
    from service.run import replayed, simulated
    from service.run import run as run_service
    from service.wiring import is_written

    if simulate and replay is not None:
        raise typer.BadParameter("a service has one clock: choose --simulate or --replay")
    chosen: dict[str, object] = {} if port is None else {"api": {"port": port}}
    company = None
    log_to_stderr(as_json=False)
    if simulate or replay is not None:
        chosen |= _by_one(settings_of(config, data))
    if replay is not None:
        speed_of(speed)
        data = data or settings_of(config, None).data / "recordings" / replay.stem
        registry, first_us = for_recording(at_work(config, data), replay, mapping)
        chosen |= {"registry": registry, "clock": {"kind": "simulation"}}
        arguments = ("--speed", speed, *(("--mapping", str(mapping)) if mapping else ()))
        company = replayed(settings_of(config, data, **chosen), replay, first_us, arguments)
    elif simulate:
        data = data or settings_of(config, None).data / "simulation"
        chosen["clock"] = {"kind": "simulation"}
    elif settings_of(config, data).registry is None and not is_written(settings_of(config, data)):
        raise NothingToWatchError
    settings = at_work(config, data, **chosen)
    run_service(settings, simulated(settings, scenario, seed) if simulate else company)


def _by_one(settings: "Settings") -> dict[str, object]:
    """What makes one process take everything in.

    Among several, messages arrive milliseconds out of order, which in a hurry are hours of a simulation's time: late,
    not scored, and the half of a story that is left reads like an entrapment.
    """
    if settings.ingest.processes > 1:
        console.print("one ingest process, whatever ingest.processes says: simulated time runs too fast for several")
    return {"ingest": {"processes": 1}}


@commands.command(rich_help_panel=RUN)
def ingest(
    config: Config = None,
    data: Data = None,
    number: Annotated[int, typer.Option(help="Which one, where ingest.processes is above 1.")] = 1,
    json_logs: JsonLogs = False,
) -> None:
    """Take messages in: subscribe, decode, judge, store, then acknowledge."""
    from service.parts.ingest import run_ingest

    settings = at_work(config, data)
    log_to_stderr(as_json=json_logs)
    run_ingest(settings, number)


@commands.command(rich_help_panel=RUN)
def score(config: Config = None, data: Data = None, json_logs: JsonLogs = False) -> None:
    """Score what was taken in: windows, detectors, episodes, work orders."""
    from service.parts.score import run_score

    settings = at_work(config, data)
    log_to_stderr(as_json=json_logs)
    run_score(settings)


@commands.command(rich_help_panel=RUN)
def api(config: Config = None, data: Data = None, port: Port = None, json_logs: JsonLogs = False) -> None:
    """Answer the ticket API and the crew page, and keep the history."""
    from service.parts.api import run_api

    settings = at_work(config, data, **({} if port is None else {"api": {"port": port}}))
    log_to_stderr(as_json=json_logs)
    run_api(settings)
