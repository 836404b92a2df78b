"""A branch for the tests of imports: a manager, who has sold a card, and the product planning."""

from io import BytesIO
from typing import Any

from shared.registry import Document
from shared.testing.builders import NOW, a_caller, a_customer, a_unit, an_employee, insert, txn
from shared.testing.selling import a_product, a_sale
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.adapters.report import Report, State
from sync_server.exchange import Poke
from sync_server.store.database import Database
from sync_server.store.scopes import refresh_scopes
from tests.server.sql_store import SqlStore

JOINED = "2026-01-05"
TODAY = "2026-11-18"
HEADER = "external_ref,event,on,amount,currency,qty"


class ImportingBranch:
    """The branch over a database; what it is told comes as files."""

    def __init__(self, database: Database) -> None:
        self.database, self.store = database, SqlStore(database)
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

    def sells(self, reference: str | None, **fields: Any) -> Document:
        """Let the manager's device bring a sale that is submitted."""
        sale = a_sale(
            str(self.customer["id"]),
            str(self.lin["id"]),
            str(self.card["id"]),
            external_ref=reference,
            **{"occurred_at": NOW, "status": "intent", **fields},
        )
        [verdict] = self.store.push(a_caller(str(self.lin["id"])), [txn(insert("sale", sale))])
        assert verdict["status"] == "applied", verdict
        return sale

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
            Sender("core", NOW),
            lambda _, poke: pokes.append(poke) if poke else None,
        )
        return report, pokes

    def confirmed(self, *rows: str, header: str = HEADER) -> Report:
        """Take in confirmations, given as lines of CSV."""
        return self.takes("confirmations", "\n".join([header, *rows, ""]))

    def sale_now(self, sale: Document | None = None) -> Document:
        """Return a sale as the record has it."""
        return self.store.rows("sale")[str((sale or self.sale)["id"])].document


def states(report: Report) -> dict[str, int]:
    """Return what the lines of a file came to, without what none came to."""
    return {str(state): report.counts[state] for state in State if report.counts[state]}


def told(report: Report) -> list[tuple[int, str]]:
    """Return the lines that someone must look at, with the code of the refusal or the state."""
    return [(each.line, each.why.code if each.why else str(each.state)) for each in report.told]
