"""Around a customer: what they hold with the bank or owe it, whom they are tied to, and how far."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, case, or_

from mobile_app.store.face_records import CircleItem, MemberItem, RelationItem
from mobile_app.store.queries.reading import Reading, among, every, listed
from mobile_app.store.tables import MIRROR
from shared.domain import Account, Customer, Relation
from shared.domain.circle import DEEPEST, TIES, CircleKind, Member, circle, circle_kind, deposits

_account = MIRROR["account"]
_relation = MIRROR["relation"]
_MOST: Final = 200
"""Relations that a page goes through. Of accounts it takes all: their sum is said."""

_ACCOUNTS: Final = (
    every("account")
    .where(_account.c.customer_id == bindparam("customer"), _account.c.closed_on.is_(None))
    .order_by(_account.c.balance.desc(), _account.c.id)
)
_STANDS_FIRST: Final = case({"verified": 0, "claimed": 1}, value=_relation.c.status, else_=2)
_RELATIONS: Final = (
    every("relation")
    .where(
        or_(
            _relation.c.customer_id == bindparam("customer"),
            _relation.c.other_id == bindparam("customer"),
        )
    )
    .order_by(_STANDS_FIRST, _relation.c.occurred_at.desc(), _relation.c.id)
    .limit(_MOST)
)
_STANDING: Final = (
    every("relation")
    .where(
        or_(among(_relation.c.customer_id, "customers"), among(_relation.c.other_id, "customers")),
        among(_relation.c.kind, "kinds"),
        _relation.c.status != "ended",
    )
    .order_by(_relation.c.id)
    .limit(_MOST)
)
"""The ties of some kinds at either end of which one of some customers is."""


class AroundQueries(Reading):
    """Accounts and relations of one customer."""

    def accounts_of(self, customer_id: str) -> list[Account]:
        """Return a customer's open accounts, the largest first."""
        return [Account(*row) for row in self._ask(_ACCOUNTS, customer=customer_id)]

    def relations_of(self, customer_id: str) -> list[RelationItem]:
        """Return to whom a customer is tied: what stands, verified first, then what ended."""
        found = [Relation(*row) for row in self._ask(_RELATIONS, customer=customer_id)]
        others = [_other_of(each, customer_id) for each in found]
        people = self._customers_by_id([other for other in others if other])
        return [
            self._relation(each, customer_id, other, people)
            for each, other in zip(found, others, strict=True)
        ]

    def _relation(
        self, one: Relation, customer_id: str, other: str | None, people: Mapping[str, Customer]
    ) -> RelationItem:
        known = people.get(other or "")
        is_theirs = one.customer_id != customer_id
        return RelationItem(
            relation=one,
            other_id=known.id if known else None,
            other_name=known.name if known else "" if is_theirs else one.other_name or "",
            is_theirs=is_theirs,
            by_name=self._name_of(one.employee_id),
            is_own=one.employee_id == self._my(),
            state=self.state("relation", one.id),
        )

    def circle_of(self, customer_id: str) -> CircleItem | None:
        """Return a customer's family or group, as far as this device knows it; None where none."""
        customer = self._customers_by_id([customer_id]).get(customer_id)
        if customer is None:
            return None
        kind = circle_kind(customer)
        members = circle(customer_id, kind, self._ties(customer_id, kind))
        if not members:
            return None
        held = self._customers_by_id([each.customer_id for each in members if each.customer_id])
        return CircleItem(
            kind,
            tuple(self._member(each, customer_id, held) for each in members),
            deposits(customer, members, held),
        )

    def _ties(self, start: str, kind: CircleKind) -> list[Relation]:
        """Return the standing ties around a customer, read step by step from both ends."""
        ties: dict[str, Relation] = {}
        asked, nearest = set(), {start}
        for _ in range(DEEPEST):
            if not nearest:
                break
            asked |= nearest
            rows = self._ask(_STANDING, customers=listed(nearest), kinds=listed(TIES[kind]))
            found = [Relation(*row) for row in rows]
            ties |= {each.id: each for each in found}
            ends = {id for each in found for id in (each.customer_id, each.other_id) if id}
            nearest = ends - asked
        return list(ties.values())

    def _member(self, one: Member, start: str, held: Mapping[str, Customer]) -> MemberItem:
        customer, via = held.get(one.customer_id or ""), held.get(one.via)
        return MemberItem(
            member=one,
            customer_id=customer.id if customer else None,
            name=customer.name if customer else one.name,
            via_name=None if one.via == start else via.name if via else "",
            owner_name=self._name_of(customer.owner_id) if customer else None,
        )


def _other_of(relation: Relation, customer_id: str) -> str | None:
    """Return the customer at the other end, if there is one."""
    return relation.other_id if relation.customer_id == customer_id else relation.customer_id
