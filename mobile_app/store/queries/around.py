"""Around a customer: what they hold with the bank or owe it, and to whom they are tied."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import case, or_, select

from mobile_app.store.face_records import RelationItem
from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.tables import MIRROR
from shared.domain import Account, Customer, Relation

_account = MIRROR["account"]
_relation = MIRROR["relation"]
_MOST: Final = 200
"""Accounts and relations that a page goes through."""


class AroundQueries(Reading):
    """Accounts and relations of one customer."""

    def accounts_of(self, customer_id: str) -> list[Account]:
        """Return a customer's open accounts, the largest first."""
        statement = (
            select(*fields_of("account"))
            .where(_account.c.customer_id == customer_id, _account.c.closed_on.is_(None))
            .order_by(_account.c.balance.desc(), _account.c.id)
            .limit(_MOST)
        )
        return [Account(*row) for row in self._rows(statement)]

    def relations_of(self, customer_id: str) -> list[RelationItem]:
        """Return to whom a customer is tied: what stands, verified first, then what ended."""
        order = case({"verified": 0, "claimed": 1}, value=_relation.c.status, else_=2)
        statement = (
            select(*fields_of("relation"))
            .where(
                or_(
                    _relation.c.customer_id == customer_id,
                    _relation.c.other_id == customer_id,
                )
            )
            .order_by(order, _relation.c.occurred_at.desc(), _relation.c.id)
            .limit(_MOST)
        )
        found = [Relation(*row) for row in self._rows(statement)]
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


def _other_of(relation: Relation, customer_id: str) -> str | None:
    """Return the customer at the other end, if there is one."""
    return relation.other_id if relation.customer_id == customer_id else relation.customer_id
