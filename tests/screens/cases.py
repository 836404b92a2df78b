"""What waits for a decision, in memory: the part of the store's contract that the inbox uses."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import to_json

from mobile_app.store.duplicate_records import DuplicateItem, Paired
from mobile_app.store.records import (
    ConflictCard,
    IssueCard,
    LateWork,
    OutboxItem,
    RecordState,
    RefusedWork,
    RequestCard,
    ToSettle,
)
from shared.domain import (
    ChangeRequest,
    Conflict,
    Customer,
    Duplicate,
    Identifier,
    Interaction,
    Issue,
    Task,
)
from shared.domain.provenance import Origin
from shared.errors import Refusal, refused
from shared.registry import Document
from shared.sync.protocol import Op

NOW = 1_795_500_000_000
"""A Tuesday morning, 24 November 2026 in China."""


class MemoryCases:
    """Open cases as lists; `decided` is what the screens asked for, in order."""

    outbox_items: list[OutboxItem]
    tell: Callable[[], None]
    role: str

    def __init__(self) -> None:
        self.conflict_cards: list[ConflictCard] = []
        self.refused_items: list[RefusedWork] = []
        self.issue_cards: list[IssueCard] = []
        self.request_cards: list[RequestCard] = []
        self.answered_cards: list[RequestCard] = []
        self.late_items: list[LateWork] = []
        self.decided: list[tuple[Any, ...]] = []
        self.unfit: Refusal | None = None
        self.documents: dict[tuple[str, str], Document] = {}
        self.promised: dict[str, Task] = {}
        self.pairs: list[DuplicateItem] = []
        self.origins: dict[str, dict[str, Origin]] = {}

    def _decide(self, *what: Any) -> None:
        self.decided.append(what)
        self.tell()

    def to_settle(self) -> ToSettle:
        """What waits."""
        others = [one for one in self.request_cards if not one.own]
        checks = self.role == "supervisor"
        return ToSettle(
            len(self.conflict_cards),
            len(self.refused_items) + len(self.issue_cards),
            len(others) if checks else 0,
            duplicates=sum(one.is_open for one in self.pairs) if checks else 0,
        )

    def duplicates(self, since: int, limit: int) -> list[DuplicateItem]:
        """Pairs to decide, then those that were decided of late."""
        order = ("open", "merged", "distinct", "split")
        found = [
            one
            for one in self.pairs
            if one.duplicate.status == "open" or (one.duplicate.decided_at or 0) >= since
        ]
        return sorted(found, key=lambda one: order.index(one.duplicate.status))[:limit]

    def duplicate(self, id: str) -> DuplicateItem | None:
        """One pair."""
        return next((one for one in self.pairs if one.duplicate.id == id), None)

    def decide_duplicate(self, duplicate: Duplicate, status: str, reason: str, at: int) -> None:
        """Take a step of a pair; it is only here so far."""
        said = {"status": status, "reason": reason, "decided_by": "e9", "decided_at": at}
        self.pairs = [
            replace(
                one,
                duplicate=replace(duplicate, **said),  # type: ignore[arg-type]
                by_name="周建国",
                state=RecordState.LOCAL,
            )
            if one.duplicate.id == duplicate.id
            else one
            for one in self.pairs
        ]
        self._decide(status, duplicate.id, reason)

    def merges_of(self, customer_id: str) -> list[DuplicateItem]:
        """The merges by which a customer took in others."""
        return [
            one
            for one in self.pairs
            if one.duplicate.status == "merged" and one.duplicate.customer_id == customer_id
        ]

    def going_on(self, customer_id: str) -> str:
        """Who goes on for one whose record is gone."""
        for one in self.pairs:
            if one.duplicate.other_id == customer_id and one.duplicate.status == "merged":
                return customer_id if one.other else one.duplicate.customer_id
        return customer_id

    def origins_of(self, customer_id: str) -> dict[str, Origin]:
        """Who says a customer's fields."""
        return self.origins.get(customer_id, {})

    def team_issues(self) -> list[IssueCard]:
        """Colleagues' refused transactions."""
        return self.issue_cards

    def decide_issue(self, issue_id: str, status: str, reason: str) -> None:
        """Take it or give it up."""
        self.issue_cards = [one for one in self.issue_cards if one.issue.id != issue_id]
        self._decide("issue", issue_id, status, reason)

    def requests(self, customer_id: str | None = None) -> list[RequestCard]:
        """Requests that wait."""
        return [one for one in self.request_cards if customer_id in (None, one.request.customer_id)]

    def own_requests(self) -> list[RequestCard]:
        """The user's own, whatever became of them."""
        return [*(one for one in self.request_cards if one.own), *self.answered_cards]

    def request_change(self, customer_id: str, field: str, old: Any, new: Any, reason: str) -> None:
        """Ask for a change."""
        self._decide("request change", customer_id, field, old, new, reason)

    def late_work(self) -> list[LateWork]:
        """What was accepted after its customer had moved on."""
        return self.late_items

    def decide_request(self, request: ChangeRequest, status: str, answer: str | None) -> None:
        """Approve, decline or withdraw."""
        self.request_cards = [one for one in self.request_cards if one.request != request]
        self._decide("request", request.id, status, answer)

    def value(self, entity: str, id: str, field: str) -> Any:
        """A field of a row."""
        return (self.documents.get((entity, id)) or {}).get(field)

    def conflicts(self, customer_id: str | None = None) -> list[ConflictCard]:
        """Open conflicts."""
        return [
            one for one in self.conflict_cards if customer_id in (None, one.conflict.customer_id)
        ]

    def settle_conflict(self, conflict: Conflict, side: str) -> None:
        """Take a side."""
        self.conflict_cards = [one for one in self.conflict_cards if one.conflict != conflict]
        self._decide("settle", conflict.id, side)

    def document(self, entity: str, id: str) -> Document | None:
        """A row, whole."""
        return self.documents.get((entity, id))

    def follow_up(self, contact: Interaction) -> Task | None:
        """The open task that a contact made."""
        return self.promised.get(contact.id)

    def refused_work(self) -> list[RefusedWork]:
        """Refused transactions."""
        return self.refused_items

    def resend(
        self,
        op_id: str,
        edits: Mapping[str, Mapping[str, Any]] | None = None,
        without: Collection[str] = (),
    ) -> None:
        """Send a refused transaction again."""
        if self.unfit:
            raise self.unfit
        self._gone(op_id)
        self._decide("resend", op_id, edits or {}, set(without))

    def give_up(self, op_id: str, reason: str) -> None:
        """Send it without one operation."""
        self._gone(op_id)
        self._decide("give up", op_id)

    def restore_as_new(self, op_id: str, reason: str) -> None:
        """Save a deleted record as new."""
        self._gone(op_id)
        self._decide("save new", op_id, reason)

    def ask_instead(self, op_id: str, reason: str) -> None:
        """Turn it into a change request."""
        self._gone(op_id)
        self._decide("ask", op_id, reason)

    def discard(self, op_id: str, reason: str) -> None:
        """Give it up."""
        self._gone(op_id)
        self._decide("discard", op_id, reason)

    def _gone(self, op_id: str) -> None:
        self.refused_items = [one for one in self.refused_items if one.op_id != op_id]


def a_conflict(number: int = 1, **changes: Any) -> ConflictCard:
    """Two people changed one contact note; the user's own word lost."""
    conflict = Conflict(
        f"k{number}", "c1", "customer", "c1", "contact_note", "null", '"午后来电"', '"只收微信"',
        "e1", "e9", NOW - 600_000,
    )  # fmt: skip
    card = ConflictCard(
        conflict, "刘秀兰", None, "午后来电", "只收微信", "王敏", "周建国", "lost", "won",
        RecordState.IN_RECORD,
    )  # fmt: skip
    return replace(card, **changes)


def clash_on(card: ConflictCard, field: str, before: Any, lost: Any, won: Any) -> ConflictCard:
    """The same conflict about another field."""
    conflict = replace(
        card.conflict, field=field, before=_text(before), lost=_text(lost), won=_text(won)
    )
    return replace(card, conflict=conflict, before=before, lost=lost, won=won)


def _text(value: Any) -> str:
    return to_json(value).decode()


def an_op(number: int, kind: str, entity: str, id: str, **content: Any) -> Op:
    """One operation."""
    op: Op = {
        "op_id": f"o{number}", "device_seq": number, "kind": kind, "entity": entity, "id": id,
        "occurred_at": NOW, "version": 1,
    }  # fmt: skip
    return {**op, **content}  # type: ignore[typeddict-item]


def refused_visit(code: str = "not_yours", **fields: Any) -> RefusedWork:
    """A visit with the task it answers and the next one, refused together."""
    visit = {
        "id": "i1", "customer_id": "c1", "employee_id": "e1", "channel": "visit",
        "purpose": "loan", "outcome": "follow_up", "occurred_at": NOW, "need": "liquidity",
        "next_step": "送方案", "next_due": "2026-11-27", "note": "要看近三个月的流水",
    }  # fmt: skip
    task = {
        "id": "t9", "customer_id": "c1", "kind": "visit", "title": "送方案", "due": "2026-11-27",
        "interaction_id": "i1",
    }  # fmt: skip
    return refused_work(
        code,
        an_op(1, "insert", "interaction", "i1", doc=visit),
        an_op(2, "transition", "task", "t1", set={"status": ["open", "done"]}),
        an_op(3, "insert", "task", "t9", doc=task),
        **fields,
    )


def an_issue(number: int = 1, code: str = "not_yours", **changes: Any) -> IssueCard:
    """A colleague's visit that was refused, with the task it answers and the next one."""
    work = refused_visit(code)
    issue = Issue(
        f"n{number}", "e1", "d1", code, "{}", "interaction", "i1", "c1", "[]", NOW - 7_200_000
    )
    card = IssueCard(
        issue, "c1", "刘秀兰", "王敏", refused(code), list(work.ops),
        RecordState.IN_RECORD,
    )  # fmt: skip
    return replace(card, **changes)


def a_request(number: int = 1, **changes: Any) -> RequestCard:
    """A colleague's wish to put a customer's name right."""
    request = ChangeRequest(
        f"q{number}", "c1", "e1", "name", '"刘秀兰"', '"刘秀蓝"', "身份证原件已核对",
        NOW - 5_400_000,
    )  # fmt: skip
    card = RequestCard(request, "刘秀兰", "刘秀兰", "刘秀蓝", "王敏", False, RecordState.IN_RECORD)
    return replace(card, **changes)


def refused_work(
    code: str, *ops: Op, culprit: int = 0, restorable: bool = False, **fields: Any
) -> RefusedWork:
    """A refused transaction of these operations; `culprit` brought it down."""
    return RefusedWork(
        ops[culprit]["op_id"], NOW - 3_600_000, "c1", "刘秀兰", refused(code, **fields), ops,
        {"t1": "再次上门"}, restorable,
    )  # fmt: skip


def a_pair(
    number: int, one: Customer, other: Customer | None, moved: bool = False, **changes: Any
) -> DuplicateItem:
    """Two customers who are perhaps one; `other` is None once they were merged."""
    duplicate = Duplicate(
        f"du{number}", one.id, other.id if other else f"gone{number}", 95,
        "name_same\nphone_same\nbirth_differs", NOW - 86_400_000,
    )  # fmt: skip
    numbers = (Identifier(f"y{number}", one.id, "id_card", "320106195203124521", "4521", "core"),)
    return DuplicateItem(
        replace(duplicate, **changes),
        Paired(one, "王敏", numbers, NOW - 86_400_000),
        Paired(other, "李强", (), None) if other else None,
        moved,
        "周建国" if "decided_by" in changes else None,
        RecordState.IN_RECORD,
    )


def decided(status: str, by: str = "e9", at: int = NOW - 3_600_000) -> dict[str, Any]:
    """What a pair says once somebody has spoken on it."""
    return {"status": status, "reason": "证件号一样", "decided_by": by, "decided_at": at}
