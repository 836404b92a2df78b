"""A branch for the tests of imports: a manager, who has sold a card, and the product planning."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from shared.registry import Document
from shared.sync.protocol import Verdict
from shared.testing.builders import NOW, a_caller, a_customer, a_unit, an_employee, insert, txn
from shared.testing.selling import a_product, a_sale
from sync_server.adapters import kinds
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import Report, State
from sync_server.exchange import Poke
from sync_server.store.database import Database
from sync_server.store.health import server_report
from sync_server.store.scopes import refresh_scopes
from tests.server.sql_store import SqlStore

JOINED = "2026-01-05"
TODAY = "2026-11-18"
HEADER = "external_ref,event,on,amount,currency,qty"


class ImportingBranch:
    """The branch over a database; what it is told comes as files, at the moment `now`."""

    def __init__(self, database: Database) -> None:
        self.database, self.store = database, SqlStore(database)
        self.now: int = NOW
        unit = a_unit("branch", None)
        self.lin = an_employee(str(unit["id"]), employee_no="AM001", joined_on=JOINED)
        self.customer = a_customer(str(self.lin["id"]))
        self.card = a_product()
        self.store.bring("org_unit", unit)
        self.store.bring("employee", self.lin)
        self.store.bring("customer", self.customer)
        self.store.bring("product", self.card)
        with database.writing() as connection:
            refresh_scopes(connection)
        self.sale = self.sells("C-1")

    def joins(self, number: str, day: str) -> Document:
        """Let someone join the branch, with a customer of their own; return them."""
        joined = an_employee(str(self.lin["org_unit_id"]), employee_no=number, joined_on=day)
        self.store.bring("employee", joined)
        self.store.bring("customer", a_customer(str(joined["id"])))
        with self.database.writing() as connection:
            refresh_scopes(connection)
        return joined

    def sells(self, reference: str | None, who: Document | None = None, **fields: Any) -> Document:
        """Let a manager's device, Lin's if not another's, bring a sale as an intent."""
        sale, verdict = self.tries(reference, who, **fields)
        assert verdict["status"] == "applied", verdict
        return sale

    def tries(
        self, reference: str | None, who: Document | None = None, **fields: Any
    ) -> tuple[Document, Verdict]:
        """Let a manager's device bring a sale; return it, and what the server says of it."""
        seller = str((who or self.lin)["id"])
        sale = a_sale(
            self._customer_of(seller),
            seller,
            str(self.card["id"]),
            external_ref=reference,
            **{"occurred_at": NOW, "status": "intent", **fields},
        )
        [verdict] = self.store.push(a_caller(seller), [txn(insert("sale", sale))])
        return sale, verdict

    def _customer_of(self, manager: str) -> str:
        rows = self.store.rows("customer").items()
        return next(id for id, row in rows if row.document["owner_id"] == manager)

    def takes(self, kind: str, content: str | bytes, encoding: str = "utf-8") -> Report:
        """Take in a file."""
        return self.takes_and_pokes(kind, content, encoding)[0]

    def takes_and_pokes(
        self, kind: str, content: str | bytes, encoding: str = "utf-8"
    ) -> tuple[Report, list[Poke]]:
        """Take in a file; return what came of it and who is poked."""
        pokes: list[Poke] = []
        body = content if isinstance(content, bytes) else content.encode(encoding)
        report = load(
            self.database,
            kind_named(kind),
            BytesIO(body),
            Sender("core", self.now),
            lambda _, poke: pokes.append(poke) if poke else None,
        )
        return report, pokes

    def confirmed(self, *rows: str, header: str = HEADER) -> Report:
        """Take in confirmations, given as lines of CSV."""
        return self.takes("confirmations", "\n".join([header, *rows, ""]))

    def not_counted(self) -> list[tuple[str, str, str]]:
        """Return what the bank said and no sale counts: key, day, and when the seller joined."""
        found = server_report(self.database).before_joining
        return [(each.key, each.day, each.joined_on) for each in found]

    def sale_now(self, sale: Document | None = None) -> Document:
        """Return a sale as the record has it."""
        return self.store.rows("sale")[str((sale or self.sale)["id"])].document


def in_chunks(monkeypatch: pytest.MonkeyPatch, name: str, rows: int) -> None:
    """Let every transaction of a kind take so many rows."""
    kind = replace(kind_named(name), chunk=rows)
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, name: kind})


def states(report: Report) -> dict[str, int]:
    """Return what the lines of a file came to, without what none came to."""
    return {str(state): report.counts[state] for state in State if report.counts[state]}


def told(report: Report) -> list[tuple[int, str]]:
    """Return the lines that someone must look at, with the code of the refusal or the state."""
    return [(each.line, each.why.code if each.why else str(each.state)) for each in report.told]
