"""First orders: how long somebody watches `precomplaint run --simulate` until each kind of work order has come."""

import tempfile
import time
from pathlib import Path

from tests.end_to_end.run_process import running
from tests.end_to_end.test_run import KINDS, WITHIN_S

BROKERS = ("mosquitto", "amqtt")


def first_seen(kind: str, folder: Path) -> dict[str, float]:
    """Seconds from the start of the command to the first work order of each failure mode, with one broker."""
    began, seen = time.monotonic(), dict[str, float]()
    with running(folder, "--simulate", BROKER__KIND=kind) as run:
        while not set(KINDS) <= seen.keys() and time.monotonic() - began < WITHIN_S:
            for order in run.orders():
                seen.setdefault(order["failure_mode"], time.monotonic() - began)
            time.sleep(0.1)
    return seen


def main() -> None:
    """Print it for both embedded brokers."""
    for kind in BROKERS:
        with tempfile.TemporaryDirectory() as folder:
            seen = first_seen(kind, Path(folder))
        told = ", ".join(f"{mode} {seconds:.0f} s" for mode, seconds in sorted(seen.items(), key=lambda one: one[1]))
        print(f"{kind}: {told}")  # noqa: T201 -- what a benchmark is for


if __name__ == "__main__":
    main()
