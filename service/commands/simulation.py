"""Simulation: the commands that publish what nobody's devices say, into a running service."""

import math
from pathlib import Path
from typing import Annotated

import typer

from service.commands.options import TRY_OUT, Config, Data, Mapping, Scenario, Seed, at_work
from service.errors import ServiceError
from service.output import console, errors, plain

commands = typer.Typer()


@commands.command(rich_help_panel=TRY_OUT)
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

    settings = at_work(config, data)
    plan, _ = watched_plan(settings, scenario, seed, clock_of(settings).now_us())
    held = folder_of(settings).held("simulate or replay")
    with held, stopped_by_signals() as stop, publishing(console, zone_of(settings)) as progress:
        published = publish_community(settings, plan, speed, progress, stop)
    console.print(f"{published.acknowledged:,} messages published, all acknowledged by the broker")


@commands.command(rich_help_panel=TRY_OUT)
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

    settings = at_work(config, data)
    columns = Columns(mapping, tuple(column or ()), time_column, time_format, zone, asset_class)
    pace, recording = speed_of(speed), (file, mapping_of(file, columns))
    held = folder_of(settings).held("simulate or replay")
    with held, stopped_by_signals() as stop, publishing(console, zone_of(settings)) as progress:
        published, counts, problems = publish_recording(settings, recording, pace, progress, stop)
    for problem in problems:
        errors.print(f"[yellow]{file}:[/] {plain(str(problem))}")
    left_out = f", {counts.problems:,} cells or rows left out" if counts.problems else ""
    console.print(f"{counts.rows:,} rows read{left_out}; {published.acknowledged:,} messages published")


def speed_of(text: str) -> float:
    """A speed as people write it.

    Raises:
        ServiceError: It is not one.
    """
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0.0:
        raise ServiceError(f"--speed {text!r} is neither a number above 0 nor max")
    return speed
