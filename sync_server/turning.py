"""The turn of the month and of the day: what the calendar alone brings, though nobody asked.

What is released or carried into a month has its statements on its first day; money that matures
within a month has its alert on the day from which that is so, and so have birthdays that come near
and papers that end; whoever has left signs in nowhere any more, and claims of prospects run out;
each day customers who are one are looked for, what customers are worth and where they stand is
assessed anew; the roll of organisations follows the record, and what is kept for a time only is
swept out.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

from shared.domain.days import bank_day, bank_period
from sync_server.store.access import forget_accesses
from sync_server.store.assessing import assess_daily
from sync_server.store.audit import recompute
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.store.dated import look_at_dates
from sync_server.store.duplicates import find_daily
from sync_server.store.leaving import let_leavers_go
from sync_server.store.maturing import look_at_maturities
from sync_server.store.prospecting import look_at_claims
from sync_server.store.refused_rows import forget_refused
from sync_server.store.roll import bring_roll
from sync_server.store.turned import STATEMENTS, SWEPT, note_turn, turned_to

LOOK_EVERY_S: Final = 600
T = TypeVar("T")
log = logging.getLogger("fieldbook")


async def turn_days(database: Database, clock: Callable[[], int]) -> None:
    """Bring statements into each month and alerts into each day as it begins, until cancelled."""
    while True:
        for work in WORKS:
            try:
                await run_in_threadpool(take_turn, work, database, clock())
            except DatabaseUnavailable as error:
                log.warning("the turn of the day waits for the database: %s", error)
                break
        await asyncio.sleep(LOOK_EVERY_S)


def take_turn(work: Callable[[Database, int], T], database: Database, now: int) -> T | None:
    """Do a work in the background and return what it returns; None where it met a bug.

    That is logged, met again at the next look, and holds up no other. Raises DatabaseUnavailable.
    """
    try:
        return work(database, now)
    except DatabaseUnavailable:
        raise
    except Exception:
        log.exception("the work in the background failed in %s", work.__name__)
        return None


def turn(database: Database, now: int) -> None:
    """Compute everyone's statements anew if that was not done in this month yet.

    In short transactions; one that is cut off begins again at the next look.
    """
    month = bank_period(now)
    if turned_to(database, STATEMENTS) != month:
        for _ in recompute(database, now):
            pass
        note_turn(database, STATEMENTS, month)


def sweep_out(database: Database, now: int) -> None:
    """Delete, once a day, what is kept for a time only and has been."""
    today = bank_day(now).isoformat()
    if turned_to(database, SWEPT) != today:
        for forget in (forget_accesses, forget_refused):
            database.write(lambda connection, forget=forget: forget(connection, now))  # type: ignore[misc]
        note_turn(database, SWEPT, today)


WORKS: Final = (
    turn,
    look_at_maturities,
    look_at_dates,
    # Before what is worked out of each customer: it goes by who they are.
    find_daily,
    # Before the claims: those of whoever has left end with it.
    let_leavers_go,
    look_at_claims,
    bring_roll,
    assess_daily,
    sweep_out,
)
"""What a day brings, in this order."""
