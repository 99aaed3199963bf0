"""Coverage: the command that says which assets nobody is watching right now, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import LOOK_AFTER, Config, Data, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.coverage import Cover, Known

commands = typer.Typer()

_COLOURS = {"not_watched": "red", "unknown": "yellow", "learning": "cyan", "watched": "green"}


@commands.command(rich_help_panel=LOOK_AFTER)
def coverage(
    config: Config = None,
    data: Data = None,
    site: Annotated[str, typer.Option(help="Only this site.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what is watched.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one object a line.")] = False,
) -> None:
    """Say which assets nobody is watching right now, for what, and why; worst first."""
    from alerts.coverage import Standing, coverage
    from alerts.coverage_known import known_now
    from alerts.database import Database
    from models.detectors.catalogue import DETECTORS
    from service.errors import ServiceError
    from service.wiring import clock_of, folder_of, log_of, quarantine_of, registry_of

    settings = settings_of(config, data)
    folder = folder_of(settings)
    if not folder.database.exists() or not folder.log.exists():
        raise ServiceError(f"nothing was ever scored in {folder.root}: start the service, or name its folder by --data")
    registry = registry_of(settings).current()
    if site and site not in registry.sites:
        raise ServiceError(f"there is no site {site!r}; there are {', '.join(registry.sites)}")
    database, log, quarantine = Database(folder.database), log_of(settings), quarantine_of(settings)
    try:
        known = known_now(database, log, quarantine, registry, DETECTORS, clock_of(settings))
    finally:
        for opened in (quarantine, log, database):
            opened.close()
    covers = coverage(known, site)
    shown = [cover for cover in covers if everything or cover.standing is not Standing.WATCHED]
    if as_json:
        _print_json(known, shown)
    else:
        _print_table(known, covers, shown)


def _print_json(known: "Known", covers: "Sequence[Cover]") -> None:
    import json
    from dataclasses import asdict

    from alerts.words.coverage import cover_sentence

    for cover in covers:
        said = cover_sentence(cover, known.registry.sites[cover.site].timezone, known.now_us)
        typer.echo(json.dumps(asdict(cover) | {"sentence": asdict(said)}, ensure_ascii=False))


def _print_table(known: "Known", covers: "Sequence[Cover]", shown: "Sequence[Cover]") -> None:
    from rich.table import Table

    from alerts.coverage import Standing, counts
    from alerts.words.coverage import STANDING_NAMES, cover_sentence
    from alerts.words.names import mode_name
    from service.output import console, plain

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "asset", "watched for", "why"):
        table.add_column(name, overflow="fold")
    # An asset that is unwatched for one reason is one row, however much it is watched for.
    rows: dict[tuple[Standing, str, str], list[str]] = {}
    for cover in shown:
        why = cover_sentence(cover, known.registry.sites[cover.site].timezone, known.now_us).en
        rows.setdefault((cover.standing, cover.asset, why), []).append(mode_name(cover.failure_mode).en)
    for (standing, asset, why), modes in rows.items():
        colour = _COLOURS[standing.value]
        place = plain(f"{known.registry.assets[asset].place.en} ({asset})")
        table.add_row(f"[{colour}]{STANDING_NAMES[standing].en}[/]", place, ", ".join(modes), plain(why))
    if shown:
        console.print(table)
    for site, found in counts(covers).items():
        told = ", ".join(f"{count} {STANDING_NAMES[standing].en.lower()}" for standing, count in found.items() if count)
        console.print(f"[bold]{plain(site)}[/]: {told}")
