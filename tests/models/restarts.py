"""Restarts: a run over the log by engines that take over from each other."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ingest.log import Record
from ingest.registry import Registry
from models.checkpoint import StoredState
from models.detector import Detector
from models.findings import Finding
from tests.models.worlds import SITE, engine


def with_restarts(
    known: Registry,
    detectors: Callable[[], Sequence[Detector]],
    records: Sequence[Record],
    crashes: Collection[int],
    end_us: int,
) -> list[Finding]:
    """The ordered findings when a new engine takes over after each record numbered in `crashes`.

    As the scorer does it: states are stored over older ones, and the log is read again from the position of the
    checkpoint.
    """
    stored: dict[tuple[str, str], StoredState] = {}
    machine, found = engine(known, detectors()), list[Finding]()
    for number, record in enumerate(records):
        found += machine.offer(record).ordered
        if number in crashes:
            taken = machine.checkpoint()
            stored |= {(s.detector, s.asset): s for s in taken.states}
            machine = engine(known, detectors())
            machine.restore(replace(taken, states=tuple(stored.values())))
            for again in records:
                if taken.resume_position < again.position <= taken.position:
                    repeated = machine.offer(again, seen=True)
                    assert repeated.early == repeated.ordered == ()
    return found + list(machine.advance(SITE, end_us))
