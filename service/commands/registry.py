"""Registry: the commands that keep sites, assets, devices and sources, and let waiting devices in."""

from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Config, Data, at_work
from service.output import console, show_table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ingest.quarantine import Waiting
    from ingest.registry_book import RegistryBook, Signed
    from service.settings import Settings

commands = typer.Typer(no_args_is_help=True, help="Keep sites, assets, devices and sources; let waiting devices in.")

Who = Annotated[
    str, typer.Option(help="Who does it, for the history.", default_factory=getuser, show_default="your user name")
]
Why = Annotated[str, typer.Option(help="Why, for the history.")]
SourceId = Annotated[str, typer.Option(help="The source it came through, if several have such a device.")]


class Things(StrEnum):
    """What can be listed."""

    SITES = "sites"
    ASSETS = "assets"
    DEVICES = "devices"
    SOURCES = "sources"


class Thing(StrEnum):
    """What can be removed."""

    SITE = "site"
    ASSET = "asset"
    DEVICE = "device"
    SOURCE = "source"


class FileFormat(StrEnum):
    """How the registry can be written out."""

    CSV = "csv"
    TOML = "toml"


@commands.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Tables (CSV) of any kinds, or one registry file (TOML).")],
    who: Who,
    why: Why = "",
    replace: Annotated[bool, typer.Option("--replace", help="Also remove what the files no longer name.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take up what files say, or nothing of it: everything that is wrong is listed with its line."""
    from ingest.registry_csv import CsvFile
    from ingest.registry_files import sheet_of
    from service.registry_report import counted, lines_of

    sheet, digest = sheet_of([CsvFile(str(file), _content(file)) for file in files])
    chosen = sheet if replace else sheet.adding()
    settings = at_work(config, data)
    book = _book(settings)
    if dry_run:
        differences = book.preview(lambda registry: chosen.onto(registry, book.faults))
        show_table(("", "what", "id", "fields"), lines_of(differences))
        console.print(f"would be {counted(differences)}; nothing has been changed")
        return
    signed = _signed(settings, who, why or ", ".join(file.name for file in files), digest)
    change = book.change(lambda registry: chosen.onto(registry, book.faults), signed)
    console.print(f"{counted(change.differences if change else ())}; version {book.version()}")


@commands.command()
def export(
    file_format: Annotated[
        FileFormat, typer.Option("--format", help="Tables for Excel, or one file.")
    ] = FileFormat.CSV,
    to: Annotated[Path, typer.Option(help="The folder to write into; made if it is not there.")] = Path("registry"),
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the registry out, as `import` reads it."""
    from ingest.registry_csv import Table, csv_of
    from ingest.registry_file import toml_of

    registry = _book(at_work(config, data)).as_written()
    contents = {"registry.toml": toml_of(registry).encode()}
    if file_format is FileFormat.CSV:
        contents = {f"{table}.csv": csv_of(registry, table) for table in Table}
    _write(to, contents)
    for name in contents:
        console.print(str(to / name))


@commands.command("list")
def list_things(
    things: Annotated[Things | None, typer.Argument(help="Which; none: how many of each.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show what the registry holds."""
    from service.registry_report import listing

    columns, rows = listing(_book(at_work(config, data)).as_written(), things)
    show_table(columns, rows)


@commands.command()
def remove(
    thing: Thing,
    thing_id: Annotated[str, typer.Argument(metavar="ID")],
    who: Who,
    why: Why = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Remove a thing that nothing else names; its work orders stay."""
    from ingest.registry_edit import without
    from ingest.registry_rows import Kind

    settings = at_work(config, data)
    book = _book(settings)
    book.change(lambda registry: without(registry, Kind(thing), thing_id), _signed(settings, who, why))
    console.print(f"{thing} {thing_id} removed; version {book.version()}")


@commands.command()
def history(
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest versions.")] = 20,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show who changed what, when and why, newest first."""
    from service.registry_report import happened

    book = _book(at_work(config, data))
    rows = happened(book.changes(limit=limit), _zone(book))
    show_table(("version", "at", "who", "why", "what"), rows)


@commands.command()
def waiting(config: Config = None, data: Data = None) -> None:
    """Show the devices that publish and that nobody has approved; they raise nothing."""
    from service.registry_report import time_of
    from service.wiring import quarantine_of

    settings = at_work(config, data)
    zone = _zone(_book(settings))
    show_table(
        ("source", "address", "site", "messages", "first", "last", "topic"),
        (
            (w.source, w.address, w.site, w.messages, time_of(w.first_us, zone), time_of(w.last_us, zone), w.topic)
            for w in quarantine_of(settings).waiting()
        ),
    )


@commands.command()
def approve(
    address: Annotated[str, typer.Argument(help="What the device calls itself.")],
    asset: Annotated[list[str], typer.Option(help="An asset it watches; once for each.")],
    who: Who,
    new_id: Annotated[str, typer.Option("--id", help="What to call it; else as it calls itself.")] = "",
    source: SourceId = "",
    why: Why = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Let a waiting device in: it becomes part of the registry, and what it sent is taken in after all."""
    from ingest.waiting_list import Approval
    from ingest.waiting_list import approve as let_in
    from service.wiring import quarantine_of

    settings = at_work(config, data)
    book, quarantine = _book(settings), quarantine_of(settings)
    found = source or _source(quarantine.waiting(), address)
    approval = Approval(found, address, tuple(asset), new_id)
    approved = let_in(book, quarantine, approval, _signed(settings, who, why or f"approved {address}"))
    watches = ", ".join(approved.device.assets)
    console.print(f"{approved.device.id} watches {watches}; {approved.replayed} messages will be taken in")


@commands.command()
def dismiss(
    address: Annotated[str, typer.Argument(help="What the device calls itself.")],
    source: SourceId = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Take a device off the waiting list; it comes back if it speaks on."""
    from service.wiring import quarantine_of

    quarantine = quarantine_of(at_work(config, data))
    quarantine.dismiss(source or _source(quarantine.waiting(), address), address)
    console.print(f"{address} dismissed")


@commands.command("map")
def map_name(
    source: Annotated[str, typer.Argument(help="The source whose messages use the name.")],
    name: Annotated[str, typer.Argument(help="The name as the messages have it.")],
    metric: Annotated[str, typer.Argument(help="Our metric; - for a name that is known and not wanted.")],
    who: Who,
    unit: Annotated[str, typer.Option(help="What its values are in, if not the metric's own.")] = "",
    scale: Annotated[float, typer.Option(help="Value times this.")] = 1.0,
    offset: Annotated[float, typer.Option(help="Plus this.")] = 0.0,
    address: Annotated[str, typer.Option(help="Of one device only.")] = "",
    why: Why = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Say what a name of a source means; then replay what waits in quarantine for it."""
    from ingest.registry_edit import with_name
    from ingest.sources import NameMapping

    settings = at_work(config, data)
    book = _book(settings)
    mapping = NameMapping(name, "" if metric == "-" else metric, unit, scale, offset, address)
    book.change(lambda registry: with_name(registry, source, mapping), _signed(settings, who, why))
    console.print(f"{source}: {name} means {mapping.metric or 'nothing we want'}; version {book.version()}")


def _book(settings: "Settings") -> "RegistryBook":
    from service.wiring import book_of

    return book_of(settings)


def _zone(book: "RegistryBook") -> "ZoneInfo":
    """The zone of the first site, for times that a person reads."""
    from zoneinfo import ZoneInfo

    from ingest.registry_rows import DEFAULT_TIMEZONE

    return next((site.timezone for site in book.current().sites.values()), ZoneInfo(DEFAULT_TIMEZONE))


def _signed(settings: "Settings", who: str, why: str, digest: str | None = None) -> "Signed":
    from ingest.registry_book import Signed
    from service.wiring import clock_of

    return Signed(who, why, clock_of(settings).now_us(), digest)


def _source(waiting_now: "list[Waiting]", address: str) -> str:
    """The source of the waiting device with this address.

    Raises:
        ServiceError: None or several have one.
    """
    from ingest.errors import NotInRegistryError
    from ingest.spelling import meant
    from service.errors import ServiceError

    found = [one.source for one in waiting_now if one.address == address]
    if not found:
        hint = meant(address, [one.address for one in waiting_now])
        raise NotInRegistryError("device that waits and calls itself", address, hint)
    if len(found) > 1:
        raise ServiceError(f"{address} waits at {' and '.join(found)}; choose one with --source")
    return found[0]


def _content(file: Path) -> bytes:
    from service.errors import ServiceError

    try:
        return file.read_bytes()
    except OSError as error:
        raise ServiceError(f"{file}: cannot be read: {error.strerror}") from error


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    from service.errors import ServiceError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise ServiceError(f"{folder}: cannot be written: {error.strerror}; choose another with --to") from error
