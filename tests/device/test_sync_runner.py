"""The sync runner goes on whatever happens to one exchange."""

import asyncio
from contextlib import suppress
from typing import Any, cast

from mobile_app.store.faults import DiskFull
from mobile_app.sync_runner import SyncRunner


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
