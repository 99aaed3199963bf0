"""Wiring: each part of the service built from the settings; the only place that knows every room."""

import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr

import device_simulators
from ingest.errors import IngestError
from ingest.registry import Registry
from ingest.registry_file import load_registry
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from models.errors import ModelError
from models.limits import check_limits
from service.broker import credentials
from service.clock import SimulationClock, SystemClock
from service.errors import ServiceError
from service.folders import DataFolder
from service.settings import Settings

COMMUNITY = Path(device_simulators.__path__[0]) / "community.toml"
"""The registry of the simulated community, used when no other is set."""

CLIENT_ID = "precomplaint-ingest"


class RegistryInvalidError(ServiceError):
    """The registry file cannot be used."""


def folder_of(settings: Settings) -> DataFolder:
    """Where this service keeps its things."""
    return DataFolder(settings.data.resolve())


def registry_of(settings: Settings) -> Registry:
    """The sites, assets and devices this service knows.

    Raises:
        RegistryInvalidError: The file is missing or wrong; says which table and key, or which asset and limit.
    """
    file = settings.registry or COMMUNITY
    try:
        registry = load_registry(file)
        check_limits(registry.assets.values())
    except IngestError as error:
        raise RegistryInvalidError(f"{error}; the setting registry names this file") from error
    except ModelError as error:
        raise RegistryInvalidError(f"{file}: {error}; the setting registry names this file") from error
    return registry


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone that a terminal shows times in: that of the first site."""
    return next(iter(registry_of(settings).sites.values())).timezone


def clock_of(settings: Settings) -> SystemClock | SimulationClock:
    """Whose time this service lives in."""
    if settings.clock.kind == "system":
        return SystemClock()
    return SimulationClock(folder_of(settings).clock)


def begin_clock(settings: Settings, at_us: int) -> None:
    """Set a new simulation's clock to where its time begins; one that runs already is further on and stays."""
    with SimulationClock(folder_of(settings).clock, at_us) as clock:
        clock.advance(at_us, clock.speed)


def ingest_settings(settings: Settings) -> IngestSettings:
    """How to reach the broker and take messages in, with the embedded broker's user where that is the broker."""
    username, password = settings.broker.username, settings.broker.password
    if settings.broker.kind != "external":
        username, secret = credentials(folder_of(settings).broker)
        password = SecretStr(secret)
    return IngestSettings(
        host=settings.broker.host,
        port=settings.broker.port,
        username=username,
        password=password,
        client_id=CLIENT_ID,
        receive_maximum=settings.ingest.receive_maximum,
        lateness_s=settings.ingest.lateness_s,
        plate_key=SecretStr(_plate_key(folder_of(settings).plate_key)),
    )


def log_of(settings: Settings) -> SqliteLog:
    """The log of this service."""
    folder = folder_of(settings)
    folder.root.mkdir(parents=True, exist_ok=True)
    return SqliteLog(folder.log)


def quarantine_of(settings: Settings) -> SqliteQuarantine:
    """The quarantine of this service."""
    folder = folder_of(settings)
    folder.root.mkdir(parents=True, exist_ok=True)
    return SqliteQuarantine(folder.log)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, for the block's length."""
    stop = threading.Event()
    before = {s: signal.signal(s, lambda *_: stop.set()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def announced(settings: Settings, part: str) -> Iterator[Path]:
    """The file a part makes once it does its work, absent before and after the block; nobody else is this part.

    Raises:
        AlreadyRunningError: Somebody else is.
    """
    file = folder_of(settings).ready_file(part)
    file.parent.mkdir(parents=True, exist_ok=True)
    with folder_of(settings).held(part):
        file.unlink(missing_ok=True)
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)


def _plate_key(path: Path) -> str:
    """The key that plates are hashed with, made on the first run; with another key no plate is recognised again."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
