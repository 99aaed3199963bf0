"""Settings: the commands that look at the settings and start nothing."""

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from service.commands.options import CHECK, Config, Data, settings_of
from service.output import console

commands = typer.Typer()


@commands.command("check-config", rich_help_panel=CHECK)
def check_config(
    config: Config = None,
    data: Data = None,
    show_sample: Annotated[bool, typer.Option("--sample", help="Print a file with every setting instead.")] = False,
) -> None:
    """Check the settings and the registry without starting anything."""
    from service.settings import sample
    from service.wiring import checked_registry

    if show_sample:
        typer.echo(sample(), nl=False)
        return
    settings = settings_of(config, data)
    registry, file = checked_registry(settings)
    counts = f"{len(registry.sites)} sites, {len(registry.assets)} assets, {len(registry.devices)} devices"
    console.print(f"[green]✓[/] settings: {config or 'defaults and environment'}")
    console.print(f"[green]✓[/] registry: {file}: {counts}")


@commands.command(rich_help_panel=CHECK)
def version() -> None:
    """Print the version."""
    typer.echo(installed_version("precomplaint"))
