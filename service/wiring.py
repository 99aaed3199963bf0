"""Wiring: each part of the service built from the settings; the only place that knows every room."""

import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import SecretStr

import device_simulators
from ingest.decode import FORMATS
from ingest.errors import IngestError, RegistryUnavailableError
from ingest.holding import READERS
from ingest.plates import PlateSeal
from ingest.registry import Registry
from ingest.registry_book import RegistryBook, Signed
from ingest.registry_file import digest, load_registry, read_toml
from ingest.registry_rows import DEFAULT_TIMEZONE
from ingest.settings import IngestSettings
from ingest.sqlite_log import SqliteLog
from ingest.sqlite_quarantine import SqliteQuarantine
from ingest.sqlite_refusals import Bounds
from service.broker import credentials
from service.clock import SimulationClock, SystemClock
from service.errors import ServiceError
from service.folders import DataFolder
from service.settings import Settings

COMMUNITY = Path(device_simulators.__path__[0]) / "community.toml"
"""The registry of the simulated community, used when no other is set."""

CLIENT_ID = "precomplaint-ingest"
"""Of the first ingest process at the broker; the others add their number."""
SHARE = "precomplaint"
"""The group of ingest processes that share the messages."""


_COMMUNITY_SAID = "the simulated community"

log = structlog.get_logger()


class RegistryInvalidError(ServiceError):
    """The registry file cannot be used."""


def folder_of(settings: Settings) -> DataFolder:
    """Where this service keeps its things."""
    return DataFolder(settings.data.resolve())


def registry_of(settings: Settings) -> RegistryBook:
    """The registry of this service: that of `book_of`, or the simulated community where nobody wrote one.

    Raises:
        RegistryInvalidError: The file that it is filled from is missing or wrong; says everything that is.
    """
    book = book_of(settings)
    if not book.version():
        _take_up(book, COMMUNITY, _COMMUNITY_SAID)
    return book


def book_of(settings: Settings) -> RegistryBook:
    """The registry in the data folder, filled from the file that the setting names if nothing was written in it.

    What that file says later is taken up by `precomplaint registry import`; until then a line of the log says that it
    differs. Files that the service writes or brings itself are taken up as they change.

    Raises:
        RegistryInvalidError: The file is missing or wrong; says everything that is.
    """
    folder = folder_of(settings)
    book = RegistryBook(folder.registry, FORMATS, PlateSeal(_plate_key(folder.plate_key).encode()))
    taken = book.taken_file()
    ours = taken is not None and taken.why == _COMMUNITY_SAID
    file = settings.registry or (COMMUNITY if ours else None)
    if file is None or (taken is not None and taken.file_digest == _digest(file)):
        return book
    if ours or not book.version() or file.resolve().parent == folder.root:
        _take_up(book, file, _COMMUNITY_SAID if file == COMMUNITY else f"{file} was read at the start")
    else:
        log.warning(
            "registry.file_differs", file=str(file), take_it_up=f"precomplaint registry import {file} --replace"
        )
    return book


def checked_registry(settings: Settings) -> tuple[Registry, Path]:
    """The registry that a start would find, and the file it is in; nothing is written.

    Raises:
        RegistryInvalidError: The file that the setting names is missing or wrong; says everything that is.
    """
    file = settings.registry or COMMUNITY
    with _explained(file):
        registry = load_registry(file, FORMATS)
    kept = folder_of(settings).registry
    return (RegistryBook(kept, FORMATS).current(), kept) if is_written(settings) else (registry, file)


def is_written(settings: Settings) -> bool:
    """Whether somebody has written a registry into the data folder."""
    kept = folder_of(settings).registry
    return kept.exists() and RegistryBook(kept, FORMATS).version() > 0


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone that a terminal shows times in: that of the first site."""
    sites = registry_of(settings).current().sites.values()
    return next((site.timezone for site in sites), ZoneInfo(DEFAULT_TIMEZONE))


def _take_up(book: RegistryBook, file: Path, why: str) -> None:
    with _explained(file):
        sheet, found = read_toml(file), digest(file)
        if file == COMMUNITY:
            sheet = sheet.adding()  # what somebody added to it to try something stays
        signed = Signed("precomplaint", why, SystemClock().now_us(), found)
        # Several parts start together: who comes second finds nothing left to do.
        book.change(lambda registry: sheet.onto(registry, book.faults), signed)


def _digest(file: Path) -> str:
    with _explained(file):
        read_toml(file)
        return digest(file)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except RegistryUnavailableError:
        raise
    except IngestError as error:
        hint = "the setting registry names this file" if file != COMMUNITY else "this release is damaged"
        raise RegistryInvalidError(f"{error}; {hint}") from error


def clock_of(settings: Settings) -> SystemClock | SimulationClock:
    """Whose time this service lives in."""
    if settings.clock.kind == "system":
        return SystemClock()
    return SimulationClock(folder_of(settings).clock)


def begin_clock(settings: Settings, at_us: int) -> None:
    """Set a new simulation's clock to where its time begins; one that runs already is further on and stays."""
    with SimulationClock(folder_of(settings).clock, at_us) as clock:
        clock.advance(at_us, clock.speed)


def ingest_settings(settings: Settings, number: int = 1) -> IngestSettings:
    """How to reach the broker and take messages in, with the embedded broker's user where that is the broker.

    Args:
        settings: Of the service.
        number: Which of its ingest processes, from 1; the first also hears devices that keep a session.
    """
    processes = settings.ingest.processes
    # The first keeps its name however many there are, so that its session at the broker stays its own.
    names = tuple(CLIENT_ID if n == 1 else f"{CLIENT_ID}-{n}" for n in range(1, processes + 1))
    username, password = settings.broker.username, settings.broker.password
    if settings.broker.kind != "external":
        username, secret = credentials(folder_of(settings).broker)
        password = SecretStr(secret)
    return IngestSettings(
        host=settings.broker.host,
        port=settings.broker.port,
        username=username,
        password=password,
        client_id=names[number - 1],
        share=SHARE if processes > 1 else "",
        group=names,
        takes_sessions=number == 1,
        keep_days=settings.ingest.keep_days,
        receive_maximum=settings.ingest.receive_maximum,
        lateness_s=settings.ingest.lateness_s,
        plate_key=SecretStr(_plate_key(folder_of(settings).plate_key)),
    )


def ingest_names(settings: Settings) -> list[str]:
    """What the ingest processes of this service are called here, in the order of their numbers."""
    processes = settings.ingest.processes
    return ["ingest"] if processes == 1 else [f"ingest-{number}" for number in range(1, processes + 1)]


def log_of(settings: Settings) -> SqliteLog:
    """The log of this service."""
    folder = folder_of(settings)
    folder.root.mkdir(parents=True, exist_ok=True)
    return SqliteLog(folder.log, _bounds_of(settings), READERS)


def quarantine_of(settings: Settings) -> SqliteQuarantine:
    """The quarantine of this service."""
    folder = folder_of(settings)
    folder.root.mkdir(parents=True, exist_ok=True)
    return SqliteQuarantine(folder.log, _bounds_of(settings))


def _bounds_of(settings: Settings) -> Bounds:
    chosen = settings.quarantine
    return Bounds(
        messages=chosen.messages,
        bytes=round(chosen.megabytes * 1e6),
        age_us=round(chosen.days * 86_400e6),
        private_age_us=round(chosen.private_days * 86_400e6),
        a_pile=chosen.per_device,
    )


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
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32), encoding="ascii")
        # Several parts start together and all need it: the first one's is everybody's, and nobody sees half of one.
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()
