"""Kill -9 of real device and server processes, at named points and at any moment.

A batch has one server and some devices, and kills them over and over on the same files. Whoever
was killed is started again, has its files checked, and syncs until nothing is left; at the end of
the batch all acknowledged records must be where they belong, once.

A save is acknowledged when `commit` has returned and the device has said so through a pipe; what
the dead process knew beyond that, nobody can have relied on.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx

from mobile_app.device import wall_clock
from mobile_app.platform.here import _zstd
from mobile_app.platform.http import HttpTransport
from mobile_app.store.device_store import DeviceStore
from mobile_app.sync_runner import SyncRunner
from shared.errors import Unreachable
from tests.faults import checks
from tests.faults.bank import Kit, make_bank, opened_database, save_visit
from tests.faults.crash import DEVICE_POINTS, SERVER_POINTS, Plan, arm
from tests.faults.processes import Child, Server, forked, kill, unforeseen, words
from tests.faults.tally import Progress, Tally, silent

ROUNDS: Final = 4
"""Rounds of work in a victim's day: each passes every point of the device at least once."""
_LONGEST_S: Final = 0.15
"""A random moment lies within this of the start of the work, which takes about as long."""
_QUIET_WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a device victim is to do: how it dies, and what it must still know."""

    kit: Kit
    seed: int
    plan: Plan | None
    rounds: int
    while_opening: bool
    """The plan holds from the opening of the files on, not only once it has recovered."""
    saved: tuple[checks.Saved, ...]


def transport_to(url: str) -> HttpTransport:
    """Return the real transport; without TLS it needs no authorities, which take long to read."""
    return HttpTransport(url, httpx.AsyncClient(verify=False), _zstd)  # noqa: S501


async def until_quiet(runner: SyncRunner, store: DeviceStore) -> None:
    """Sync until nothing is on its way any more, whatever happens to the server meanwhile."""
    async with asyncio.timeout(_QUIET_WITHIN_S):
        while True:
            with suppress(Unreachable):
                await runner.sync_once()
                if checks.waiting(store) == 0:
                    return
            await asyncio.sleep(0.01)


def field_day(order: Order, said: Connection) -> None:
    """Be a device: recover, sync, then save and sync until the day or the process ends."""
    if order.while_opening:
        arm(order.plan)
    with order.kit.opened() as store:
        said.send([*checks.unsound(store), *checks.forgotten(store, order.saved)])
        asyncio.run(_work(order, store, said))


async def _work(order: Order, store: DeviceStore, said: Connection) -> None:
    random = Random(order.seed)
    transport = transport_to(order.kit.identity.server_url)
    runner = SyncRunner(store, transport, wall_clock, random.random)
    await until_quiet(runner, store)
    said.send("ready")
    if not order.while_opening:
        arm(order.plan)
    for _ in range(order.rounds):
        for _ in range(random.randint(1, 3)):
            said.send(save_visit(store, random.choice(order.kit.customers)))
        with suppress(Unreachable):
            await runner.sync_once()
    await transport.close()


@dataclass(slots=True)
class Batch:
    """One server and its devices, killed again and again."""

    folder: Path
    tally: Tally
    random: Random
    server: Server = field(init=False)
    victims: list[Kit] = field(init=False)
    """Devices whose process is killed."""
    witnesses: list[Kit] = field(init=False)
    """Devices that live, and keep the server busy while it is killed."""
    saved: dict[str, list[checks.Saved]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.server = Server(self.folder / "server")
        kits = make_bank(self.folder, self.server.url, 5)
        self.victims, self.witnesses = kits[:3], kits[3:]

    # Devices are killed

    def device_dies_at(self, point: str) -> None:
        """Kill a device at a named point, now and then while it still opens its files."""
        plan = Plan(point, self.random.randint(1, ROUNDS))
        order = self._order(plan, while_opening=self.random.random() < 0.25)
        child, heard = forked(self.folder / "device.log", field_day, order)
        for word in words(heard):
            self._note(order, word)
        child.join()
        self._count(f"device {point}", was_killed=child.exitcode == -9)

    def device_dies_anywhen(self) -> None:
        """Kill a device at a random moment of its work."""
        with self._at_work() as child:
            kill(child)
        self._count("device at any moment", was_killed=True)

    def both_die_anywhen(self) -> None:
        """Kill a device and its server within a moment of each other."""
        with self._at_work() as child:
            self.server.kill()
            time.sleep(self.random.uniform(0, _LONGEST_S / 10))
            kill(child)
        self.server.start()
        self._count("device and server at any moment", was_killed=True)

    @contextmanager
    def _at_work(self) -> Iterator[Child]:
        """Give a device in the midst of its work, to be killed; then hear what it had said."""
        order = self._order(None, while_opening=False, rounds=10_000)
        child, heard = forked(self.folder / "device.log", field_day, order)
        said = words(heard)
        for word in said:
            self._note(order, word)
            if word == "ready":
                break
        else:
            self.tally.violated(self.tally.runs, ["a device could not recover"])
        time.sleep(self.random.uniform(0, _LONGEST_S))
        yield child
        for word in said:
            self._note(order, word)

    def _order(self, plan: Plan | None, *, while_opening: bool, rounds: int = ROUNDS) -> Order:
        kit = self.random.choice(self.victims)
        saved = tuple(self.saved[kit.identity.device_id][-50:])
        return Order(kit, self.random.getrandbits(32), plan, rounds, while_opening, saved)

    def _note(self, order: Order, word: Any) -> None:
        if isinstance(word, list):
            self.tally.violated(self.tally.runs, word)
        elif isinstance(word, tuple):
            self.saved[order.kit.identity.device_id].append(word)

    # The server is killed

    def server_dies_at(self, point: str) -> None:
        """Kill the server at a named point, while two devices keep it busy."""
        self.server.stop()
        self.server.start(Plan(point, self.random.randint(1, 8)))
        self._kept_busy(self._until_it_is_dead())
        self.server.start()
        self._count(f"server {point}", was_killed=True)

    def server_dies_anywhen(self) -> None:
        """Kill the server at a random moment of its work."""
        self._kept_busy(self._after_a_while())
        self.server.start()
        self._count("server at any moment", was_killed=True)

    async def _until_it_is_dead(self) -> None:
        async with asyncio.timeout(_QUIET_WITHIN_S):
            while self.server.is_up:
                await asyncio.sleep(0.01)

    async def _after_a_while(self) -> None:
        await asyncio.sleep(self.random.uniform(0, _LONGEST_S))
        self.server.kill()

    def _kept_busy(self, end: Coroutine[Any, Any, None]) -> None:
        """Let the witnesses save and sync until the server's end; then it is started again."""

        async def work() -> None:
            with ExitStack() as stack:
                busy = [asyncio.create_task(self._witness(kit, stack)) for kit in self.witnesses]
                await end
                for task in busy:
                    task.cancel()
                await asyncio.wait(busy)
                for task in busy:
                    if not task.cancelled():
                        task.result()

        asyncio.run(work())

    async def _witness(self, kit: Kit, stack: ExitStack) -> None:
        store = stack.enter_context(kit.opened())
        self.tally.violated(self.tally.runs, checks.unsound(store))
        transport = transport_to(kit.identity.server_url)
        runner = SyncRunner(store, transport, wall_clock, self.random.random)
        try:
            while True:
                pair = save_visit(store, self.random.choice(kit.customers))
                self.saved[kit.identity.device_id].append(pair)
                with suppress(Unreachable):
                    await runner.sync_once()
                await asyncio.sleep(0)
        finally:
            await transport.close()

    # The end

    def _count(self, fault: str, *, was_killed: bool) -> None:
        self.tally.runs += 1
        if was_killed:
            self.tally.faults[fault] += 1
        else:
            self.tally.violated(self.tally.runs, [f"not reached: {fault}"])
        self.tally.violated(self.tally.runs, self.server.complaints)
        self.server.complaints.clear()

    def settle(self) -> None:
        """Let every device sync until it is quiet, and hold everything against the record."""
        for kit in (*self.victims, *self.witnesses):
            asyncio.run(_settle(kit))
        self.server.stop()
        database = opened_database(self.server.data)
        found = checks.in_the_end(database, (*self.victims, *self.witnesses), self.saved)
        database.close()
        self.tally.violated("all", found)
        for log in (self.server.log, self.folder / "device.log"):
            self.tally.violated("all", unforeseen(log))
        self.tally.notes["saves acknowledged"] = str(sum(map(len, self.saved.values())))


async def _settle(kit: Kit) -> None:
    with kit.opened() as store:
        transport = transport_to(kit.identity.server_url)
        await until_quiet(SyncRunner(store, transport, wall_clock, Random().random), store)
        await transport.close()


def kill_over_and_over(folder: Path, runs: int, seed: int, progress: Progress = silent) -> Tally:
    """Kill devices and servers `runs` times, half of it at named points, each as often."""
    tally, random = Tally("kill -9 of device and server processes", seed), Random(seed)
    batch = Batch(folder, tally, random)
    named: list[tuple[Any, str]] = [(batch.device_dies_at, point) for point in DEVICE_POINTS]
    named += [(batch.server_dies_at, point) for point in SERVER_POINTS]
    anywhen = [batch.device_dies_anywhen, batch.server_dies_anywhen, batch.both_die_anywhen]
    batch.server.start()
    try:
        while tally.runs < runs:
            if tally.runs % 2:
                random.choice(anywhen)()
            else:
                kill_at, point = named[tally.runs // 2 % len(named)]
                kill_at(point)
            if tally.runs % 50 == 0:
                progress(f"{tally.runs} of {runs} kills, {len(tally.violations)} violations")
        batch.settle()
    finally:
        batch.server.stop()
    return tally.close()
