"""The commission authority: what follows from a sale, written in the transaction that brought it.

Theory of operation. `credit` looks at what a unit of work has written and brings everything of
commission up to it, so that no device ever reads one without the other:

    sale, share     the bank's word on it, the shares of all its payees, contests
    rule, goal      nothing of the sales
    any of these    the statements of every employee it concerns (`statements`)
    pay period      a month that is to be closed is posted to the ledger (`closing`)

One transaction at a time: two devices that claim the same card at the same moment would otherwise
not see each other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select, text

from shared.domain.actors import is_job
from shared.domain.days import bank_day
from shared.domain.sale_share import SaleShare
from shared.registry import REGISTRY, Document
from sync_server.commission.banks_word import CoreEvent, as_told
from sync_server.commission.claims import Claim, documents_of, settled
from sync_server.store import closing, statements, told
from sync_server.store.rows import among, current_rows, documents, look_up
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.unit_of_work import Actor, UnitOfWork

WATCHED: Final = frozenset(
    {"sale", "sale_share", "commission_rule", "pay_period", "target", "quality", "employee"}
)
"""What commission follows from."""
_SHARE_FIELDS: Final = [each.name for each in fields(SaleShare)]


def hold_the_ledger(connection: Connection) -> None:
    """Wait until no other transaction changes what is earned. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(70_515)"))


def credit(
    unit: UnitOfWork,
    named: Collection[str] = (),
    unsaid: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Write what follows for commission from what a unit has written; nothing where nothing does.

    To be called before `unit.finish`; a second time changes nothing. `named` are sales of which the
    bank's systems have said something, `unsaid` the fields of theirs that are told no more.
    """
    written = unit.written(WATCHED)
    if not written and not named:
        return
    unit.flush()
    hold_the_ledger(unit.connection)
    actor = unit.actor
    if not is_job(actor.name):
        unit.actor = Actor("job:commission", actor.device_id)
    try:
        shares = written.get("sale_share", ())
        of_shares = _of_shares(unit.connection, shares, "sale_id")
        waited = told.not_counted_of(unit.connection, written.get("employee", ()))
        sales = {*written.get("sale", ()), *of_shares, *named, *waited}
        changes = _settle(unit, sales, shares, unsaid or {})
        touched = statements.bring_up(unit, statements.whom(unit.connection, written), changes)
        closing.follow(unit, written.get("pay_period", ()), touched)
    finally:
        unit.actor = actor


def _of_shares(connection: Connection, shares: Collection[str], field: str) -> set[str]:
    found = documents(connection, REGISTRY["sale_share"], shares)
    return {str(each[field]) for each in found.values()}


def sales_named(connection: Connection, events: Iterable[CoreEvent]) -> dict[str, str | None]:
    """Return the sales that events name, with their references."""
    ids = {event.sale_id for event in events if event.sale_id}
    refs = {event.external_ref for event in events if event.external_ref}
    found = [("id", ids), ("external_ref", refs)]
    return {
        row.id: row.external_ref
        for column, values in found
        if values
        for row in look_up(connection, values, _sales_by, column)
    }


def _settle(
    unit: UnitOfWork,
    sales: Collection[str],
    fresh: Collection[str],
    unsaid: Mapping[str, Collection[str]],
) -> dict[str, list[SaleShare]]:
    """Bring sales, their rivals and everyone's shares up to date; return what changed for whom.

    `fresh` are the ids of shares whose payee, or a supervisor, has just spoken.
    """
    if not sales:
        return {}
    connection = unit.connection
    groups = _groups(connection, sales)
    everyone = [sale for group in groups for sale in group]
    events = told.events_of(
        connection,
        {str(sale["id"]) for sale in everyone},
        {str(sale["external_ref"]) for sale in everyone if sale["external_ref"]},
    )
    joined = _joined(connection, everyone) if events else {}
    made = _Claims(connection, everyone)
    today = bank_day(unit.now)
    results = []
    for group in groups:
        claims = [made.claim(each) for each in _as_told(group, events, joined, unit.now, unsaid)]
        results += settled(claims, today, fresh)
    unit.import_rows(REGISTRY["sale"], [each.sale for each in results])
    rows = [row for each in results for row in documents_of(each)]
    changed = [row for row in rows if made.present.get(str(row["id"])) != row]
    unit.import_rows(REGISTRY["sale_share"], changed)
    changes: dict[str, list[SaleShare]] = {}
    for row in changed:
        old = made.present.get(str(row["id"]))
        both = [SaleShare(**each) for each in (old, row) if each is not None]
        changes.setdefault(str(row["employee_id"]), []).extend(both)
    return changes


def _groups(connection: Connection, ids: Collection[str]) -> list[list[Document]]:
    """Return sales with all that claim the same thing, or did when it was last looked at."""
    entity = REGISTRY["sale"]
    found = current_rows(connection, entity, sorted(ids))
    refs = {row["external_ref"] for row in found.values() if row["external_ref"]}
    refs |= {row.external_ref for row in look_up(connection, ids, _refs_of) if row.external_ref}
    if refs:
        found |= {
            row.id: row._asdict() for row in look_up(connection, refs, _sales_by, "external_ref")
        }
    groups: dict[str, list[Document]] = {}
    for id, row in sorted(found.items()):
        document = {name: row[name] for name in entity.fields}
        groups.setdefault(str(row["external_ref"] or id), []).append(document)
    return list(groups.values())


def _joined(connection: Connection, sales: Collection[Document]) -> dict[str, str]:
    """Return the first day on which each seller may sell; nothing where none was said."""
    sellers = {str(sale["employee_id"]) for sale in sales}
    rows = documents(connection, REGISTRY["employee"], sellers)
    return {id: str(row["joined_on"] or "") for id, row in rows.items()}


def _as_told(
    group: Collection[Document],
    events: Collection[CoreEvent],
    joined: Mapping[str, str],
    now: int,
    unsaid: Mapping[str, Collection[str]],
) -> Iterator[Document]:
    """Yield sales that claim one thing as the bank's events make them.

    An event of before all of their sellers joined does not count.
    """
    since = min(joined.get(str(sale["employee_id"]), "") for sale in group)
    for sale in group:
        id, ref = str(sale["id"]), sale["external_ref"]
        known = told.about(events, id, None if ref is None else str(ref))
        counted = [event for event in known if event.on.isoformat() >= since]
        yield as_told(sale, counted, now, unsaid.get(id, ()))


class _Claims:
    """What is known around some sales, read once: products, names, and the shares there are."""

    def __init__(self, connection: Connection, sales: Collection[Document]) -> None:
        products = {str(sale["product_id"]) for sale in sales}
        customers = {str(sale["customer_id"]) for sale in sales}
        self._products = documents(connection, REGISTRY["product"], products)
        self._customers = documents(connection, REGISTRY["customer"], customers)
        found = look_up(connection, {str(sale["id"]) for sale in sales}, _shares_of)
        rows = (row._asdict() for row in found)
        self.present = {row["id"]: {name: row[name] for name in _SHARE_FIELDS} for row in rows}

    def claim(self, sale: Document) -> Claim:
        """Return a sale as a claim."""
        shares = [row for row in self.present.values() if row["sale_id"] == sale["id"]]
        return Claim(
            sale,
            self._products[str(sale["product_id"])],
            str(self._customers[str(sale["customer_id"])]["name"]),
            {str(row["employee_id"]): SaleShare(**row) for row in shares},
        )


@cache
def _sales_by(column: str, *, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES["sale"]
    condition = among(table.c[column], is_postgresql=is_postgresql)
    return select(table).where(condition).order_by(table.c.id).with_for_update()


@cache
def _shares_of(*, is_postgresql: bool) -> Select[Any]:
    table = ENTITY_TABLES["sale_share"]
    condition = among(table.c.sale_id, is_postgresql=is_postgresql)
    return select(table).where(condition).order_by(table.c.id).with_for_update()


@cache
def _refs_of(*, is_postgresql: bool) -> Select[Any]:
    """The references under which sales were last shared."""
    table = ENTITY_TABLES["sale_share"]
    condition = among(table.c.sale_id, is_postgresql=is_postgresql)
    return select(table.c.external_ref).where(condition).distinct()
