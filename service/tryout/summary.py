"""Summary: a trial told at a terminal: what was read, what it is taken for, and what would have come of it."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Line

from alerts.words.names import mode_name
from alerts.words.sentences import how_sure, title, why
from ingest.metrics import METRICS
from service.display import LEVEL_STYLES
from service.output import plain
from service.tryout.cleaning import pause_us
from service.tryout.judgement import Order
from service.tryout.page_data import Told, course, place
from service.tryout.page_words import FLAW_NAMES, headline, lasting
from service.tryout.proposal import Proposal
from service.tryout.table import Table
from service.tryout.truth import is_right

_MOST_ORDERS = 20


def tell_tables(console: Console, tables: Sequence[Table]) -> None:
    """Which files were read and how large they are."""
    for table in tables:
        rows = f"{table.rows:,} row{'s' * (table.rows != 1)}"
        above = f", below {table.above} line{'s' * (table.above != 1)} that are no table" if table.above else ""
        console.print(f"[bold]{plain(str(table.path))}[/]  {rows}, {len(table.columns)} columns{above}")


def tell_proposal(console: Console, proposal: Proposal) -> None:
    """What the columns are taken for, and what somebody should look at."""
    mapping = proposal.mapping
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    for head in ("column", "is taken for", "in", "because"):
        grid.add_column(head, overflow="fold")
    grid.add_row(plain(mapping.time.column), "time", mapping.time.zone, f"written as {mapping.time.format}")
    for one in proposal.guesses:
        sure = "" if one.sureness == "sure" else "[yellow]?[/] "
        grid.add_row(plain(one.column), one.metric, one.unit or METRICS[one.metric].unit, f"{sure}{plain(one.why)}")
    asset = mapping.asset[0]
    console.print(grid)
    kind = f"asset: [bold]{asset['class']}[/], judged as {asset.get('limits', {}).get('duty', 'daily')}"
    console.print(f"\n{kind}", *(f"\n[yellow]·[/] {plain(note)}" for note in proposal.notes), sep="")


def tell(console: Console, told: Told) -> None:
    """What would have come of it: the orders, how they stand beside the labels, and who could not watch."""
    _tell_signals(console, told)
    console.print(f"\n[bold]{headline(told).en}[/]")
    for order in told.judgement.orders[:_MOST_ORDERS]:
        console.print(_card(order, told), soft_wrap=False)
    more = len(told.judgement.orders) - _MOST_ORDERS
    if more > 0:
        console.print(f"… and {more} more on the page")
    _tell_score(console, told)
    _tell_watched(console, told)


def _tell_signals(console: Console, told: Told) -> None:
    alike: dict[tuple[str, ...], list[str]] = {}  # by what is to be said of them: the signals
    for signal in told.recordings.signals:
        pause = lasting(pause_us(signal.series.at_us)).en
        readings = f"{signal.series.at_us.size:,} readings, one every {pause}"
        flaws = (FLAW_NAMES[flaw.flaw](flaw).en for flaw in signal.flaws)
        alike.setdefault((readings, *flaws), []).append(signal.name)
    for (readings, *told_flaws), names in alike.items():
        each = " each" if len(names) > 1 else ""
        console.print(f"{plain(', '.join(names))}: {readings}{each}")
        for said in told_flaws:
            console.print(f"  [yellow]·[/] {said}{each}")
    for column, cells in told.recordings.bad_cells.items():
        examples = ", ".join(f"row {row}: {text!r}" for row, text in cells.shown)
        console.print(f"{plain(column)}: [yellow]{cells.count:,} cells could not be read[/] ({plain(examples)})")


def _card(order: Order, told: Told) -> RenderableType:
    finding, zone = order.finding, _zone(told)
    style, name = LEVEL_STYLES[str(order.level)]
    right = None if told.faults is None else is_right(order, told.faults)
    mark = {None: "", True: "  ✓ as labelled", False: "  ✗ false alarm"}[right]
    head = Line.assemble((f" {name} ", style), f"  {course(order, zone).en}", (mark, "green" if right else "red"))
    asset = place(told, finding.asset)
    return Panel(
        Group(
            head,
            Line(title(finding.failure_mode, asset, finding).en, style="bold"),
            Line(how_sure(finding, zone, order.raised_us).en),
            Line(why(finding).en),
        ),
        border_style="dim",
    )


def _tell_score(console: Console, told: Told) -> None:
    score = told.score
    if score is None:
        return
    parts = [f"{score.true} of {score.orders} orders as labelled", f"{score.found} of {score.faults} faults found"]
    parts += [f"found {_middle(score.delays_us)} after they began (median)"] if score.delays_us else []
    parts += [f"{_middle(score.leads_us)} before failure (median)"] if score.leads_us else []
    console.print("\n" + "; ".join(parts))


def _tell_watched(console: Console, told: Told) -> None:
    blind = dict.fromkeys(mode_name(w.failure_mode).en for w in told.judgement.watched if w.lacking)
    seeing = dict.fromkeys(mode_name(w.failure_mode).en for w in told.judgement.watched if not w.lacking)
    console.print(f"\nwatched for: {', '.join(seeing) or 'nothing'}")
    if blind:
        console.print(f"[dim]not watched for, because the table lacks what they need: {', '.join(blind)}[/]")


def _middle(lengths_us: Iterable[int]) -> str:
    ordered = sorted(lengths_us)
    return lasting(ordered[len(ordered) // 2]).en


def _zone(told: Told) -> ZoneInfo:
    return next(iter(told.recordings.registry.sites.values())).timezone
