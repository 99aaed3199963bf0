"""History: the time-series store of this service, built from the settings."""

from pydantic import SecretStr

from ingest.history import DAY_US, Keeping, ReadingStore
from ingest.stores.duckdb_store import DuckdbReadingStore
from ingest.stores.influx_store import InfluxReadingStore
from ingest.stores.influx_wire import Server
from ingest.stores.refused_points import RefusedPoints
from service.errors import ServiceError
from service.settings import HistorySettings, Settings
from service.wiring import clock_of, folder_of


class TokenUnreadableError(ServiceError):
    """The file that should hold the token cannot be read."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"history.token_file: {file} cannot be read: {reason}")


def refused_of(settings: Settings) -> RefusedPoints:
    """What the time-series store of this service refused; any process may open it."""
    folder_of(settings).root.mkdir(parents=True, exist_ok=True)
    return RefusedPoints(folder_of(settings).refused_points, clock_of(settings))


def store_of(settings: Settings, refused: RefusedPoints) -> ReadingStore:
    """The time-series store of this service; the embedded one belongs to one process, the API's."""
    history = settings.history
    if history.kind == "duckdb":
        return DuckdbReadingStore(folder_of(settings).history, keeping_of(history))
    server = Server(
        history.url,
        history.database,
        history.wire,
        history.username,
        history.password,
        history.org,
        _token_of(history),
    )
    return InfluxReadingStore(server, refused, history.summary_policy)


def keeping_of(history: HistorySettings) -> Keeping:
    """How long the embedded store keeps what."""
    return Keeping(
        readings_us=history.keep_readings_days * DAY_US,
        minutes_us=history.keep_minutes_days * DAY_US,
        hours_us=history.keep_hours_days * DAY_US,
    )


def _token_of(history: HistorySettings) -> SecretStr | None:
    if history.token_file is None:
        return history.token
    try:
        return SecretStr(history.token_file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise TokenUnreadableError(str(history.token_file), error.strerror or str(error)) from error
