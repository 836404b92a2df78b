"""The blob runner: the lane in which the content of attachments goes out, behind the records.

Theory of operation. What is to be sent follows from the stores alone: every unsent blob of which a
record has had its verdict. It goes out a part at a time, and before each part the runner waits for
a pause between exchanges, so a record is never behind more than the part that is under way, and
not even behind that, since it has a connection of its own. Where to go on is asked of the server,
which is right about it after any cut, restart, or another device's upload.

Nothing here can hold anything else up. A line that breaks ends the round; a blob that is refused
waits by itself, the others go on; both with the backoff of the records. A round is held only while
the records' runner is not up to date: then there is no link, or none is wanted.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from mobile_app.store.blobs import Blob, Blobs
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import LINKED, SyncRunner, backoff_s
from shared.blob import MAX_SIZE, PART, Span
from shared.errors import Refusal, Unreachable, refused

PART_S: Final = 60.0
"""How long one part may take before the line counts as broken; a browser's fetch never gives up."""
_SENT: Final = (None, "acked", "done")
"""What became of a record whose content may follow; None: that is long ago."""
_SIGNED_OUT: Final = frozenset({"sign_in", "device_revoked"})
_OF_CONTENT: Final = frozenset({"blob_mismatch", "malformed"})
"""What the server says when the content here is not what it was."""
_T = TypeVar("_T")
log = logging.getLogger("fieldbook")


class BlobTransport(Protocol):
    """The way to the server. Every call raises Unreachable or Refusal."""

    def blob_offset(self, token: str, name: str) -> Coroutine[Any, Any, int]:
        """Ask from where a blob is to be sent."""

    def put_blob(
        self, token: str, name: str, span: Span, content: bytes
    ) -> Coroutine[Any, Any, int]:
        """Send one part; return from where to go on."""

    def get_blob(
        self, token: str, name: str, start: int, end: int
    ) -> Coroutine[Any, Any, tuple[bytes, int]]:
        """Fetch a part; return it and the size of the whole."""


class Held(Exception):
    """The records' runner has no link, or wants none: not now."""


@dataclass(slots=True)
class _Wait:
    """How often a blob, or the line, failed, and when it may be tried again (ms)."""

    tries: int = 0
    until: int = 0

    def longer(self, now: int, fraction: float) -> None:
        """Wait after one more failure."""
        self.tries += 1
        self.until = now + round(backoff_s(self.tries, fraction) * 1000)


class BlobRunner:
    """Sends and fetches the blobs of one device. Used on one event loop."""

    def __init__(
        self,
        store: DeviceStore,
        blobs: Blobs,
        records: SyncRunner,
        transport: BlobTransport,
        clock: Callable[[], int],
        fraction: Callable[[], float],
    ) -> None:
        self._store, self._blobs, self._records = store, blobs, records
        self._transport, self._clock, self._fraction = transport, clock, fraction
        self._wanted, self._lock, self._fetching = asyncio.Event(), asyncio.Lock(), asyncio.Lock()
        self._line, self._was_offline = _Wait(), False
        self._waits: dict[str, _Wait] = {}

    def wake(self) -> None:
        """Look soon for something to send."""
        self._wanted.set()

    def retry(self, name: str) -> None:
        """Try a refused blob again at once."""
        self._waits.pop(name, None)
        self._blobs.refuse(name, None)
        self.wake()

    async def run(self) -> None:
        """Send whatever is there to be sent until cancelled."""
        stops = [self._records.on_status(self._on_status), self._blobs.on_change(self.wake)]
        try:
            while True:
                wait = await self._attempt()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), wait)
                self._wanted.clear()
        finally:
            for stop in stops:
                stop()

    def _on_status(self) -> None:
        """Look for work after every exchange; a line that opens again ends its wait at once."""
        if self._records.status == "offline":
            self._was_offline = True
        elif self._records.status in LINKED and self._was_offline:
            self._was_offline, self._line = False, _Wait()
        self.wake()

    async def _attempt(self) -> float | None:
        """Go through what is due; return how long to wait for more (s), None: until woken."""
        if self._line.until > self._clock():
            return self._until_s([self._line])
        try:
            await self.send_all()
        except Held:
            return None
        except Unreachable as error:
            log.info("the line broke under an attachment: %s", error)
        except Exception:  # an edge, as in the records' runner
            log.exception("sending an attachment failed in an unforeseen way")
        else:
            self._line = _Wait()
            return self._until_s(list(self._waits.values()))
        self._line.longer(self._clock(), self._fraction())
        return self._until_s([self._line])

    def _until_s(self, waits: list[_Wait]) -> float | None:
        until = min((each.until for each in waits), default=None)
        return None if until is None else max(0.0, (until - self._clock()) / 1000)

    async def send_all(self) -> int:
        """Send every blob that is due; return how many the server now has.

        Raises Unreachable when the line breaks and Held when there is none; what was sent counts.
        """
        sent = 0
        async with self._lock:
            await self._turn()
            self._tidy()
            for blob in self._due():
                sent += await self._send_or_wait(blob)
        return sent

    def _tidy(self) -> None:
        """Follow the records: a restored server, a customer who has left."""
        here = self._blobs.all()
        self._blobs.meet(self._store.generation())
        if here:
            self._blobs.forget_all_but(self._store.named_blobs(list(here)))
        self._waits = {name: wait for name, wait in self._waits.items() if name in here}

    def _due(self) -> list[Blob]:
        """Return what may be sent now: its record has had its verdict, and it need not wait."""
        now, unsent = self._clock(), {each.sha256: each for each in self._blobs.unsent()}
        due = {
            name: unsent[name]
            for attachment, name, recorded in self._blobs.own()
            if recorded
            and name in unsent
            and self._waits.get(name, _Wait()).until <= now
            and not _is_damaged(unsent[name])
            and self._store.fate("attachment", attachment) in _SENT
        }
        return sorted(due.values(), key=lambda each: (each.created_at, each.sha256))

    async def _send_or_wait(self, blob: Blob) -> bool:
        """Send one blob; a refusal is kept with it and keeps nothing else."""
        try:
            await self._send(blob)
        except Refusal as refusal:
            if refusal.code in _SIGNED_OUT:
                self._records.wake()
                raise Held from refusal
            self._refuse(blob, refusal)
            return False
        self._waits.pop(blob.sha256, None)
        return True

    def _refuse(self, blob: Blob, refusal: Refusal) -> None:
        if refusal.code in _OF_CONTENT and not self._blobs.is_sound(blob.sha256):
            refusal = refused("blob_damaged")
            self._waits.pop(blob.sha256, None)
        else:
            wait = self._waits.setdefault(blob.sha256, _Wait())
            wait.longer(self._clock(), self._fraction())
        self._blobs.refuse(blob.sha256, refusal)

    async def _send(self, blob: Blob) -> None:
        """Send a blob from wherever the server is to its end."""
        token, name, size = self._store.identity.token, blob.sha256, blob.size
        offset = await _in_time(self._transport.blob_offset(token, name))
        for _ in range(_most_moves(size)):
            if offset >= size:
                break
            await self._turn()
            span = Span(offset, min(size, offset + PART), size)
            offset = await self._put(token, name, span)
            self._blobs.sent(name, offset)
        if offset < size:  # two devices in each other's way, or a server that forgets
            raise Unreachable("an upload makes no headway")
        self._blobs.stored(name)

    async def _put(self, token: str, name: str, span: Span) -> int:
        content = self._blobs.read(name, span.start, span.end)
        try:
            return await _in_time(self._transport.put_blob(token, name, span, content))
        except Refusal as refusal:
            have = refusal.fields.get("have", "")
            if refusal.code == "blob_range" and have.isascii() and have.isdigit():
                return int(have)
            raise

    async def _turn(self) -> None:
        """Let records go first; raise Held while they cannot go."""
        if not await self._records.quiet():
            raise Held

    async def fetch(self, name: str, media_type: str) -> None:
        """Fetch a blob, from where an earlier try broke off, and check it.

        Raises Unreachable; Refusal `not_found`, `blob_waiting`, and `blob_mismatch` for a content
        that is not what its name says.
        """
        if self._records.work_offline:
            raise Unreachable("working offline")
        async with self._fetching:
            found = self._blobs.find(name)
            if found is None or not found.is_whole:
                await self._fetch(name, media_type, found)

    async def _fetch(self, name: str, media_type: str, found: Blob | None) -> None:
        token = self._store.identity.token
        start, total = (found.offset, found.size) if found else (0, MAX_SIZE)
        for _ in range(_most_moves(MAX_SIZE)):
            if start >= total:
                break
            asked = self._transport.get_blob(token, name, start, start + PART)
            content, total = await _in_time(asked)
            span = Span(start, start + len(content), total)
            start = self._blobs.take(name, media_type, span, content)
        if start < total:
            raise Unreachable("a download makes no headway")
        if not self._blobs.finish(name):
            raise refused("blob_mismatch")


def _most_moves(size: int) -> int:
    """How many parts to move at most for a blob: each twice, should something begin anew."""
    return 2 * (size // PART + 2)


def _is_damaged(blob: Blob) -> bool:
    return blob.refusal is not None and blob.refusal.code == "blob_damaged"


async def _in_time(work: Coroutine[Any, Any, _T]) -> _T:
    try:
        async with asyncio.timeout(PART_S):
            return await work
    except TimeoutError:
        raise Unreachable("no answer in time") from None
