"""Redirects: of what comes after a merge, which of the two records it came to.

Devices name a customer who has ended, and the bank's systems find who goes on by a number, an
account or a telephone of a record that ended. Either is the survivor's at once, and noted as a step
of the merge, so that a split gives it to the record by which it came. Were it left with the other
one, the bank's next word on it would name another customer than the record, and be refused.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared import identity
from shared.registry import REGISTRY, Document, Entity
from sync_server.customer.matching import Number, Whose
from sync_server.store.customers import identified
from sync_server.store.daily_flows import holders
from sync_server.store.merge_steps import Joined, MergeSteps, RowKey, Steps
from sync_server.store.rows import among, customer_scopes, look_up
from sync_server.store.schema import ENTITY_TABLES, merge, merge_step

_BESIDE: Final[Mapping[str, str]] = {"referral": "for_id", "relation": "other_id"}
"""The field by which a record names a second customer."""


def naming(entity: Entity) -> Sequence[str]:
    """Return the fields of an entity that name a customer."""
    known = "customer_id", _BESIDE.get(entity.name, "")
    return [name for name in known if name in entity.fields]


def follow_late(connection: Connection, late: Iterable[tuple[Entity, str, Document]]) -> None:
    """Remember of records that came after a merge whom they named, so that a split returns them.

    Each is given as its entity, its id and the document as it came.
    """
    found: dict[str, Steps] = {}
    for entity, id, document in late:
        for name in naming(entity):
            for step in _redirects(connection, document.get(name)):
                steps = found.setdefault(step["id"], Steps(step["id"]))
                steps.add(entity.name, id, {name: (step["loser"], step["survivor"])})
    if found:
        MergeSteps(connection).keep(found.values())


def follow_said(connection: Connection, rows: Collection[RowKey], field: str, said: str) -> str:
    """Return who goes on for a customer whom a step of these rows has just named in a field.

    Whom it named is remembered, so that a split returns them.
    """
    customer_scopes(connection, [said])  # nobody merges them while this is looked at
    steps = MergeSteps(connection)
    for step in _redirects(connection, said):
        said = str(step["survivor"])
        for key in rows:
            steps.note(step["id"], key, {field: (step["loser"], said)})
    return said


def _redirects(connection: Connection, customer: object) -> Iterator[Joined]:
    """Yield the merges by which a customer is another by now, one after another."""
    while customer is not None:
        mine = select(merge).where(merge.c.loser == customer, merge.c.split_at.is_(None))
        step = connection.execute(mine).mappings().first()
        if step is None:
            return
        yield step
        customer = step["survivor"]


def who_took_in(connection: Connection, customers: Collection[str]) -> set[str]:
    """Return those of these customers into whom another was merged."""
    return {row.survivor for row in _asked(connection, customers, _survivors)}


def ways_of(
    connection: Connection, papers: Mapping[Number, Sequence[Document]]
) -> dict[Number, Sequence[Joined]]:
    """Return by which merges numbers are another customer's now, one after another.

    Of those alone that came with a record which ended: who goes on may have the same number.
    """
    customers = {str(each["customer_id"]) for found in papers.values() for each in found}
    survivors = who_took_in(connection, customers)
    moved = {
        number: {str(each["id"]) for each in found}
        for number, found in papers.items()
        if survivors.intersection(str(each["customer_id"]) for each in found)
    }
    origins = _origins(connection, "identifier", {id for ids in moved.values() for id in ids})
    return {
        number: list(_redirects(connection, min(origins[id] for id in ids)))
        for number, ids in moved.items()
        if ids <= origins.keys()
    }


# What the bank's systems bring


@dataclass(frozen=True, slots=True)
class Came:
    """A new row of an import: whose it has become, and by what it was found."""

    entity: str
    id: str
    customer_id: str
    whose: Whose
    account_id: str | None = None
    """The account of the record that it refers to."""


def follow_found(connection: Connection, came: Sequence[Came]) -> None:
    """Remember of an import's new rows by which former record they were found.

    Nearly all are about customers who took in nobody, and cost no more than this look.
    """
    customers = {each.customer_id for each in came}
    survivors = who_took_in(connection, customers)
    late = [each for each in came if each.customer_id in survivors]
    if late:
        former = _Former(connection, late)
        named = ((each, former.of(each)) for each in late)
        follow_late(
            connection,
            [(REGISTRY[each.entity], each.id, {"customer_id": who}) for each, who in named if who],
        )


class _Former:
    """Which records that ended have what some rows were found by."""

    def __init__(self, connection: Connection, came: Sequence[Came]) -> None:
        self._papers = identified(
            connection, {each.whose.number for each in came if each.whose.number}
        )
        papers = {str(paper["id"]) for found in self._papers.values() for paper in found}
        self._paper_of = _origins(connection, "identifier", papers)
        accounts = {each.account_id for each in came if each.account_id}
        self._account_of = _origins(connection, "account", accounts)
        self._accounts = holders(connection, accounts)
        phones = {phone for each in came if (phone := _phone(each.whose))}
        spelt = {each for phone in phones for each in identity.spellings(phone)}
        self._ended = _asked(connection, spelt, _ended)

    def of(self, came: Came) -> str | None:
        """Return the record that ended by which a row was found; None: by who goes on."""
        if came.account_id in self._accounts:
            return self._account_of.get(str(came.account_id))
        if came.whose.number in self._papers:
            return self._by_number(came.whose.number)
        return self._by_phone(came.whose)

    def _by_number(self, number: Number) -> str | None:
        """Whoever goes on has a number that is also that of their own record."""
        papers = [str(paper["id"]) for paper in self._papers[number]]
        found = {self._paper_of.get(each) for each in papers}
        return None if None in found else min(filter(None, found))

    def _by_phone(self, whose: Whose) -> str | None:
        """Who goes on may have the telephone only from the other record: that is asked alone."""
        found = {row.id: row.merged_into for row in self._ended if _is_said(row, whose)}
        return min(found.keys() - set(found.values()), default=None)


def _phone(whose: Whose) -> str | None:
    return whose.contact[0] if whose.contact else whose.phone


def _is_said(row: Any, whose: Whose) -> bool:
    if identity.phone(row.phone) != _phone(whose):
        return False
    return whose.contact is None or identity.name(row.name) == whose.contact[1]


def _origins(connection: Connection, entity: str, ids: Collection[str]) -> dict[str, str]:
    """Return of which record rows were before the merges that stand, of those that they moved."""
    chains: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in _asked(connection, ids, _moves, entity):
        chains[row.id][row.loser] = row.survivor
    return {
        id: origin for id, chain in chains.items() for origin in chain.keys() - set(chain.values())
    }


def _asked(connection: Connection, values: Collection[Any], make: Any, *what: Any) -> Sequence[Any]:
    return look_up(connection, values, make, *what) if values else ()


@cache
def _survivors(*, is_postgresql: bool) -> Select[Any]:
    mine = among(merge.c.survivor, is_postgresql=is_postgresql)
    return select(merge.c.survivor).where(mine, merge.c.split_at.is_(None)).distinct()


@cache
def _moves(entity: str, *, is_postgresql: bool) -> Select[Any]:
    return (
        select(merge_step.c.id, merge.c.loser, merge.c.survivor)
        .join(merge, merge.c.id == merge_step.c.merge_id)
        .where(merge_step.c.entity == entity, merge.c.split_at.is_(None))
        .where(among(merge_step.c.id, is_postgresql=is_postgresql))
    )


@cache
def _ended(*, is_postgresql: bool) -> Select[Any]:
    own = ENTITY_TABLES["customer"].c
    found = select(own.id, own.phone, own.name, own.merged_into)
    return found.where(among(own.phone, is_postgresql=is_postgresql), own.merged_into.is_not(None))
