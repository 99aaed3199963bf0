"""Backup: the commands that take a service's data out of its folder and bring it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import LOOK_AFTER, Config, Data, at_work, settings_of
from service.output import console, plain

if TYPE_CHECKING:
    from service.archive import Manifest

commands = typer.Typer()


@commands.command(rich_help_panel=LOOK_AFTER)
def backup(
    to: Annotated[
        Path | None, typer.Argument(help="A .tar file, or a folder to put one into; without: backup/ in the data.")
    ] = None,
    config: Config = None,
    data: Data = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Of the backups in that folder, keep only so many newest.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Prove a backup instead: every byte of it against its digest.", metavar="FILE")
    ] = None,
) -> None:
    """Write everything this service knows into one file, while it runs."""
    from service.archive import Archive
    from service.backup import back_up, bytes_to_copy, destination
    from service.clock import SystemClock
    from service.display import moving
    from service.wiring import folder_of

    if check is not None:
        with Archive(check) as archive, moving(console, _size(archive.manifest)) as advance:
            archive.unpack(None, advance)
        console.print(f"[green]✓[/] {plain(str(check))}: complete, and every file in it is as it was put in")
        _say_what_it_knows(archive.manifest)
        return
    folder = folder_of(settings_of(config, data))
    now = SystemClock().now()
    path = destination(folder, to, now)
    with moving(console, 2 * bytes_to_copy(folder)) as advance:
        made = back_up(folder, path, keep, now, advance)
    console.print(f"[green]✓[/] {plain(str(made.path))}, {made.path.stat().st_size / 1e6:,.1f} MB")
    for old in made.rotated:
        console.print(f"  removed the older {plain(str(old))}")
    _say_what_it_knows(made.manifest)
    console.print("  it holds keys and passwords: keep it where only you can read it, and on another machine")


@commands.command(rich_help_panel=LOOK_AFTER)
def restore(
    file: Annotated[Path, typer.Argument(help="What `precomplaint backup` has written.")],
    config: Config = None,
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Move aside what the folder holds.")] = False,
) -> None:
    """Make a data folder from a backup; the service goes on in it."""
    from service import restore as room
    from service.archive import Archive
    from service.clock import SystemClock
    from service.display import moving
    from service.wiring import folder_of

    settings = at_work(config, data)
    with Archive(file) as archive:
        manifest = archive.manifest
        with moving(console, _size(manifest)) as advance:
            done = room.restore(archive, folder_of(settings), SystemClock().now(), advance, force=force)
    console.print(f"[green]✓[/] {plain(str(file))} is restored into {plain(str(done.folder))}")
    if done.aside is not None:
        console.print(f"  what was there before is in {plain(str(done.aside))}; delete it when you need it no more")
    _say_what_it_knows(manifest)
    console.print(
        "  gone is what came later: what people did, and what devices had handed over; a broker does not send again "
        "what this service had acknowledged"
    )
    console.print(
        f"  new messages get positions from {done.begins_at:,} on, above all that were ever given; numbers of work "
        "orders raised after the backup may be given again"
    )
    if manifest.history == "elsewhere":
        console.print(
            "  the time-series server may hold readings that came after the backup: they stay there, and new ones "
            "follow them"
        )


def _size(manifest: "Manifest") -> int:
    return sum(packed.size for packed in manifest.files)


def _say_what_it_knows(manifest: "Manifest") -> None:
    """What a person wants to know of a backup."""
    positions, counts = manifest.positions, manifest.counts
    console.print(
        f"  made {manifest.made_at} by Precomplaint {manifest.version}: {counts['work_orders']:,} work orders, "
        f"{counts['quarantined']:,} messages in quarantine, log up to position {positions['log']:,}, scored up to "
        f"{positions['scored']:,}"
    )
    for site, at in manifest.newest.items():
        console.print(f"  {plain(site)}: newest reading of {at}")
    if manifest.history == "elsewhere":
        console.print("  the readings' history is not inside: a time-series server keeps it, and has its own backup")
    console.print("  the settings file is not inside: keep it too")
