"""Followed: what came of an alert, by the marks that referrals and sales carry of their cause."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from shared.domain.referral import copy_id
from shared.domain.sale import shares_of
from shared.money import Fen
from shared.registry import REGISTRY, Document
from sync_server.store.books import Books
from sync_server.store.schema import ENTITY_TABLES


class Credited(NamedTuple):
    """What one employee has earned of one sale (fen)."""

    sale_id: str
    employee_id: str
    basis_points: int
    earned: Fen


def found(connection: Connection, entity: str, **equal: str) -> list[Document]:
    """Return the rows of an entity with these values, in the order of their ids."""
    table, names = ENTITY_TABLES[entity], list(REGISTRY[entity].fields)
    statement = select(*(table.c[name] for name in names)).where(
        *(table.c[name] == value for name, value in equal.items())
    )
    rows = connection.execute(statement.order_by(table.c.id)).all()
    return [dict(zip(names, row, strict=True)) for row in rows]


def referrals_after(connection: Connection, alert_id: str) -> list[Document]:
    """Return the referrers' copies of what was passed on because of an alert."""
    both = found(connection, "referral", alert_id=alert_id)
    return [each for each in both if each["original_id"] is None]


def sales_after(connection: Connection, alert_id: str) -> list[Document]:
    """Return the sales that say they come of an alert, or of a referral because of it."""
    sales = found(connection, "sale", alert_id=alert_id)
    for each in referrals_after(connection, alert_id):
        sales += found(connection, "sale", referral_id=copy_id(str(each["id"])))
    return sales


def credited(connection: Connection, sales: Collection[Document], now: int) -> Sequence[Credited]:
    """Return what every payee of these sales has earned of each, by the facts as they are now."""
    books, told = Books(connection, now), list[Credited]()
    entries = {
        employee: books.earned(payee).entries
        for employee in {each.employee for sale in sales for each in shares_of(sale)}
        if (payee := books.payee(employee)) is not None
    }
    for sale in sales:
        for share in shares_of(sale):
            mine = [
                entry.amount
                for entry in entries.get(share.employee, ())
                if entry.sale == sale["id"] and entry.type == "EARN"
            ]
            told.append(Credited(str(sale["id"]), share.employee, share.pay_bp, Fen(sum(mine))))
    return told
