"""What a system of the bank said of a customer last, by the number of their document.

A system sends all that it knows each day, and most of it is years old. Only what it says otherwise
than before is news, and may stand against what a manager has written down since.
"""

import json
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, select

from sync_server.customer.matching import Number
from sync_server.store.rows import among, look_up, replace_rows
from sync_server.store.schema import customer_said


class Said(NamedTuple):
    """What was said, field by field, and when that was so (ms)."""

    as_of: int
    fields: Mapping[str, Any]


NOTHING: Final = Said(0, {})
By = tuple[str, Number]
"""The system that says it, and the number of the document."""


def said_before(connection: Connection, numbers: Collection[Number]) -> dict[By, Said]:
    """Return what each system has said of the customers with these numbers."""
    rows = look_up(connection, {value for _, value in numbers}, _by_number) if numbers else ()
    return {
        (row.source, (row.id_kind, row.id_number)): Said(row.as_of, json.loads(row.fields))
        for row in rows
    }


def keep_said(connection: Connection, said: Mapping[By, Said]) -> None:
    """Keep what was said, in place of what was said before."""
    rows = [
        (number, kind, source, each.as_of, _text(each.fields))
        for (source, (kind, number)), each in said.items()
    ]
    replace_rows(connection, customer_said, rows)


def _text(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


@cache
def _by_number(*, is_postgresql: bool) -> Select[Any]:
    return select(customer_said).where(
        among(customer_said.c.id_number, is_postgresql=is_postgresql)
    )
