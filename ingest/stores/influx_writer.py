"""Influx writer: lines to a server, and which of them it will never take."""

import re
from collections.abc import Sequence
from http import HTTPStatus

import structlog

from ingest.history import StoreUnavailableError
from ingest.stores.influx_wire import Answer, Server, Wire, wire_to
from ingest.stores.refused_points import Refused, RefusedPoints

LINES_A_REQUEST = 5_000
"""What InfluxData recommends as a batch; about 500 kB, far below the 25 MB a 1.x server takes by default."""
RETRIES_A_STEP = 1_000
DETAIL_LENGTH = 300
"""A server quotes the line it refuses; a log holds no whole payloads."""

_KINDS = {
    "type_conflict": ("type conflict", "invalid column type", "expected type"),
    "beyond_retention": ("retention policy", "beyond retention", "outside retention", "outside of retention"),
    "too_large": ("too large", "max key length"),
    "unparseable": ("pars", "invalid field", "invalid tag", "missing fields", "invalid number", "invalid boolean"),
}
"""Words by which a server's sentence is told; the first that fits."""
_OF_THE_SERVER = ("limit exceeded", "limit reached", "not found", "no space", "timeout", "unauthorized")
"""A sentence with one of these is never the line's fault: its owner can raise a limit or make room."""

log = structlog.get_logger()


class InfluxWriter:
    """Writes lines so that what a server refuses for good does not stop the rest, and is not lost.

    A server refuses a request in whole or in part, and says of which lines only a part or nothing. So a refused
    request is sent again by halves until the lines are known; writing a line again changes nothing. What the server
    refuses because of a state it can leave (down, full, busy, a wrong password) is `StoreUnavailableError`.
    """

    def __init__(self, server: Server, refused: RefusedPoints) -> None:
        """Does not connect.

        Args:
            server: Where to write.
            refused: Keeps what is refused for good.
        """
        self._server = server
        self._refused = refused
        self._wire: Wire | None = None

    def write(self, lines: Sequence[str], policy: str = "") -> None:
        """Write lines with times in nanoseconds; stored, or kept as refused, when this returns.

        Raises:
            StoreUnavailableError: Some may be written and some not; writing all of them again is right.
        """
        for start in range(0, len(lines), LINES_A_REQUEST):
            refused = self._sent(lines[start : start + LINES_A_REQUEST], policy)
            if refused:
                self._refused.keep(refused, policy)
                detail = f"{refused[0].reason}: {refused[0].detail}"
                log.warning("store.points_refused", store=self._server.label, count=len(refused), detail=detail)

    def write_mark(self, line: str, at_ns: int) -> None:
        """Write a line that says how far the store is; it must not be passed over.

        Args:
            line: Without a time.
            at_ns: Its time; where that is older than the server keeps anything, it gets the server's own.

        Raises:
            StoreUnavailableError: It is not written, even if it was refused for good.
        """
        for refused in self._sent([f"{line} {at_ns}"], "") and self._sent([line], ""):
            raise StoreUnavailableError(self._server.label, f"its mark is refused, {refused.reason}: {refused.detail}")

    def retry(self) -> bool:
        """Send again what somebody asked to; whether there was anything.

        Raises:
            StoreUnavailableError: They stay to be sent again.
        """
        points = self._refused.to_retry(RETRIES_A_STEP)
        for policy in dict.fromkeys(point.policy for point in points):
            of_policy = [point for point in points if point.policy == policy]
            self._refused.retried(of_policy, self._sent([point.line for point in of_policy], policy))
        return bool(points)

    def close(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            self._wire.close()

    def _sent(self, lines: Sequence[str], policy: str) -> list[Refused]:
        """Send lines; those that are refused for good."""
        if not lines:
            return []
        if self._wire is None:
            self._wire = wire_to(self._server)
        answer = self._wire.send("\n".join(lines).encode(), policy)
        if answer.status // 100 == HTTPStatus.OK // 100:
            return []
        reason = reason_of(answer)
        if not reason:
            raise StoreUnavailableError(
                self._server.label, f"{answer.status} {answer.said[:DETAIL_LENGTH]}".strip(), answer.retry_after_s
            )
        if len(lines) == 1 or _all_dropped(answer, len(lines)):
            return [Refused(line, reason, answer.said[:DETAIL_LENGTH]) for line in lines]
        half = len(lines) // 2
        return [*self._sent(lines[:half], policy), *self._sent(lines[half:], policy)]


def reason_of(answer: Answer) -> str:
    """Why a server will never take a request as it is, in one word; empty if it may, another time."""
    said = answer.said.lower()
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return "too_large"
    if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
        return ""
    for kind, words in _KINDS.items():
        if any(word in said for word in words) and not any(word in said for word in _OF_THE_SERVER):
            return kind
    of_the_data = "partial write" in said or answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    return "other" if of_the_data and not any(word in said for word in _OF_THE_SERVER) else ""


def _all_dropped(answer: Answer, lines: int) -> bool:
    dropped = re.search(r"dropped=(\d+)", answer.said)
    return dropped is not None and int(dropped[1]) == lines
