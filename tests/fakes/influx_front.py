"""Influx front: a server before a real InfluxDB 1.x that speaks 2.x, and answers badly when a test wants it to."""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a write is answered instead.

    Attributes:
        status: Of HTTP; 0 to say nothing at all.
        body: What it says.
        headers: Such as `Retry-After`.
        stored: The server takes the lines first, as if only the answer was lost.
        only: Only of a write that holds this text; empty for every write.
        hangs: It never says the rest: the connection stays silent, or is cut in the midst of the answer.
    """

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    stored: bool = False
    only: str = ""
    hangs: bool = False


class InfluxFront:
    """Forwards `/query` and `/write` as they are, and `/api/v2/write` as 1.x has it; answers as 2.x does.

    Attributes:
        trouble: What every write is answered while it is set.
        query_trouble: The same for every query.
        bodies: The lines of every write the real server took, in order.
        requests: How many writes were asked.
    """

    def __init__(self, url: str, version: str = "v2.7.1") -> None:
        """Before the real server at `url`; not started."""
        self.trouble: Trouble | None = None
        self.query_trouble: Trouble | None = None
        self.bodies: list[str] = []
        self.requests = 0
        self.version = version
        self.silent = threading.Event()
        self._behind = httpx.Client(base_url=url)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"front": self}))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["InfluxFront"]:
        """Answers for the block's length."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.silent.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()
            self._behind.close()

    def write(self, path: str, body: bytes) -> httpx.Response:
        """Give lines to the real server, whatever API they came by."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()}
        where = asked
        if "bucket" in asked:
            database, _, policy = asked["bucket"].partition("/")
            where = {"db": database, "precision": asked["precision"]} | ({"rp": policy} if policy else {})
        response = self._behind.post("/write", params=where, content=body)
        if response.is_success:
            self.bodies.append(body.decode())
        return response

    def ask(self, path: str, body: bytes, kind: str) -> httpx.Response:
        """Ask the real server."""
        return self._behind.post(path, content=body, headers={"Content-Type": kind})

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """What the real server says of a write, in the words of the version it was asked in."""
        answer = self.write(path, body)
        if answer.is_success or "/v2/" not in path:
            return answer.status_code, answer.content
        message = f"failure writing points to database: {answer.json()['error']}"
        return 422, json.dumps({"code": "unprocessable entity", "message": message}).encode()


class _Handler(BaseHTTPRequestHandler):
    front: InfluxFront
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._say(204, b"", {"X-Influxdb-Version": self.front.version})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if urlsplit(self.path).path == "/query":
            if self.front.query_trouble:
                self._fail(self.front.query_trouble, body)
                return
            answer = self.front.ask(self.path, body, self.headers["Content-Type"])
            self._say(answer.status_code, answer.content)
            return
        self.front.requests += 1
        if self.front.trouble and self.front.trouble.only.encode() in body:
            self._fail(self.front.trouble, body)
        else:
            self._say(*self.front.answer(self.path, body))

    def _fail(self, trouble: Trouble, body: bytes) -> None:
        if trouble.stored:
            self.front.write(self.path, body)
        if trouble.status:
            more = 100 if trouble.hangs else 0  # that never come
            self._say(trouble.status, trouble.body.encode(), trouble.headers, more)
        elif trouble.hangs:
            self.front.silent.wait(30)
        self.close_connection = trouble.hangs or not trouble.status

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] | None = None, more: int = 0) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) + more))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        pass
