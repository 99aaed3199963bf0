"""Output: how a process logs (events with fields, one a line) and how a command speaks to a person."""

import logging
import sys
from collections.abc import Iterable, Sequence

import structlog
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def log_to_stderr(*, as_json: bool) -> None:
    """Send every log line to standard error: JSON for machines, or `time level event key=value` for people."""
    shape: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows for a person; into a pipe as lines of cells with a tab between them, the names of the columns first."""
    if not console.is_terminal:
        for row in (columns, *rows):
            # Rich itself would make spaces of the tabs.
            console.file.write("\t".join(" ".join(str(cell).split()) for cell in row) + "\n")
        return
    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(plain(str(cell)) for cell in row))
    console.print(table)


def plain(line: str) -> str:
    """Text that Rich prints as it is."""
    return line.replace("[", r"\[")
