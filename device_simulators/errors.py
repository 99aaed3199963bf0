"""Errors: what can go wrong in the simulators that their caller must handle."""

from collections.abc import Sequence
from pathlib import Path


class SimulatorError(Exception):
    """The base of every error this room raises."""


class UnknownScenarioError(SimulatorError):
    """A scenario nobody wrote."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"there is no scenario {name!r}; there are {', '.join(known)}")


class BrokerUnreachableError(SimulatorError):
    """Nobody answers where the broker should be."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host = host
        self.port = port
        self.why = why
        super().__init__(f"no MQTT broker answers at {host}:{port} ({why}); start one there or set another address")


class BrokerRefusedError(SimulatorError):
    """The broker answers and says no."""

    def __init__(self, host: str, port: int, why: str) -> None:
        self.host = host
        self.port = port
        self.why = why
        super().__init__(f"the MQTT broker at {host}:{port} refuses the connection: {why}; check user and password")


class MessageNotTakenError(SimulatorError):
    """The MQTT library would not keep a message until the broker acknowledges it."""

    def __init__(self, topic: str, why: str) -> None:
        self.topic = topic
        self.why = why
        super().__init__(f"a message for {topic} could not be handed over: {why}")


class RecordingError(SimulatorError):
    """A recorded file, or the mapping of its columns, cannot be used."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        self.path = path
        self.problem = problem
        self.line = line
        super().__init__(f"{path}{f', line {line}' if line else ''}: {problem}")
