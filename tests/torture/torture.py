"""Torture: one run from its seed to its figures."""

import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ingest.registry_file import load_registry
from tests.torture import verdict
from tests.torture.plan import Act, Shape, disturbances, steps
from tests.torture.reference import reference
from tests.torture.run import Run
from tests.torture.stored import Stored
from tests.torture.town import NEWCOMERS, registry_text
from tests.torture.world import World, world

_TRACEBACK = 1
"""The exit code of a process that nobody caught an exception of; a known error has another one."""


@dataclass(slots=True)
class Report:
    """What came of a run.

    Attributes:
        figures: What was sent, done and found, by name, in the order to print.
        wrong: Every difference from what must be; empty when all is well.
        folder: Where the files are.
    """

    figures: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    folder: Path = Path()


def torture(shape: Shape, folder: Path, within_s: float) -> Report:
    """Run a plan and say what came of it.

    Args:
        shape: The plan.
        folder: Empty or absent; for everything that is written.
        within_s: After so many seconds nothing more is done to the service; what was sent until then is checked.
    """
    began_s = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "registry.toml"
    file.write_text(registry_text(shape.communities), encoding="utf-8")
    after = folder / "registry_after.toml"
    after.write_text(registry_text(shape.communities, NEWCOMERS), encoding="utf-8")
    registry, planned = load_registry(after), steps(shape)
    expected = reference(planned, folder / "reference.db", registry)
    report = Report(folder=folder, wrong=expected.wrong[:5])
    with world(folder, shape, file) as around:
        stored = Stored(around.data.log, expected.marks)
        run = Run(around, planned, stored, began_s + within_s)
        try:
            run.go(disturbances(shape))
            around.end()
            if run.sent < len(planned):  # time was up: what is due is what these messages lead to
                expected.log.unlink()
                expected = reference(run.steps, folder / "reference.db", registry)
            report.wrong += verdict.spine(around.data.log, expected.log)
            report.wrong += verdict.history(around, around.data.log)
            wrong, due = verdict.orders(around.data.database, around.data.log, expected.log, registry)
            report.wrong += wrong
            report.wrong += [one for part in around.parts.values() for one in part.life.ended if _is_fault(one)]
            report.figures = _figures(shape, run, around)
            report.figures["work orders due"] = f"{due:,}"
        finally:
            if report.wrong or not report.figures:
                shutil.copytree(around.data.root, folder / "kept", dirs_exist_ok=True)
    report.figures["took"] = f"{time.monotonic() - began_s:,.0f} s"
    return report


def _is_fault(ended: str) -> bool:
    return f"ended with {_TRACEBACK}:" in ended or "ended with -" in ended


def _figures(shape: Shape, run: Run, around: World) -> dict[str, str]:
    """The table, without what the verdict adds."""
    sent = run.steps
    forged = Counter(step.forged.value for step in sent if step.forged)
    servers = {"broker": around.broker, "store": around.store}
    killed = {name: part.life.killed for name, part in around.parts.items()}
    killed |= {name: server.killed for name, server in servers.items() if server}
    figures = {
        "seed": str(shape.seed),
        "publishers": str(len(shape.communities)),
        "messages acknowledged": f"{len(run.acknowledged):,} of {run.sent:,} sent",
        "of these sent a second time": f"{sum(step.copy for step in sent):,}",
        "sent again because the broker was killed": f"{run.tally.sent_again:,}",
        "sent again because nobody was subscribed": f"{run.unheard:,}",
        "due in quarantine": f"{sum(forged.values()):,}: "
        + ", ".join(f"{reason} {count}" for reason, count in forged.most_common()),
        "kill points": f"{sum(count for what, count in run.tally.done.items() if what.endswith(Act.KILL.value)):,}",
        "killed": ", ".join(f"{name} {count}" for name, count in killed.items()),
        "stopped for a while": ", ".join(f"{name} {part.life.stopped}" for name, part in around.parts.items())
        + "".join(f", {name} {server.stopped}" for name, server in servers.items() if server),
        "broker restarted": str(around.broker.restarted),
        "disk filled": str(around.disk.filled) if around.disk.is_small else "not possible here without root",
        "devices let in while it ran": f"{len(run.approved)}, with everything they had sent before",
        "clock turned": str(around.clock.turned),
        "parts that ended by themselves": str(sum(len(part.life.ended) for part in around.parts.values())),
    }
    for name, part in around.parts.items():
        took = sorted(part.life.recovered_s[1:])
        if took:
            figures[f"{name} up again"] = f"median {took[len(took) // 2]:.2f} s, longest {took[-1]:.2f} s"
    figures["all stored, scored and forwarded"] = f"{run.tally.quiet_s:.1f} s after the last disturbance"
    if run.tally.cut_short:
        figures["cut short"] = "time was up before all that was planned was done"
    return figures
