"""Errors: what can go wrong in ingest that its caller must handle."""


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


class LogUnavailableError(IngestError):
    """The log could not take or give records now (disk full, file locked); nothing was stored, try again."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"the log {path} is unavailable: {problem}")


class BrokerRefusedError(IngestError):
    """The broker cannot be reached, or answers no."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host, self.port, self.reason = host, port, reason
        super().__init__(f"the MQTT broker at {host}:{port} refused: {reason}")
