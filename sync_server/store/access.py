"""The access log: which other system read what of whom, and when. A read is noted, then answered.

What was read of everyone, as events, is noted by its extent in the change log, which never changes.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from shared.ids import Millis, uuid7
from sync_server.store.database import Database
from sync_server.store.schema import access

LIFE_MS: Final = 3 * 366 * 24 * 3_600_000
"""Three years, as the law on personal information asks of what is written about its handling."""


@dataclass(frozen=True, slots=True)
class Access:
    """One read. `extent`: of events "seq.ord-seq.ord" of the change log, of others what it was."""

    system: str
    what: str
    customer_id: str | None = None
    extent: str | None = None


def note_accesses(database: Database, reads: Sequence[Access], now: int) -> None:
    """Write reads down, durably."""
    rows = [
        {
            "id": uuid7(Millis(now), secrets.token_bytes(10)),
            "system": read.system,
            "what": read.what,
            "customer_id": read.customer_id,
            "extent": read.extent,
            "at": now,
        }
        for read in reads
    ]
    database.write(lambda connection: connection.execute(insert(access), rows))


def accesses(connection: Connection, customer_id: str | None, most: int) -> list[dict[str, Any]]:
    """Return the latest reads, of one customer or of all, the newest first."""
    statement = select(access).order_by(access.c.at.desc(), access.c.id.desc()).limit(most)
    if customer_id is not None:
        statement = statement.where(access.c.customer_id == customer_id)
    return [dict(row) for row in connection.execute(statement).mappings()]


def forget_accesses(connection: Connection, now: int) -> None:
    """Delete what is older than it has to be kept."""
    connection.execute(delete(access).where(access.c.at < now - LIFE_MS))
