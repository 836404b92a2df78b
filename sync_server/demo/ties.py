"""Families and groups among the demo's customers, as their managers recorded them.

Most is what the customer said; of some a supervisor has seen proof. A few guarantees stand beside
them, which tie nobody into a family.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from shared.domain import Customer, Employee, Relation
from shared.domain.relation import RelationKind
from shared.sync.change import Insert, Transition
from sync_server.demo.clock import HOUR, MINUTE, moment, new_id, next_workday
from sync_server.demo.history import Saved

_FAMILIES: Final = 6
"""Of each manager; every other one has a child, too."""
_GENERATION_DAYS: Final = (20 * 365, 42 * 365)
_KNOWN_DAYS: Final = (12, 70)
"""How many days ago a tie was recorded."""
_PROOFS: Final = {
    "spouse": "结婚证",
    "child": "户口本",
    "legal_representative": "工商登记",
    "group_member": "工商登记",
    "guarantor": "保证合同",
}
_SEEN_ODDS: Final = 0.55
_ON_OUR_SIDE: Final = {
    "spouse": "两口子一起来的，存款各存各的",
    "child": "孩子在外地工作，逢年过节回来",
    "legal_representative": "公司的事都是本人拿主意",
    "group_member": "两家公司一套人马，财务合署办公",
    "guarantor": "上一笔贷款就是对方做的保证",
}


def make_relations(rng: Random, today: date, customers: Sequence[Customer]) -> list[Relation]:
    """Make the ties of every portfolio, in the order in which they were recorded."""
    owners = sorted({one.owner_id for one in customers})
    made = [
        _recorded(rng, today, one, kind, other)
        for owner in owners
        for one, kind, other in _ties(rng, [each for each in customers if each.owner_id == owner])
    ]
    return sorted(made, key=lambda one: one.id)


def saved_ties(relations: Sequence[Relation]) -> Iterator[Saved]:
    """Yield what managers' devices wrote: every tie begins as a claim."""
    for one in relations:
        claim = replace(one, status="claimed", reason=None)
        yield Saved(one.employee_id, one.occurred_at, [Insert.of("relation", claim)])


def seen_proofs(relations: Sequence[Relation], supervisor: Employee) -> Iterator[Saved]:
    """Yield what a supervisor's device wrote: what was seen as proof, the day after."""
    for one in relations:
        if one.status == "verified":
            said = {"reason": one.reason}
            step = Transition("relation", one.id, "status", "claimed", "verified", said)
            yield Saved(supervisor.id, one.occurred_at + 24 * HOUR, [step])


def _ties(
    rng: Random, portfolio: Sequence[Customer]
) -> Iterator[tuple[Customer, RelationKind, Customer]]:
    """Yield who is tied to whom in one portfolio; nobody is in two families."""
    people = [one for one in portfolio if one.kind == "person"]
    companies = [one for one in portfolio if one.kind == "organisation"]
    rng.shuffle(people)
    for place in range(_FAMILIES):
        couple = _couple(people)
        if couple is None:
            break
        yield couple[0], "spouse", couple[1]
        child = _child(people, couple[0]) if place % 2 == 0 else None
        if child is not None:
            yield couple[0], "child", child
    if len(companies) >= 3 and people:
        parent, daughter, other = rng.sample(companies, 3)
        yield parent, "legal_representative", people.pop()
        yield parent, "group_member", daughter
        yield parent, "guarantor", other


def _couple(people: list[Customer]) -> tuple[Customer, Customer] | None:
    """Take two people of one generation out of a list."""
    for one in people:
        for other in people:
            apart = abs(_born(one) - _born(other))
            if one.gender == "male" and other.gender == "female" and apart < timedelta(days=2_200):
                people.remove(one)
                people.remove(other)
                return one, other
    return None


def _child(people: list[Customer], parent: Customer) -> Customer | None:
    """Take somebody of the next generation out of a list, of the same surname."""
    least, most = (timedelta(days=days) for days in _GENERATION_DAYS)
    for one in people:
        if least < _born(one) - _born(parent) < most and one.name[0] == parent.name[0]:
            people.remove(one)
            return one
    return None


def _born(person: Customer) -> date:
    return date.fromisoformat(person.birth_date or "")


def _recorded(
    rng: Random, today: date, one: Customer, kind: RelationKind, other: Customer
) -> Relation:
    day = next_workday(today - timedelta(days=rng.randint(*_KNOWN_DAYS)))
    at = moment(day, 9) + rng.randrange(8 * HOUR // MINUTE) * MINUTE
    is_seen = rng.random() < _SEEN_ODDS
    return Relation(
        id=new_id(rng, at),
        customer_id=one.id,
        kind=kind,
        employee_id=one.owner_id,
        occurred_at=at,
        other_id=other.id,
        note=_ON_OUR_SIDE[kind],
        status="verified" if is_seen else "claimed",
        reason=_PROOFS[kind] if is_seen else None,
    )
