"""A small catalogue for browser journeys: what is sold and what it pays, as the bank imports it."""

from collections.abc import Mapping

from fieldbook.branch import Branch
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW
from shared.testing.selling import a_commission_rule, a_product, a_wealth_product, terms
from sync_server.store.database import open_sqlite
from sync_server.store.unit_of_work import Actor, UnitOfWork

CARD = a_product(id="product-card")
WEALTH = a_wealth_product(id="product-wealth")


def import_rows(branch: Branch, rows: Mapping[str, list[Document]]) -> None:
    """Write rows as the bank's systems do, while the server is down."""
    database = open_sqlite(branch.data / "fieldbook.db")
    try:
        with database.writing() as connection:
            unit = UnitOfWork(connection, Actor("import:test"), NOW)
            for name, documents in rows.items():
                unit.import_rows(REGISTRY[name], documents)
            unit.finish()
    finally:
        database.close()


def stock(branch: Branch, unit: str) -> None:
    """Give a unit something to sell: a card that pays 60.00, and a wealth product."""
    rule = a_commission_rule("someone", unit, status="approved", terms=terms())
    import_rows(branch, {"product": [CARD, WEALTH], "commission_rule": [rule]})
