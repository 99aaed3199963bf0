"""Errors: what can go wrong in ingest that its caller must handle."""

from collections.abc import Sequence
from dataclasses import dataclass


class IngestError(Exception):
    """The base of every error this room raises."""


class BadTopicLevelError(IngestError):
    """An id cannot stand in a topic."""

    def __init__(self, level: str) -> None:
        self.level = level
        super().__init__(f"{level!r} cannot be a level of an MQTT topic: it must not be empty or hold '/', '+' or '#'")


class RegistryFileError(IngestError):
    """The registry file cannot be used; says which file, table and key, and what to do."""

    def __init__(self, path: str, where: str, problem: str) -> None:
        self.path, self.where, self.problem = path, where, problem
        super().__init__(f"{path}: {where}: {problem}" if where else f"{path}: {problem}")


class SourceOptionError(IngestError):
    """An option of a source cannot be what it is."""

    def __init__(self, source: str, option: str, value: str, expected: str) -> None:
        self.source, self.option, self.value, self.expected = source, option, value, expected
        super().__init__(f"source {source!r}: option {option} is {value!r}; it must be {expected}")


class LogUnavailableError(IngestError):
    """The log could not take or give records now (disk full, file locked); nothing was stored, try again."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"the log {path} is unavailable: {problem}")


class DatabaseUnavailableError(IngestError):
    """A database file could not be read or written now (disk full, file locked); nothing was changed, try again."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"the database {path} is unavailable: {problem}")


class BrokerRefusedError(IngestError):
    """The broker cannot be reached, or answers no."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port, self.reason = host, port, reason
        super().__init__(f"the MQTT broker at {host}:{port} refused: {reason}")


class NotSharedError(IngestError):
    """The broker does not share messages among several processes."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host, self.port, self.why = host, port, why
        super().__init__(f"the MQTT broker at {host}:{port} has no shared subscriptions of MQTT 5: {why}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with what was said of the registry.

    Attributes:
        where: The place as its writer finds it: `devices.csv:17: column assets`, `[[device]] 'x', assets`.
        what: What is wrong there, and what may have been meant.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class RegistryRefusedError(IngestError):
    """What the registry was to become is not sound, so nothing of it was taken; one line a problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class NotInRegistryError(IngestError):
    """The registry has no such thing."""

    def __init__(self, kind: str, wanted: str, hint: str = "") -> None:
        self.kind, self.wanted = kind, wanted
        super().__init__(f"there is no {kind} {wanted!r}{hint}")


class StillReferredToError(IngestError):
    """A thing cannot leave the registry while others name it."""

    def __init__(self, kind: str, wanted: str, by: Sequence[str]) -> None:
        self.kind, self.wanted, self.by = kind, wanted, tuple(by)
        super().__init__(f"{kind} {wanted!r} is named by {', '.join(by)}; change or remove these first")


class RegistryMovedOnError(IngestError):
    """Somebody else changed the same thing since it was read."""

    def __init__(self, kind: str, wanted: str, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"{kind} {wanted!r} was changed in version {found} of the registry, after version {expected}: read it again"
        )


class RegistryUnavailableError(IngestError):
    """The registry's file cannot be read or written now; nothing was changed, try again."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"the registry {path} is unavailable: {problem}")
