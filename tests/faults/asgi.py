"""The real application asked without a socket: as fast as it can be, and as slowly as one likes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp


@dataclass(slots=True)
class Answer:
    """What an application said."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first bytes of the body."""


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    answer: Answer | None = None,
    reads_on: asyncio.Event | None = None,
) -> Answer:
    """Ask, and return the answer once it is whole; `path` may have a query.

    With `reads_on`, no more than the first bytes are read until that event is set. An exception
    that the application lets out comes out here.
    """
    said = answer or Answer()
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            said.status = message["status"]
            said.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
            return
        said.body += message.get("body", b"")
        said.began.set()
        if reads_on is not None:
            await reads_on.wait()

    await app(_scope(method, path, headers or {}), receive, send)
    return said


def _scope(method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
    place, _, query = path.partition("?")
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": place,
        "raw_path": place.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": raw,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
