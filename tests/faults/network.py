"""Devices behind a proxy that misbehaves: whatever it did, afterwards every queue empties.

Each run takes a random plan of faults, and lets the real runner loop, with the real transport,
save and sync against it. Waits cost no time here: the runner is given a sleep that only notes how
long it would have been. A run whose queue is not empty soon after its plan has ended is stuck.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import httpx

from mobile_app.device import wall_clock
from mobile_app.platform.here import _zstd
from mobile_app.platform.http import HttpTransport
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import SyncRunner
from tests.faults import checks
from tests.faults.bank import Kit, make_bank, opened_database, save_visit
from tests.faults.processes import Server, unforeseen
from tests.faults.proxy import FAULTS, Proxy
from tests.faults.tally import Progress, Tally, silent

EXCHANGES: Final = 5
"""How many good exchanges a runner may take to empty its queue once the faults have ended."""
_AT_ONCE: Final = 10
"""Devices that suffer at the same time: most of what each does is waiting."""
_STUCK_AFTER_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.01
_TIMEOUT: Final = httpx.Timeout(2.0)
"""A busy machine answers in it: who gives up sooner asks again and again, and keeps it busy."""
_LIVE_TIMEOUT: Final = httpx.Timeout(2.0)


@dataclass(slots=True)
class Suffering:
    """One device and its proxy, through many runs."""

    kit: Kit
    store: DeviceStore
    proxy: Proxy
    saved: list[checks.Saved] = field(default_factory=list)

    async def run(self, random: Random) -> list[str]:
        """Go through one plan of faults; return what was violated."""
        self.proxy.random = random
        self.proxy.plan = random.choices(list(FAULTS), k=random.randint(1, 6))
        self.proxy.passes_lines = random.random() < 0.5
        plan = ", ".join(self.proxy.plan)
        transport = self._transport()
        runner = SyncRunner(self.store, transport, wall_clock, lambda: 0.0, self._sleep)
        running = asyncio.create_task(runner.run())
        try:
            async with asyncio.timeout(_STUCK_AFTER_S):
                await self._through_the_plan(random)
                await self._until_empty()
        except TimeoutError:
            return [f"stuck after: {plan}"]
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await transport.close()
        hasty, self.proxy.hasty = self.proxy.hasty, []
        return hasty

    def _transport(self) -> HttpTransport:
        client = httpx.AsyncClient(verify=False)  # noqa: S501 - there is no TLS here
        url = f"http://127.0.0.1:{self.proxy.port}"
        return HttpTransport(url, client, _zstd, _TIMEOUT, _LIVE_TIMEOUT)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds / 1_000, 0.02))
        self.proxy.waited(seconds)

    async def _through_the_plan(self, random: Random) -> None:
        """Save visits until every fault of the plan has struck."""
        while self.proxy.plan:
            if checks.waiting(self.store) == 0:
                self.saved.append(save_visit(self.store, random.choice(self.kit.customers)))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _until_empty(self) -> None:
        """Wait until nothing is on its way; too many exchanges for it count as stuck."""
        last = self.proxy.answered + EXCHANGES
        while checks.waiting(self.store):
            if self.proxy.answered > last:
                raise TimeoutError
            await asyncio.sleep(_LOOK_EVERY_S)


def suffer(folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Take devices through `runs` plans of network faults, and hold the record against it."""
    tally = Tally("a faulty proxy between device and server", seed)
    server = Server(folder / "server")
    kits = make_bank(folder, server.url, _AT_ONCE)
    saved: dict[str, list[checks.Saved]] = defaultdict(list)
    with server.running(), unforeseen_on_the_device(tally):
        asyncio.run(_suffer(kits, server, runs, tally, saved, progress))
    database = opened_database(server.data)
    tally.violated("all", checks.in_the_end(database, kits, saved))
    database.close()
    tally.violated("all", unforeseen(server.log))
    tally.notes["saves acknowledged"] = str(sum(map(len, saved.values())))
    return tally.close()


async def _suffer(
    kits: Sequence[Kit],
    server: Server,
    runs: int,
    tally: Tally,
    saved: dict[str, list[checks.Saved]],
    progress: Progress,
) -> None:
    numbers = iter(range(runs))
    async with AsyncExitStack() as stack:
        workers = []
        for kit in kits:
            store = stack.enter_context(kit.opened())
            proxy = Proxy(server.port, Random(tally.seed))
            await stack.enter_async_context(proxy.listening())
            each = Suffering(kit, store, proxy, saved[kit.identity.device_id])
            workers.append(_take_turns(each, numbers, tally, progress))
        await asyncio.gather(*workers)


async def _take_turns(
    each: Suffering, numbers: Iterator[int], tally: Tally, progress: Progress
) -> None:
    for number in numbers:
        tally.violated(number, await each.run(Random(f"{tally.seed} {number}")))
        tally.runs += 1
        tally.faults.update(each.proxy.struck)
        each.proxy.struck.clear()
        if tally.runs % 50 == 0:
            progress(f"{tally.runs} plans, {len(tally.violations)} violations")


@contextmanager
def unforeseen_on_the_device(tally: Tally) -> Iterator[None]:
    """Count every failure as a violation that the runner had to log as unforeseen."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            cause = record.exc_info[1] if record.exc_info else None
            tally.violated("?", [f"{record.getMessage()}: {cause!r}"])

    handler, log = Handler(logging.ERROR), logging.getLogger("fieldbook")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
