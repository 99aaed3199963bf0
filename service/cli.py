"""Command line: `precomplaint`, the list of its commands, and what it says when one cannot work."""

import sys

import typer

from alerts.errors import AlertsError
from device_simulators.errors import SimulatorError
from ingest.errors import IngestError
from models.errors import ModelError
from service.commands import (
    backup,
    coverage,
    evaluate,
    history,
    models,
    quarantine,
    registry,
    running,
    settings,
    simulation,
    train,
    tryout,
)
from service.commands.options import LOOK_AFTER
from service.errors import ServiceError
from service.output import errors, plain

_EXIT_USAGE = 2
_KNOWN_ERRORS = (ServiceError, IngestError, ModelError, AlertsError, SimulatorError)

app = typer.Typer(
    name="precomplaint",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Listens to a building and hands the crew one explained work order before a resident complains.",
)
# A file that brings one or several commands stands here with a line; with name="..." they become its subcommands.
app.add_typer(running.commands)
app.add_typer(backup.commands)
app.add_typer(coverage.commands)
app.add_typer(registry.commands, name="registry", rich_help_panel=LOOK_AFTER)
app.add_typer(quarantine.commands, name="quarantine", rich_help_panel=LOOK_AFTER)
app.add_typer(history.commands, name="history", rich_help_panel=LOOK_AFTER)
app.add_typer(simulation.commands)
app.add_typer(evaluate.commands)
app.add_typer(tryout.commands)
app.add_typer(train.commands)
app.add_typer(models.commands, name="models", rich_help_panel=LOOK_AFTER)
app.add_typer(settings.commands)


def main() -> None:
    """Run the command line; a known error is one line on standard error and exit code 2."""
    try:
        app()
    except _KNOWN_ERRORS as error:
        for line in str(error).splitlines():
            errors.print(f"[bold red]precomplaint:[/] {plain(line)}")
        sys.exit(_EXIT_USAGE)


if __name__ == "__main__":
    main()
