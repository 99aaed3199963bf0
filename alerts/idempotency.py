"""Idempotency: the answers of requests that carried a key, so that asking again does nothing again."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from alerts.errors import KeyReusedError
from alerts.moments import DAY_US
from alerts.tables import IDEMPOTENCY_KEY

_KEPT_US = 7 * DAY_US
"""A phone that was out of reach over a long weekend still finds its answer (chosen by)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered: the HTTP status and the JSON body."""

    status: int
    body: bytes


def fingerprint(*parts: bytes) -> str:
    """What tells a request apart: method and path, body, file; hex sha256."""
    return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()


def find(connection: Connection, key: str, request: str) -> Answer | None:
    """The answer given under this key before, or None.

    Raises:
        KeyReusedError: The key came with another request then.
    """
    row = connection.execute(select(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.key == key)).one_or_none()
    if row is None:
        return None
    if row.fingerprint != request:
        raise KeyReusedError(key)
    return Answer(row.status, row.body)


def keep(connection: Connection, key: str, request: str, answer: Answer, now_us: int) -> None:
    """Keep an answer, in the transaction of what it reports; answers older than a week go."""
    connection.execute(delete(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.at_us < now_us - _KEPT_US))
    connection.execute(
        insert(IDEMPOTENCY_KEY).values(
            key=key, fingerprint=request, status=answer.status, body=answer.body, at_us=now_us
        )
    )
