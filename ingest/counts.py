"""Counts: what ingest has done since it started, for the command line and for Prometheus."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from ingest.decode import Judged


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
    """

    messages: int = 0
    readings: int = 0
    events: int = 0
    stills: int = 0
    redelivered: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, int] = field(default_factory=dict)
    commits: int = 0

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


class CountsCollector(Collector):
    """Shows counts to Prometheus when it asks, so that counting costs nothing in between.

    Args:
        counts: Gives the counts of this moment.
    """

    def __init__(self, counts: Callable[[], Counts]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One family a total."""
        now = self._counts()
        for name in ("messages", "readings", "events", "stills", "redelivered", "commits"):
            yield CounterMetricFamily(f"precomplaint_ingest_{name}", f"Ingest: {name}", value=getattr(now, name))
        for name, by_reason in (("quarantined", now.quarantined), ("passed_over", now.passed_over)):
            family = CounterMetricFamily(f"precomplaint_ingest_{name}", f"Ingest: {name}, by reason", labels=["reason"])
            for reason, count in by_reason.items():
                family.add_metric([reason], count)
            yield family
