"""Benchmarks: every figure of the README, measured one after the other on this machine."""

import os
import platform
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from tests.benchmarks import (
    catch_up,
    entrapment_path,
    first_orders,
    ingest_throughput,
    many_devices,
    model_throughput,
    store_throughput,
)

BENCHMARKS: dict[str, Callable[[], None]] = {
    "Messages taken in, against the raw client": ingest_throughput.main,
    "10,000 devices in memory": many_devices.main,
    "Catching up after an outage": catch_up.main,
    "An entrapment's way to its work order": entrapment_path.main,
    "From the start to the first work orders": first_orders.main,
    "Scoring, against River's HalfSpaceTrees": model_throughput.main,
    "The time-series stores, 30 days of 100 series": partial(store_throughput.main, 30),
}


def machine() -> str:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, load {busy:.1f} before"


def main() -> None:
    """Run every benchmark."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(machine())
    for name, run in BENCHMARKS.items():
        console.print(f"\n[bold]{name}[/]")
        run()


if __name__ == "__main__":
    main()
