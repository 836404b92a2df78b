"""Queries: everything the screens ask of the device, answered locally in milliseconds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Select, case, func, or_, select

from mobile_app.store.bridge import reading
from mobile_app.store.mirror import Mirror
from mobile_app.store.outbox import STATES, Key, Outbox
from mobile_app.store.records import (
    CustomerCard,
    CustomerRow,
    FeedItem,
    FieldRow,
    OutboxItem,
    RecordState,
    ReviewItem,
    SyncOverview,
    TimelineItem,
    TodayItem,
)
from mobile_app.store.tables import MIRROR, deferred_row
from shared.domain import (
    Customer,
    Employee,
    Identifier,
    Interaction,
    OrgUnit,
    Review,
    Task,
    VisitTemplate,
)
from shared.domain.day_list import Candidate, Proposal, propose
from shared.domain.task import is_overdue
from shared.errors import Refusal
from shared.registry import REGISTRY

RECENT_MS: Final = 30 * 86_400_000
PROPOSALS: Final = 6
_FREQUENT_AMONG: Final = 200
"""How many of the user's latest records say which choices are frequent."""

_customer, _interaction = MIRROR["customer"], MIRROR["interaction"]
_task, _review, _employee = MIRROR["task"], MIRROR["review"], MIRROR["employee"]
_identifier, _device_state = MIRROR["identifier"], MIRROR["device_state"]
_template, _unit = MIRROR["visit_template"], MIRROR["org_unit"]


class Queries:
    """Reads of the mirror and the outbox. Each is one short local transaction or two."""

    def __init__(self, mirror: Mirror, outbox: Outbox, my_id: Callable[[], str]) -> None:
        self._mirror, self._reads, self._work, self._my = mirror, mirror.engine, outbox, my_id
        self._states: dict[Key, RecordState] | None = None
        self._people: dict[str, Employee] | None = None

    def forget_states(self) -> None:
        """Something changed: read the states of records, and the people, anew."""
        self._states = self._people = None

    def state(self, entity: str, id: str) -> RecordState:
        """Return how far a record has come."""
        if self._states is None:
            self._states = self._work.states()
        return self._states.get((entity, id), RecordState.IN_RECORD)

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        with reading(self._reads) as connection:
            return connection.execute(statement).all()

    def employees(self) -> dict[str, Employee]:
        """Return the employees of the branch by id."""
        if self._people is None:
            rows = self._rows(select(*_fields("employee")))
            self._people = {row.id: Employee(*row) for row in rows}
        return self._people

    def _name_of(self, employee_id: str) -> str | None:
        employee = self.employees().get(employee_id)
        return employee.name if employee else None

    def customers(self, text: str, limit: int = 200, offset: int = 0) -> list[CustomerRow]:
        """Find customers by name, pinyin initials, last four digits or address."""
        statement = select(*_fields("customer")).order_by(
            _rank(text), _customer.c.initials, _customer.c.id
        )
        if text.strip():
            statement = statement.where(_matches(text.strip()))
        found = [Customer(*row) for row in self._rows(statement.limit(limit).offset(offset))]
        ids = [customer.id for customer in found]
        last, next_task = self._last_contacts(ids), self._next_tasks(ids)
        return [
            self._customer_row(each, last.get(each.id), next_task.get(each.id)) for each in found
        ]

    def _customer_row(
        self, customer: Customer, last_at: int | None, task: Task | None
    ) -> CustomerRow:
        return CustomerRow(
            id=customer.id,
            kind=customer.kind,
            name=customer.name,
            initials=customer.initials,
            phone=customer.phone,
            address=customer.address,
            owner_id=customer.owner_id,
            owner_name=self._name_of(customer.owner_id),
            stage=customer.stage,
            need=customer.need,
            need_amount=customer.need_amount,
            last_contact_at=last_at,
            next_step=task.title if task else None,
            next_due=task.due if task else None,
            state=self.state("customer", customer.id),
        )

    def _last_contacts(self, customers: Sequence[str]) -> dict[str, int]:
        statement = (
            select(_interaction.c.customer_id, func.max(_interaction.c.occurred_at).label("at"))
            .where(_interaction.c.customer_id.in_(customers))
            .group_by(_interaction.c.customer_id)
        )
        return {row.customer_id: row.at for row in self._rows(statement)}

    def _next_tasks(self, customers: Sequence[str]) -> dict[str, Task]:
        statement = (
            select(*_fields("task"))
            .where(_task.c.customer_id.in_(customers), _task.c.status == "open")
            .order_by(_task.c.due.desc(), _task.c.id.desc())
        )
        return {row.customer_id: Task(*row) for row in self._rows(statement)}

    def customer(self, id: str, now: int | None = None) -> CustomerCard | None:
        """Return everything above one customer's timeline, or None if they are not here."""
        rows = self._rows(select(*_fields("customer")).where(_customer.c.id == id))
        if not rows:
            return None
        customer = Customer(*rows[0])
        identifiers = self._rows(
            select(*_fields("identifier"))
            .where(_identifier.c.customer_id == id)
            .order_by(_identifier.c.kind)
        )
        return CustomerCard(
            customer=customer,
            owner_name=self._name_of(customer.owner_id),
            last_contact_at=self._last_contacts([id]).get(id),
            next_task=self._next_tasks([id]).get(id),
            identifiers=tuple(Identifier(*row) for row in identifiers),
            others=self._others(id, now),
            state=self.state("customer", id),
            synced_at=self.synced_at(),
        )

    def _others(self, customer_id: str, now: int | None) -> tuple[str, ...]:
        """Colleagues who were in touch with a customer lately."""
        latest = self._last_contacts([customer_id]).get(customer_id, 0)
        since = (latest if now is None else now) - RECENT_MS
        statement = (
            select(_interaction.c.employee_id)
            .where(
                _interaction.c.customer_id == customer_id,
                _interaction.c.employee_id != self._my(),
                _interaction.c.occurred_at >= since,
            )
            .distinct()
        )
        names = (self._name_of(row.employee_id) for row in self._rows(statement))
        return tuple(sorted(name for name in names if name))

    def timeline(
        self, customer_id: str, limit: int = 50, before: int | None = None
    ) -> list[TimelineItem]:
        """Return a customer's contacts through every channel, latest first."""
        statement = _latest(limit, before).where(_interaction.c.customer_id == customer_id)
        found = [Interaction(*row) for row in self._rows(statement)]
        reviews = self._reviews([each.id for each in found])
        return [
            TimelineItem(
                each,
                self._name_of(each.employee_id),
                self.state("interaction", each.id),
                reviews.get(each.id, ()),
            )
            for each in found
        ]

    def _reviews(self, interactions: Sequence[str]) -> Mapping[str, tuple[ReviewItem, ...]]:
        statement = (
            select(*_fields("review"))
            .where(_review.c.interaction_id.in_(interactions))
            .order_by(_review.c.occurred_at)
        )
        found: dict[str, tuple[ReviewItem, ...]] = {}
        for row in self._rows(statement):
            review = Review(*row)
            item = ReviewItem(
                review, self._name_of(review.employee_id), self.state("review", review.id)
            )
            found[review.interaction_id] = (*found.get(review.interaction_id, ()), item)
        return found

    def today(self, today: str, now: int) -> list[TodayItem]:
        """Return the day's list: what is due, what is done today, and proposals."""
        tasks = self._due(today)
        busy = {task.customer_id for task in tasks}
        proposals = propose(self._candidates(busy), date.fromisoformat(today), now, PROPOSALS)
        people = self._customers_by_id([*busy, *(proposal.customer_id for proposal in proposals)])
        items = [self._task_item(task, people, today) for task in tasks]
        items += [_proposal_item(proposal, people) for proposal in proposals]
        return [item for item in items if item is not None]

    def _due(self, today: str) -> list[Task]:
        mine = _customer.c.owner_id == self._my()
        due = (_task.c.status == "open") & (_task.c.due <= today)
        done = (_task.c.status == "done") & (_task.c.due == today)
        statement = (
            select(*_fields("task"))
            .join(_customer, _customer.c.id == _task.c.customer_id)
            .where(mine, due | done)
            .order_by(_task.c.status.desc(), _task.c.due, _task.c.id)
        )
        return [Task(*row) for row in self._rows(statement)]

    def _candidates(self, busy: Iterable[str]) -> list[Candidate]:
        last = (
            select(
                _interaction.c.customer_id,
                func.max(_interaction.c.occurred_at).label("at"),
            )
            .group_by(_interaction.c.customer_id)
            .subquery()
        )
        statement = (
            select(_customer.c.id, _customer.c.stage, _customer.c.birth_date, last.c.at)
            .outerjoin(last, last.c.customer_id == _customer.c.id)
            .where(_customer.c.owner_id == self._my(), _customer.c.id.not_in(list(busy)))
        )
        return [Candidate(*row) for row in self._rows(statement)]

    def _customers_by_id(self, ids: Sequence[str]) -> dict[str, Customer]:
        rows = self._rows(select(*_fields("customer")).where(_customer.c.id.in_(ids)))
        return {row.id: Customer(*row) for row in rows}

    def _task_item(
        self, task: Task, people: Mapping[str, Customer], today: str
    ) -> TodayItem | None:
        customer = people.get(task.customer_id)
        if customer is None:
            return None
        return TodayItem(
            task_id=task.id,
            customer_id=customer.id,
            customer_name=customer.name,
            customer_kind=customer.kind,
            kind=task.kind,
            title=task.title,
            reason=task.reason,
            due=task.due,
            overdue=is_overdue(task, today),
            done=task.status == "done",
            state=self.state("task", task.id),
        )

    def templates(self, purpose: str) -> list[VisitTemplate]:
        """Return the prompts that the branch keeps for a purpose."""
        statement = select(*_fields("visit_template")).where(
            _template.c.purpose == purpose, _template.c.active.is_(True)
        )
        return [VisitTemplate(*row) for row in self._rows(statement.order_by(_template.c.name))]

    def frequent(self, field: str) -> list[str]:
        """Return the user's own choices of a field, most frequent first."""
        latest = (
            select(_interaction.c[field].label("choice"))
            .where(_interaction.c.employee_id == self._my(), _interaction.c[field].is_not(None))
            .order_by(_interaction.c.occurred_at.desc())
            .limit(_FREQUENT_AMONG)
            .subquery()
        )
        statement = (
            select(latest.c.choice)
            .group_by(latest.c.choice)
            .order_by(func.count().desc(), latest.c.choice)
        )
        return [str(row.choice) for row in self._rows(statement)]

    def field_today(self, since: int) -> list[FieldRow]:
        """Return each manager's day below this supervisor, the busiest first."""
        counts = self._counts_since(since)
        devices = self._device_states()
        rows = [
            _field_row(employee, counts.get(employee.id), devices.get(employee.id))
            for employee in self._managers()
        ]
        return sorted(rows, key=lambda row: (-row.visits, -row.calls, row.name))

    def _managers(self) -> list[Employee]:
        below = _subtree(self._rows(select(*_fields("org_unit"))), self._unit_of_mine())
        return [
            each
            for each in self.employees().values()
            if each.role == "account_manager" and each.active and each.org_unit_id in below
        ]

    def _unit_of_mine(self) -> str:
        mine = self.employees().get(self._my())
        return mine.org_unit_id if mine else ""

    def _counts_since(self, since: int) -> dict[str, Any]:
        channel = _interaction.c.channel
        statement = (
            select(
                _interaction.c.employee_id,
                func.sum(case((channel == "visit", 1), else_=0)).label("visits"),
                func.sum(case((channel == "call", 1), else_=0)).label("calls"),
                func.count().label("all"),
                func.count(_interaction.c.customer_id.distinct()).label("customers"),
                func.max(_interaction.c.occurred_at).label("last_at"),
            )
            .where(_interaction.c.occurred_at >= since)
            .group_by(_interaction.c.employee_id)
        )
        return {row.employee_id: row for row in self._rows(statement)}

    def _device_states(self) -> dict[str, Any]:
        statement = select(
            _device_state.c.employee_id,
            func.sum(_device_state.c.pending).label("pending"),
            func.max(_device_state.c.seen_at).label("seen_at"),
        ).group_by(_device_state.c.employee_id)
        return {row.employee_id: row for row in self._rows(statement)}

    def feed(self, limit: int = 50, before: int | None = None) -> list[FeedItem]:
        """Return the latest contacts of everyone in this device's scopes, latest first."""
        found = [Interaction(*row) for row in self._rows(_latest(limit, before))]
        reviews = self._reviews([each.id for each in found])
        people = self._customers_by_id([each.customer_id for each in found])
        return [
            FeedItem(
                each,
                people[each.customer_id].name,
                people[each.customer_id].kind,
                self._name_of(each.employee_id),
                self.state("interaction", each.id),
                reviews.get(each.id, ()),
            )
            for each in found
            if each.customer_id in people
        ]

    def outbox(self, limit: int = 200) -> list[OutboxItem]:
        """Return what is not in the record yet, what needs its user first."""
        items = [_outbox_item(row) for row in self._work.listed(limit)]
        people = self._customers_by_id([customer for _, customer in items if customer])
        return [
            _labelled(item, people[customer].name if customer in people else "")
            for item, customer in items
        ]

    def overview(self) -> SyncOverview:
        """Return what the sync centre says first."""
        counts = self._work.counts()
        [[customers, interactions, deferred]] = self._rows(
            select(
                select(func.count()).select_from(_customer).scalar_subquery(),
                select(func.count()).select_from(_interaction).scalar_subquery(),
                select(func.count()).select_from(deferred_row).scalar_subquery(),
            )
        )
        return SyncOverview(
            pending=counts.get("pending", 0),
            delivered=counts.get("acked", 0),
            issues=counts.get("quarantined", 0),
            last_sync_at=self.synced_at(),
            customers=customers,
            interactions=interactions,
            deferred=deferred,
        )

    def synced_at(self) -> int | None:
        """Return when the mirror was last brought up to date (ms), None if never."""
        text = self._mirror.meta().get("synced_at")
        return None if text is None else int(text)


def _fields(entity: str) -> list[Any]:
    table = MIRROR[entity]
    return [table.c[name] for name in REGISTRY[entity].fields]


def _latest(limit: int, before: int | None) -> Select[Any]:
    statement = (
        select(*_fields("interaction"))
        .order_by(_interaction.c.occurred_at.desc(), _interaction.c.id.desc())
        .limit(limit)
    )
    return statement if before is None else statement.where(_interaction.c.occurred_at < before)


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _matches(text: str) -> ColumnElement[bool]:
    safe, digits = _like(text), text.isascii() and text.isdigit()
    ways: list[ColumnElement[bool]] = [
        _customer.c.name.like(f"%{safe}%", escape="\\"),
        _customer.c.address.like(f"%{safe}%", escape="\\"),
    ]
    if text.isascii():
        initials = _like(text.lower())
        ways.append(_customer.c.initials.like(f"{initials}%", escape="\\"))
        ways.append(_customer.c.initials.like(f"% {initials}%", escape="\\"))
    if digits:
        ways.append(_customer.c.phone.like(f"%{safe}"))
        ways.append(
            _customer.c.id.in_(
                select(_identifier.c.customer_id).where(_identifier.c.last_four == text)
            )
        )
    return or_(*ways)


def _rank(text: str) -> ColumnElement[int]:
    """Names that begin with the text stand before those that only contain it."""
    safe = _like(text.strip())
    begins = _customer.c.name.like(f"{safe}%", escape="\\") | _customer.c.initials.like(
        f"{safe.lower()}%", escape="\\"
    )
    return case((begins, 0), else_=1)


def _proposal_item(proposal: Proposal, people: Mapping[str, Customer]) -> TodayItem:
    customer = people[proposal.customer_id]
    return TodayItem(
        task_id=None,
        customer_id=customer.id,
        customer_name=customer.name,
        customer_kind=customer.kind,
        kind="call",
        title=proposal.reason,
        reason=str(proposal.days),
        due=None,
        overdue=False,
        done=False,
        state=RecordState.IN_RECORD,
    )


def _subtree(units: Iterable[Any], root: str) -> set[str]:
    children: dict[str | None, list[str]] = {}
    for row in units:
        unit = OrgUnit(*row)
        children.setdefault(unit.parent_id, []).append(unit.id)
    found, waiting = set(), [root]
    while waiting:
        unit_id = waiting.pop()
        found.add(unit_id)
        waiting += children.get(unit_id, [])
    return found


def _field_row(employee: Employee, counts: Any | None, device: Any | None) -> FieldRow:
    return FieldRow(
        employee_id=employee.id,
        name=employee.name,
        visits=counts.visits if counts else 0,
        calls=counts.calls if counts else 0,
        others=counts.all - counts.visits - counts.calls if counts else 0,
        customers_met=counts.customers if counts else 0,
        last_at=counts.last_at if counts else None,
        pending_on_devices=device.pending if device else None,
        device_seen_at=device.seen_at if device else None,
    )


def _outbox_item(row: Any) -> tuple[OutboxItem, str | None]:
    body = from_json(row["body"])
    verdict = from_json(row["verdict"]) if row["verdict"] else {}
    refusal = Refusal(verdict["code"], verdict["fields"]) if "code" in verdict else None
    item = OutboxItem(
        op_id=row["op_id"],
        entity=row["entity"],
        record_id=row["id"],
        label="",
        at=row["created_at"],
        state=STATES[row["state"]],
        refusal=refusal,
        tries=0,
    )
    return item, body.get("doc", {}).get("customer_id")


def _labelled(item: OutboxItem, label: str) -> OutboxItem:
    return replace(item, label=label)
