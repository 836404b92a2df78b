"""The courier: sends the record's changes to other systems, as it runs inside the server.

Theory of operation. A hook keeps its place in the change log. The courier claims the hooks that are
behind, and sends each the events after its place, a batch at a time and in order; only when one is
accepted does the place move, so a crash repeats a batch and never skips one. A hook that fails is
tried again later and later, and paused in the end; its place stays. Hooks do not wait for each
other: each is a task of its own, a few at a time.

The one place of the server that speaks HTTP as a client. Where it may go is a list that whoever
starts the server gives: addresses in a branch network are private anyway, so none is told apart by
that. Redirects are not followed, no proxy of the environment is used, and a certificate must fit.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import random
from typing import Final

import httpx
from starlette.concurrency import run_in_threadpool

from shared.errors import Refusal
from sync_server.hooks import Sending, back_off_ms, host_of, secret_of, signature
from sync_server.live import Live
from sync_server.store.access import Access, note_accesses
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.store.events import Batch, read_events, source_of
from sync_server.store.webhooks import Hook, claim_due, delivered, failed, release

MEDIA_TYPE: Final = "application/cloudevents-batch+json"
TOGETHER: Final = 8
"""Hooks that are sent to at one moment."""
EVENTS: Final = 100
"""Of one delivery."""
LOOK_EVERY_S: Final = 5.0
"""Without a poke: for what other processes wrote, and for hooks that are tried again."""
SEND_S: Final = 10.0
"""For a whole delivery, however slowly it is answered."""
_PAUSE_AT: Final = 410
"""Gone: the receiver says that it wants no more."""
log = logging.getLogger("fieldbook")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a delivery: the status, or what went wrong; for how long to wait (s)."""

    status: int | None
    said: str = ""
    wait_s: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Courier:
    """Sends to the hooks of one database."""

    database: Database
    live: Live
    clock: Callable[[], int]
    sending: Sending
    busy: set[str] = field(default_factory=set)
    """Hooks that are sent to at this moment, by this process."""

    async def run(self) -> None:
        """Send until cancelled."""
        async with client_for(self.sending) as client, asyncio.TaskGroup() as sends:
            with self.live.attending() as news:
                while True:
                    news.clear()
                    for hook in await self._due():
                        self.busy.add(hook.name)
                        sends.create_task(self._serve(client, hook, news))
                    await _within(news, LOOK_EVERY_S)

    async def _due(self) -> list[Hook]:
        most = TOGETHER - len(self.busy)
        if most <= 0:
            return []
        try:
            return await run_in_threadpool(self._claim, most)
        except DatabaseUnavailable as error:
            log.warning("webhooks wait for the database: %s", error)
            return []

    def _claim(self, most: int) -> list[Hook]:
        busy = list(self.busy)
        return self.database.write(
            lambda connection: claim_due(connection, self.clock(), busy, most)
        )

    async def _serve(self, client: httpx.AsyncClient, hook: Hook, news: asyncio.Event) -> None:
        try:
            while (further := await self._deliver(client, hook)) is not None:
                hook = further
        except DatabaseUnavailable as error:
            log.warning("the webhook %s waits for the database: %s", hook.name, error)
        finally:
            self.busy.discard(hook.name)
        news.set()  # what came meanwhile is looked for at once

    async def _deliver(self, client: httpx.AsyncClient, hook: Hook) -> Hook | None:
        """Send the next batch; return the hook as it is then, None when there is no more to do."""
        batch = await run_in_threadpool(self._read, hook)
        if batch.first is not None:
            reply = await self._post(client, hook, batch)
            if not reply.is_accepted:
                await run_in_threadpool(self._fail, hook, reply)
                return None
        return await run_in_threadpool(self._advance, hook, batch)

    def _read(self, hook: Hook) -> Batch:
        generation = self.database.generation
        with self.database.reading() as connection:
            return read_events(connection, generation, hook.place, hook.reader, EVENTS)

    async def _post(self, client: httpx.AsyncClient, hook: Hook, batch: Batch) -> Reply:
        assert batch.first is not None  # noqa: S101 - asked where there are events
        first, last = batch.first, batch.place
        id = f"{self.database.generation}:{first.seq}-{first.ord}:{last.seq}-{last.ord}"
        secret = secret_of(self.database.cursor_key, hook.id)
        return await post(
            client, self.sending, hook.url, secret, id, batch.body, self.clock() // 1_000
        )

    def _fail(self, hook: Hook, reply: Reply) -> None:
        log.warning("the webhook %s failed: %s", hook.name, reply.said)
        wait_ms = back_off_ms(hook.failures + 1, random(), reply.wait_s)
        is_final = reply.status == _PAUSE_AT
        self.database.write(
            lambda connection: failed(
                connection, hook, reply.said, self.clock(), wait_ms, is_final=is_final
            )
        )

    def _advance(self, hook: Hook, batch: Batch) -> Hook | None:
        if (first := batch.first) is not None:
            extent = f"{first.seq}.{first.ord}-{batch.place.seq}.{batch.place.ord}"
            read = Access(f"webhook:{hook.name}", "events", extent=extent)
            note_accesses(self.database, [read], self.clock())
        now = self.clock()
        moved = self.database.write(
            lambda connection: delivered(connection, hook, batch.place, now)
        )
        if batch.is_all or not moved:
            self.database.write(lambda connection: release(connection, hook))
            return None
        return replace(hook, place=batch.place, failures=0, failing_since=None)


def client_for(sending: Sending) -> httpx.AsyncClient:
    """Make the client that deliveries go out by."""
    trusted = ssl.create_default_context()
    if sending.ca is not None:
        trusted.load_verify_locations(cafile=sending.ca)
    return httpx.AsyncClient(
        verify=trusted, trust_env=False, follow_redirects=False, timeout=SEND_S
    )


async def post(
    client: httpx.AsyncClient,
    sending: Sending,
    url: str,
    secret: str,
    id: str,
    body: bytes,
    at_s: int,
) -> Reply:
    """Send one signed delivery, if its host is on the list; tell what came of it."""
    headers = {
        "content-type": MEDIA_TYPE,
        "webhook-id": id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": signature(secret, id, at_s, body),
    }
    try:
        if (host := host_of(url)) not in sending.hosts:
            return Reply(None, f"{host} is not among the hosts of --webhook-to")
        async with (
            asyncio.timeout(SEND_S),
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            return _reply(answer)
    except Refusal as refusal:
        return Reply(None, refusal.code)
    except TimeoutError:
        return Reply(None, f"no answer within {SEND_S:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reply(None, f"{type(error).__name__}: {error}"[:200])


def _reply(answer: httpx.Response) -> Reply:
    """Read the status alone: what a receiver says besides is not worth its length."""
    asked = answer.headers.get("retry-after", "")
    wait_s = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return Reply(answer.status_code, f"HTTP {answer.status_code}", wait_s)


def a_test_event(generation: str, id: str, time: str) -> dict[str, str]:
    """Return the event by which a receiver is tried out."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": source_of(generation),
        "type": "fieldbook.webhook.test",
        "time": time,
    }


async def _within(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        pass
