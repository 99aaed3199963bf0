"""Torture: the command line; prints its figures and leaves with 1 if anything is lost, doubled or made up.

    python -m tests.torture --seed 7 --kills 200 --minutes 10

What is sent and what is done to whom follows from the seed; which instruction a kill falls on does not.
"""

import argparse
import logging
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import structlog
from rich.console import Console

from tests.torture.plan import Shape
from tests.torture.torture import Report, torture


def main() -> int:
    """Run it; the exit code."""
    told = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing it has started outlives it
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    seed = time.time_ns() % 1_000_000 if told.seed is None else told.seed
    shape = Shape(seed, told.kills, told.messages_a_kill, influx=told.influx, ingests=told.ingests)
    folder = Path(tempfile.mkdtemp(prefix="torture-", dir=told.folder))
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"seed {seed}: {told.kills:,} kills, at most {told.minutes:g} minutes; files in {folder}")
    report = torture(shape, folder, told.minutes * 60.0)
    _show(console, report)
    if not report.wrong:
        shutil.rmtree(folder)
    return 1 if report.wrong else 0


def _show(console: Console, report: Report) -> None:
    for name, value in report.figures.items():
        console.print(f"  {name:42} {value}")
    if report.wrong:
        console.print(f"\n[bold red]wrong[/]; everything is in {report.folder}")
        for one in report.wrong:
            console.print(f"  - {one}", markup=False)
    else:
        console.print("\n[bold green]nothing lost, nothing doubled, nothing made up[/]")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="of the plan; without it a new one, which is printed")
    parser.add_argument("--kills", type=int, default=100, help="how often something is killed")
    parser.add_argument("--minutes", type=float, default=15.0, help="after which nothing more is done")
    parser.add_argument("--messages-a-kill", type=int, default=150, help="how many are sent for each kill")
    parser.add_argument("--influx", action="store_true", help="history in a real InfluxDB, killed too")
    parser.add_argument("--ingests", type=int, default=1, help="ingest processes that share the messages")
    parser.add_argument("--folder", type=Path, default=None, help="where its files go")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
