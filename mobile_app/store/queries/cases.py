"""Cases: conflicts, change requests and issues, with the names that a card shows."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Select, func, select

from mobile_app.store.queries.duplicates import DuplicateQueries
from mobile_app.store.queries.reading import fields_of
from mobile_app.store.records import ConflictCard, IssueCard, RequestCard, ToSettle
from mobile_app.store.tables import MIRROR
from shared.domain import ChangeRequest, Conflict, Issue
from shared.domain.conflict import Side
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.protocol import Op

_conflict, _issue, _request = MIRROR["conflict"], MIRROR["issue"], MIRROR["change_request"]
_share = MIRROR["sale_share"]


class CaseQueries(DuplicateQueries):
    """What someone has to decide."""

    def to_settle(self) -> ToSettle:
        """Count what waits for the user to decide."""
        me = self.employees().get(self._my())
        checks = me is not None and me.role == "supervisor"
        [[conflicts, issues, requests, offers]] = self._rows(
            select(
                _count(_conflict.c.status == "open"),
                _count(_issue.c.status == "open", _issue.c.employee_id != self._my()),
                _count(_request.c.status == "pending", _request.c.employee_id != self._my()),
                _count(
                    _share.c.status == "offered",
                    _share.c.employee_id == self._my(),
                    _share.c.sale_status != "cancelled",
                ),
            )
        )
        return ToSettle(
            conflicts=conflicts,
            refused=len(self._work.quarantined()) + (issues if checks else 0),
            requests=requests if checks else 0,
            duplicates=self.duplicates_open() if checks else 0,
            offers=offers,
        )

    def conflicts(self, customer_id: str | None = None) -> list[ConflictCard]:
        """Return the open conflicts, latest first, of one customer or of all."""
        statement = _open(select(*fields_of("conflict")), _conflict, "open")
        if customer_id is not None:
            statement = statement.where(_conflict.c.customer_id == customer_id)
        found = [Conflict(*row) for row in self._rows(statement.order_by(_conflict.c.at.desc()))]
        names = self._names([each.customer_id for each in found])
        return [self._conflict_card(each, names) for each in found]

    def _conflict_card(self, conflict: Conflict, names: dict[str, str]) -> ConflictCard:
        lost, won = from_json(conflict.lost), from_json(conflict.won)
        present = self.value(conflict.entity, conflict.record_id, conflict.field)
        return ConflictCard(
            conflict=conflict,
            customer_name=names.get(conflict.customer_id) or self._named_itself(conflict),
            before=from_json(conflict.before),
            lost=lost,
            won=won,
            lost_by=self._name_of(conflict.lost_by) if conflict.lost_by else None,
            won_by=self._name_of(conflict.won_by),
            mine=_side(conflict, self._my()),
            stands="won" if present == won else "lost" if present == lost else None,
            state=self.state("conflict", conflict.id),
        )

    def _named_itself(self, conflict: Conflict) -> str:
        """The name of a record that is of no customer."""
        if conflict.entity != "prospect":
            return ""
        return str(self.value("prospect", conflict.record_id, "name") or "")

    def requests(self, customer_id: str | None = None) -> list[RequestCard]:
        """Return the pending change requests, oldest first, of one customer or of all."""
        statement = _open(select(*fields_of("change_request")), _request, "pending")
        if customer_id is not None:
            statement = statement.where(_request.c.customer_id == customer_id)
        return self._request_cards(statement.order_by(_request.c.occurred_at))

    def own_requests(self, limit: int = 50) -> list[RequestCard]:
        """Return the user's own change requests, whatever became of them, latest first."""
        statement = select(*fields_of("change_request")).where(_request.c.employee_id == self._my())
        return self._request_cards(statement.order_by(_request.c.occurred_at.desc()).limit(limit))

    def _request_cards(self, statement: Select[Any]) -> list[RequestCard]:
        found = [ChangeRequest(*row) for row in self._rows(statement)]
        names = self._names([each.customer_id for each in found])
        return [
            RequestCard(
                request=each,
                customer_name=names.get(each.customer_id, ""),
                old=from_json(each.old),
                new=from_json(each.new),
                by_name=self._name_of(each.employee_id),
                own=each.employee_id == self._my(),
                state=self.state("change_request", each.id),
            )
            for each in found
        ]

    def team_issues(self) -> list[IssueCard]:
        """Return colleagues' open issues, oldest first; one's own are in the outbox."""
        statement = _open(select(*fields_of("issue")), _issue, "open").where(
            _issue.c.employee_id != self._my()
        )
        found = [Issue(*row) for row in self._rows(statement.order_by(_issue.c.at))]
        cards = [(each, from_json(each.ops)) for each in found]
        about = {each.id: each.customer_id or _customer_of(ops) for each, ops in cards}
        names = self._names([id for id in about.values() if id])
        return [
            IssueCard(
                issue=each,
                customer_id=about[each.id],
                customer_name=names.get(about[each.id] or ""),
                by_name=self._name_of(each.employee_id),
                refusal=Refusal(each.code, from_json(each.filling)),
                ops=ops,
                state=self.state("issue", each.id),
            )
            for each, ops in cards
        ]

    def value(self, entity: str, id: str, field: str) -> Any:
        """Return one field of a row as the user sees it; None where there is no such row."""
        document = self.document(entity, id)
        return None if document is None else document[field]

    def document(self, entity: str, id: str) -> Document | None:
        """Return a row as the user sees it, whole, or None."""
        return self._mirror.document((entity, id))

    def _names(self, customers: list[str]) -> dict[str, str]:
        return {id: each.name for id, each in self._customers_by_id(customers).items()}


def _side(conflict: Conflict, me: str) -> Side | None:
    if conflict.won_by == me:
        return "won"
    return "lost" if conflict.lost_by == me else None


def _customer_of(ops: list[Op]) -> str | None:
    """Return the customer whom one of the operations names."""
    named = (op.get("doc", {}).get("customer_id") for op in ops)
    return next((each for each in named if isinstance(each, str)), None)


def _count(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).where(*conditions).scalar_subquery()


def _open(statement: Select[Any], table: Any, status: str) -> Select[Any]:
    return statement.where(table.c.status == status)
