"""The sync runner goes on whatever happens to one exchange."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Any, cast

import pytest

from mobile_app.store.faults import DiskFull
from mobile_app.sync_runner import SyncRunner
from shared.errors import Unreachable
from shared.sync.protocol import write
from tests.sync.world import Branch, World


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
