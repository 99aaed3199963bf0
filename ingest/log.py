"""Log: the Protocol of the spine, an append-only, durable, ordered record of judged batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
        source: The id of the source it came through; empty if the topic is of none.
        device: What the device calls itself there, if that could be read.
        site: Where such a device would stand, if topic or source say it.
    """

    topic: str
    payload: bytes
    reason: str
    detail: str
    received_us: int
    digest: bytes
    source: str = ""
    device: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class LastWord:
    """The newest message of a device.

    Attributes:
        received_us: When it arrived.
        at_us: The newest device time in it that was not too far ahead; 0 if it held none.
    """

    received_us: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Group:
    """What becomes durable together.

    Attributes:
        entries: In arrival order; positions grow in this order.
        refusals: What goes to quarantine; one that is there already gets the new reason, and is asked for no more.
        keeps: What wire formats must find again after a restart, by key; None forgets the key.
        last_words: By device id, of devices heard since the last time.
        released: Numbers of quarantined messages that leave quarantine with this.
    """

    entries: Sequence[Entry] = ()
    refusals: Sequence[Refusal] = ()
    keeps: Mapping[str, bytes | None] = field(default_factory=dict)
    last_words: Mapping[str, LastWord] = field(default_factory=dict)
    released: Sequence[int] = ()


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

    def take(self, judge: Callable[[Mapping[str, int]], Group]) -> int:
        """Make a group durable in one transaction; what the log held already is skipped.

        Args:
            judge: Makes the group, given the watermark of every site; while it does, nobody else appends, so that
                two processes judge as one. What it raises leaves the log as it was.

        Returns:
            How many entries were new.

        Raises:
            LogUnavailableError: Nothing of it was stored (disk full, file locked); safe to call again. Every other
                method but `close` raises it too when the log cannot be read.
        """
        ...

    def append(self, entries: Sequence[Entry], refusals: Sequence[Refusal] = ()) -> int:
        """`take` of what is judged already."""
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
