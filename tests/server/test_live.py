"""The live lines: whoever hangs up is forgotten at once, and no commit is hidden by another."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from shared.testing.builders import a_customer, new_id
from sync_server.exchange import Poke
from sync_server.live import Listener, Live
from sync_server.store.database import open_postgresql
from sync_server.watch import watch
from tests.faults.bank import bring


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


def poked_after(*acts: Callable[[Live], None]) -> bool:
    """Whether a listener of the branch's scope is woken by what a server does and hears."""
    live = Live(seq=10)
    listener = Listener("tablet", frozenset({"branch"}))
    live.listeners.add(listener)
    for act in acts:
        act(live)
    return listener.wanted.is_set()


def own_commit(seq: int) -> Callable[[Live], None]:
    """A commit of this process that concerns somebody else."""
    return lambda live: live.poke(Poke(seq, frozenset({"elsewhere"}), None))


def looks_at_the_clock(head: int) -> Callable[[Live], None]:
    """What the watch does twice a second."""
    return lambda live: live.notice(head)


def test_a_commit_of_another_process_is_not_hidden_by_an_own_one_after_it() -> None:
    assert poked_after(own_commit(12), looks_at_the_clock(12))


@pytest.mark.parametrize("seqs", [(11, 12, 13), (13, 11, 12)])
def test_own_commits_wake_no_stranger_in_whatever_order_they_are_told(seqs: Sequence[int]) -> None:
    assert not poked_after(*map(own_commit, seqs), looks_at_the_clock(13))


def test_a_gap_that_another_process_fills_in_time_wakes_nobody_else() -> None:
    assert not poked_after(own_commit(12), own_commit(11), looks_at_the_clock(12))


def test_what_is_known_behind_a_gap_is_forgotten_once_the_clock_was_read() -> None:
    live = Live(seq=10)
    own_commit(12)(live)
    assert live.ahead == {12}

    looks_at_the_clock(13)(live)

    assert (live.seq, live.ahead) == (13, set())


def test_an_import_that_concerns_everyone_wakes_everyone(postgresql_url: str) -> None:
    """Its notice cannot name all scopes, and whoever hears it must go on hearing."""
    database, live = open_postgresql(postgresql_url), Live()
    listener = Listener("tablet", frozenset({"elsewhere"}))
    live.listeners.add(listener)

    async def work() -> bool:
        watching = asyncio.create_task(watch(database, live))
        async with asyncio.timeout(60):
            for _ in range(5):
                customers = [a_customer(new_id()) for _ in range(200)]
                await asyncio.to_thread(bring, database, "customer", customers)
                await listener.wanted.wait()
                listener.wanted.clear()
        is_on = not watching.done()
        watching.cancel()
        return is_on

    assert asyncio.run(work())
    database.close()
