"""How far the calendar's own work has come: by its name, the day or month it was last done for."""

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from sync_server.store.database import Database
from sync_server.store.schema import meta

STATEMENTS: Final = "turned_to"
"""Everyone's statements were brought into this month."""
MATURITIES: Final = "looked_to"
"""What matures within a month was looked for on this day."""
DATES: Final = "dated_to"
"""Birthdays and papers that end were looked for on this day."""
LEAVERS: Final = "left_to"
"""Whoever had left was let go on this day."""
CLAIMS: Final = "claims_to"
"""Claims of prospects were looked at on this day."""
VALUES: Final = "assessed_to"
"""Everyone's value was assessed on this day."""
DUPLICATES: Final = "compared_to"
"""Customers who are one were looked for on this day."""
SWEPT: Final = "swept_to"
"""What is kept for a time only was swept out on this day."""
ROLL: Final = "rolled_to"
"""The roll was made of the record as of this seq."""


def turned_to(database: Database, work: str) -> str | None:
    """Return the day or month that a work was last done for; None if never."""
    with database.reading() as connection:
        return how_far(connection, work)


def how_far(connection: Connection, work: str) -> str | None:
    """Return the same within a transaction."""
    return connection.execute(select(meta.c.value).where(meta.c.key == work)).scalar()


def note_turn(database: Database, work: str, to: str) -> None:
    """Keep that a work was done for a day or month."""
    database.write(lambda connection: note(connection, work, to))


def note(connection: Connection, work: str, to: str) -> None:
    """Keep it with what the transaction writes."""
    connection.execute(delete(meta).where(meta.c.key == work))
    connection.execute(insert(meta), {"key": work, "value": to})
