"""Training history: the store that a training reads, and the span of it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.history import DAY_US, ReadingStore, StoreUnavailableError
from ingest.stores.duckdb_store import DuckdbReadingStore
from models.fitted.site_words import Span
from service.backup import move_history_copy
from service.errors import ServiceError
from service.folders import DataFolder
from service.history import refused_of, store_of
from service.settings import Settings
from service.wiring import folder_of

_YEAR_US = 365 * DAY_US


class HistoryHeldError(ServiceError):
    """The embedded history is open in another process."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the history cannot be read: {why}")


class NothingToLearnError(ServiceError):
    """There is no history in the span."""

    def __init__(self, start_us: int, end_us: int) -> None:
        days = (datetime.fromtimestamp(at / 1e6, UTC).date() for at in (start_us, end_us))
        super().__init__(
            f"there is no history between {' and '.join(map(str, days))}; choose another --since or --until"
        )


@contextmanager
def history_of(settings: Settings) -> Iterator[ReadingStore]:
    """The time-series store, for the block's length: while the service has the embedded one open, a copy of it.

    Raises:
        HistoryHeldError: Another process has it open, and it is not our API.
        BackupFailedError: The API could not copy it.
        AlreadyRunningError: Somebody else trains here, or makes a backup.
    """
    folder = folder_of(settings)
    with closing(refused_of(settings)) as refused:
        try:
            store = store_of(settings, refused)
        except StoreUnavailableError as error:
            if settings.history.kind != "duckdb" or not folder.ready_file("api").exists():
                raise HistoryHeldError(str(error)) from error
        else:
            with closing(store):
                yield store
            return
    with folder.held("train"), _borrowed(folder) as path, closing(DuckdbReadingStore(path)) as store:
        yield store


@contextmanager
def _borrowed(folder: DataFolder) -> Iterator[Path]:
    """A copy of the history; what a killed training left of one goes first."""
    path = folder.borrowed_history
    try:
        path.unlink(missing_ok=True)
        move_history_copy(folder, path)
        yield path
    finally:
        for one in (path, path.with_name(f"{path.name}.wal")):
            one.unlink(missing_ok=True)


def span_of(
    settings: Settings, kept_from_us: int, chosen: tuple[datetime | None, datetime | None], now_us: int
) -> Span:
    """The whole days between the chosen ones that are kept, by default the last year.

    Raises:
        NothingToLearnError: The span is empty.
    """
    since, until = (None if day is None else round(day.replace(tzinfo=UTC).timestamp() * 1e6) for day in chosen)
    start_us = max(kept_from_us, since if since is not None else now_us - _YEAR_US)
    end_us = min(now_us, until if until is not None else now_us)
    start_us, end_us = -(-start_us // DAY_US) * DAY_US, end_us // DAY_US * DAY_US
    if start_us >= end_us:
        raise NothingToLearnError(start_us, end_us)
    return Span(start_us, end_us, round(settings.ingest.lateness_s * 1e6))
