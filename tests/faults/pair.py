"""Two server processes on one PostgreSQL: one is killed at a time, and both stay as one.

Every device belongs to one of the two servers, and every account manager has a device at each. In
a run a server is killed, at a named point or at any moment, while all devices save and sync; it is
started again; then a save at either server must wake the same manager's device at the other, long
before that would ask by itself. At the end every acknowledged record is where it belongs, once.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from mobile_app.device import wall_clock
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import SyncRunner
from shared.errors import Unreachable
from tests.faults import checks
from tests.faults.bank import Kit, make_bank, opened_database, save_visit, with_another_device
from tests.faults.crash import SERVER_POINTS, Plan
from tests.faults.kill import transport_to, until_quiet
from tests.faults.processes import Server, unforeseen
from tests.faults.tally import Progress, Tally

_NEVER_S: Final = 30.0
"""A poke that has not come by now does not come; a device asks by itself only after two minutes."""
_LONGEST_S: Final = 0.15


@dataclass(slots=True)
class Pair:
    """Two servers, and at each of them a device of every account manager."""

    folder: Path
    url: str
    tally: Tally
    random: Random
    servers: list[Server] = field(init=False)
    kits: list[list[Kit]] = field(init=False)
    """The devices at each server; devices at one place in both lists are the same manager's."""
    saved: dict[str, list[checks.Saved]] = field(default_factory=lambda: defaultdict(list))
    longest_s: float = 0.0

    def __post_init__(self) -> None:
        self.servers = [Server(self.folder / name, self.url) for name in ("one", "other")]
        here = make_bank(self.folder, self.servers[0].url, 2, self.url)
        there = [with_another_device(kit, self.servers[1].url, self.url) for kit in here]
        self.kits = [here, there]

    @property
    def _everyone(self) -> list[Kit]:
        return [*self.kits[0], *self.kits[1]]

    # One run

    def run(self, plan: Plan | None) -> None:
        """Kill one of the servers, start it again, and see that each wakes the other's devices."""
        place = self.random.randrange(2)
        if plan:
            self.servers[place].stop()
            self.servers[place].start(plan)
        asyncio.run(self._kill_while_busy(self.servers[place], plan))
        self.servers[place].start()
        asyncio.run(self._wake_each_other())
        self.tally.faults[f"killed {plan.point if plan else 'at any moment'}"] += 1
        self.tally.runs += 1

    async def _kill_while_busy(self, server: Server, plan: Plan | None) -> None:
        with ExitStack() as stack:
            busy = [
                asyncio.create_task(self._keep_busy(kit, stack.enter_context(kit.opened())))
                for kit in self._everyone
            ]
            if plan:
                async with asyncio.timeout(_NEVER_S * 2):
                    while server.is_up:
                        await asyncio.sleep(0.01)
            else:
                await asyncio.sleep(self.random.uniform(0, _LONGEST_S))
                server.kill()
            for task in busy:
                task.cancel()
            await asyncio.wait(busy)
            for task in busy:
                if not task.cancelled():
                    task.result()

    async def _keep_busy(self, kit: Kit, store: DeviceStore) -> None:
        transport = transport_to(kit.identity.server_url)
        runner = SyncRunner(store, transport, wall_clock, self.random.random)
        try:
            while True:
                self._save(kit, store)
                with suppress(Unreachable):
                    await runner.sync_once()
                await asyncio.sleep(0)
        finally:
            await transport.close()

    def _save(self, kit: Kit, store: DeviceStore) -> None:
        pair = save_visit(store, self.random.choice(kit.customers))
        self.saved[kit.identity.device_id].append(pair)

    async def _wake_each_other(self) -> None:
        for place, (here, there) in enumerate(zip(*self.kits, strict=True)):
            speaker, listener = (here, there) if place % 2 else (there, here)
            await self._wake(speaker, listener)

    async def _wake(self, speaker: Kit, listener: Kit) -> None:
        """Save at one server, and listen at the other."""
        async with AsyncExitStack() as stack:
            store = stack.enter_context(speaker.opened())
            transport = transport_to(speaker.identity.server_url)
            stack.push_async_callback(transport.close)
            other = transport_to(listener.identity.server_url)
            stack.push_async_callback(other.close)
            runner = SyncRunner(store, transport, wall_clock, self.random.random)
            await until_quiet(runner, store)
            line = await stack.enter_async_context(aclosing(other.live(listener.identity.token)))
            await anext(line)
            self._save(speaker, store)
            began = time.monotonic()
            await runner.sync_once()
            try:
                async with asyncio.timeout(_NEVER_S):
                    while await anext(line) != "poke":
                        pass
            except TimeoutError:
                found = ["a save at one server woke nobody at the other"]
                self.tally.violated(self.tally.runs, found)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.tally.faults["woken across servers"] += 1

    # The end

    def settle(self) -> None:
        """Let every device sync until it is quiet, and hold everything against the record."""
        asyncio.run(_settle(self._everyone))
        for server in self.servers:
            server.stop()
        database = opened_database(self.folder, self.url)
        self.tally.violated("all", checks.in_the_end(database, self._everyone, self.saved))
        database.close()
        for server in self.servers:
            self.tally.violated("all", unforeseen(server.log))
        self.tally.notes["saves acknowledged"] = f"{sum(map(len, self.saved.values())):,}"
        self.tally.notes["longest wait for a poke"] = f"{self.longest_s:.2f} s"


async def _settle(kits: Sequence[Kit]) -> None:
    """Sync everyone, and once more: each has what the others' first round brought."""
    for kit in (*kits, *kits):
        with kit.opened() as store:
            transport = transport_to(kit.identity.server_url)
            await until_quiet(SyncRunner(store, transport, wall_clock, Random().random), store)
            await transport.close()


def kill_one_of_two(folder: Path, runs: int, seed: int, progress: Progress, url: str) -> Tally:
    """Kill one of two servers `runs` times, half of it at named points, each as often."""
    tally, random = Tally("one of two servers killed, on PostgreSQL", seed), Random(seed)
    pair = Pair(folder, url, tally, random)
    points = list(SERVER_POINTS)
    for server in pair.servers:
        server.start()
    try:
        while tally.runs < runs:
            at = points[tally.runs // 2 % len(points)]
            pair.run(None if tally.runs % 2 else Plan(at, random.randint(1, 4)))
            if tally.runs % 20 == 0:
                progress(f"{tally.runs} of {runs} kills, {len(tally.violations)} violations")
        pair.settle()
    finally:
        for server in pair.servers:
            server.stop()
    return tally.close()
