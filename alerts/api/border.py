"""Border: what every request and answer passes: a limit on bodies, and headers that keep browsers from guessing."""

from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.api.problems import MEDIA_TYPE
from alerts.api.schemas import Problem
from alerts.photos import MAX_BYTES

_MAX_BODY = MAX_BYTES + 64 * 1024
"""A photo with its form around it."""
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "SAMEORIGIN"}


class _TooLargeError(Exception):
    """The body went over the limit; caught in this file."""


class Border:
    """ASGI middleware that refuses bodies over 10 MiB and a form (413) before they fill the disk."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting its body; add the headers to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0
        answering = False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > _MAX_BODY:
                raise _TooLargeError
            return message

        async def guarded(message: Message) -> None:
            nonlocal answering
            # What a framework makes of the error above (a 400, a 500) says less than our own refusal.
            if taken > _MAX_BODY and not answering:
                return
            if message["type"] == "http.response.start":
                answering = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/page/"):
                    # Asked for again each time (304 if it is the same): an upgrade must not mix old and new modules.
                    headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        with suppress(_TooLargeError):
            await self._app(scope, counted, guarded)
        if taken > _MAX_BODY and not answering:
            await _refusal(scope["path"])(scope, receive, send)


def _refusal(path: str) -> Response:
    detail = f"the request is larger than {_MAX_BODY:,} bytes"
    problem = Problem(title="Content Too Large", status=413, detail=detail, instance=path)
    return Response(problem.model_dump_json(exclude_none=True), 413, media_type=MEDIA_TYPE)
