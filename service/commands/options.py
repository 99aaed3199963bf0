"""Options: what several commands are told in the same words, and the settings that come of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.settings import Settings

RUN = "Run a service"
LOOK_AFTER = "Look after a service"
TRY_OUT = "Try it out"
CHECK = "Check"
"""The groups of `precomplaint --help`."""

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file (TOML); `precomplaint check-config --sample` prints one."),
]
Data = Annotated[Path | None, typer.Option("--data", "-d", help="Folder for everything that must survive a restart.")]
Port = Annotated[int | None, typer.Option(help="Port of the crew page and the API.")]
Mapping = Annotated[
    Path | None, typer.Option(help="TOML file that says what the columns of a table mean; SKAB's is shipped.")
]
Scenario = Annotated[
    str | None,
    typer.Option(
        help="What happens: demo (the default), healthy, burst, entrapment, parking, bearing, lookalikes, sensors."
    ),
]
Seed = Annotated[int | None, typer.Option(help="Of the simulated community's dice; 1 by default.")]
JsonLogs = Annotated[bool, typer.Option("--json-logs", help="Log JSON, one object a line.")]


def settings_of(config: Path | None, data: Path | None, **chosen: object) -> "Settings":
    """The settings with what the command line chose on top."""
    from service.settings import load_settings

    if data is not None:
        chosen["data"] = data
    return load_settings(config, **chosen)


def at_work(config: Path | None, data: Path | None, **chosen: object) -> "Settings":
    """The settings of a command that keeps something: its data folder is there and can be written."""
    from service.wiring import folder_of

    settings = settings_of(config, data, **chosen)
    folder_of(settings).make()
    return settings
