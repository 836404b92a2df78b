"""What comes within a month of its maturity because a day has passed: looked for once a day."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select, tuple_

from shared.domain.days import bank_day
from shared.registry import REGISTRY
from sync_server.customer.alarms import MATURITY_DAYS
from sync_server.store.alerts import watch_maturities
from sync_server.store.database import Database
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.turned import MATURITIES, note_turn, turned_to
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork

_ACCOUNT: Final = ENTITY_TABLES["account"].c
_MATURING: Final = (
    select(*(_ACCOUNT[name] for name in REGISTRY["account"].fields))
    .where(tuple_(_ACCOUNT.matures_on, _ACCOUNT.id) > tuple_(bindparam("day"), bindparam("id")))
    .where(_ACCOUNT.matures_on <= bindparam("until"), _ACCOUNT.closed_on.is_(None))
    .order_by(_ACCOUNT.matures_on, _ACCOUNT.id)
    .limit(CHUNK)
)


def look_at_maturities(database: Database, now: int) -> None:
    """Raise what has come within a month of its maturity, if nobody looked yet today.

    In short transactions; one that is cut off begins again at the next look.
    """
    today = bank_day(now).isoformat()
    if turned_to(database, MATURITIES) == today:
        return
    after: tuple[str, str] | None = (today, "")
    while after is not None:
        after = database.write(lambda connection, after=after: _turn(connection, after, now))  # type: ignore[misc]
    note_turn(database, MATURITIES, today)


def _turn(connection: Connection, after: tuple[str, str], now: int) -> tuple[str, str] | None:
    """Do the accounts after a day and an id; return the last ones, None if there are no more."""
    unit = UnitOfWork(connection, Actor("job:alerts"), now)
    until = bank_day(now) + timedelta(days=MATURITY_DAYS)
    asked = {"day": after[0], "id": after[1], "until": until.isoformat()}
    rows = [row._asdict() for row in connection.execute(_MATURING, asked)]
    watch_maturities(unit, rows)
    unit.finish()
    return (rows[-1]["matures_on"], rows[-1]["id"]) if len(rows) == CHUNK else None
