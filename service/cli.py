"""Command line: `precomplaint` and what it can do."""

import math
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from alerts.errors import AlertsError
from device_simulators.errors import SimulatorError
from ingest.errors import IngestError
from models.errors import ModelError
from service.errors import NothingToWatchError, ServiceError
from service.output import console, errors, log_to_stderr
from service.settings import Settings, load_settings, sample

_EXIT_USAGE = 2
_KNOWN_ERRORS = (ServiceError, IngestError, ModelError, AlertsError, SimulatorError)

app = typer.Typer(
    name="precomplaint",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Listens to a building and hands the crew one explained work order before a resident complains.",
)

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file (TOML); `precomplaint check-config --sample` prints one."),
]
Data = Annotated[Path | None, typer.Option("--data", "-d", help="Folder for everything that must survive a restart.")]
Mapping = Annotated[
    Path | None, typer.Option(help="TOML file that says what the columns of a table mean; SKAB's is shipped.")
]
Scenario = Annotated[
    str | None,
    typer.Option(help="What happens: demo (the default), healthy, burst, entrapment, parking, bearing, lookalikes."),
]
Seed = Annotated[int | None, typer.Option(help="Of the simulated community's dice; 1 by default.")]
JsonLogs = Annotated[bool, typer.Option("--json-logs", help="Log JSON, one object a line.")]


def main() -> None:
    """Run the command line; a known error is one line on standard error and exit code 2."""
    try:
        app()
    except _KNOWN_ERRORS as error:
        for line in str(error).splitlines():
            errors.print(f"[bold red]precomplaint:[/] {_plain(line)}")
        sys.exit(_EXIT_USAGE)


def _plain(line: str) -> str:
    """Text that Rich prints as it is."""
    return line.replace("[", r"\[")


def _settings(config: Path | None, data: Path | None, **chosen: object) -> Settings:
    """The settings with what the command line chose on top."""
    if data is not None:
        chosen["data"] = data
    return load_settings(config, **chosen)


def _at_work(config: Path | None, data: Path | None, **chosen: object) -> Settings:
    """The settings of a command that keeps something: its data folder is there and can be written."""
    from service.wiring import folder_of

    settings = _settings(config, data, **chosen)
    folder_of(settings).make()
    return settings


@app.command()
def run(
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Port of the crew page and the API.")] = None,
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

    if simulate and replay is not None:
        raise typer.BadParameter("a service has one clock: choose --simulate or --replay")
    chosen: dict[str, object] = {} if port is None else {"api": {"port": port}}
    company = None
    log_to_stderr(as_json=False)
    if replay is not None:
        _speed(speed)
        data = data or _settings(config, None).data / "recordings" / replay.stem
        registry, first_us = for_recording(_at_work(config, data), replay, mapping)
        chosen |= {"registry": registry, "clock": {"kind": "simulation"}}
        arguments = ("--speed", speed, *(("--mapping", str(mapping)) if mapping else ()))
        company = replayed(_settings(config, data, **chosen), replay, first_us, arguments)
    elif simulate:
        data = data or _settings(config, None).data / "simulation"
        chosen["clock"] = {"kind": "simulation"}
    elif _settings(config, data).registry is None:
        raise NothingToWatchError
    settings = _at_work(config, data, **chosen)
    run_service(settings, simulated(settings, scenario, seed) if simulate else company)


@app.command()
def ingest(config: Config = None, data: Data = None, json_logs: JsonLogs = False) -> None:
    """Take messages in: subscribe, decode, judge, store, then acknowledge."""
    from service.parts.ingest import run_ingest

    settings = _at_work(config, data)
    log_to_stderr(as_json=json_logs)
    run_ingest(settings)


@app.command()
def score(config: Config = None, data: Data = None, json_logs: JsonLogs = False) -> None:
    """Score what was taken in: windows, detectors, episodes, work orders."""
    from service.parts.score import run_score

    settings = _at_work(config, data)
    log_to_stderr(as_json=json_logs)
    run_score(settings)


@app.command()
def api(
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Port of the crew page and the API.")] = None,
    json_logs: JsonLogs = False,
) -> None:
    """Answer the ticket API and the crew page, and keep the history."""
    from service.parts.api import run_api

    settings = _at_work(config, data, **({} if port is None else {"api": {"port": port}}))
    log_to_stderr(as_json=json_logs)
    run_api(settings)


@app.command()
def simulate(
    config: Config = None,
    data: Data = None,
    scenario: Scenario = None,
    seed: Seed = None,
    speed: Annotated[float | None, typer.Option(help="Simulated seconds a real second.")] = None,
) -> None:
    """Publish what the devices of a simulated community would; goes on where it stopped."""
    from service.display import publishing
    from service.simulation import simulate as publish_community
    from service.simulation import watched_plan
    from service.wiring import clock_of, folder_of, stopped_by_signals, zone_of

    settings = _at_work(config, data)
    plan, _ = watched_plan(settings, scenario, seed, clock_of(settings).now_us())
    held = folder_of(settings).held("simulate or replay")
    with held, stopped_by_signals() as stop, publishing(console, zone_of(settings)) as progress:
        published = publish_community(settings, plan, speed, progress, stop)
    console.print(f"{published.acknowledged:,} messages published, all acknowledged by the broker")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A recorded table: CSV with a header, any delimiter.")],
    config: Config = None,
    data: Data = None,
    mapping: Mapping = None,
    speed: Annotated[str, typer.Option(help="Recorded seconds a real second, or max.")] = "1",
    column: Annotated[
        list[str] | None, typer.Option(help="What one column is: name=metric or name=metric:unit; once for each.")
    ] = None,
    time_column: Annotated[str, typer.Option(help="The column that holds the time.")] = "time",
    time_format: Annotated[str, typer.Option(help="iso, epoch_s, epoch_ms, epoch_us, or as in strptime.")] = "iso",
    zone: Annotated[str, typer.Option(help="Time zone of times that do not name theirs.")] = "UTC",
    asset_class: Annotated[str, typer.Option(help="What was recorded.")] = "pump",
) -> None:
    """Publish a recorded table over MQTT, into a running service that knows its devices."""
    from service.display import publishing
    from service.replay import Columns, mapping_of
    from service.replay import replay as publish_recording
    from service.wiring import folder_of, stopped_by_signals, zone_of

    settings = _at_work(config, data)
    columns = Columns(mapping, tuple(column or ()), time_column, time_format, zone, asset_class)
    pace, recording = _speed(speed), (file, mapping_of(file, columns))
    held = folder_of(settings).held("simulate or replay")
    with held, stopped_by_signals() as stop, publishing(console, zone_of(settings)) as progress:
        published, counts, problems = publish_recording(settings, recording, pace, progress, stop)
    for problem in problems:
        errors.print(f"[yellow]{file}:[/] {_plain(str(problem))}")
    left_out = f", {counts.problems:,} cells or rows left out" if counts.problems else ""
    console.print(f"{counts.rows:,} rows read{left_out}; {published.acknowledged:,} messages published")


def _speed(text: str) -> float:
    """A speed as people write it."""
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0.0:
        raise ServiceError(f"--speed {text!r} is neither a number above 0 nor max")
    return speed


@app.command("check-config")
def check_config(
    config: Config = None,
    data: Data = None,
    show_sample: Annotated[bool, typer.Option("--sample", help="Print a file with every setting instead.")] = False,
) -> None:
    """Check the settings and the registry without starting anything."""
    if show_sample:
        typer.echo(sample(), nl=False)
        return
    from service.wiring import COMMUNITY, registry_of

    settings = _settings(config, data)
    registry = registry_of(settings)
    counts = f"{len(registry.sites)} sites, {len(registry.assets)} assets, {len(registry.devices)} devices"
    console.print(f"[green]✓[/] settings: {config or 'defaults and environment'}")
    console.print(f"[green]✓[/] registry: {settings.registry or COMMUNITY}: {counts}")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(installed_version("precomplaint"))


if __name__ == "__main__":
    main()
