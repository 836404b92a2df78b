"""A branch for the tests of customers who are in the record twice."""

from pathlib import Path
from typing import Any, Final

import pytest

from shared.domain.duplicate import duplicate_id
from shared.identity import id_card_check
from shared.registry import REGISTRY, Document
from shared.sync.ruling import Row
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    a_unit,
    an_employee,
    an_identifier,
    new_id,
    transition,
    txn,
)
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.duplicates import Sweep, find
from tests.server.sql_store import SqlStore, empty

PHONE: Final = "15400001234"


def an_id_card(order: int = 12) -> str:
    body = f"48010119520312{order:03d}"
    return body + id_card_check(body)


class DoubledBank:
    """A bank in which somebody may be twice; the first who is named is the elder."""

    def __init__(self, database: Database) -> None:
        self.database, self.store = database, SqlStore(database)
        self.lin, self.zhou, self.boss = new_id(), new_id(), new_id()
        unit = a_unit("head_office", None)
        self.bring("org_unit", unit)
        people = [an_employee(str(unit["id"]), id=who) for who in (self.lin, self.zhou)]
        people.append(an_employee(str(unit["id"]), "supervisor", id=self.boss))
        self.bring("employee", *people)

    def bring(self, entity: str, *documents: Document) -> None:
        self.store.bring(entity, *documents)

    def customer(self, number: str | None = None, owner: str | None = None, **said: Any) -> str:
        known = {"name": "张晓兰", "birth_date": "1952-03-12", "gender": "female"}
        customer = a_customer(owner or self.lin, **known | said)
        self.bring("customer", customer)
        id = str(customer["id"])
        if number is not None:
            known = {"kind": "id_card", "value": number, "last_four": number[-4:]}
            self.bring("identifier", an_identifier(id, **known))
        return id

    def suspected(self) -> tuple[str, str]:
        """Two customers who are perhaps one: with one name and one telephone."""
        return self.customer(phone=PHONE), self.customer(phone=PHONE, birth_date=None)

    def sweep(self, now: int = NOW) -> Sweep:
        *_, sweep = find(self.database, now)
        return sweep

    def rows(self, entity: str) -> dict[str, Row]:
        return dict(self.store.rows(entity))

    def decided(self, one: str, other: str, before: str, after: str, version: int = 1) -> list[str]:
        said = {"reason": "看过证件", "decided_by": self.boss, "decided_at": NOW}
        op = transition("duplicate", duplicate_id(one, other), "status", before, after, **said)
        caller = a_caller(self.boss, f"portfolio:{self.lin}", role="supervisor")
        verdicts = self.store.push(caller, [txn({**op, "version": version})])
        return [verdict["status"] for verdict in verdicts]

    def goes_on(self, id: str) -> str | None:
        found = self.rows("customer")[id].document["merged_into"]
        return None if found is None else str(found)

    def pair(self, one: str, other: str) -> Document:
        return self.rows("duplicate")[duplicate_id(one, other)].document

    def everything(self) -> dict[tuple[str, str], Document]:
        apart = ("duplicate", "provenance", "record_change")
        return {
            (name, id): row.document
            for name in REGISTRY
            if name not in apart
            for id, row in self.rows(name).items()
        }


def opened(request: pytest.FixtureRequest, folder: Path) -> Database:
    """Open what a fixture's parameter names, empty: "sqlite" in a folder, or "postgresql"."""
    if request.param == "sqlite":
        return open_sqlite(folder / "fieldbook.db")
    return empty(open_postgresql(request.getfixturevalue("postgresql_url")))
