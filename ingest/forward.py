"""Forward: moves the log's records and the derived points into the time-series store, in order, each once."""

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge

from ingest.errors import IngestError, LogUnavailableError
from ingest.history import Point, ReadingStore, StoreUnavailableError
from ingest.holding import FORWARD, Holding
from ingest.log import Log
from ingest.threshold_line import ThresholdLine

RECORDS_A_STEP = 500
"""Bounds memory: a record can hold a still of 256 KiB. At four readings a record DuckDB takes 2,000 rows at once."""
POINTS_A_STEP = 2_000
IDLE_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
LONGEST_ASKED_PAUSE_S = 600.0
"""What a server asks for by `Retry-After` is heeded up to here. Chosen by: after longer nobody believes us alive."""
STEPS_OF_REST = 100
"""How many steps pass before what could not be tended is tried again; about 20 s when little arrives."""
_EVER_US = (-9_200_000_000_000_000, 9_200_000_000_000_000)
"""A range that every store can express in nanoseconds."""

_records = Counter("precomplaint_forwarded_records", "Log records written to the time-series store")
_points = Counter("precomplaint_forwarded_points", "Derived points written to the time-series store")
_failures = Counter("precomplaint_forward_failures", "Rounds of the forwarder that failed", ["reason"])
_troubled = Gauge("precomplaint_forward_troubled", "1 while something keeps the forwarder from its work, else 0")
_lag = Gauge("precomplaint_forward_lag_positions", "Log positions that the time-series store is behind")

log = structlog.get_logger()


class PointSource(Protocol):
    """Where derived points wait until they are in the store (for us, a table beside the work orders)."""

    def pending(self, limit: int) -> list[tuple[int, Point]]:
        """The oldest points not yet forwarded, each with its id, at most `limit`."""
        ...

    def forwarded(self, ids: Sequence[int]) -> None:
        """Take note that these are stored. It may not come (a crash): the points are then pending again."""
        ...


class LogBehindStoreError(IngestError):
    """The store holds more than the log ever did: the log was lost or replaced, and positions mean nothing."""

    def __init__(self, head: int, position: int) -> None:
        self.head, self.position = head, position
        super().__init__(
            f"the log ends at position {head} but the time-series store has already taken {position}: they do not "
            "belong together; restore the log, or give the new log a new store"
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """What one step moved: records of the log, and points; and whether the store had something else to do."""

    records: int
    points: int
    tended: bool = False

    def __bool__(self) -> bool:
        return self.records + self.points > 0 or self.tended


class Forwarder:
    """Reads the log from the store's own position, so that nothing but the store has to remember where it is."""

    def __init__(self, log: Log, store: ReadingStore, points: PointSource) -> None:
        """Forward from `log` and `points` to `store`; this must be the store's only writer."""
        self._log = log
        self._store = store
        self._points = points
        self._holding = Holding(log, FORWARD)
        self._turn = threading.Lock()
        self._position = 0
        self._line: ThresholdLine | None = None
        self._trouble = ""
        self._untended = ""
        self._rest = 0
        _lag.set(math.nan)  # until the first step nobody knows

    def run(self, stop: threading.Event) -> None:
        """Forward until `stop` is set; while the store or the log is unavailable, wait ever longer, then go on."""
        pause_s = FIRST_PAUSE_S
        while not stop.is_set():
            try:
                moved = self.step()
            except (StoreUnavailableError, LogUnavailableError, LogBehindStoreError) as error:
                self._note_trouble(type(error).__name__, str(error))
                asked_s = error.retry_after_s if isinstance(error, StoreUnavailableError) else 0.0
            except Exception as error:  # the outermost loop of a worker
                log.exception("forward.failed")
                self._note_trouble(type(error).__name__, str(error))
                asked_s = 0.0
            else:
                self._note_trouble("", "")
                pause_s = FIRST_PAUSE_S
                if not moved:
                    stop.wait(IDLE_S)
                continue
            stop.wait(max(pause_s, min(asked_s, LONGEST_ASKED_PAUSE_S)))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is moved for the block's length; for who copies both ends of the way."""
        with self._turn:
            yield

    def step(self) -> Moved:
        """One round: what lies next in the log, then what is pending of the points.

        Raises:
            StoreUnavailableError: The store did not take it; the next step tries the same again.
            LogUnavailableError: The log could not be read.
            LogBehindStoreError: The log does not belong to the store.
        """
        with self._turn:
            return self._step()

    def _step(self) -> Moved:
        self._position = self._store.position()  # first of all: it makes a database that is not there yet
        if self._line is None:
            self._line = ThresholdLine(self._store.points("threshold", {}, *_EVER_US))
        self._holding.reached(self._position)
        records = self._log.read(self._position, RECORDS_A_STEP)
        head = self._log.head()
        if head < self._position:
            raise LogBehindStoreError(head, self._position)
        if records:
            self._store.write(records)
            self._position = self._store.position()
            _records.inc(len(records))
        _lag.set(max(0, head - self._position))
        moved = Moved(len(records), self._move_points(self._line))
        repeats = self._line.follow(records)
        if repeats:
            self._store.write_points(repeats)
        return replace(moved, tended=self._tend())

    def lag(self) -> int:
        """How many log positions the store is behind, as of the last step; positions can have gaps.

        Raises:
            LogUnavailableError: The log could not be read.
        """
        return max(0, self._log.head() - self._position)

    def trouble(self) -> str:
        """One sentence on what keeps it from forwarding or summarising now, empty while all is well."""
        return self._trouble or self._untended

    def _move_points(self, line: ThresholdLine) -> int:
        pending = self._points.pending(POINTS_A_STEP)
        if pending:
            points = [point for _, point in pending]
            self._store.write_points([*points, *line.change(points)])
            self._points.forwarded([number for number, _ in pending])
            _points.inc(len(pending))
        return len(pending)

    def _tend(self) -> bool:
        """Let the store do what can wait; that it cannot must not hold up the records."""
        if self._rest:
            self._rest -= 1
            return False
        try:
            tended = self._store.tend()
        except StoreUnavailableError as error:
            self._rest = STEPS_OF_REST
            if not self._untended:
                log.warning("forward.untended", detail=str(error), position=self._position)
            self._untended = str(error)
            _failures.labels("untended").inc()
            return False
        self._untended = ""
        return tended

    def _note_trouble(self, reason: str, sentence: str) -> None:
        if reason:
            _failures.labels(reason).inc()
        if sentence and not self._trouble:
            log.warning("forward.interrupted", reason=reason, detail=sentence, position=self._position)
        elif self._trouble and not sentence:
            log.info("forward.resumed", position=self._position)
        self._trouble = sentence
        _troubled.set(1.0 if self.trouble() else 0.0)
