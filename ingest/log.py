"""Log: the Protocol of the spine, an append-only, durable, ordered record of judged batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.readings import Batch


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch on its way into the log.

    Attributes:
        batch: What was decoded and judged.
        digest: 16 bytes over topic and payload; a redelivered message has the same one.
        watermark_us: The site's watermark once this batch is counted in, microseconds since the epoch.
    """

    batch: Batch
    digest: bytes
    watermark_us: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message on its way into quarantine.

    Attributes:
        topic: Where it came in.
        payload: The bytes, cut to the payload limit.
        reason: A name from `ingest.quarantine.Reason`.
        detail: One sentence for a person: what, the value, the limit, where.
        received_us: Arrival by the service's clock.
        digest: As in `Entry`.
    """

    topic: str
    payload: bytes
    reason: str
    detail: str
    received_us: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A batch read back from the log.

    Attributes:
        position: Strictly growing, starting at 1; gaps are allowed.
        watermark_us: As in `Entry`.
        batch: As appended.
    """

    position: int
    watermark_us: int
    batch: Batch


class Log(Protocol):
    """Append-only, durable and ordered; every implementation passes `tests/contracts/log.py`."""

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """Make entries and refusals durable in one transaction; what it held already is skipped.

        Args:
            entries: In arrival order; positions grow in this order.
            refusals: What goes to quarantine with them.

        Returns:
            How many entries were new.

        Raises:
            LogUnavailableError: Nothing of it was stored (disk full, file locked); safe to call again. Every other
                method but `close` raises it too when the log cannot be read.
        """
        ...

    def read(self, after: int, limit: int) -> list[Record]:
        """The records whose position is greater than `after`, in order, at most `limit`; empty at the head."""
        ...

    def head(self) -> int:
        """The position of the newest record, 0 when there is none."""
        ...

    def watermarks(self) -> dict[str, int]:
        """Per site, the newest watermark in microseconds; a restarted ingest goes on from here."""
        ...

    def quarantined(self, limit: int) -> list[Refusal]:
        """The newest refusals, newest first; an implementation may forget the oldest of very many."""
        ...

    def quarantined_total(self) -> int:
        """How many different messages were ever refused, also those that were forgotten since; cheap to ask."""
        ...

    def close(self) -> None:
        """Release the file or connection; calling it twice does nothing."""
        ...
