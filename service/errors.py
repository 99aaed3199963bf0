"""Errors: what stops a command, said in one line that says what, where and what to do."""

from pathlib import Path


class ServiceError(Exception):
    """The base of every error this room raises; the command line prints it and exits with code 2."""


class SettingsInvalidError(ServiceError):
    """A setting that cannot be used."""

    def __init__(self, where: str, problems: list[str]) -> None:
        self.where = where
        self.problems = problems
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))


class PortInUseError(ServiceError):
    """Somebody else listens where we were to."""

    def __init__(self, what: str, host: str, port: int, setting: str) -> None:
        self.port = port
        super().__init__(
            f"{what}: port {port} on {host} is in use by another program; stop that program or choose another port "
            f"with {setting}"
        )


class PartFailedError(ServiceError):
    """A part of the service did not come up or would not stay up."""

    def __init__(self, part: str, last_words: str, log_file: str) -> None:
        self.part = part
        super().__init__(f"{part} did not start: {last_words or 'it said nothing'} (its log: {log_file})")


class BrokerMissingError(ServiceError):
    """The embedded broker that the settings ask for is not on this machine."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f'broker.kind is "{program}" but {program} is not on this machine; install it (sudo apt-get install '
            f'{program}) or set broker.kind to "auto"'
        )


class BrokerUnusableError(ServiceError):
    """The MQTT broker cannot be reached, or does not let us in."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"{problem}; start it, or set broker.host, broker.port, broker.username and broker.password to yours"
        )


class SharingUnusableError(ServiceError):
    """Several ingest processes were asked for, and the broker does not share messages among them."""

    def __init__(self, problem: str, processes: int) -> None:
        super().__init__(
            f"{problem}; ingest.processes is {processes} and needs them: set it to 1, or use a broker that has them, "
            "such as mosquitto 2"
        )


class NoSuchProcessError(ServiceError):
    """An ingest process that is not one of those the settings name."""

    def __init__(self, number: int, processes: int) -> None:
        super().__init__(f"--number {number}: ingest.processes is {processes}, so numbers go from 1 to {processes}")


class AlreadyRunningError(ServiceError):
    """Another process does the same work in the same data folder."""

    def __init__(self, part: str, folder: str) -> None:
        super().__init__(
            f"another precomplaint {part} is at work in {folder}; stop it or choose another folder with --data"
        )


class NothingToWatchError(ServiceError):
    """The service was started for devices of one's own, and nobody said which."""

    def __init__(self) -> None:
        super().__init__(
            "registry is not set and none was imported, so there is nothing to watch; write one (ingest/README.md shows"
            " how) and take it up with: precomplaint registry import FILE..., or look around first with:"
            " precomplaint run --simulate"
        )


class BackupFailedError(ServiceError):
    """A backup could not be made."""


class NoSpaceError(BackupFailedError):
    """A disk has too little room for a backup or its copies."""

    def __init__(self, folder: Path, need: int, free: int) -> None:
        self.need, self.free = need, free
        super().__init__(
            f"{folder} has {free / 1e6:,.0f} MB free, and up to {need / 1e6:,.0f} MB are needed there; make room, or "
            "name another place"
        )


class ArchiveUnusableError(ServiceError):
    """A file is not a backup that can be restored."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"{path} cannot be restored: {why}")


class FolderInUseError(ServiceError):
    """A restore was to go where something is already."""

    def __init__(self, folder: Path, files: int) -> None:
        super().__init__(
            f"{folder} holds data ({files} files); restore into another folder with --data, or say --force to move "
            "what is there aside"
        )


class RestoreCutShortError(ServiceError):
    """A data folder holds half of a backup."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"a restore into {folder} was cut short, so what lies there is no whole; run it again: "
            f"precomplaint restore FILE --data {folder} --force"
        )
