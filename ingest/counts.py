"""Counts: what ingest has done since it started, for the command line and for Prometheus."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from prometheus_client import PROCESS_COLLECTOR

from ingest.figures import Family, collected, counter, gauge
from ingest.judgement import Judged

_TOTALS = {
    "messages": "Messages received and settled: stored, refused or passed over",
    "readings": "Readings in messages that were kept, redelivered ones included",
    "events": "Events in messages that were kept, redelivered ones included",
    "stills": "Stills in messages that were kept, redelivered ones included",
    "redelivered": "Messages that the log held already",
    "commits": "Groups written to the log",
    "notes": "Times this was noted, which tells a process that stands still from one that has nothing to do",
}


@dataclass(slots=True)
class Counts:
    """Running totals since start.

    Attributes:
        messages: Received and settled: stored, refused or passed over.
        readings: Inside messages that were kept, redelivered ones included.
        events: Inside messages that were kept, redelivered ones included.
        stills: Inside messages that were kept, redelivered ones included.
        redelivered: Messages that the log held already.
        quarantined: Refused messages, by reason.
        passed_over: Well-formed messages that hold nothing for us, by reason.
        commits: Groups written to the log.
        notes: Times these counts were noted in the log.
        connected: Whether the broker has us now.
    """

    messages: int = 0
    readings: int = 0
    events: int = 0
    stills: int = 0
    redelivered: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    commits: int = 0
    notes: int = 0
    connected: bool = False

    def add(self, group: Sequence[Judged], new: int) -> None:
        """Count one group that is settled, of whose entries `new` were new to the log."""
        entries = [entry for judged in group for entry in judged.entries]
        refusals = [refusal for judged in group for refusal in judged.refusals]
        self.messages += len(group)
        self.redelivered += len(entries) - new
        self.commits += bool(entries or refusals)
        for entry in entries:
            self.readings += len(entry.batch.readings)
            self.events += len(entry.batch.events)
            self.stills += len(entry.batch.stills)
        for refusal in refusals:
            self.quarantined[refusal.reason] = self.quarantined.get(refusal.reason, 0) + 1
        for reason in (reason for judged in group for reason in judged.passed):
            self.passed_over[reason] = self.passed_over.get(reason, 0) + 1

    def copy(self) -> "Counts":
        """These counts as they are now; safe to take from another thread."""
        return replace(self, quarantined=dict(self.quarantined), passed_over=dict(self.passed_over))

    def figures(self) -> tuple[Family, ...]:
        """These counts as ingest notes them in the log."""
        totals = [
            counter(f"precomplaint_ingest_{name}", meaning, getattr(self, name)) for name, meaning in _TOTALS.items()
        ]
        connected = gauge("precomplaint_ingest_connected", "1 while the broker has us, else 0", self.connected)
        return (
            connected,
            *totals,
            counter("precomplaint_ingest_quarantined", "Messages refused, by reason", self.quarantined, "reason"),
            counter("precomplaint_ingest_passed_over", "Messages that hold nothing for us", self.passed_over, "reason"),
            *collected(PROCESS_COLLECTOR),
        )
