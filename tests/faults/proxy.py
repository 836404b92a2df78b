"""A proxy that misbehaves: what stands between a tablet in the field and the branch's server.

It passes exchanges on, each over a connection of its own, and does to each of them what the next
fault of its plan says. Once the plan is used up it is a good proxy. The live line is passed on
until a fault strikes, which cuts it as well.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import zstandard
from pydantic_core import from_json, to_json

from tests.faults.wire import Message, answer, read_message

_NDJSON: Final = "application/x-ndjson"
_PORTAL: Final = "<!doctype html><title>欢迎使用免费无线网络</title><p>请先登录".encode()
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Proxy:
    """One listening proxy in front of one server."""

    target: int
    random: Random
    plan: list[str] = field(default_factory=list)
    passes_lines: bool = True
    """Whether it lets the live line through; else only its timer wakes a device."""
    struck: list[str] = field(default_factory=list)
    """Faults that have struck."""
    asked_s: float | None = None
    """For how long the last answer asked the device to keep off."""
    hasty: list[str] = field(default_factory=list)
    """Exchanges that came before the wait was over that was asked for."""
    answered: int = 0
    """Exchanges that went as they should."""
    port: int = 0
    _last: Message | None = None
    _devices: set[asyncio.StreamWriter] = field(default_factory=set)
    _serving: set[asyncio.Task[Any] | None] = field(default_factory=set)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            self.hang_up()
            while self._serving:
                await asyncio.sleep(0.001)

    def waited(self, seconds: float) -> None:
        """Learn that the device has kept off for a while."""
        if self.asked_s is not None and seconds >= self.asked_s:
            self.asked_s = None

    def hang_up(self, but: asyncio.StreamWriter | None = None) -> None:
        """Close every connection with the device, but for one."""
        for writer in self._devices - {but}:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._serving.add(task)
        self._devices.add(writer)
        try:
            while (request := await read_message(reader)) is not None:
                if request.head.startswith(b"GET"):
                    await self._pass_line(request, (reader, writer))
                    return
                if not await self._exchange(request, (reader, writer)):
                    return
        except OSError:
            pass
        finally:
            writer.close()
            self._devices.discard(writer)
            self._serving.discard(task)

    async def _exchange(self, request: Message, device: Stream) -> bool:
        """Pass an exchange on, or do worse; say whether the connection is still good."""
        if self.asked_s is not None:
            self.hasty.append(f"an exchange came before {self.asked_s:.0f} s were over")
            self.asked_s = None
        if not self.plan:
            said = await self.pass_on(request)
            await _send(device[1], said.raw if said else b"")
            # A device that has given up by now, on a busy machine, has not heard it.
            is_heard = said is not None and not device[0].at_eof()
            self.answered += is_heard
            return is_heard
        name = self.plan.pop(0)
        self.struck.append(name)
        self.hang_up(but=device[1])
        await FAULTS[name](self, request, device)
        return False

    async def pass_on(self, request: Message) -> Message | None:
        """Ask the server; None if it did not answer."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return None
        try:
            await _send(writer, request.raw)
            said = await read_message(reader)
        finally:
            writer.close()
        self._last = said or self._last
        return said

    async def _pass_line(self, request: Message, device: Stream) -> None:
        if not self.passes_lines:
            await _send(device[1], answer("404 Not Found", _PORTAL, content_type="text/html"))
            return
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        await _send(writer, request.raw)
        passing = asyncio.create_task(_pump(reader, device[1]))
        hung_up = asyncio.create_task(_until_it_hangs_up(device))
        await asyncio.wait({passing, hung_up}, return_when=asyncio.FIRST_COMPLETED)
        writer.close()
        device[1].close()
        await asyncio.wait({passing, hung_up})


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await reader.read(4_096):
            await _send(writer, part)


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


# What may happen to an exchange. The connection is closed afterwards.


async def _drop(_proxy: Proxy, _request: Message, _device: Stream) -> None:
    """The line breaks before the request has reached the server."""


async def _drop_the_answer(proxy: Proxy, request: Message, _device: Stream) -> None:
    await proxy.pass_on(request)


async def _drop_with_a_reset(proxy: Proxy, request: Message, device: Stream) -> None:
    await proxy.pass_on(request)
    device[1].transport.abort()


async def _twice(proxy: Proxy, request: Message, device: Stream) -> None:
    """The request arrives on two connections at once; either answer may win."""
    answers = await asyncio.gather(proxy.pass_on(request), proxy.pass_on(request))
    said = proxy.random.choice(answers)
    await _send(device[1], said.raw if said else b"")


async def _late(proxy: Proxy, request: Message, device: Stream) -> None:
    """The request is passed on when its device has given up already."""
    await _until_it_hangs_up(device)
    await proxy.pass_on(request)


async def _slightly_late(proxy: Proxy, request: Message, device: Stream) -> None:
    said = await proxy.pass_on(request)
    await asyncio.sleep(proxy.random.uniform(0, 0.1))
    await _send(device[1], said.raw if said else b"")


async def _in_another_order(proxy: Proxy, request: Message, device: Stream) -> None:
    """The device gets the answer of the exchange before; its own is kept for the next."""
    before = proxy._last
    said = await proxy.pass_on(request)
    late = before or said
    await _send(device[1], late.raw if late else b"")


async def _cut_the_request(proxy: Proxy, request: Message, _device: Stream) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", proxy.target)
    await _send(writer, request.raw[: proxy.random.randrange(len(request.raw))])
    writer.close()


async def _cut_the_answer(proxy: Proxy, request: Message, device: Stream) -> None:
    said = await proxy.pass_on(request)
    if said:
        await _send(device[1], said.raw[: proxy.random.randrange(len(said.raw))])


async def _half_open(_proxy: Proxy, _request: Message, device: Stream) -> None:
    """Accepted, and never answered."""
    await _until_it_hangs_up(device)


async def _half_an_answer_then_silence(proxy: Proxy, request: Message, device: Stream) -> None:
    said = await proxy.pass_on(request)
    if said:
        await _send(device[1], said.raw[: proxy.random.randrange(len(said.raw))])
        await _until_it_hangs_up(device)


async def _until_it_hangs_up(device: Stream) -> None:
    with suppress(ConnectionError):
        await device[0].read()


async def _bad_gateway(proxy: Proxy, _request: Message, device: Stream) -> None:
    proxy.asked_s = float(proxy.random.randint(60, 900))
    status = proxy.random.choice(("502 Bad Gateway", "503 Unavailable", "429 Too Many Requests"))
    said = answer(status, _PORTAL, content_type="text/html", retry_after=f"{proxy.asked_s:.0f}")
    await _send(device[1], said)


async def _bad_gateway_without_a_word(_proxy: Proxy, _request: Message, device: Stream) -> None:
    await _send(device[1], answer("504 Gateway Timeout", b""))


async def _truncated_gzip(proxy: Proxy, request: Message, device: Stream) -> None:
    packer = zlib.compressobj(wbits=31)
    await _truncated(proxy, request, device, "gzip", lambda b: packer.compress(b) + packer.flush())


async def _truncated_zstd(proxy: Proxy, request: Message, device: Stream) -> None:
    await _truncated(proxy, request, device, "zstd", zstandard.ZstdCompressor().compress)


async def _truncated(
    proxy: Proxy,
    request: Message,
    device: Stream,
    encoding: str,
    compress: Callable[[bytes], bytes],
) -> None:
    said = await proxy.pass_on(request.asking_for("identity"))
    packed = compress(said.payload if said else b"")
    part = packed[: proxy.random.randrange(len(packed))]
    await _send(device[1], answer("200 OK", part, content_type=_NDJSON, content_encoding=encoding))


async def _portal(_proxy: Proxy, _request: Message, device: Stream) -> None:
    await _send(device[1], answer("200 OK", _PORTAL, content_type="text/html; charset=utf-8"))


async def _redirect(_proxy: Proxy, _request: Message, device: Stream) -> None:
    await _send(device[1], answer("302 Found", b"", location="http://portal.invalid/login"))


async def _byte_by_byte(proxy: Proxy, request: Message, device: Stream) -> None:
    said = await proxy.pass_on(request)
    raw = said.raw if said else b""
    for place in range(min(len(raw), 1_000)):
        await _send(device[1], raw[place : place + 1])
        await asyncio.sleep(0)
    await _send(device[1], raw[1_000:])


async def _garbage(proxy: Proxy, request: Message, device: Stream) -> None:
    """What looks like an answer by its header and is none."""
    said = await proxy.pass_on(request.asking_for("identity"))
    lines = said.payload.splitlines(keepends=True) if said else []
    choices = (
        proxy.random.randbytes(200),
        b'{"line": "verdicts", "verdicts": 7}\n',
        b'{"line": "page"}\n',
        b"[" * 5_000 + b"\n",
        b"\n\n\n",
        b'"end"\n',
        b"".join(lines[1:]),
        b"".join(lines[:-1]),
        b"".join(reversed(lines)),
    )
    await _send(device[1], answer("200 OK", proxy.random.choice(choices), content_type=_NDJSON))


async def _wrong_cursor(proxy: Proxy, request: Message, device: Stream) -> None:
    """All is as it should be, but for the cursor of a page."""
    said = await proxy.pass_on(request.asking_for("identity"))
    field_ = proxy.random.choice(("after", "cursor"))
    wrong = proxy.random.choice(("", "bm90IG9uZQ==", "ZmFsc2U" * 30))
    lines = [from_json(line) for line in said.payload.splitlines()] if said else []
    body = b"".join(to_json(_with(line, field_, wrong)) + b"\n" for line in lines)
    await _send(device[1], answer("200 OK", body, content_type=_NDJSON))


def _with(line: Any, name: str, value: str) -> Any:
    return {**line, name: value} if name in line else line


Fault = Callable[[Proxy, Message, Stream], Awaitable[None]]
FAULTS: Final[Mapping[str, Fault]] = {
    "dropped before the server": _drop,
    "dropped behind the server": _drop_the_answer,
    "reset behind the server": _drop_with_a_reset,
    "sent twice at once": _twice,
    "passed on when given up": _late,
    "a little late": _slightly_late,
    "answers in another order": _in_another_order,
    "request cut": _cut_the_request,
    "answer cut": _cut_the_answer,
    "half open": _half_open,
    "half an answer, then silence": _half_an_answer_then_silence,
    "502, 503 or 429 with Retry-After": _bad_gateway,
    "504": _bad_gateway_without_a_word,
    "truncated gzip": _truncated_gzip,
    "truncated zstd": _truncated_zstd,
    "captive portal": _portal,
    "redirect": _redirect,
    "byte by byte": _byte_by_byte,
    "garbage": _garbage,
    "wrong cursor": _wrong_cursor,
}
