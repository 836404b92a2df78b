"""Whoever reads slowly takes nothing from the others; too many at once are asked to wait."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from shared.sync.protocol import write
from shared.testing.builders import NOW, a_customer, a_request, an_interaction
from sync_server.http import Services, make_app
from sync_server.live import Listener
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.watch import watch
from tests.faults.asgi import Answer, ask
from tests.faults.bank import Kit, bring, make_bank, opened_database

READERS = 40
"""More than the database has connections."""
VISITS = 2_000


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    [made] = make_bank(tmp_path, "", devices=1)
    return made


@pytest.fixture
def database(tmp_path: Path, kit: Kit) -> Iterator[Database]:
    opened = opened_database(tmp_path / "server")
    yield opened
    opened.close()


@pytest.fixture
def exhausted(database: Database) -> Iterator[ExitStack]:
    """Every connection is in use until the stack is closed."""
    pool: Any = database.engine.pool
    pool._timeout = 0.05
    with ExitStack() as stack:
        with suppress(DatabaseUnavailable):
            for _ in range(1_000):
                stack.enter_context(database.reading())
        yield stack


def asking(kit: Kit) -> dict[str, Any]:
    """The first sync of a device."""
    headers = {"authorization": f"Bearer {kit.identity.token}"}
    return {"method": "POST", "path": "/v1/sync", "body": write(a_request()), "headers": headers}


def test_readers_that_stand_still_hold_up_nobody_and_miss_nothing(
    kit: Kit, database: Database
) -> None:
    for _ in range(2):
        visits = [
            an_interaction(kit.customers[0], kit.identity.employee.id) for _ in range(VISITS // 2)
        ]
        bring(database, "interaction", visits)
    app = make_app(Services(database, lambda: NOW))

    async def work() -> tuple[Answer, list[Answer]]:
        reads_on, answers = asyncio.Event(), [Answer() for _ in range(READERS)]
        async with asyncio.TaskGroup() as group:
            for answer in answers:
                group.create_task(ask(app, answer=answer, reads_on=reads_on, **asking(kit)))
            for answer in answers:
                await answer.began.wait()
            meanwhile = await ask(app, **asking(kit))
            reads_on.set()
        return meanwhile, answers

    meanwhile, answers = asyncio.run(work())

    assert [visits_in(each) for each in (meanwhile, *answers)] == [VISITS] * (1 + READERS)


def visits_in(answer: Answer) -> int:
    """How many different visits an answer brings, if it is whole."""
    lines = [from_json(line) for line in answer.body.splitlines()]
    assert lines[-1] == {"line": "end", "more": False, "backoff_ms": 0}
    pages = [line for line in lines if line["line"] == "page"]
    rows = [row for page in pages for row in page["rows"] if row["entity"] == "interaction"]
    return len({row["id"] for row in rows})


def test_one_request_too_many_is_asked_to_come_again_later(
    kit: Kit, database: Database, exhausted: ExitStack
) -> None:
    app = make_app(Services(database, lambda: NOW))

    answer = asyncio.run(ask(app, **asking(kit)))

    assert (answer.status, from_json(answer.body)["code"]) == (503, "unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_the_watch_goes_on_once_there_is_room_again(
    kit: Kit, database: Database, exhausted: ExitStack
) -> None:
    services = Services(database, lambda: NOW)
    listener = Listener("tablet", frozenset({"elsewhere"}))
    services.live.listeners.add(listener)

    async def work() -> None:
        watching = asyncio.create_task(watch(database, services.live))
        await asyncio.wait({watching}, timeout=1.0)
        exhausted.close()
        bring(database, "customer", [a_customer(kit.identity.employee.id)])
        async with asyncio.timeout(30):
            await listener.wanted.wait()
        watching.cancel()

    asyncio.run(work())
