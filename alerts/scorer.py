"""Scorer: reads the log, asks the detectors, and commits what follows together with how far it has read."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from prometheus_client import REGISTRY, Counter, Gauge

from alerts import detector_memory, points, watches
from alerts.database import Database
from alerts.episode_book import EpisodeBook
from alerts.episodes import Change, EpisodeTracker
from alerts.fitted_models import SavedModels
from alerts.listening import Listening
from alerts.policy.modes import mode_of
from alerts.thresholds import SavedThresholds
from alerts.tunables import threshold_points, tunables_of
from alerts.watches import Watches
from alerts.work_orders import WorkOrders
from ingest.clock import Clock
from ingest.figures import collected
from ingest.history import watch_points
from ingest.holding import SCORE, Holding
from ingest.log import Log, Record
from ingest.noting import Noting
from ingest.registry import Registry, RegistryReader
from models.detector import Detector
from models.engine import Engine
from models.fitted.recalibration import recalibrated

RECORDS_A_STEP = 500
"""Bounds a transaction: at 2,000 records a second it is a quarter of a second's work."""
IDLE_S = 0.01
"""How long to wait at the head of the log; a part of the way from an entrapment to its order."""
_AFTER_FAILURE_S = 1.0

_records = Counter("precomplaint_scored_records", "Log records that were scored")
_readings = Counter("precomplaint_scored_readings", "Readings that were scored")
_failures = Counter("precomplaint_score_failures", "Steps that failed and were done again")
_position = Gauge("precomplaint_scored_position", "Log position up to which everything is scored")

log = structlog.get_logger()


class Scorer:
    """The reader of the log that finds episodes and raises work orders.

    Each step is one transaction: orders, evidence, outbox, the states of detectors and policy, and the position. So
    a step that was cut short, by a kill or by an error, has not happened, and is done again from the same records.

    Args:
        log: What to read.
        registry: Which devices speak for which assets; a change of it is taken up between two steps.
        database: Where the results go.
        detectors: What to ask; each failure mode they may report needs a row in `alerts.policy.modes`.
        lateness_us: How late a reading may arrive and still count, microseconds.
        clock: The service's, for when orders are raised.

    Raises:
        NoPolicyError: A detector speaks of a failure mode that has no policy.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- what it reads, knows, writes, asks, waits for, and the time
        self,
        log: Log,
        registry: RegistryReader,
        database: Database,
        detectors: Sequence[Detector],
        lateness_us: int,
        clock: Clock,
    ) -> None:
        for detector in detectors:
            for failure_mode in detector.spec.failure_modes:
                mode_of(failure_mode)
        self._log = log
        self._holding = Holding(log, SCORE)
        self._noting = Noting(log, SCORE, lambda: collected(REGISTRY), clock)
        self._listening = Listening(log, clock)
        self._read_to = self._needed_from = 0
        self._readings = 0
        self._reader, self._registry = registry, registry.current()
        self._charted: Registry | None = None
        self._database = database
        self._detectors = detectors
        self._lateness_us = lateness_us
        self._thresholds = SavedThresholds(database, tunables_of(detectors).values())
        self._models = SavedModels(database)
        self._clock = clock
        self._take_over()
        self._chart_registry()

    def run(self, stop: threading.Event) -> None:
        """Score until `stop` is set; what fails is logged and done again from the saved state."""
        while not stop.is_set():
            try:
                self._noting.turn()
                if not self.step():
                    self._listen()
                    stop.wait(IDLE_S)
            except Exception:
                log.exception("score.failed", position=self._read_to)
                _failures.inc()
                stop.wait(_AFTER_FAILURE_S)
                self._recover(stop)

    def step(self) -> int:
        """Score the next records; how many there were, 0 at the head of the log.

        If the registry is another one than at the step before, it is taken up first, as a restart would.

        Raises:
            LogUnavailableError: The log could not be read; call again.
            RegistryUnavailableError: The registry could not be read; call again.
        """
        if self._reader.current() is not self._registry:
            self._take_over()
        self._chart_registry()
        self._holding.reached(self._needed_from)
        records = self._log.read(self._read_to, RECORDS_A_STEP)
        if not records:
            return 0
        self._thresholds.refresh()
        self._models.refresh()
        changes = [change for record in records for change in self._hear(record)]
        readings = sum(len(record.batch.readings) for record in records)
        with self._database.write() as connection:
            self._book.note_stills(connection, records)
            for change in changes:
                self._book.apply(connection, change)
            self._watches.save(connection)
            self._readings += readings
            checkpoint = self._engine.checkpoint()
            detector_memory.save(connection, checkpoint, self._tracker.touched(), self._readings)
        self._read_to, self._needed_from = records[-1].position, checkpoint.resume_position
        _records.inc(len(records))
        _readings.inc(readings)
        _position.set(self._read_to)
        return len(records)

    def hear_silence(self, until_us: int, received_us: Mapping[str, int]) -> int:
        """Raise, ahead of the ordered path, who has fallen silent where nobody moves time on; how many were new.

        Args:
            until_us: Up to when everybody was heard who spoke, and everything of it was scored.
            received_us: By device id, when its newest message arrived.
        """
        found = self._engine.silences(until_us, received_us)
        changes = [change for finding in found for change in self._tracker.hear_early(finding)]
        if changes:
            with self._database.write() as connection:
                for change in changes:
                    self._book.apply(connection, change)
                detector_memory.save(connection, self._engine.checkpoint(), self._tracker.touched(), self._readings)
        return len(changes)

    def _listen(self) -> None:
        until_us = self._listening.until_us()
        if until_us is not None:
            words = self._log.last_words()
            self.hear_silence(until_us, {device: word.received_us for device, word in words.items()})

    def _hear(self, record: Record) -> list[Change]:
        heard = self._engine.offer(record)
        changes = [change for finding in heard.early for change in self._tracker.hear_early(finding)]
        for finding in (recalibrated(one, self._models) for one in heard.ordered):
            changes += self._tracker.hear(finding)
            self._watches.hear(finding)
        return changes

    def _take_over(self) -> None:
        """Start from what was saved: restore the states, and fill the windows that were open then."""
        with self._database.read() as connection:
            remembered = detector_memory.load(connection)
            known = watches.load(connection)
        checkpoint = remembered.checkpoint
        registry = self._reader.current()
        self._book = EpisodeBook(registry, WorkOrders(registry, self._clock), self._thresholds, self._log)
        self._engine = Engine(registry, self._detectors, self._thresholds, self._lateness_us)
        self._engine.restore(checkpoint)
        self._tracker = EpisodeTracker(registry.assets, self._thresholds, remembered.standings)
        self._watches = Watches(registry, known)
        self._readings = remembered.readings
        self._read_to, self._needed_from = checkpoint.position, checkpoint.resume_position
        at = checkpoint.resume_position
        while at < checkpoint.position:
            records = [r for r in self._log.read(at, RECORDS_A_STEP) if r.position <= checkpoint.position]
            if not records:
                break
            for record in records:
                self._engine.offer(record, seen=True)
            at = records[-1].position
        self._registry = registry
        log.info("score.started", position=self._read_to, resumed_from=checkpoint.resume_position)

    def _chart_registry(self) -> None:
        """Write which device watches which asset, and the thresholds in force there, for the charts: what is new."""
        before, now, now_us = self._charted, self._registry, self._clock.now_us()
        if before is now:
            return
        devices = {d.id: d for d in now.devices.values() if before is None or before.devices.get(d.id) != d}
        assets = [a for a in now.assets.values() if before is None or before.assets.get(a.id) != a]
        current = threshold_points(self._thresholds, assets, self._detectors, now_us)
        with self._database.write() as connection:
            points.enqueue(connection, [*watch_points(replace(now, devices=devices), now_us), *current])
        self._charted = now

    def _recover(self, stop: threading.Event) -> None:
        # What failed may have moved the engine and the tracker on without being saved.
        while not stop.is_set():
            try:
                self._take_over()
            except Exception:
                log.exception("score.recovery_failed")
                stop.wait(_AFTER_FAILURE_S)
            else:
                return
