"""The sync runner goes on whatever happens to one exchange."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Any, cast
from unittest.mock import patch

import pytest

from mobile_app.store.faults import DiskFull
from mobile_app.store.records import RecordState
from mobile_app.sync_runner import LONGEST_WAIT_S, SyncRunner
from shared.errors import Refusal, Unreachable
from shared.sync.change import Insert
from shared.sync.protocol import SCHEMA, write
from shared.testing.builders import an_interaction
from sync_server import exchange
from tests.sync.world import CUSTOMERS, LIN, Branch, World


class Store:
    """What the runner asks of a store between exchanges."""

    def setting(self, _key: str) -> str | None:
        return None


def test_an_unforeseen_failure_is_tried_again_and_does_not_end_syncing() -> None:
    runner = SyncRunner(cast(Any, Store()), cast(Any, None), lambda: 0, lambda: 0.0)
    tries = 0

    async def fail_once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise DiskFull
        raise asyncio.CancelledError

    runner.sync_once = fail_once  # type: ignore[assignment, method-assign]

    async def work() -> None:
        async with asyncio.timeout(10):
            await runner._sync_on_demand()

    with suppress(asyncio.CancelledError):
        asyncio.run(work())

    assert tries == 2
    assert runner.status == "waiting"


def test_whoever_watches_and_fails_does_not_end_syncing(world: "World") -> None:
    tablet = world.tablets[0]
    runner = SyncRunner(tablet.store, ToTheBranch(world.branch), tablet.clock, lambda: 0.0)
    seen: list[str] = []

    def failing() -> None:
        raise RuntimeError("a screen's bug")

    runner.on_status(failing)
    runner.on_status(lambda: seen.append(runner.status))

    asyncio.run(runner.sync_once())

    assert seen == ["syncing", "idle"]


def test_a_live_line_that_fails_unforeseen_is_opened_again(world: "World") -> None:
    way, tablet = ToTheBranch(world.branch), world.tablets[0]
    opened = 0

    async def live(_: str) -> AsyncGenerator[str, None]:
        nonlocal opened
        opened += 1
        if opened == 1:
            raise RuntimeError("a bug behind the line")
        yield "hello"
        await asyncio.Event().wait()

    async def no_pause(_: float) -> None:
        await asyncio.sleep(0)

    way.live = live  # type: ignore[method-assign, assignment]
    runner = SyncRunner(tablet.store, way, tablet.clock, lambda: 0.0, no_pause)

    async def work() -> None:
        async with asyncio.timeout(10):
            running = asyncio.create_task(runner.run())
            while not runner.listening:
                await asyncio.sleep(0)
            running.cancel()

    asyncio.run(work())

    assert opened == 2


class ToTheBranch:
    """The way to a branch in this process, which notes how its answers were read."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.begun = self.read_to_the_end = self.closed = 0

    async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
        self.begun += 1
        try:
            for line in self.branch.hold(token, body):
                yield write(line)
            self.read_to_the_end += 1
        finally:
            self.closed += 1

    async def digest(self, token: str, body: bytes) -> bytes:
        raise Unreachable("nothing is compared here")

    async def live(self, token: str) -> AsyncGenerator[str, None]:
        yield "hello"

    async def close(self) -> None:
        pass


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


def test_an_answer_is_read_to_its_end_so_that_its_connection_serves_again(world: World) -> None:
    tablet, way = world.tablets[0], ToTheBranch(world.branch)
    runner = SyncRunner(tablet.store, way, tablet.clock, lambda: 0.0)

    for _ in range(3):
        asyncio.run(runner.sync_once())

    assert (way.begun, way.read_to_the_end) == (3, 3)


def test_an_app_that_is_too_old_says_so_and_goes_on_delivering(world: World) -> None:
    class Upgraded(ToTheBranch):
        """The branch as it will be when it no longer sends to this app's schema."""

        async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
            with patch.object(exchange, "OLDEST_TO_PULL", SCHEMA + 1):
                async for line in super().exchange(token, body):
                    yield line

    tablet = world.tablets[0]
    runner = SyncRunner(tablet.store, Upgraded(world.branch), tablet.clock, lambda: 0.0)
    for _ in range(2):
        visit = an_interaction(CUSTOMERS[0], LIN, id=tablet.store.new_id())
        tablet.save(Insert("interaction", visit))

        asyncio.run(runner.sync_once())

        assert (runner.status, tablet.store.overview().pending) == ("outdated", 0)
        assert tablet.store.state("interaction", str(visit["id"])) is RecordState.DELIVERED
    assert asyncio.run(runner.quiet())

    asyncio.run(
        SyncRunner(tablet.store, ToTheBranch(world.branch), tablet.clock, float).sync_once()
    )

    assert tablet.store.overview().delivered == 0


@pytest.mark.parametrize("ticks", range(6))
def test_a_wake_up_at_the_same_moment_does_not_keep_a_runner_from_stopping(
    world: World, ticks: int
) -> None:
    """Else it goes on behind a locked screen, on a store that is closed."""
    tablet = world.tablets[0]
    runner = SyncRunner(tablet.store, ToTheBranch(world.branch), tablet.clock, lambda: 0.0)

    async def work() -> bool:
        running = asyncio.create_task(runner.run())
        while runner.status != "idle":
            await asyncio.sleep(0)
        await _ticks(20)
        runner.wake()
        await _ticks(ticks)
        running.cancel()
        await _ticks(50)
        return running.done()

    assert asyncio.run(work())


async def _ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_wait_that_the_server_asked_for_is_kept_whatever_happens(world: World) -> None:
    class Overloaded(ToTheBranch):
        async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
            self.begun += 1
            if self.begun == 1:
                raise Refusal("unavailable", wait_s=37)
            async for line in super().exchange(token, body):
                yield line

    tablet, way = world.tablets[0], Overloaded(world.branch)
    rested = asyncio.Event()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await rested.wait()

    runner = SyncRunner(tablet.store, way, tablet.clock, lambda: 0.0, sleep)

    async def work() -> tuple[int, str, int | None]:
        syncing = asyncio.create_task(runner._sync_on_demand())
        await _ticks(20)
        runner.wake()
        tablet.save(Insert("interaction", an_interaction(CUSTOMERS[0], LIN)))
        await _ticks(20)
        meanwhile = way.begun, runner.status, runner.next_try_at
        rested.set()
        while runner.status != "idle":
            await asyncio.sleep(0)
        syncing.cancel()
        return meanwhile

    assert asyncio.run(work()) == (1, "waiting", tablet.clock() + 37_000)
    assert slept == [37]


def test_nobody_can_ask_a_device_to_keep_off_for_days(world: World) -> None:
    tablet, slept = world.tablets[0], []

    class Hostile(ToTheBranch):
        async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
            raise Unreachable("a portal", wait_s=10**9)
            yield b""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise asyncio.CancelledError

    runner = SyncRunner(tablet.store, Hostile(world.branch), tablet.clock, lambda: 0.0, sleep)
    with suppress(asyncio.CancelledError):
        asyncio.run(runner._sync_on_demand())

    assert slept == [LONGEST_WAIT_S]


def test_an_answer_that_is_none_is_let_go_at_once(world: World) -> None:
    class Portal(ToTheBranch):
        async def exchange(self, token: str, body: bytes) -> AsyncGenerator[bytes, None]:
            try:
                yield b"<html>"
                yield b"</html>"
            finally:
                self.closed += 1

    tablet, portal = world.tablets[0], Portal(world.branch)
    runner = SyncRunner(tablet.store, portal, tablet.clock, lambda: 0.0)

    async def work() -> int:
        with pytest.raises(Unreachable):
            await runner.sync_once()
        return portal.closed

    assert asyncio.run(work()) == 1
