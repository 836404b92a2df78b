"""A small bank that sells and pays: two account managers, two supervisors, one card, one rule."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection

from shared.commission.months import Period
from shared.domain.pay_period import period_id
from shared.domain.sale_share import share_id
from shared.domain.statement import statement_id
from shared.money import Fen
from shared.registry import REGISTRY, Document
from shared.sync.protocol import Verdict
from shared.sync.ruling import Caller
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    a_unit,
    an_employee,
    insert,
    new_id,
    transition,
    txn,
)
from shared.testing.selling import a_commission_rule, a_product, a_sale
from sync_server.store.authority import credit
from sync_server.store.core_events import CoreEvent, Taken, take_events
from sync_server.store.database import Database
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.sql_store import SqlStore

MARCH, APRIL, MAY = Period("2026-03"), Period("2026-04"), Period("2026-05")
NOVEMBER = Period("2026-11")
"""The month of NOW."""


class SellingBank:
    """A database with people, a product and an approved rule, and what they do."""

    def __init__(self, database: Database) -> None:
        self.database, self.store, self.now = database, SqlStore(database), int(NOW)
        self.unit = str(a_unit("head_office", None)["id"])
        self.lin, self.zhou, self.boss, self.head = (new_id() for _ in range(4))
        self.customer_of = {who: a_customer(who) for who in (self.lin, self.zhou)}
        self.card = a_product()
        self.bring("org_unit", a_unit("head_office", None, id=self.unit))
        self.bring(
            "employee",
            *(an_employee(self.unit, id=who) for who in (self.lin, self.zhou)),
            *(an_employee(self.unit, "supervisor", id=who) for who in (self.boss, self.head)),
        )
        self.bring("customer", *self.customer_of.values())
        self.bring("product", self.card)
        self.bring("commission_rule", a_commission_rule(self.head, self.unit, status="approved"))

    # What people and systems do

    def caller(self, who: str) -> Caller:
        """Return someone who sends from their device; supervisors hold both portfolios."""
        if who in self.customer_of:
            return a_caller(who, f"branch:{self.unit}")
        held = (f"portfolio:{self.lin}", f"portfolio:{self.zhou}", f"branch:{self.unit}")
        return a_caller(who, *held, role="supervisor")

    def push(self, who: str, *ops: Any) -> list[Verdict]:
        """Bring operations as one transaction."""
        return self.store.push(self.caller(who), [txn(*ops)])

    def bring(self, entity: str, *documents: Document) -> None:
        """Import rows, as the bank's own systems say them."""

        def work(connection: Connection) -> None:
            unit = UnitOfWork(connection, Actor("import:test"), self.now)
            unit.import_rows(REGISTRY[entity], documents)
            credit(unit)
            unit.finish()

        self.database.write(work)

    def sell(self, who: str, ref: str | None = None, **fields: Any) -> str:
        """Hand one card in; return the sale's id."""
        sale = a_sale(str(self.customer_of[who]["id"]), who, str(self.card["id"]), **fields)
        id = str(sale["id"])
        step = transition("sale", id, "status", "intent", "submitted", external_ref=ref)
        said = self.push(who, insert("sale", sale), step)
        assert [each["status"] for each in said] == ["applied", "applied"], said
        return id

    def say(self, *events: CoreEvent) -> list[Taken]:
        """Have the core systems say something."""

        def work(connection: Connection) -> list[Taken]:
            unit = UnitOfWork(connection, Actor("import:core"), self.now)
            taken = take_events(unit, events)
            unit.finish()
            return taken

        return self.database.write(work)

    def activate(self, sale: str, day: str = "2026-04-03", **said: Any) -> list[Taken]:
        """Have a card activated."""
        return self.say(told("ACTIVATED", day, sale=sale, **said))

    def cancel(self, sale: str, day: str) -> list[Taken]:
        """Have a card cancelled by the bank."""
        return self.say(told("CANCELLED", day, sale=sale))

    def answer(self, who: str, sale: str, after: str, reason: str | None = None) -> list[Verdict]:
        """Have a payee answer the share that was offered to them."""
        return self.push(who, _step(self.share(sale, who), after, reason=reason))

    def decide(
        self, sale: str, whose: str, split: Mapping[str, int], by: str | None = None
    ) -> list[Verdict]:
        """Have a supervisor say who has what."""
        decided = to_json([list(each) for each in split.items()]).decode()
        step = _step(self.share(sale, whose), "decided", decided=decided, reason="两人一起")
        return self.push(by or self.boss, step)

    def review(self, period: Period, by: str | None = None) -> list[Verdict]:
        """Put a month under review."""
        who = by or self.head
        step = ("open", "review")
        return self.push(
            who, transition("pay_period", period_id(period), "status", *step, employee_id=who)
        )

    def close(self, period: Period, by: str | None = None) -> list[Verdict]:
        """Close a month, whoever put it under review."""
        who = by or self.boss
        step = ("review", "closing")
        return self.push(
            who, transition("pay_period", period_id(period), "status", *step, checker_id=who)
        )

    def review_and_close(self, period: Period) -> None:
        """Close a month with two people."""
        for said in (self.review(period), self.close(period)):
            assert [each["status"] for each in said] == ["applied"], said

    # What stands in the record

    def rows(self, entity: str) -> list[Document]:
        """Return the rows of an entity."""
        return [row.document for row in self.store.rows(entity).values()]

    def row(self, entity: str, id: str) -> Document:
        """Return one row."""
        return self.store.rows(entity)[id].document

    def sale(self, id: str) -> Document:
        """Return a sale."""
        return self.row("sale", id)

    def share(self, sale: str, who: str) -> Document:
        """Return what someone has of a sale."""
        return self.row("sale_share", share_id(sale, who))

    def paid(self, who: str, period: Period = APRIL) -> int:
        """Return what is payable to someone for a month (fen); 0 without a statement."""
        row = self.store.rows("statement").get(statement_id(who, period))
        return 0 if row is None else int(str(row.document["payable"]))

    def statement(self, who: str, period: Period = APRIL) -> Document:
        """Return someone's month."""
        return self.row("statement", statement_id(who, period))

    def ledger(self) -> list[tuple[str, str, int]]:
        """Return the ledger in the order of posting: month, type, fen."""
        rows = sorted(self.rows("commission_entry"), key=lambda row: int(str(row["number"])))
        return [(str(row["period"]), str(row["type"]), int(str(row["amount"]))) for row in rows]

    def split(self, seller: int = 7_000) -> str:
        """Return shares of Lin and Zhou as a sale writes them."""
        return to_json([[self.lin, seller], [self.zhou, 10_000 - seller]]).decode()


def told(
    event: Any,
    day: str,
    *,
    sale: str | None = None,
    ref: str | None = None,
    key: str = "",
    amount: int | None = None,
    qty: int | None = None,
) -> CoreEvent:
    """One event of a core system; its key is its own, unless one is given."""
    known = key or f"{event} {sale or ref}"
    fen = None if amount is None else Fen(amount)
    return CoreEvent(known, ref, sale, event, date.fromisoformat(day), fen, qty)


def _step(row: Document, after: str, **said: Any) -> Any:
    said = {name: value for name, value in said.items() if value is not None}
    return transition("sale_share", str(row["id"]), "status", row["status"], after, **said)
