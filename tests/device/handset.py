"""A device with the real stores and runners, and a line to the real server that can fail."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

import httpx

from mobile_app.attachments import Attachments
from mobile_app.blob_runner import BlobRunner
from mobile_app.platform.http import HttpTransport
from mobile_app.store.blobs import BUDGET, Blobs
from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import SyncRunner
from shared.blob import Span
from shared.domain import Attachment, Employee
from shared.domain.attachment import AttachmentKind
from shared.errors import Unreachable
from shared.ids import Millis
from shared.registry import Document
from shared.testing.builders import NOW
from sync_server.http import Services, make_app
from tests.server.blob_bank import BlobBank

KEY = b"k" * 32
Fault = Literal["not sent", "answer lost", "hangs", "kill"]


class Killed(BaseException):
    """The device dies here. Not an Exception: nothing may catch it and go on."""


class Line(HttpTransport):
    """The real transport to the real application; each part of a blob may meet a fault."""

    def __init__(self, services: Services) -> None:
        transport = httpx.ASGITransport(make_app(services))
        super().__init__("http://branch", httpx.AsyncClient(transport=transport))
        self.faults: dict[int, Fault] = {}
        """The number of a part, counted over all, to what happens to it."""
        self.cut = False
        self.parts: list[tuple[str, int]] = []
        """Every part that was tried: its blob and where it starts."""
        self.exchanges = 0
        self.hung = asyncio.Event()

    async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
        if self.cut:
            raise Unreachable("no link")
        self.exchanges += 1
        async for line in super().exchange(token, body):
            yield line

    async def live(self, token: str) -> AsyncGenerator[str, None]:
        yield "hello"
        await asyncio.Event().wait()

    async def blob_offset(self, token: str, name: str) -> int:
        if self.cut:
            raise Unreachable("no link")
        return await super().blob_offset(token, name)

    async def put_blob(self, token: str, name: str, span: Span, content: bytes) -> int:
        fault = self.faults.get(len(self.parts))
        self.parts.append((name, span.start))
        if self.cut or fault == "not sent":
            raise Unreachable("not sent")
        if fault == "hangs":
            self.hung.set()
            await asyncio.Event().wait()
        if fault == "kill":
            raise Killed
        have = await super().put_blob(token, name, span, content)
        if fault == "answer lost":
            raise Unreachable("the answer was lost")
        return have


@dataclass
class Handset:
    """One device of an employee; its files outlive every crash."""

    bank: BlobBank
    folder: Path
    employee: Document
    budget: int = BUDGET
    now: int = NOW
    line: Line = field(init=False)
    token: str = field(init=False)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.random = Random(str(self.folder))
        known = self.bank.device(self.employee)
        self.token = self.bank.tokens[known.device_id]
        self.line = Line(Services(self.bank.database, lambda: self.now))
        self.open()
        self.store.enrol(known.device_id, self.token, "http://branch", Employee(**self.employee))  # type: ignore[arg-type]

    def clock(self) -> Millis:
        return Millis(self.now)

    def open(self) -> None:
        """Start the app."""
        self.store = DeviceStore(
            open_engine(str(self.folder / "mirror.db"), KEY),
            open_engine(str(self.folder / "outbox.db"), KEY),
            self.clock,
            self.random.randbytes,
        )
        engine = open_engine(str(self.folder / "attachments.db"), KEY)
        self.blobs = Blobs(engine, self.clock, self.budget)
        self.runner = SyncRunner(self.store, self.line, self.clock, lambda: 0.5)
        self.lane = BlobRunner(
            self.store, self.blobs, self.runner, self.line, self.clock, lambda: 0.5
        )
        self.attachments = Attachments(self.store, self.blobs, self.lane, self.clock)

    def close(self) -> None:
        self.store.close()
        self.blobs.close()

    def reopen(self) -> None:
        """Start the app again: memory is gone, files are not."""
        self.close()
        self.open()

    def attach(self, content: bytes, customer: Document, **fields: Any) -> Attachment:
        """Attach a content to a customer, as the command line does."""
        kind: AttachmentKind = fields.pop("kind", "photo")
        held = self.attachments.hold(kind, content)
        made = self.attachments.record_of(held, str(customer["id"]), **fields)
        self.attachments.commit([], [made])
        return made

    async def sync(self) -> int:
        """Send records, then what is due of blobs; return how many of those arrived."""
        await self.runner.sync_once()
        return await self.lane.send_all()


def done(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a scene to its end, which must come."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await work()

    return asyncio.run(bounded())
