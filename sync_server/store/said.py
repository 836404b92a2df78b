"""What a system of the bank said of a customer last, by the number of their document.

A system sends all that it knows each day, and most of it is years old. Only what it says otherwise
than before is news, and may stand against what a manager has written down since.

What was said is a second copy of names, numbers and telephones that the record has already, and
nobody looks at it but the next import. So it is sealed, one row as a whole, and found by a keyed
digest of the number: see `store.sealing`.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, select

from sync_server.customer.matching import Number
from sync_server.store.rows import among, look_up, replace_rows
from sync_server.store.schema import customer_said
from sync_server.store.sealing import Sealing, own_key


class Said(NamedTuple):
    """What was said, field by field, and when that was so (ms)."""

    as_of: int
    fields: Mapping[str, Any]


NOTHING: Final = Said(0, {})
By = tuple[str, Number]
"""The system that says it, and the number of the document."""


class Sayings:
    """What systems have said, as the database keeps it, inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sealing = Sealing(own_key(connection), b"customer said")

    def before(self, numbers: Collection[Number]) -> dict[By, Said]:
        """Return what each system has said of the customers with these numbers."""
        digests = {self._sealing.digest(number): number for number in numbers}
        rows = look_up(self._connection, digests, _by_digest) if digests else ()
        return {
            (row.source, digests[row.digest]): Said(row.as_of, self._opened(row)) for row in rows
        }

    def keep(self, said: Mapping[By, Said]) -> None:
        """Keep what was said, in place of what was said before."""
        rows = [self._row(by, each) for by, each in said.items()]
        replace_rows(self._connection, customer_said, rows)

    def _row(self, by: By, said: Said) -> tuple[Any, ...]:
        source, number = by
        digest = self._sealing.digest(number)
        sealed = self._sealing.seal(dict(said.fields), _name(digest, source))
        return digest, source, said.as_of, sealed

    def _opened(self, row: Any) -> Mapping[str, Any]:
        fields: Mapping[str, Any] = self._sealing.opened(
            bytes(row.sealed), _name(row.digest, row.source)
        )
        return fields


def _name(digest: str, source: str) -> str:
    """Return under what a row is sealed: moved to another customer or system it does not open."""
    return f"{digest} {source}"


@cache
def _by_digest(*, is_postgresql: bool) -> Select[Any]:
    return select(customer_said).where(among(customer_said.c.digest, is_postgresql=is_postgresql))
