"""What the link server answers. Where a code leads was decided when its message was planned: no part of a request is shown."""

from __future__ import annotations

import math
import sqlite3

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runtime.links.clicks import Clicks
from runtime.links.guessing import Guesses
from runtime.links.kinds import kind
from runtime.links.pages import Pages

# Nothing of it is kept anywhere, shown in a frame, found by a search, or told to the page that is led to.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_LATER = 5  # seconds after which a click that could not be kept may be tried again


def application(pages: Pages, clicks: Clicks, guesses: Guesses) -> Starlette:
    async def follow(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if wait := guesses.wait(client):
            return _answer(
                429, "Too many codes that there are not. 请稍后再试。", {"Retry-After": str(math.ceil(wait))}
            )
        code = request.path_params["path"].rpartition("/")[2]
        page = pages.page(code)
        if page is None:
            guesses.missed(client)
            return _answer(404, "This link leads nowhere. 链接无效。")
        try:
            await clicks.record(code, kind(request.method, request.headers))
        except sqlite3.Error:
            return _answer(503, "Please try again. 请稍后再试。", {"Retry-After": str(_LATER)})
        return _answer(302, "", {"Location": page})

    async def health(request: Request) -> Response:
        return _answer(200, "ok") if clicks.alive else _answer(503, "clicks cannot be kept")

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _answer(error.status_code, str(error.detail), dict(error.headers or {}))

    routes = [Route("/health", health), Route("/{path:path}", follow)]
    return Starlette(routes=routes, exception_handlers={HTTPException: refused})


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, {**_HEADERS, **(headers or {})}, "text/plain")
