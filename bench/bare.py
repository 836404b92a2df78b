"""The floor for a save that is seen elsewhere: its HTTP round trips, and nothing in them.

A bare Starlette app answers a post, pokes whoever listens, and answers the listener's post.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bench.report import percentile
from fieldbook.branch import free_port

_BODY = b"x" * 700


def make_app() -> Starlette:
    """Build the bare app."""
    poked = asyncio.Condition()

    async def post(request: Request) -> Response:
        await request.body()
        if request.headers.get("x-poke"):
            async with poked:
                poked.notify_all()
        return Response(_BODY)

    async def live(_request: Request) -> Response:
        async def words() -> AsyncIterator[bytes]:
            yield b"hello\n"
            while True:
                async with poked:
                    await poked.wait()
                yield b"poke\n"

        return StreamingResponse(words())

    return Starlette(routes=[Route("/post", post, methods=["POST"]), Route("/live", live)])


async def bare_round_trip_ms(rounds: int) -> float:
    """Return the median of post, poke and post, from a server process of its own."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)]) as server:
        try:
            return await _measure(f"http://127.0.0.1:{port}", rounds)
        finally:
            server.kill()


async def _measure(url: str, rounds: int) -> float:
    async with httpx.AsyncClient(base_url=url) as one, httpx.AsyncClient(base_url=url) as other:
        await _until_up(one)
        async with other.stream("GET", "/live") as line:
            words = line.aiter_lines()
            await anext(words)
            return percentile([await _round(one, other, words) for _ in range(rounds)], 0.5)


async def _round(
    one: httpx.AsyncClient, other: httpx.AsyncClient, words: AsyncIterator[str]
) -> float:
    began = time.perf_counter()
    posted = asyncio.create_task(one.post("/post", content=_BODY, headers={"x-poke": "1"}))
    await anext(words)
    await other.post("/post", content=_BODY)
    took = (time.perf_counter() - began) * 1000
    await posted
    return took


async def _until_up(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            await client.post("/post", content=b"")
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("the bare server did not come up")


if __name__ == "__main__":
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        config = uvicorn.Config(make_app(), log_level="error")
        uvicorn.Server(config).run(sockets=[listener])
