"""Duplicates: pairs of customers who are perhaps one, what became of them, and fields' sources."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, case, cast, func, or_, select

from mobile_app.store.duplicate_records import DuplicateItem, Paired
from mobile_app.store.queries.customers import CustomerQueries
from mobile_app.store.queries.reading import fields_of
from mobile_app.store.tables import MIRROR, row_base
from shared.domain import Duplicate, Identifier
from shared.domain.duplicate import LOOKED_AT, is_further
from shared.domain.provenance import Origin, provenance_id, read

_customer = MIRROR["customer"]
_duplicate = MIRROR["duplicate"]
_identifier = MIRROR["identifier"]
_provenance = MIRROR["provenance"]
_BY_PROOF: Final = ("id_card", "uscc", "passport")
"""Documents that say who somebody is, those that prove most first."""
_IN_RECORD: Final = func.json_extract(cast(row_base.c.doc, Text), "$.status")
"""The state of a pair beneath what the user decided; null where nothing of theirs waits on it."""
_WAY: Final = (
    select(_duplicate.c.customer_id)
    .outerjoin(row_base, and_(row_base.c.entity == "duplicate", row_base.c.id == _duplicate.c.id))
    .where(_duplicate.c.other_id == bindparam("id"))
    .where(func.coalesce(_IN_RECORD, _duplicate.c.status) == "merged")
)
"""To whom somebody's own id leads."""
_ORIGINS: Final = select(_provenance.c.fields).where(_provenance.c.id == bindparam("id"))


class DuplicateQueries(CustomerQueries):
    """What a supervisor decides about customers who are perhaps one, and what came of it."""

    def duplicates_open(self) -> int:
        """Count the pairs that can be decided: both records are here, and neither has ended."""
        [[count]] = self._rows(select(func.count()).where(_is_open(), _is_decidable()))
        return int(count)

    def duplicates(self, since: int, limit: int) -> list[DuplicateItem]:
        """Return pairs, those to decide first and the likeliest of them at the top.

        Behind them stand those that cannot be decided any more, and the ones decided since the
        moment `since` (ms), latest first.
        """
        is_open = _is_open()
        recent = and_(~is_open, _duplicate.c.decided_at >= since)
        place = case((and_(is_open, _is_decidable()), 0), (is_open, 1), else_=2)
        statement = (
            select(*fields_of("duplicate"))
            .where(or_(is_open, recent))
            .order_by(
                place,
                case((is_open, -_duplicate.c.score), else_=-_duplicate.c.decided_at),
                _duplicate.c.id,
            )
        )
        return self._items(statement.limit(limit))

    def duplicate(self, id: str) -> DuplicateItem | None:
        """Return one pair, or None where it is not here."""
        mine = select(*fields_of("duplicate")).where(_duplicate.c.id == id)
        return next(iter(self._items(mine)), None)

    def merges_of(self, customer_id: str) -> list[DuplicateItem]:
        """Return the pairs by which a customer took in other records, the latest first."""
        mine = _merged().where(_duplicate.c.customer_id == customer_id)
        return self._items(mine.order_by(_duplicate.c.decided_at.desc()))

    def going_on(self, customer_id: str) -> str:
        """Return the customer who goes on for one that was merged; else the same one.

        One who is still here goes on for themselves: the merge has not been done yet. What the
        record says leads on, not a decision that waits or was refused.
        """
        seen: set[str] = set()
        while customer_id not in seen and not self._customers_by_id([customer_id]):
            seen.add(customer_id)
            ways = self._ask(_WAY, id=customer_id)
            customer_id = ways[0][0] if ways else customer_id
        return customer_id

    def origins_of(self, customer_id: str) -> dict[str, Origin]:
        """Return who says each field of a customer, and since when; empty while unknown.

        What was typed over here and has not come back from the server is a manager's word already.
        """
        rows = self._ask(_ORIGINS, id=provenance_id(customer_id))
        kept = read(rows[0][0]) if rows else {}
        key = "customer", customer_id
        for op in self._work.unsettled(self._mirror.seq(), {key}).on({key})[key]:
            if op["kind"] == "patch":
                kept |= dict.fromkeys(op["set"], Origin("manager", op["occurred_at"]))
        return kept

    def _items(self, statement: Select[Any]) -> list[DuplicateItem]:
        found = [Duplicate(*row) for row in self._rows(statement)]
        ids = sorted({id for each in found for id in (each.customer_id, each.other_id)})
        paired, ended = self._paired(ids), self._ended(ids)
        return [
            DuplicateItem(
                duplicate=each,
                one=paired.get(each.customer_id),
                other=paired.get(each.other_id),
                moved=_is_chained(each)
                or any(
                    ended.get(id, each.id) != each.id for id in (each.customer_id, each.other_id)
                ),
                by_name=self._name_of(each.decided_by or ""),
                state=self.state("duplicate", each.id),
            )
            for each in found
        ]

    def _ended(self, customers: Collection[str]) -> dict[str, str]:
        """Return the pair by which each of some customers was merged into another."""
        rows = self._rows(_merged().where(_duplicate.c.other_id.in_(customers)))
        return {row.other_id: row.id for row in rows}

    def _paired(self, ids: Sequence[str]) -> dict[str, Paired]:
        customers, last = self._customers_by_id(ids), self._last_contacts(ids)
        numbers = self._numbers(ids)
        return {
            id: Paired(each, self._name_of(each.owner_id), tuple(numbers[id]), last.get(id))
            for id, each in customers.items()
        }

    def _numbers(self, customers: Sequence[str]) -> defaultdict[str, list[Identifier]]:
        mine = select(*fields_of("identifier")).where(
            _identifier.c.customer_id.in_(customers), _identifier.c.kind.in_(_BY_PROOF)
        )
        found: defaultdict[str, list[Identifier]] = defaultdict(list)
        rows = [Identifier(*row) for row in self._rows(mine)]
        for each in sorted(rows, key=lambda one: (_BY_PROOF.index(one.kind), one.value)):
            found[each.customer_id].append(each)
        return found


def _is_chained(pair: Duplicate) -> bool:
    """Whether who went on in a merge was merged in turn."""
    return pair.status == "merged" and is_further(pair.id, pair.customer_id, pair.other_id)


def _merged() -> Select[Any]:
    return select(*fields_of("duplicate")).where(_duplicate.c.status == "merged")


def _is_open() -> ColumnElement[bool]:
    """Say in SQL that a pair waits for a decision: one that is alike no longer does not."""
    own = _duplicate.c
    is_alike = or_(own.score >= LOOKED_AT, own.reasons.contains("number_same"))
    return and_(own.status == "open", is_alike)


def _is_decidable() -> ColumnElement[bool]:
    """Say in SQL that both records of a pair are here, and neither was merged with another."""
    gone_on = MIRROR["duplicate"].alias("ended")
    is_here = (
        select(_customer.c.id).where(_customer.c.id == id).exists()
        for id in (_duplicate.c.customer_id, _duplicate.c.other_id)
    )
    ended = (
        select(gone_on.c.id)
        .where(
            gone_on.c.status == "merged",
            gone_on.c.other_id.in_((_duplicate.c.customer_id, _duplicate.c.other_id)),
        )
        .exists()
    )
    return and_(*is_here, ~ended)
