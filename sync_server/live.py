"""Live: who is listening, and who is poked when a commit concerns them.

A poke carries no data; it says "come and ask". Commits of this process poke at once. Those of other
processes are noticed by the clock row, which is read twice a second; on PostgreSQL a NOTIFY in
the same transaction tells at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sync_server.exchange import Poke

PING_S: Final = 15.0
"""Silence longer than this lets a proxy cut the line; a ping also finds a dead one."""


@dataclass(eq=False, slots=True)
class Listener:
    """One device that keeps a line open, or another system that waits for anything new."""

    device_id: str
    scopes: frozenset[str] | None
    """None: everything concerns it."""
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def hears(self, poke: Poke) -> bool:
        """Whether a commit is news to it."""
        if self.scopes is None:
            return True
        return self.device_id != poke.device_id and bool(poke.scopes & self.scopes)


@dataclass(slots=True)
class Live:
    """The open lines. Used on the event loop only."""

    listeners: set[Listener] = field(default_factory=set)
    seq: int = 0
    """Up to here every commit is known here: whoever it concerns was told."""
    ahead: set[int] = field(default_factory=set)
    """Known commits behind a gap: another process may have made the one that is missing."""
    closing: bool = False

    async def listen(self, device_id: str, scopes: Iterable[str]) -> AsyncIterator[str]:
        """Yield "hello", then "poke" or "ping" until the line is closed."""
        listener = Listener(device_id, frozenset(scopes))
        self.listeners.add(listener)
        try:
            yield "hello"
            while not self.closing:
                yield await _next(listener)
        finally:
            self.listeners.discard(listener)

    @contextmanager
    def attending(self) -> Iterator[asyncio.Event]:
        """Give what is set by every commit and at the close, until the block ends."""
        listener = Listener("", None)
        self.listeners.add(listener)
        try:
            yield listener.wanted
        finally:
            self.listeners.discard(listener)

    def poke(self, poke: Poke) -> None:
        """Wake everyone whom a commit concerns, but for the device that made it."""
        self._know(poke.seq)
        for listener in self.listeners:
            if listener.hears(poke):
                listener.wanted.set()

    def teller(self, loop: asyncio.AbstractEventLoop) -> Callable[[object, Poke | None], None]:
        """Return what pokes for a commit that was made in another thread than the loop's."""

        def tell(_: object, poke: Poke | None) -> None:
            if poke is not None:
                loop.call_soon_threadsafe(self.poke, poke)

        return tell

    def notice(self, seq: int) -> None:
        """Wake everyone if something was committed that nobody here knows of."""
        if seq > self.seq:
            self.seq = seq
            self.ahead = {each for each in self.ahead if each > seq}
            self._poke_all()

    def _know(self, seq: int) -> None:
        if seq > self.seq:
            self.ahead.add(seq)
        while self.seq + 1 in self.ahead:
            self.seq += 1
            self.ahead.remove(self.seq)

    def _poke_all(self) -> None:
        for listener in self.listeners:
            listener.wanted.set()

    def close(self) -> None:
        """Let every line end, so that the server can stop."""
        self.closing = True
        self._poke_all()


async def _next(listener: Listener) -> str:
    try:
        # Not wait_for: before Python 3.12 it may swallow the cancellation of a line that is cut.
        async with asyncio.timeout(PING_S):
            await listener.wanted.wait()
    except TimeoutError:
        return "ping"
    listener.wanted.clear()
    return "poke"
