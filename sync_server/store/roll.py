"""The roll, made of the organisations in the record: daily, and when others have come.

It is worked out of one snapshot, without the write lock, and brought in one short transaction that
writes the parts that have become others. So devices, which apply whole transactions, go from one
roll to the next and never hold half of one. A server process that was overtaken by another writes
nothing: its snapshot is the older one.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, select

from shared.collision import Sieve, names_of, parts_for
from shared.domain import Roll, RollPart
from shared.domain.days import bank_day
from shared.domain.prospect import OPEN
from shared.domain.roll import ROLL_ID, roll_part_id
from shared.registry import REGISTRY, Document, ScopeRule
from sync_server.store.database import Database
from sync_server.store.rows import current_rows, document_of, head
from sync_server.store.schema import ENTITY_TABLES, change_log
from sync_server.store.turned import ROLL, how_far, note
from sync_server.store.unit_of_work import Actor, UnitOfWork

_ACTOR: Final = Actor("job:roll")
_AT_ONCE: Final = 2_000
"""Rows in memory."""
_CUSTOMER: Final = ENTITY_TABLES["customer"].c
_IDENTIFIER: Final = ENTITY_TABLES["identifier"].c
_CLAIM: Final = ENTITY_TABLES["prospect"].c
_ROLL: Final = select(*(ENTITY_TABLES["roll"].c[name] for name in REGISTRY["roll"].fields))
_NEWS: Final = (
    select(change_log.c.seq)
    .join(ENTITY_TABLES["customer"], _CUSTOMER.id == change_log.c.id)
    .where(
        change_log.c.seq > bindparam("since"),
        change_log.c.entity == "customer",
        change_log.c.op == "put",
        change_log.c.version == 1,
        _CUSTOMER.kind == "organisation",
    )
    .limit(1)
)
Source = Callable[[Connection], Iterator[str]]
"""Yields by what organisations are known (`names_of`)."""


def _by_name(connection: Connection) -> Iterator[str]:
    # Those who were merged into another as well: somebody knows the bank's customer by that name.
    names = select(_CUSTOMER.name).where(_CUSTOMER.kind == "organisation")
    for name in connection.execute(names.execution_options(yield_per=_AT_ONCE)).scalars():
        yield from names_of(name)


def _by_code(connection: Connection) -> Iterator[str]:
    codes = select(_IDENTIFIER.value).where(_IDENTIFIER.kind == "uscc")
    for code in connection.execute(codes.execution_options(yield_per=_AT_ONCE)).scalars():
        yield from names_of("", code)


def _by_claim(connection: Connection) -> Iterator[str]:
    is_open = _CLAIM.kind == "organisation", _CLAIM.status.in_(sorted(OPEN))
    claims = select(_CLAIM.name, _CLAIM.code).where(*is_open)
    for name, code in connection.execute(claims.execution_options(yield_per=_AT_ONCE)):
        yield from names_of(name, code or "")


SOURCES: Final[tuple[Source, ...]] = (_by_name, _by_code, _by_claim)
"""Whose organisations are on the roll; whatever else lays claim to some is one more of these."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A roll, and the seq of the snapshot that it was made of."""

    roll: Roll
    contents: list[str]
    seq: int


def bring_roll(database: Database, now: int) -> None:
    """Bring the roll up to the record, if that was not done today or organisations have come."""
    made = _made(database, bank_day(now).isoformat())
    if made is not None:
        database.write(lambda connection: _bring(UnitOfWork(connection, _ACTOR, now), made))


def _made(database: Database, today: str) -> _Made | None:
    """Make the roll of today; None where the one that is there will do."""
    with database.reading() as connection:
        row: Any = connection.execute(_ROLL).one_or_none()
        before = Roll(*row) if row else Roll(ROLL_ID, secrets.token_hex(16), 1, "")
        if before.as_of == today and not _has_news(connection):
            return None
        texts, seq = (
            set(chain.from_iterable(read(connection) for read in SOURCES)),
            head(connection),
        )
    roll = replace(before, parts=parts_for(len(texts), before.parts), as_of=today)
    sieve = Sieve(bytes.fromhex(roll.salt), roll.parts)
    contents = [b64encode(part).decode() for part in sieve.made(map(sieve.key, texts))]
    return _Made(roll, contents, seq)


def _has_news(connection: Connection) -> bool:
    since = int(how_far(connection, ROLL) or 0)
    return connection.execute(_NEWS, {"since": since}).first() is not None


def _bring(unit: UnitOfWork, made: _Made) -> None:
    before = current_rows(unit.connection, REGISTRY["roll"], [ROLL_ID])
    # Read once the row is locked: by then whoever was before this has committed.
    if int(how_far(unit.connection, ROLL) or 0) > made.seq:
        return
    parts = [
        RollPart(roll_part_id(number), number, content)
        for number, content in enumerate(made.contents)
    ]
    present = current_rows(unit.connection, REGISTRY["roll_part"], [part.id for part in parts])
    for part in parts:
        _put(unit, "roll_part", document_of(part), present.get(part.id))
    _put(unit, "roll", document_of(made.roll), before.get(ROLL_ID))
    note(unit.connection, ROLL, str(made.seq))
    unit.finish()


def _put(unit: UnitOfWork, entity: str, document: Document, before: Any) -> None:
    """Write a row that is new or another; what a part was is kept by no history."""
    kind, scope, encoded = REGISTRY[entity], ScopeRule.GLOBAL.value, to_json(document)
    if before is None:
        unit.create(kind, document, scope, encoded, None)
    elif any(before[name] != value for name, value in document.items()):
        unit.change(kind, document, scope, before["version"] + 1, encoded)
