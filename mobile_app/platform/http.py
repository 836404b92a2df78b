"""The way to the server over HTTP, the same through sockets and through a browser's fetch.

What can answer in a branch's network is not always the server: a proxy with an error page, a
captive portal with a 200. Anything that is not an answer of this protocol counts as unreachable.
"""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
from pydantic_core import from_json, to_json

from shared.blob import Span, sent_span
from shared.domain import Employee
from shared.errors import CATALOGUE, Refusal, Unreachable

_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_SMALL: Final = 1_024
_TIMEOUT: Final = httpx.Timeout(30.0, connect=6.0)
_LIVE_TIMEOUT: Final = httpx.Timeout(45.0, connect=6.0)
"""The server pings every 15 s: after three missed ones the line is dead."""
Compress = Callable[[bytes], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment code was traded for."""

    device_id: str
    token: str
    employee: Employee


def gzip(body: bytes) -> tuple[str, bytes]:
    """Compress with what every Python has."""
    packer = zlib.compressobj(level=1, wbits=31)
    return "gzip", packer.compress(body) + packer.flush()


class HttpTransport:
    """One server's exchange, live line, enrolment and blobs."""

    def __init__(
        self,
        server_url: str,
        client: httpx.AsyncClient,
        compress: Compress = gzip,
        timeout: httpx.Timeout = _TIMEOUT,
        live_timeout: httpx.Timeout = _LIVE_TIMEOUT,
    ) -> None:
        self._url = server_url.rstrip("/")
        self._client, self._compress = client, compress
        self._timeout, self._live_timeout = timeout, live_timeout

    async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Post a request; yield the lines of the answer as they arrive."""
        headers, body = self._packed(token, body)
        async with (
            self._open("POST", "/v1/sync", headers, body, self._timeout) as response,
            aclosing(_lines(response)) as lines,
        ):
            async for line in lines:
                yield line

    async def digest(self, token: str, body: bytes) -> bytes:
        """Post one question of a comparison; return the answer."""
        headers, body = self._packed(token, body)
        async with self._open(
            "POST", "/v1/digest", headers, body, self._timeout, _JSON
        ) as response:
            return await response.aread()

    def _packed(self, token: str, body: bytes) -> tuple[dict[str, str], bytes]:
        headers = _bearer(token) | {"content-type": _JSON}
        if len(body) > _SMALL:
            headers["content-encoding"], body = self._compress(body)
        return headers, body

    async def live(self, token: str) -> AsyncGenerator[str, None]:
        """Keep a line open; yield its words."""
        async with (
            self._open("GET", "/v1/live", _bearer(token), b"", self._live_timeout) as response,
            aclosing(_lines(response)) as lines,
        ):
            async for line in lines:
                yield _word(line)

    async def enrol(self, code: str, token: str, former: str | None = None) -> Enrolled:
        """Trade an enrolment code for this device's identity.

        `token` is a proposal of 256 random bits in base64url: with the same one, a code that was
        traded already, but whose answer was lost, answers again. `former` is the id that this
        device has had. Raises Unreachable, Refusal.
        """
        asked = {"code": code, "token": token} | ({"former": former} if former else {})
        try:
            return await self._enrol(asked)
        except Refusal as refusal:
            if refusal.code != "malformed":
                raise
            return await self._enrol({"code": code})  # a server of 0.1.0 chooses the token

    async def _enrol(self, asked: dict[str, str]) -> Enrolled:
        headers, body = {"content-type": _JSON}, to_json(asked)
        async with self._open("POST", "/v1/enrol", headers, body, self._timeout, _JSON) as response:
            return _enrolled(await response.aread())

    async def blob_offset(self, token: str, name: str) -> int:
        """Ask from where a blob is to be sent."""
        path = f"/v1/blob/{name}"
        async with self._open("HEAD", path, _bearer(token), b"", self._timeout, "") as response:
            return _number(response.headers.get("upload-offset", ""))

    async def put_blob(self, token: str, name: str, span: Span, content: bytes) -> int:
        """Send one part of a blob; return from where to go on."""
        headers = _bearer(token) | {"content-range": str(span)}
        async with self._open(
            "PUT", f"/v1/blob/{name}", headers, content, self._timeout, _JSON
        ) as response:
            return _number(_member(await response.aread(), "have"))

    async def get_blob(self, token: str, name: str, start: int, end: int) -> tuple[bytes, int]:
        """Fetch the bytes of a blob from `start` up to `end` or its end; return them and its size.

        Raises Unreachable for an answer that carries anything else.
        """
        headers = _bearer(token) | {"range": f"bytes={start}-{end - 1}"}
        path = f"/v1/blob/{name}"
        async with self._open("GET", path, headers, b"", self._timeout, "") as response:
            content = await _at_most(response, end - start)
            try:
                span = sent_span(response.headers.get("content-range", ""), len(content))
            except Refusal:
                raise Unreachable("something else answered in the server's place") from None
        if span.start != start or span.end != min(end, span.total):
            raise Unreachable("an answer with another part than was asked for")
        return content, span.total

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        timeout: httpx.Timeout,
        expected: str = _NDJSON,
    ) -> AsyncIterator[httpx.Response]:
        try:
            async with self._client.stream(
                method, self._url + path, headers=headers, content=body, timeout=timeout
            ) as response:
                if response.status_code not in (200, 206):
                    raise _refusal(response, await response.aread())
                if not response.headers.get("content-type", "").startswith(expected):
                    raise Unreachable("something else answered in the server's place")
                yield response
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            raise Unreachable(str(error)) from error


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def _lines(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Split a body into lines; a last line without its end was cut off and does not count."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
    if rest:
        raise Unreachable("the answer broke off")


def _enrolled(body: bytes) -> Enrolled:
    try:
        answer = from_json(body)
        return Enrolled(answer["device_id"], answer["token"], Employee(**answer["employee"]))
    except (ValueError, KeyError, TypeError):
        raise Unreachable("something else answered in the server's place") from None


def _refusal(response: httpx.Response, body: bytes) -> Refusal | Unreachable:
    code = response.headers.get("refusal")
    if code in CATALOGUE and response.request.method == "HEAD":
        return Refusal(code, {})
    status, wait_s = response.status_code, _wait_s(response.headers)
    try:
        answer: Any = from_json(body)
        code, fields = str(answer["code"]), dict(answer["fields"])
    except (ValueError, KeyError, TypeError):
        return Unreachable(f"an answer with status {status} that is not the server's", wait_s)
    if code not in CATALOGUE:
        return Unreachable(f"a refusal that this version does not know: {code}", wait_s)
    return Refusal(code, {str(name): str(value) for name, value in fields.items()}, wait_s)


def _wait_s(headers: httpx.Headers) -> float:
    """Read Retry-After: seconds, or a moment by the clock of who answered (RFC 9110, 10.2.3)."""
    asked = headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers["date"])
    except (ValueError, KeyError, TypeError):
        return 0.0
    return max(0.0, wait.total_seconds())


async def _at_most(response: httpx.Response, size: int) -> bytes:
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > size:
            raise Unreachable("more than was asked for")
    return content


def _member(body: bytes, name: str) -> str:
    try:
        return str(from_json(body)[name])
    except (ValueError, KeyError, TypeError):
        raise Unreachable("something else answered in the server's place") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Unreachable("something else answered in the server's place")
    return int(text)


def _word(line: bytes) -> str:
    try:
        return str(from_json(line)["line"])
    except (ValueError, KeyError, TypeError):
        raise Unreachable("not a live line") from None
