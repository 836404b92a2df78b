"""Prospecting: what a day brings to claims, though nobody spoke of them.

A prospect has become a customer, its manager has left, or a term has run out without a contact.
Once a day, a page of claims in each short transaction; one that is cut off begins again at the next
look, and ends nothing twice.
"""

from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared.domain.days import bank_day
from shared.domain.prospect import OPEN, claims_of, has_lapsed
from shared.registry import REGISTRY, Document
from sync_server.customer import claiming
from sync_server.store.authority import hold_the_ledger
from sync_server.store.database import Database
from sync_server.store.prospects import JOB, became, close_claim, customers_of
from sync_server.store.rows import documents
from sync_server.store.schema import ENTITY_TABLES
from sync_server.store.scopes import supervisor_of_all
from sync_server.store.turned import CLAIMS, note_turn, turned_to
from sync_server.store.unit_of_work import Actor, UnitOfWork

TOGETHER: Final = 200
"""Claims of one writing transaction; devices get in between."""
_CLAIM: Final = REGISTRY["prospect"]
_CONTEST: Final = REGISTRY["prospect_contest"]


def look_at_claims(database: Database, now: int) -> None:
    """End the claims that have had their time, if nobody looked yet today."""
    today = bank_day(now).isoformat()
    if turned_to(database, CLAIMS) == today:
        return
    for page in (_claims, _contests):
        after: str | None = ""
        while after is not None:
            after = database.write(
                lambda connection, page=page, after=after: _turn(connection, page, after, now)  # type: ignore[misc]
            )
    note_turn(database, CLAIMS, today)


def _turn(connection: Connection, page: Any, after: str, now: int) -> str | None:
    hold_the_ledger(connection)
    unit = UnitOfWork(connection, Actor(JOB), now)
    last: str | None = page(unit, after)
    unit.finish()
    return last


def _claims(unit: UnitOfWork, after: str) -> str | None:
    claims = _page(unit.connection, "prospect", after, sorted(OPEN))
    known = customers_of(unit.connection, claims)
    employees = {str(each["employee_id"]) for each in claims}
    people = documents(unit.connection, REGISTRY["employee"], employees)
    # Whoever contested what is a customer now has lost it before its holder has won it.
    for claim in sorted(claims, key=lambda each: each["status"] == "claimed"):
        customer = known.get(str(claim["id"]))
        if customer is not None:
            became(unit, claim, customer)
        elif not people[str(claim["employee_id"])]["active"]:
            close_claim(unit, claim, claiming.closed(claim, unit.now, "released", "left"))
        elif has_lapsed(claim, bank_day(unit.now)):
            close_claim(unit, claim, claiming.closed(claim, unit.now, "lapsed", "no_contact"))
    return str(claims[-1]["id"]) if len(claims) == TOGETHER else None


def _contests(unit: UnitOfWork, after: str) -> str | None:
    """Bring every open contest to whoever is the supervisor of all who claim by now."""
    contests = _page(unit.connection, "prospect_contest", after, ["open"])
    for contest in contests:
        people = set(claims_of(contest).values())
        arbiter = supervisor_of_all(unit.connection, people) or ""
        unit.import_rows(_CONTEST, [{**contest, "arbiter_id": arbiter}])
    return str(contests[-1]["id"]) if len(contests) == TOGETHER else None


def _page(connection: Connection, entity: str, after: str, statuses: list[str]) -> list[Document]:
    names = REGISTRY[entity].fields
    found = connection.execute(_following(entity, after, statuses))
    return [dict(zip(names, row, strict=False)) for row in found]


def _following(entity: str, after: str, statuses: list[str]) -> Select[Any]:
    table = ENTITY_TABLES[entity]
    wanted = table.c.id > after, table.c.status.in_(statuses)
    return select(table).where(*wanted).order_by(table.c.id).limit(TOGETHER)
