"""InfluxDB over HTTP: line protocol in, InfluxQL out, as 1.x, 2.x and 3.x all speak them."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import structlog
from prometheus_client import Counter

from ingest.history import StoreUnavailableError

LINES_A_REQUEST = 5_000
"""What InfluxData recommends as a batch; about 500 kB, far below the 25 MB a 1.x server takes by default."""
_ROWS_A_CHUNK = 10_000
_REASON_LENGTH = 200
"""A server quotes the line it refuses; a log holds no whole payloads."""

_refused = Counter("precomplaint_store_refused_points", "Points the time-series store refused for good", ["reason"])

log = structlog.get_logger()


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


_answers = msgspec.json.Decoder(_Answer)


def text(value: str) -> str:
    """A text as InfluxQL writes it, in single quotes."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def name(value: str) -> str:
    """A name as InfluxQL writes it, in double quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class InfluxHttp:
    """One database of one server.

    Every way a server can fail to answer becomes `StoreUnavailableError`. What it refuses because of the data itself
    (a field of another type, older than its retention) is logged, counted and passed over, because the same lines
    would be refused for ever and everything after them would wait; the log still has them.
    """

    def __init__(self, url: str, database: str, user: tuple[str, str] | None, timeout_s: float) -> None:
        """Does not connect.

        Args:
            url: Such as `http://127.0.0.1:8086`.
            database: Its name; made when it is missing and the user may.
            user: Name and password; for 2.x and 3.x any name and a token.
            timeout_s: For connecting, and for each silence of the server.
        """
        self._client = httpx.Client(base_url=url, auth=user, timeout=timeout_s)
        self._database = database
        self._closing = threading.Lock()
        self.label = f"{url} {database}"

    def write(self, lines: Sequence[str]) -> None:
        """Write lines with times in nanoseconds; durable when this returns.

        Raises:
            StoreUnavailableError: Some may be written and some not; writing all of them again is right.
        """
        for start in range(0, len(lines), LINES_A_REQUEST):
            self._write_one(lines[start : start + LINES_A_REQUEST])

    def query(self, statements: str) -> Iterator[Frame]:
        """The answer to one or several statements, read as it arrives; times in nanoseconds.

        Raises:
            StoreUnavailableError: No answer, or an error in its place.
        """
        parameters = {"db": self._database, "epoch": "ns", "chunked": "true", "chunk_size": str(_ROWS_A_CHUNK)}
        try:
            with self._client.stream("POST", "/query", params=parameters, data={"q": statements}) as response:
                for line in response.iter_lines():
                    yield from self._frames(line, response.status_code)
        except (httpx.HTTPError, RuntimeError) as error:
            raise self._unavailable(str(error) or type(error).__name__) from error

    def create_database(self) -> None:
        """Make the database; does nothing if it is there.

        Raises:
            StoreUnavailableError: No answer, or the user may not.
        """
        for _ in self.query(f"CREATE DATABASE {name(self._database)}"):
            pass

    def close(self) -> None:
        """Close the connections."""
        with self._closing:
            self._client.close()

    def _write_one(self, lines: Sequence[str]) -> None:
        try:
            response = self._client.post(
                "/write", params={"db": self._database, "precision": "ns"}, content="\n".join(lines).encode()
            )
        except (httpx.HTTPError, RuntimeError) as error:
            raise self._unavailable(str(error) or type(error).__name__) from error
        if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE and len(lines) > 1:
            self._write_one(lines[: len(lines) // 2])
            self._write_one(lines[len(lines) // 2 :])
        elif not response.is_success:
            self._refuse_or_raise(response)

    def _refuse_or_raise(self, response: httpx.Response) -> None:
        """Tell a refusal of the data, which is final, from a state of the server, which is not."""
        said = response.text.strip()[:_REASON_LENGTH] or response.reason_phrase
        of_the_data = "partial write" in said or "unable to parse" in said
        refused = response.status_code == httpx.codes.UNPROCESSABLE_ENTITY or (
            response.status_code == httpx.codes.BAD_REQUEST and of_the_data
        )
        if not refused or "limit exceeded" in said:
            raise self._unavailable(f"{response.status_code} {said}")
        dropped = re.search(r"dropped=(\d+)", response.text)
        count = max(1, int(dropped[1])) if dropped else 1
        _refused.labels(_kind(said)).inc(count)
        log.warning("store.points_refused", store=self.label, count=count, detail=said)

    def _frames(self, line: str, status: int) -> Iterator[Frame]:
        try:
            answer = _answers.decode(line)
        except msgspec.DecodeError as error:
            raise self._unavailable(f"{status} {line[:_REASON_LENGTH]}") from error
        for problem in (answer.error, *(result.error for result in answer.results)):
            if problem:
                raise self._unavailable(f"{status} {problem[:_REASON_LENGTH]}")
        for result in answer.results:
            for series in result.series:
                yield Frame(result.statement_id, series.tags, series.columns, series.values)

    def _unavailable(self, reason: str) -> StoreUnavailableError:
        return StoreUnavailableError(self.label, reason)


def _kind(said: str) -> str:
    for kind in ("field type conflict", "retention policy", "unable to parse"):
        if kind in said:
            return kind
    return "other"
