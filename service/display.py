"""Display: what `precomplaint run` shows while the service works: addresses, counts, and each new work order."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from rich import progress as rich_progress
from rich.console import Console
from rich.live import Live
from rich.text import Text

from alerts.words.quantities import percent
from device_simulators.publish import Progress
from device_simulators.recording import Span

LEVEL_STYLES = {
    "I": ("bold white on red", "I emergency"),
    "II": ("bold black on yellow", "II general"),
    "III": ("bold white on blue", "III suggestion"),
}
_PLAIN_EVERY_S = 10.0
_RATE_OVER = 5
"""Samples, taken about one a second, that a rate is made of."""


@dataclass(slots=True)
class RunDisplay:
    """Tells a person at a terminal what is happening; without a terminal it writes plain lines.

    Attributes:
        console: Where to write.
        host: Where the ticket API answers.
        port: Its port.
        zone: The zone its times are shown in.
        now_us: The service's clock.
    """

    console: Console
    host: str
    port: int
    zone: ZoneInfo
    now_us: Callable[[], int]
    _seen: set[int] = field(default_factory=set)
    _last_plain_s: float = 0.0
    _counted: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_RATE_OVER))
    _live: Live | None = None

    @property
    def api(self) -> str:
        """Address of the ticket API, without a path."""
        return f"http://{self.host}:{self.port}"

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show what is being started, and that it is done."""
        if self.console.is_terminal:
            with self.console.status(doing):
                yield
        else:
            yield
        self.console.print(f"[green]✓[/] {doing}")

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep the last lines of the terminal up to date until the block ends."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, refresh_per_second=4, transient=True) as self._live:
            yield
        self._live = None

    def refresh(self, client: httpx.Client, catching_up: tuple[float, float] | None, now_s: float) -> None:
        """Ask the API what is new and show it.

        Args:
            client: For the API.
            catching_up: Days of simulated history published so far and in all, or None when there is nothing to show.
            now_s: Monotonic seconds, for the pace of plain lines.
        """
        try:
            status = client.get(f"{self.api}/api/v1/status").raise_for_status().json()
            orders = client.get(f"{self.api}/api/v1/work-orders", params={"open": "true", "limit": 50})
            found = orders.raise_for_status().json()["items"]
        except httpx.HTTPError:
            self._show(Text("the API does not answer; it is being started again", style="yellow"), None, now_s)
            return
        for order in sorted(found, key=lambda o: str(o["raised_at"])):
            if order["id"] not in self._seen:
                self._seen.add(order["id"])
                self.console.print(self._order_line(order))
        self._show(self._status_line(status, now_s), catching_up, now_s)

    def _order_line(self, order: Mapping[str, Any]) -> Text:
        style, level = LEVEL_STYLES[order["level"]]
        raised = datetime.fromisoformat(order["raised_at"]).astimezone(self.zone)
        line = Text.assemble(f"{raised:%Y-%m-%d %H:%M}  ", (f" {level} ", style), f"  {order['title']['en']}")
        if order["probability"] is not None:
            line.append(f"  {percent(order['probability'])} within 72 h", style="bold")
        return line.append(f"  {self.api}/#/orders/{order['id']}", style="dim")

    def _status_line(self, status: Mapping[str, Any], now_s: float) -> Text:
        self._counted.append((now_s, status["readings_total"]))
        (first_s, first), (last_s, last) = self._counted[0], self._counted[-1]
        # The API counts a second of the service's clock; who watches a simulation counts their own.
        rate = (last - first) / (last_s - first_s) if last_s > first_s else 0.0
        now = datetime.fromtimestamp(self.now_us() / 1e6, self.zone)
        return Text(
            f"{now:%Y-%m-%d %H:%M}  {rate:,.0f} readings/s · {status['readings_total']:,} readings · "
            f"{status['episodes_open']} episodes open · {status['work_orders_open']} work orders open · "
            f"{status['quarantined_total']} in quarantine"
        )

    def _show(self, line: Text, catching_up: tuple[float, float] | None, now_s: float) -> None:
        if self._live is not None:
            self._live.update(self._with_bar(line, catching_up) if catching_up else line)
        elif now_s - self._last_plain_s >= _PLAIN_EVERY_S:
            self._last_plain_s = now_s
            done = f"history {catching_up[0]:.1f} of {catching_up[1]:.0f} days · " if catching_up else ""
            self.console.print(f"{done}{line.plain}")

    def _with_bar(self, line: Text, catching_up: tuple[float, float]) -> rich_progress.Progress:
        bar = rich_progress.Progress(
            rich_progress.TextColumn("simulated history"),
            rich_progress.BarColumn(),
            rich_progress.TaskProgressColumn(),
            rich_progress.TextColumn("{task.completed:.1f} of {task.total:.0f} days  "),
            rich_progress.TextColumn(line.plain),
            console=self.console,
        )
        task = bar.add_task("", total=catching_up[1])
        bar.update(task, completed=min(catching_up))
        return bar


@contextmanager
def publishing(console: Console, zone: ZoneInfo, span: Span | None = None) -> Iterator[Callable[[Progress], None]]:
    """How far a publication is, for the block's length; nothing without a terminal.

    Args:
        console: Where to show it.
        zone: The zone its times are shown in.
        span: What is published, for a bar; None for what has no end, which gets a line.
    """
    columns = [rich_progress.SpinnerColumn(), rich_progress.TextColumn("{task.description}")]
    if span is not None:
        columns += [rich_progress.BarColumn(), rich_progress.TaskProgressColumn()]
    length_us = span.last_us - span.first_us if span is not None else None
    with rich_progress.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("connecting to the broker", total=length_us)
        first_us = 0

        def show(progress: Progress) -> None:
            nonlocal first_us
            # A recording may be shifted to now: what counts is how far it is from where it began.
            first_us = first_us or progress.at_us
            at = datetime.fromtimestamp(progress.at_us / 1e6, tz=zone)
            waiting = "" if progress.connected else " · the broker is away, waiting for it"
            said = f"{progress.done:,} messages · {at:%Y-%m-%d %H:%M} · {progress.messages_s:,.0f}/s{waiting}"
            bar.update(task, description=said, completed=progress.at_us - first_us)

        yield show


@contextmanager
def moving(console: Console, size: int) -> Iterator[Callable[[str, int], None]]:
    """A bar over bytes that are moved, for the block's length: told what of, and how many more; or nothing.

    Args:
        console: Where to show it; nothing is shown where that is no terminal.
        size: Bytes in all.
    """
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TaskProgressColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=size)
        yield lambda name, done: bar.update(task, description=name, advance=done)
