"""History: the commands that list, retry and discard what the time-series store refused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Config, Data, settings_of
from service.errors import ServiceError

if TYPE_CHECKING:
    from ingest.stores.refused_points import RefusedPoint, RefusedPoints

commands = typer.Typer(no_args_is_help=True, help="What the time-series store refused: list, retry, discard.")

Number = Annotated[int | None, typer.Argument(help="As `history refused` shows it.", min=1)]
Reason = Annotated[str | None, typer.Option(help="Those refused for this reason.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them.")]


class NothingRefusedError(ServiceError):
    """There never was a refused point here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no time-series store ever refused a point of {folder}; name the data folder by --data")


class NoPointChosenError(ServiceError):
    """A command that changes points was not told which."""

    def __init__(self) -> None:
        super().__init__("say which, in one way: a number, --reason or --all")


@commands.command("refused")
def refused(
    config: Config = None,
    data: Data = None,
    reason: Reason = None,
    after: Annotated[int, typer.Option(min=0, help="Only numbers above this one: the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, oldest first.")] = 20,
) -> None:
    """List the points that InfluxDB refused for good, with its words."""
    from service.output import console

    points = _points(config, data)
    found = points.find(after, limit + 1, reason)
    for point in found[:limit]:
        _show(point)
    counts = " · ".join(f"{count:,} {kind}" for kind, count in sorted(points.waiting().items()))
    if console.is_terminal:
        console.print(f"\nkept in all: {counts or 'none'}", style="dim")
        if len(found) > limit:
            console.print(f"later ones: precomplaint history refused --after {found[limit - 1].number}", style="dim")


@commands.command()
def retry(
    number: Number = None,
    config: Config = None,
    data: Data = None,
    reason: Reason = None,
    everything: Everything = False,
) -> None:
    """Have points sent again, once their cause is mended; the running service does it."""
    from service.output import console

    points = _points(config, data)
    _check(number, reason, everything=everything)
    console.print(f"{points.request_retry(number, reason):,} points are to be sent again; those taken leave the list")


@commands.command()
def discard(
    number: Number = None,
    config: Config = None,
    data: Data = None,
    reason: Reason = None,
    everything: Everything = False,
) -> None:
    """Throw points away for good."""
    from service.output import console

    points = _points(config, data)
    _check(number, reason, everything=everything)
    console.print(f"{points.discard(number, reason):,} points were thrown away")


def _points(config: Path | None, data: Path | None) -> "RefusedPoints":
    from service.history import refused_of
    from service.wiring import folder_of

    settings = settings_of(config, data)
    if not folder_of(settings).refused_points.exists():
        raise NothingRefusedError(folder_of(settings).root)
    return refused_of(settings)


def _check(number: int | None, reason: str | None, *, everything: bool) -> None:
    if (number is not None) + (reason is not None) + everything != 1:
        raise NoPointChosenError


def _show(point: "RefusedPoint") -> None:
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(point.at_us / 1e6, UTC).isoformat(timespec="seconds")
    again = "to be sent again" if point.retrying else ""
    words = ("".join(c if c.isprintable() else "?" for c in text) for text in (point.line, point.detail))
    print(point.number, at, point.reason, again, *words, sep="\t")  # noqa: T201 -- a pipe wants no styles
