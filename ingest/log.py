"""Log: the Protocol of the spine, an append-only, durable, ordered record of judged batches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ingest.figures import Family, Note
from ingest.quarantine import Refusal
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

    def kept(self) -> dict[str, bytes]:
        """What wire formats asked to keep, by key."""
        ...

    def last_words(self) -> dict[str, LastWord]:
        """The newest message of each device that was ever noted, by device id."""
        ...

    def hold(self, reader: str, position: int) -> None:
        """A reader says that it needs nothing up to this position any more, also after a restart; the newest counts."""
        ...

    def readers(self) -> dict[str, int]:
        """Each reader that ever spoke, with the position it holds."""
        ...

    def prune(self, before_us: int, limit: int) -> int:
        """Drop old batches, oldest first, in one small transaction; call again while it gives `limit`.

        What became durable together goes together: nothing of it before all of it is old. No batch above any reader's
        position goes, nor the newest one, and none at all before each reader that is known has spoken. A message that
        is redelivered after its batch is gone is taken for a new one.

        Args:
            before_us: Drop what was received before, microseconds since the epoch.
            limit: At most so many batches.

        Returns:
            How many went.
        """
        ...

    def note(self, process: str, figures: Sequence[Family], at_us: int) -> None:
        """Write down what a process counts, over what it said before.

        Args:
            process: Its name; two of one kind have two.
            figures: Counters since its start, and gauges.
            at_us: By the service's clock.
        """
        ...

    def notes(self) -> dict[str, Note]:
        """What each process last said, by its name."""
        ...

    def bytes_used(self) -> int:
        """How much room the log takes, pruned records not counted."""
        ...

    def close(self) -> None:
        """Release the file or connection; calling it twice does nothing."""
        ...
