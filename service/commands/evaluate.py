"""Evaluate: the command that measures everything the issue's table asks for, and prints and writes the table."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.commands.options import TRY_OUT, Config, settings_of
from service.output import console, show_table

commands = typer.Typer()


class Part(StrEnum):
    """What can be measured."""

    SKAB = "skab"
    LTOWN = "ltown"
    COMMUNITY = "community"
    LOOKALIKES = "lookalikes"
    AZURE = "azure"


@commands.command(rich_help_panel=TRY_OUT)
def evaluate(
    data: Annotated[Path, typer.Option("--data", help="Folder with skab, battledim_ltown and azure_pdm in it.")] = Path(
        "datasets"
    ),
    only: Annotated[str, typer.Option(help="Some of skab,ltown,community,lookalikes,azure; all by default.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="A smaller community for a shorter time.")] = False,
    assets: Annotated[int, typer.Option(min=1, help="Of the simulated community.")] = 200,
    days: Annotated[int, typer.Option(min=30, help="For which it is simulated.")] = 365,
    seed: Annotated[int, typer.Option(help="Of the simulated community's dice.")] = 1,
    jobs: Annotated[int | None, typer.Option(help="Processes; by default as the settings say.")] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps the simulated years of L-Town and the groups that were run: a stopped run goes on."
        ),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="A page whose table of figures is written anew.")] = None,
    config: Config = None,
) -> None:
    """Measure what the models reach on data whose truth is known, beside what costs nothing."""
    from service.errors import ServiceError
    from service.evaluation.measure import PARTS, Plan, measure, provenance
    from service.evaluation.report import COLUMNS, markdown, put_into, rows_of
    from service.scheduler import scheduled

    settings = settings_of(config, None)
    parts = tuple(str(part) for part in (_parts(only) or Part))
    size = (20, 120) if quick else (assets, days)
    plan = Plan(data, parts, *size, seed, settings.training.jobs if jobs is None else jobs, cache)
    with console.status("measuring") as status, scheduled(settings):
        said = measure(plan, lambda line: status.update(line) if console.is_terminal else console.print(line))
        measured = list(said)
    figures = [figure for one in measured for figure in one.figures]
    missing = [line for one in measured for line in one.missing]
    if figures:
        show_table(COLUMNS, rows_of(figures))
        for line in missing:
            console.print(f"not run: {line}")
    if to is not None:
        how = {one.part: provenance(plan.command(one.part)) for one in measured}
        put_into(to, {one.part: markdown(one.figures, one.missing, how[one.part]) for one in measured}, PARTS)
        console.print(f"written into {to}")
    if not figures:
        raise ServiceError(f"nothing was measured: {'; '.join(missing)}")


def _parts(only: str) -> tuple[Part, ...]:
    """The parts that are named.

    Raises:
        ServiceError: There is no such part.
    """
    from service.errors import ServiceError

    names = [name.strip() for name in only.split(",") if name.strip()]
    known = [part.value for part in Part]
    for name in names:
        if name not in known:
            raise ServiceError(f"--only {name}: there is no such part; there are {', '.join(known)}")
    return tuple(Part(name) for name in names)
