"""Tryout: the command by which somebody finds out, on a history of their own, whether to trust it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import TRY_OUT
from service.output import console, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device_simulators.mapping import ColumnMapping
    from service.tryout.page_data import Told
    from service.tryout.proposal import Wishes
    from service.tryout.table import Table

commands = typer.Typer()


@commands.command("try", rich_help_panel=TRY_OUT)
def try_(
    files: Annotated[
        list[Path],
        typer.Argument(help="Recorded tables of one installation: CSV (also .gz) or Parquet.", metavar="FILE..."),
    ],
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that says what the columns mean; else it is proposed.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="What a column is: NAME=METRIC or NAME=METRIC:UNIT; NAME may hold * and ?.")
    ] = None,
    time_column: Annotated[str, typer.Option(help="The column that holds the time.")] = "",
    time_format: Annotated[str, typer.Option(help="iso, epoch_s, epoch_ms, epoch_us, or as in strptime.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone of times that do not name theirs.")] = "",
    asset_class: Annotated[str, typer.Option(help="What was recorded: riser, pump, elevator, building ...")] = "",
    labels: Annotated[
        str, typer.Option(help="Column that is not 0 where something was wrong, or a CSV with from, until[, failure].")
    ] = "",
    page: Annotated[Path | None, typer.Option(help="Where the page goes; FILE.try.html by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the proposal without asking.")] = False,
) -> None:
    """Show what would have become of a recorded history: work orders, why, and how many were right."""
    from service.tryout.proposal import Wishes
    from service.tryout.summary import tell, tell_tables
    from service.tryout.table import Table

    tables = [Table(file) for file in files]
    tell_tables(console, tables)
    listed = Path(labels) if labels and Path(labels).is_file() else None
    said = "" if listed else labels
    wishes = Wishes(tuple(column or ()), time_column, time_format, zone, asset_class, said)
    chosen = _chosen(tables, mapping, wishes, yes=yes)
    if chosen is None:
        return
    told = _watched_trial(tables, chosen, listed)
    tell(console, told)
    target = page or files[0].with_name(f"{files[0].name}.try.html")
    _write_page(target, told, chosen)


def _chosen(tables: "Sequence[Table]", mapping: Path | None, wishes: "Wishes", *, yes: bool) -> "ColumnMapping | None":
    """The mapping that the person gave or confirmed, or None if they want to mend it first."""
    from device_simulators.mapping import load_mapping
    from device_simulators.mapping_toml import mapping_toml
    from service.tryout.proposal import propose
    from service.tryout.summary import tell_proposal

    if mapping is not None:
        return load_mapping(mapping)
    proposal = propose(tables[0], wishes)
    console.print()
    tell_proposal(console, proposal)
    console.print()
    if yes or (console.is_terminal and typer.confirm("Is that right?", default=True)):
        return proposal.mapping
    target = tables[0].path.with_name(f"{tables[0].path.name}.mapping.toml")
    _write(target, mapping_toml(proposal.mapping))
    console.print(
        f"The proposal is in {plain(str(target))}: mend it and run again with --mapping {plain(str(target))},"
    )
    console.print("or take it as it is with --yes.")
    return None


def _watched_trial(tables: "Sequence[Table]", mapping: "ColumnMapping", labels: Path | None) -> "Told":
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from service.tryout.trial import trial

    columns = (TextColumn("judging"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("judging", total=1.0)
        return trial(tables, mapping, labels, lambda share: shown.update(task, completed=share))


def _write_page(target: Path, told: "Told", mapping: "ColumnMapping") -> None:
    from importlib.metadata import version

    from device_simulators.mapping_toml import mapping_toml
    from ingest.registry import Text
    from service.tryout.page import page as page_of

    made = Text(
        f"由 Precomplaint {version('precomplaint')} 生成，阈值为出厂值；本页不含外部链接，可直接转发。",
        f"Made by Precomplaint {version('precomplaint')} with the thresholds as shipped. This page needs nothing else: "
        "send it as it is.",
    )
    _write(target, page_of(told, mapping_toml(mapping), made))
    console.print(f"\nthe page: [bold]{plain(str(target))}[/]")


def _write(target: Path, text: str) -> None:
    """Write a file, or say in one line why it cannot be.

    Raises:
        NotWrittenError: There is no such folder, no right to it, or no room.
    """
    from service.tryout.errors import NotWrittenError

    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotWrittenError(target, error.strerror or str(error)) from error
