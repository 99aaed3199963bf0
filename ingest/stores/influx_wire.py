"""Influx wire: line protocol to a server, as 1.x takes it and as 2.x and 3.x do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import httpx
import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from pydantic import SecretStr

from ingest.history import StoreUnavailableError

TIMEOUT_S = 10.0

WireKind = Literal["auto", "v1", "v2"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where an InfluxDB is and who asks.

    Attributes:
        url: Such as `http://127.0.0.1:8086`.
        database: Database (1.x), or bucket (2.x) or database (3.x).
        wire: How points are written: `v1` posts to `/write`, `v2` to `/api/v2/write`, `auto` asks `/ping`.
        username: With `password`, for 1.x; None where the server asks for none.
        password: For 1.x; for 2.x and 3.x the token may stand here too.
        org: The organisation of 2.x; 3.x has none.
        token: For 2.x and 3.x.
        timeout_s: For connecting, and for each silence of the server.
    """

    url: str
    database: str
    wire: WireKind = "auto"
    username: str | None = None
    password: SecretStr | None = None
    org: str = ""
    token: SecretStr | None = None
    timeout_s: float = TIMEOUT_S

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return f"{self.url} {self.database}"

    def client(self) -> httpx.Client:
        """A connection with this user's name and password, or with the token."""
        headers: dict[str, str] = {}
        user = None
        if self.token is not None:
            headers["Authorization"] = f"Token {self.token.get_secret_value()}"
        elif self.username is not None:
            user = (self.username, self.password.get_secret_value() if self.password else "")
        return httpx.Client(base_url=self.url, auth=user, headers=headers, timeout=self.timeout_s)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a write.

    Attributes:
        status: Of HTTP; 2xx when all of it is stored.
        said: The server's sentence, empty when all is well.
        retry_after_s: Not before so many seconds, if it said that; else 0.
    """

    status: int
    said: str = ""
    retry_after_s: float = 0.0


class Wire(Protocol):
    """One way to write; one thread at a time."""

    def send(self, body: bytes, policy: str) -> Answer:
        """Send lines with times in nanoseconds, once.

        Args:
            body: Line protocol.
            policy: A retention policy of the database (1.x), or what stands after the slash in a bucket's name.

        Raises:
            StoreUnavailableError: No answer: it may be stored or not, and sending it again is right.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class WireV1:
    """`/write` of InfluxDB 1.x, which 2.x and 3.x answer too."""

    def __init__(self, server: Server) -> None:
        """Does not connect."""
        self._server = server
        self._client = server.client()

    def send(self, body: bytes, policy: str) -> Answer:
        """See `Wire.send`."""
        where = {"db": self._server.database, "precision": "ns"} | ({"rp": policy} if policy else {})
        try:
            response = self._client.post("/write", params=where, content=body)
        except (httpx.HTTPError, RuntimeError) as error:
            raise _silent(self._server, error) from error
        said = "" if response.is_success else _sentence(response.text) or response.reason_phrase
        return Answer(response.status_code, said, seconds(response.headers.get("Retry-After")))

    def close(self) -> None:
        """See `Wire.close`."""
        self._client.close()


class WireV2:
    """`/api/v2/write` of 2.x and 3.x, by `influxdb-client`'s synchronous write API.

    That API sends what it is given at once, in the caller's thread, and returns when the server has answered 2xx. It
    does not try again (its retries are for the batching writer), follows no redirect, raises `ApiException` for any
    other status, and lets urllib3's errors through.
    """

    def __init__(self, server: Server) -> None:
        """Does not connect."""
        self._server = server
        secret = server.token or server.password
        milliseconds = int(1_000 * server.timeout_s)
        self._client = InfluxDBClient(
            server.url,
            token=secret.get_secret_value() if secret else "",
            org=server.org,
            timeout=(milliseconds, milliseconds),
            enable_gzip=True,
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def send(self, body: bytes, policy: str) -> Answer:
        """See `Wire.send`."""
        bucket = f"{self._server.database}/{policy}" if policy else self._server.database
        try:
            self._writer.write(bucket, self._server.org, body)  # nanoseconds are its default
        except ApiException as error:
            if not error.status:  # TLS
                raise _silent(self._server, error) from error
            headers: Mapping[str, str] = error.headers or {}
            return Answer(
                int(error.status), _sentence(error.body or "") or str(error.reason), seconds(headers.get("Retry-After"))
            )
        except (urllib3.exceptions.HTTPError, UnicodeDecodeError) as error:
            raise _silent(self._server, error) from error
        return Answer(204)

    def close(self) -> None:
        """See `Wire.close`."""
        self._client.close()  # type: ignore[no-untyped-call]  # the library's


def wire_to(server: Server) -> Wire:
    """The wire a server is to be written by; with `auto`, asks it which version it is.

    Raises:
        StoreUnavailableError: It does not answer.
    """
    kind = server.wire
    if kind == "auto":
        try:
            with server.client() as client:
                version = client.get("/ping").headers.get("X-Influxdb-Version", "")
        except (httpx.HTTPError, RuntimeError) as error:
            raise _silent(server, error) from error
        old = version.removeprefix("v").startswith(("0.", "1.")) or not (version or server.token)
        kind = "v1" if old else "v2"
    return WireV1(server) if kind == "v1" else WireV2(server)


def seconds(retry_after: str | None) -> float:
    """A `Retry-After` in seconds; 0 if there is none, or a date, which needs clocks that agree."""
    try:
        return max(0.0, float(retry_after or 0.0))
    except ValueError:
        return 0.0


def _silent(server: Server, error: Exception) -> StoreUnavailableError:
    return StoreUnavailableError(server.label, str(error).strip() or type(error).__name__)


def _sentence(body: str) -> str:
    return " ".join(body.split())
