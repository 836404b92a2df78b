"""The sync runner: holds the conversation whenever there is something to say or to hear.

Theory of operation. One loop syncs, one listens. What is to be done follows from the store alone,
so the runner cannot get stuck: while anything is pending, a timer or a wake-up is always ahead. A
wake-up comes from a local commit, a poke, a line that opens again, or the user; wake-ups during
an exchange are taken together by the next one. After a failure the wait grows with full jitter
(2 s to 15 min), and a line that opens again ends it at once. A wait that the other side asked for
(`Retry-After`, `backoff_ms`) is kept whatever happens, up to 15 min.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing, suppress
from typing import Final, Literal, Protocol

from mobile_app.checking import DAY_MS, Checking
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.records import Check
from shared.errors import Refusal, Unreachable, refused
from shared.sync.protocol import Line, read_line
from shared.sync.session import Next, Post, ProtocolError, Report, Wish, converse

Status = Literal["idle", "syncing", "offline", "waiting", "outdated", "signed_out", "revoked"]
"""idle: up to date; waiting: the server asked for patience; offline: no link, or by choice;
outdated: this app is too old to be sent anything, and delivers all the same."""

FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 900.0
LISTEN_WAIT_S: Final = 15.0
"""The longest pause between two attempts to open the live line: cheap, and it ends a wait."""
LAST_WORD_S: Final = 2.0
"""How long an answer may take to end after its last line."""
VERIFY_TRIES: Final = 5
"""How often a comparison begins anew because others have written meanwhile."""
POLL_S: Final = 120.0
"""How often to ask anyway: a proxy may swallow pokes."""
_STATUS_OF: Final[dict[str, Status]] = {"sign_in": "signed_out", "device_revoked": "revoked"}
LINKED: Final = frozenset({"idle", "outdated"})
_STOPPED: Final = frozenset({"signed_out", "revoked"})
Conversation = Generator[Wish, Line, Report]
log = logging.getLogger("fieldbook")


class Transport(Protocol):
    """The way to the server. Every call raises Unreachable or Refusal."""

    def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
        """Post a request; yield the lines of the answer as they arrive."""

    async def digest(self, token: str, body: bytes) -> bytes:
        """Post one question of a comparison; return the answer."""

    def live(self, token: str) -> AsyncGenerator[str, None]:
        """Keep a line open; yield "hello", then "poke" or "ping"."""

    async def close(self) -> None:
        """Close every connection."""


class SyncRunner:
    """Syncs one store. Used on one event loop."""

    def __init__(
        self,
        store: DeviceStore,
        transport: Transport,
        clock: Callable[[], int],
        fraction: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._transport, self._clock = store, transport, clock
        self._fraction, self._sleep = fraction, sleep
        self._checking = Checking(store, transport, clock)
        self._wanted, self._lock = asyncio.Event(), asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._tries = 0
        self.status: Status = "offline"
        self.last_error: Refusal | Unreachable | None = None
        self.next_try_at: int | None = None
        """When the next attempt is due after a failure (ms)."""
        self.listening = False
        """Whether the live line is open."""
        self.work_offline = store.setting("work_offline") == "yes"

    def wake(self) -> None:
        """Sync soon; wake-ups during an exchange are taken together."""
        self._wanted.set()

    def set_work_offline(self, offline: bool) -> None:
        """Keep off the network until told otherwise, or go back to it."""
        self.work_offline = offline
        self._store.set_setting("work_offline", "yes" if offline else "no")
        self._tries = 0
        self._become("offline" if offline else self.status)
        self.wake()

    def on_status(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at every change of status; return how to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _become(self, status: Status, error: Refusal | Unreachable | None = None) -> None:
        self.status, self.last_error = status, error
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:  # an edge: a screen's bug must not end syncing behind it
                log.exception("someone who watches the sync failed")

    async def quiet(self) -> bool:
        """Wait until no exchange is under way; say whether the server would take something now.

        This is how anything that is not a record lets records go first.
        """
        async with self._lock:
            return self.status in LINKED and not self.work_offline

    async def sync_once(self) -> Report:
        """Hold one conversation to its end. Raises Unreachable or Refusal; nothing is lost."""
        async with self._lock:
            self._become("syncing")
            try:
                report = await self._converse()
                if report.code == "revoked":  # after its last unsent work was taken
                    raise refused("device_revoked")
            except (Refusal, Unreachable) as error:
                self._become(_status_after(error), error)
                if self.status == "revoked":
                    self._store.forget_record()
                raise
            self._tries, self.next_try_at = 0, None
            self._become("outdated" if report.code == "upgrade" else "idle")
            return report

    async def _converse(self) -> Report:
        token = self._store.identity.token
        conversation = converse(self._store)
        wish: Post | Report = _post(next(conversation))
        try:
            while isinstance(wish, Post):
                async with aclosing(self._transport.exchange(token, wish.body)) as answer:
                    wish = await _hear(answer, conversation)
        except StopAsyncIteration:
            raise Unreachable("the answer broke off") from None
        except (ProtocolError, ValueError) as error:
            log.warning("not an answer of this protocol: %s", error)
            raise Unreachable("something else answered in the server's place") from error
        return wish

    async def verify(self) -> Check | None:
        """Sync, compare with the server and repair what differs; None if it never stood still.

        Raises Unreachable or Refusal; what was repaired until then is repaired.
        """
        if self.work_offline:
            raise Unreachable("working offline by choice")
        for _ in range(VERIFY_TRIES):
            await self.sync_once()
            async with self._lock:
                if check := await self._checking.once(give_way=lambda: False):
                    return check
        return None

    async def run(self) -> None:
        """Sync and listen until cancelled."""
        stop = self._store.on_change(self._wake_if_pending)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sync_on_demand())
                group.create_task(self._listen())
        finally:
            stop()

    def _wake_if_pending(self) -> None:
        if self._store.pending(1):
            self.wake()

    async def _sync_on_demand(self) -> None:
        self.wake()
        while True:
            wait = self._wait_s()
            self.next_try_at = self._clock() + round(wait * 1000) if self._tries else None
            with suppress(TimeoutError):
                # Not wait_for: before Python 3.12 it may swallow a cancellation, and syncing went
                # on behind a locked screen.
                async with asyncio.timeout(wait):
                    await self._wanted.wait()
            quiet = not self._wanted.is_set() and not self._tries
            self._wanted.clear()
            if not self.work_offline:
                await self._attempt()
                if self.status == "idle" and self._checking.overdue_ms() > (0 if quiet else DAY_MS):
                    await self._check()

    def _wait_s(self) -> float:
        """How long to wait for a wake-up: to the next poll, or after a failure with full jitter."""
        return backoff_s(self._tries, self._fraction()) if self._tries else POLL_S

    async def _attempt(self) -> None:
        asked_s = 0.0
        try:
            report = await self.sync_once()
        except (Refusal, Unreachable) as error:
            self._tries += 1
            asked_s = error.wait_s
        except Exception:  # an edge: a full disk or a bug must not end syncing until the next start
            log.exception("an exchange failed in an unforeseen way")
            self._tries += 1
            self._become("waiting")
        else:
            asked_s = report.backoff_ms / 1000
        if asked_s:
            await self._keep_off(min(asked_s, LONGEST_WAIT_S))

    async def _keep_off(self, seconds: float) -> None:
        """Wait as long as the other side asked to be left alone; no wake-up ends this earlier."""
        self.next_try_at = self._clock() + round(seconds * 1000)
        self._become("waiting", self.last_error)
        await self._sleep(seconds)

    async def _check(self) -> None:
        """Compare with the server; it gives way to whatever else there is to do."""
        try:
            async with self._lock:
                await self._checking.once(give_way=self._wanted.is_set)
        except (Refusal, Unreachable) as error:
            log.info("not compared with the server: %s", error)
        except Exception:  # an edge, as above
            log.exception("a comparison failed in an unforeseen way")

    async def _listen(self) -> None:
        """Keep the live line open; every opening is a reason to sync."""
        pause = FIRST_WAIT_S
        while True:
            asked_s = 0.0
            if not self.work_offline and self.status not in _STOPPED:
                try:
                    await self._hear_the_line()
                except (Unreachable, Refusal) as error:
                    asked_s = min(error.wait_s, LONGEST_WAIT_S)
                except Exception:  # an edge: without the line there is still the poll
                    log.exception("the live line failed in an unforeseen way")
                if self.listening:
                    pause = FIRST_WAIT_S
                self.listening = False
            await self._sleep(asked_s + pause * (0.5 + self._fraction() / 2))
            pause = min(LISTEN_WAIT_S, pause * 2)

    async def _hear_the_line(self) -> None:
        """Hear the live line until it ends, or until its user works offline."""
        async with aclosing(self._transport.live(self._store.identity.token)) as line:
            async for word in line:
                self.listening = True
                if self.work_offline:
                    return
                if word != "ping":
                    self.wake()


async def _hear(answer: AsyncGenerator[bytes, None], conversation: Conversation) -> Post | Report:
    """Take in one answer, line by line; return what is to be posted then, or the report."""
    while True:
        try:
            line = read_line(await anext(answer))
        except Refusal as refusal:
            return _post(conversation.throw(refusal))
        try:
            wish = conversation.send(line)
        except StopIteration as end:
            wish = end.value
        if not isinstance(wish, Next):
            await _finish(answer)
            return wish


def _post(wish: Wish) -> Post:
    assert isinstance(wish, Post)  # noqa: S101 - a conversation begins, and begins again, with one
    return wish


async def _finish(answer: AsyncGenerator[bytes, None]) -> None:
    """Read an answer to its very end: only then may its connection carry the next exchange."""
    with suppress(Unreachable, TimeoutError):
        async with asyncio.timeout(LAST_WORD_S):
            await anext(answer, None)


def backoff_s(tries: int, fraction: float) -> float:
    """Return how long to wait after `tries` failures, with full jitter: `fraction` is of [0, 1)."""
    # The exponent is bounded: after a week without a link 2.0 ** tries would overflow.
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, 20)) * fraction


def _status_after(error: Refusal | Unreachable) -> Status:
    if isinstance(error, Unreachable):
        return "offline"
    return _STATUS_OF.get(error.code, "waiting")
