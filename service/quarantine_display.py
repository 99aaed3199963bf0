"""Quarantine display: refused messages on a terminal as a table, and down a pipe as plain lines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from ingest.metrics import METRICS
from ingest.payload_view import view
from ingest.quarantine import Quarantined
from ingest.readings import Quality, Reading
from ingest.trial import Tried, TriedPart
from service.output import console

_OUTCOME = {True: "[green]✓[/] taken", False: "[red]✗[/] not taken"}


def show_list(found: Sequence[Quarantined], held: Mapping[str, int], zone: ZoneInfo, *, more: bool) -> None:
    """Messages, one a line; on a terminal with what there is in all, and how to go on."""
    if not console.is_terminal:
        for one in found:
            refusal = one.refusal
            at = datetime.fromtimestamp(refusal.received_us / 1e6, UTC).isoformat(timespec="milliseconds")
            cells = (str(one.number), at, refusal.reason, refusal.source, refusal.device, refusal.topic, refusal.detail)
            print(*map(_one_line, cells), sep="\t")  # noqa: T201 -- a pipe wants no styles
        return
    if not found:
        console.print("nothing is in quarantine" if not held else "no message in quarantine is like that")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("number", "received", "reason", "source", "device"):
        table.add_column(heading, no_wrap=True)
    table.add_column("because", overflow="ellipsis", no_wrap=True)
    for one in found:
        refusal = one.refusal
        reason = Text(refusal.reason + (" ↻" if one.requested else ""), style="yellow")
        words = (refusal.source, refusal.device or refusal.topic, refusal.detail)
        table.add_row(str(one.number), _when(refusal.received_us, zone), reason, *(Text(_one_line(w)) for w in words))
    console.print(table)
    counts = " · ".join(f"{count:,} {reason}" for reason, count in sorted(held.items(), key=lambda kv: -kv[1]))
    console.print(f"\nheld in all: {counts}", style="dim")
    if more:
        console.print(f"older ones: precomplaint quarantine list --before {found[-1].number}", style="dim")


def show_one(held: Quarantined, zone: ZoneInfo, *, plates: bool) -> None:
    """A message whole."""
    refusal, seen = held.refusal, view(held.refusal.payload, plates=plates)
    facts = {
        "number": str(held.number),
        "received": _when(refusal.received_us, zone),
        "topic": refusal.topic,
        "source": refusal.source or "none knows this topic",
        "device": refusal.device,
        "site": refusal.site,
        "reason": refusal.reason,
        "because": refusal.detail,
        "replay": "asked for, ingest has not come to it yet" if held.requested else "",
        "payload": f"{seen.size:,} bytes, {seen.kind}",
    }
    for name, value in facts.items():
        if value:
            console.print(Text.assemble((f"{name:<9} ", "dim"), _one_line(value)))
    console.print()
    console.print(Text(seen.text))
    if seen.cut:
        console.print("there is more", style="dim")
    if seen.masked:
        console.print("number plates are blotted out; --plates shows them", style="dim")


def show_trial(outcome: Tried, zone: ZoneInfo) -> None:
    """What a message would become."""
    if outcome.passed is not None:
        console.print(f"passed over: it holds nothing for us ({outcome.passed})")
    for part in outcome.parts:
        known = f", which is {part.device}" if part.device and part.device != part.address else ""
        console.print(f"{_OUTCOME[part.taken]}:", Text(f"{part.address}{known}"))
        _show_part(part, zone)
    for refusal in outcome.refusals:
        console.print(Text.assemble((refusal.reason, "yellow"), f"  {_one_line(refusal.detail)}"))
    console.print("nothing was stored; precomplaint quarantine replay does it", style="dim")


def _show_part(part: TriedPart, zone: ZoneInfo) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for reading in part.readings:
        metric = METRICS.get(reading.metric)
        table.add_row(
            "  " + reading.metric,
            f"{reading.value:g} {metric.unit if metric else ''}",
            _when(reading.at_us, zone),
            _flags(reading),
        )
    for event in part.events:
        table.add_row("  " + event.kind, Text(_one_line(str(event.attributes))), _when(event.at_us, zone), "")
    if part.stills:
        table.add_row("  stills", str(part.stills), "", "")
    for name in part.unmapped:
        table.add_row(Text(f"  {_one_line(name)}"), "has no meaning yet", "", "")
    console.print(table)


def _flags(reading: Reading) -> str:
    return ", ".join(str(flag.name).lower().replace("_", " ") for flag in Quality(reading.quality))


def _when(us: int, zone: ZoneInfo) -> str:
    try:
        return f"{datetime.fromtimestamp(us / 1e6, zone):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return f"{us} us, which is no date"


def _one_line(text: str) -> str:
    """Text that a device chose, made harmless for a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
