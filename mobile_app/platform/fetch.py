"""httpx over the browser's fetch: sockets do not exist there, streams do.

The browser undoes the content encoding by itself, so that header is not passed on. It gives up on a
silent server only after minutes, if at all, so httpx's time limits are kept here.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
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
        """Send a request.

        Raises httpx.ConnectError where fetch fails, httpx.ReadTimeout where nobody answers in time:
        a browser does not tell connecting from waiting, so their limits are added.
        """
        limits = request.extensions.get("timeout", {})
        connect_s, read_s = limits.get("connect"), limits.get("read")
        answer_s = None if connect_s is None or read_s is None else connect_s + read_s
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
            asked = js.fetch(
                str(request.url), ffi.to_js(options, dict_converter=js.Object.fromEntries)
            )
            answer = await _within(answer_s, asked, abort)
        except ffi.JsException as error:
            raise httpx.ConnectError(str(error), request=request) from error
        headers = [(k, v) for k, v in answer.headers.entries() if k != "content-encoding"]
        stream = FetchStream(answer, abort, read_s)
        return httpx.Response(answer.status, headers=headers, stream=stream, request=request)


async def _within(seconds: float | None, promise: Awaitable[Any], abort: Any) -> Any:
    """Wait for a promise; let go of its connection when it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await promise
    except TimeoutError:
        abort.abort()
        raise httpx.ReadTimeout(f"no answer in {seconds:.0f} s") from None


class FetchStream(httpx.AsyncByteStream):
    """The body of a fetch, read chunk by chunk, each within `read_s` seconds."""

    def __init__(self, answer: Any, abort: Any, read_s: float | None) -> None:
        self._reader = answer.body.getReader() if answer.body else None
        self._abort, self._read_s = abort, read_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._reader is not None:
            try:
                part = await _within(self._read_s, self._reader.read(), self._abort)
            except ffi.JsException as error:
                raise httpx.ReadError(str(error)) from error
            if part.done:
                return
            yield part.value.to_bytes()

    async def aclose(self) -> None:
        """Let go of the connection, also in the middle of a body."""
        self._abort.abort()
