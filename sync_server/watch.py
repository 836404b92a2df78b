"""Watching for commits of other processes: the command line, an import, a second server."""

import asyncio
import logging
from typing import Final

from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from sync_server.exchange import Poke
from sync_server.live import Live
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.store.rows import head

LOOK_EVERY_S: Final = 0.5
log = logging.getLogger("fieldbook")


async def watch(database: Database, live: Live) -> None:
    """Poke for commits made elsewhere, until cancelled."""
    if database.is_postgresql:
        async with asyncio.TaskGroup() as group:
            group.create_task(_hear(database, live))
            group.create_task(_look(database, live))
    else:
        await _look(database, live)


async def _look(database: Database, live: Live) -> None:
    """Read the clock row now and then: the command line has no other way to be noticed."""
    while True:
        try:
            live.notice(await run_in_threadpool(_head, database))
        except DatabaseUnavailable as error:
            log.warning("the clock row cannot be read: %s", error)
        await asyncio.sleep(LOOK_EVERY_S)


def _head(database: Database) -> int:
    with database.reading() as connection:
        return head(connection)


async def _hear(database: Database, live: Live) -> None:
    """Listen for the NOTIFY that every writing transaction of any server process sends."""
    import psycopg  # only where PostgreSQL is used is its driver installed

    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute("LISTEN fieldbook")
                async for notice in connection.notifies():
                    told = from_json(notice.payload)
                    if told["scopes"] is None:
                        live.notice(told["seq"])
                    else:
                        live.poke(Poke(told["seq"], frozenset(told["scopes"]), told["device"]))
        except psycopg.OperationalError as error:
            log.warning("the line for notifications broke: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)
