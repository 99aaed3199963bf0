"""Influx query: InfluxQL over HTTP, as 1.x, 2.x and 3.x all answer it on `/query`."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from ingest.history import StoreUnavailableError
from ingest.stores.influx_wire import Server, seconds
from ingest.stores.influx_writer import DETAIL_LENGTH

_ROWS_A_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of an answer: rows of one series of one statement.

    Attributes:
        statement: Which statement of the query, counted from 0.
        tags: The values of the tags the statement grouped by.
        columns: Names, `time` first.
        rows: As many values as columns each; None where a point lacks the field.
    """

    statement: int
    tags: dict[str, str]
    columns: list[str]
    rows: list[list[Any]]


class _Series(msgspec.Struct):
    columns: list[str]
    tags: dict[str, str] = {}
    values: list[list[Any]] = []


class _Result(msgspec.Struct):
    statement_id: int = 0
    series: list[_Series] = []
    error: str = ""


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    error: str = ""
    message: str = ""


_answers = msgspec.json.Decoder(_Answer)


def text(value: str) -> str:
    """A text as InfluxQL writes it, in single quotes."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def name(value: str) -> str:
    """A name as InfluxQL writes it, in double quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class InfluxQuery:
    """Asks one database of one server; from any thread."""

    def __init__(self, server: Server) -> None:
        """Does not connect."""
        self._server = server
        self._client = server.client()
        self._closing = threading.Lock()

    def ask(self, statements: str, policy: str = "") -> Iterator[Frame]:
        """The answer to one or several statements, read as it arrives; times in nanoseconds.

        Args:
            statements: InfluxQL, separated by semicolons.
            policy: The retention policy asked; empty for the database's own.

        Raises:
            StoreUnavailableError: No answer, or an error in its place.
        """
        parameters = {"db": self._server.database, "epoch": "ns", "chunked": "true", "chunk_size": str(_ROWS_A_CHUNK)}
        if policy:
            parameters["rp"] = policy
        try:
            with self._client.stream("POST", "/query", params=parameters, data={"q": statements}) as response:
                if not response.is_success and not response.read():
                    raise self._unavailable(*_without_words(response))
                for line in response.iter_lines():
                    yield from self._frames(line, response)
        except (httpx.HTTPError, RuntimeError) as error:
            raise self._unavailable(str(error) or type(error).__name__) from error

    def rows(self, statements: str, policy: str = "") -> list[list[Any]]:
        """The rows of all frames."""
        return [row for frame in self.ask(statements, policy) for row in frame.rows]

    def close(self) -> None:
        """Close the connections."""
        with self._closing:
            self._client.close()

    def _frames(self, line: str, response: httpx.Response) -> Iterator[Frame]:
        status, wait_s = response.status_code, _wait_s(response)
        try:
            answer = _answers.decode(line)
        except msgspec.DecodeError as error:
            raise self._unavailable(f"{status} {line[:DETAIL_LENGTH]}", wait_s) from error
        problems = (answer.error, answer.message, *(result.error for result in answer.results))
        for problem in problems:
            if problem:
                raise self._unavailable(f"{status} {problem[:DETAIL_LENGTH]}", wait_s)
        if not response.is_success:
            raise self._unavailable(f"{status} {line[:DETAIL_LENGTH]}", wait_s)
        for result in answer.results:
            for series in result.series:
                yield Frame(result.statement_id, series.tags, series.columns, series.values)

    def _unavailable(self, reason: str, retry_after_s: float = 0.0) -> StoreUnavailableError:
        return StoreUnavailableError(self._server.label, reason, retry_after_s)


def _wait_s(response: httpx.Response) -> float:
    return seconds(response.headers.get("Retry-After"))


def _without_words(response: httpx.Response) -> tuple[str, float]:
    return f"{response.status_code} {response.reason_phrase}", _wait_s(response)
