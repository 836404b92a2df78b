"""Relations: to whom a customer is tied, how one is recorded, verified and ended."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import flet as ft

from mobile_app.state.rows import CircleItem, CustomerRow, Relation, RelationItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from shared.domain.circle import KEY_PEOPLE
from shared.domain.relation import RelationKind
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

_OF_PEOPLE: Final = ("spouse", "child", "parent", "household", "guarantor", "guaranteed", "other")
_OF_COMPANIES: Final = (
    "legal_representative", "shareholder", "finance_contact", "group_member", "guarantor",
    "guaranteed", "other",
)  # fmt: skip
_FOUND: Final = 4
"""Customers that are offered while a name is typed."""
_KEPT: Final = ("kind", "name", "other_id", "note")


@dataclass(eq=False)
class RelationForm(ft.Observable):
    """A relation being recorded. The empty string is "not said"."""

    _desk: "Desk"
    customer_id: str
    kind: str = ""
    name: str = ""
    other_id: str = ""
    """The customer who was chosen among those of that name."""
    note: str = ""
    is_open: bool = False
    problem: Message | None = None

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return f"relation:{self.customer_id}"

    @classmethod
    def open(cls, desk: "Desk", customer_id: str) -> "RelationForm":
        """Return the form as the draft left it, or a closed and empty one."""
        form = cls(desk, customer_id)
        for name, value in (desk.store.draft(form.key) or {}).items():
            if name in _KEPT:
                setattr(form, name, value)
                form.is_open = True
        return form

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the other one can be to such a customer."""
        card = self._desk.customer(self.customer_id)
        if card is None:
            return get_args(RelationKind)
        return _OF_PEOPLE if card.customer.kind == "person" else _OF_COMPANIES

    @property
    def offered(self) -> list[CustomerRow]:
        """Customers on this device whose name is like what was typed."""
        if not self.name.strip():
            return []
        found = self._desk.customers(self.name).rows
        return [each for each in found if each.id != self.customer_id][:_FOUND]

    @property
    def missing(self) -> str:
        """What is still to be said; nothing when it is complete."""
        return "kind" if not self.kind else "" if self.name.strip() else "name"

    def begin(self) -> None:
        """Open the form."""
        self.is_open = True

    def begin_with(self, kind: str, name: str) -> None:
        """Open the form with what the customer's record says of someone."""
        self.kind, self.name, self.is_open = kind, name, True
        self._keep()

    def choose_kind(self, code: str) -> None:
        """Choose what the other one is to the customer."""
        self.kind = "" if self.kind == code else code
        self._keep()

    def write_name(self, text: str) -> None:
        """Take over the name as it is typed; it is no longer the customer who was chosen."""
        self.name, self.other_id = text, ""
        self._keep()

    def choose(self, customer: CustomerRow) -> None:
        """Say that it is this customer, or that it is only the name."""
        chosen = self.other_id != customer.id
        self.other_id = customer.id if chosen else ""
        self.name = customer.name if chosen else self.name
        self._keep()

    def write_note(self, text: str) -> None:
        """Take over the customer's words as they are typed."""
        self.note = text
        self._keep()

    def submit(self) -> None:
        """Record it, as what the customer says."""
        if self.missing:
            return
        self.problem = kept(self._desk, Insert.of("relation", self._relation()))
        if self.problem is None:
            self.drop()

    def drop(self) -> None:
        """Close the form and forget what stands in it."""
        self._desk.relations.close(self)

    def _relation(self) -> Relation:
        return Relation(
            id=self._desk.ids(),
            customer_id=self.customer_id,
            kind=cast(Any, self.kind),
            employee_id=self._desk.store.me.id,
            occurred_at=self._desk.now(),
            other_id=self.other_id or None,
            other_name=None if self.other_id else self.name.strip(),
            note=self.note.strip() or None,
        )

    def _keep(self) -> None:
        body = {name: getattr(self, name) for name in _KEPT}
        self._desk.store.save_draft(self.key, body)


@dataclass(eq=False)
class Relations:
    """The reads and verbs of relations, answered from memory until the store changes."""

    _desk: "Desk"
    forms: dict[str, RelationForm] = field(default_factory=dict)
    problems: dict[str, Message] = field(default_factory=dict)
    """Why a step was not kept, by relation."""

    def of(self, customer_id: str) -> list[RelationItem]:
        """To whom a customer is tied, what stands first."""
        return self._desk.read(self._desk.store.relations_of, customer_id)

    def circle(self, customer_id: str) -> CircleItem | None:
        """The family or group that a customer belongs to; None where nobody else is known."""
        return self._desk.read(self._desk.store.circle_of, customer_id)

    def key_people(self, customer_id: str) -> list[RelationItem]:
        """Whom one turns to at an organisation: its ties to them, the representative first."""
        found = [
            item
            for item in self.of(customer_id)
            if item.relation.kind in KEY_PEOPLE
            and not item.is_theirs
            and item.relation.status != "ended"
        ]
        return sorted(found, key=lambda item: KEY_PEOPLE.index(item.relation.kind))

    def form(self, customer_id: str) -> RelationForm:
        """The form of a customer: the one on screen, the draft, or a new one."""
        if customer_id not in self.forms:
            self.forms[customer_id] = RelationForm.open(self._desk, customer_id)
        return self.forms[customer_id]

    def close(self, form: RelationForm) -> None:
        """Forget a form that was saved or dropped, with its draft."""
        self.forms.pop(form.customer_id, None)
        self._desk.close_form(form.key)

    def end(self, item: RelationItem, why: str) -> None:
        """Say that it is over, and why."""
        self._step(item, "ended", why)

    def verify(self, item: RelationItem, proof: str) -> None:
        """Say what was seen as proof of it."""
        self._step(item, "verified", proof)

    def _step(self, item: RelationItem, after: str, why: str) -> None:
        one = item.relation
        step = Transition("relation", one.id, "status", one.status, after, {"reason": why})
        self.problems.pop(one.id, None)
        if problem := kept(self._desk, step):
            self.problems[one.id] = problem
            self._desk.refresh()
