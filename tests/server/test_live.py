"""The live lines: whoever hangs up is forgotten at once."""

import asyncio

import pytest

from sync_server.exchange import Poke
from sync_server.live import Live


@pytest.mark.parametrize("ticks", range(6))
def test_a_line_that_is_cut_while_it_is_poked_ends(ticks: int) -> None:
    live = Live()

    async def listen() -> None:
        async for _ in live.listen("tablet", {"global"}):
            pass

    async def work() -> int:
        listening = asyncio.create_task(listen())
        await _ticks(20)
        live.poke(Poke(1, frozenset({"global"}), None))
        await _ticks(ticks)
        listening.cancel()
        await _ticks(50)
        return len(live.listeners)

    assert asyncio.run(work()) == 0


async def _ticks(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
