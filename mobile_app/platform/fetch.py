"""httpx over the browser's fetch: sockets do not exist there, streams do.

The browser undoes the content encoding by itself, so that header is not passed on.
"""

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import httpx

# Only Pyodide has these modules, and they have no type stubs.
js: Any = import_module("js")
ffi: Any = import_module("pyodide.ffi")

_OWN = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent"})
"""Request headers that a browser sets itself, and forbids others to set."""


class FetchTransport(httpx.AsyncBaseTransport):
    """Sends every request of an httpx client through fetch."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raise httpx.ConnectError where fetch fails."""
        abort = js.AbortController.new()
        body = await request.aread()
        options = {
            "method": request.method,
            "headers": {k: v for k, v in request.headers.items() if k not in _OWN},
            "signal": abort.signal,
            "cache": "no-store",
        }
        if body:
            options["body"] = ffi.to_js(body)
        try:
            answer = await js.fetch(
                str(request.url), ffi.to_js(options, dict_converter=js.Object.fromEntries)
            )
        except ffi.JsException as error:
            raise httpx.ConnectError(str(error), request=request) from error
        headers = [(k, v) for k, v in answer.headers.entries() if k != "content-encoding"]
        return httpx.Response(
            answer.status, headers=headers, stream=FetchStream(answer, abort), request=request
        )


class FetchStream(httpx.AsyncByteStream):
    """The body of a fetch, read chunk by chunk."""

    def __init__(self, answer: Any, abort: Any) -> None:
        self._reader = answer.body.getReader() if answer.body else None
        self._abort = abort

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._reader is not None:
            try:
                part = await self._reader.read()
            except ffi.JsException as error:
                raise httpx.ReadError(str(error)) from error
            if part.done:
                return
            yield part.value.to_bytes()

    async def aclose(self) -> None:
        """Let go of the connection, also in the middle of a body."""
        self._abort.abort()
