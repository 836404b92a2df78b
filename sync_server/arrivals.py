"""What an import has brought of a customer: they are assessed at once, and not only at night.

So whoever it makes likely to leave is told of within the second. A file of a whole bank is worked
off in short transactions and half of the time, so that devices and imports get their turn.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool

from sync_server.exchange import Poke
from sync_server.store.assessing import assess_due
from sync_server.store.database import Database, DatabaseUnavailable
from sync_server.turning import take_turn

LOOK_EVERY_S: Final = 0.25
_AFTER_A_BUG_S: Final = 600
"""The same customers would meet it again at once; the night's work comes to the others."""
log = logging.getLogger("fieldbook")


async def assess_arrivals(
    database: Database, clock: Callable[[], int], tell: Callable[[object, Poke | None], None]
) -> None:
    """Assess whoever is due, and tell whom it concerns, until cancelled."""
    while True:
        wait, began = LOOK_EVERY_S, time.monotonic()
        try:
            found = await run_in_threadpool(take_turn, assess_due, database, clock())
        except DatabaseUnavailable as error:
            log.warning("the assessment of what came in waits for the database: %s", error)
        else:
            if found is None:
                wait = _AFTER_A_BUG_S
            elif found.customers:
                wait = time.monotonic() - began
                if found.seq is not None:
                    tell(None, Poke(found.seq, found.scopes, None))
        await asyncio.sleep(wait)
