"""Referrals: how a need is passed on to a colleague, answered, and what came of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import flet as ft

from mobile_app.state.pricing import WHOLE, basis_points_of
from mobile_app.state.rows import (
    AlertItem,
    CustomerRow,
    Employee,
    Outcome,
    Referral,
    ReferralItem,
)
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from mobile_app.values import Unreadable, read_typed
from shared.domain.customer import Need
from shared.registry import Document
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

NEEDS: Final = get_args(Need)
_FOUND: Final = 4
"""Customers and relatives that are offered by name."""
_KEPT: Final = (
    "name", "contact", "need", "amount_text", "to_id", "percent", "note", "alert_id",
)  # fmt: skip


@dataclass(eq=False)
class ReferralForm(ft.Observable):
    """A referral being written. The empty string is "not said"."""

    _desk: "Desk"
    customer_id: str
    name: str = ""
    contact: str = ""
    need: str = ""
    amount_text: str = ""
    to_id: str = ""
    percent: str = ""
    """What the user has of what comes of it, as typed."""
    note: str = ""
    alert_id: str = ""
    is_open: bool = False
    problem: Message | None = None

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return f"referral:{self.customer_id}"

    @classmethod
    def open(cls, desk: "Desk", customer_id: str) -> "ReferralForm":
        """Return the form as the draft left it, or a closed and empty one."""
        form = cls(desk, customer_id)
        for name, value in (desk.store.draft(form.key) or {}).items():
            if name in _KEPT:
                setattr(form, name, value)
                form.is_open = True
        return form

    # What the screen reads

    @property
    def names(self) -> list[str]:
        """Whom it can be about: those whom the customer is tied to, and the customer."""
        ties = [
            each.other_name
            for each in self._desk.relations.of(self.customer_id)
            if each.relation.status != "ended" and each.other_name
        ]
        return list(dict.fromkeys([*ties[:_FOUND], self._desk.name_of(self.customer_id)]))

    @property
    def colleagues(self) -> list[Employee]:
        """To whom it can go."""
        return self._desk.selling.colleagues()

    @property
    def alerts(self) -> list[AlertItem]:
        """Handled alerts that it can come of."""
        return self._desk.alerts.lately_handled(self.customer_id)

    @property
    def amount(self) -> int | None:
        """How much is wanted, as typed (fen); None for nothing and for what is no amount."""
        try:
            found = read_typed("amount", self.amount_text)
        except Unreadable:
            return None
        return found if found and found > 0 else None

    @property
    def pay_bp(self) -> int | None:
        """The user's part in basis points; None for what leaves the colleague nothing."""
        found = basis_points_of(self.percent)
        return found if found and found < WHOLE else None

    @property
    def missing(self) -> str:
        """What is still to be said; nothing when it is complete."""
        if not self.name.strip():
            return "name"
        if not self.need:
            return "need"
        if self.amount_text.strip() and self.amount is None:
            return "amount"
        return "to" if not self.to_id else "" if self.pay_bp else "percent"

    # What the user does

    def begin(self, alert_id: str = "") -> None:
        """Open the form; of an alert that was just handled, or of the latest one there is."""
        latest = self.alerts[0].alert.id if self.alerts else ""
        self.alert_id = alert_id or self.alert_id or latest
        self.is_open = True

    def choose(self, name: str, code: str) -> None:
        """Choose one thing of a field; choosing it again takes it back."""
        setattr(self, name, "" if getattr(self, name) == code else code)
        self._keep()

    def write(self, name: str, text: str) -> None:
        """Take over one text field as it is typed."""
        setattr(self, name, text)
        self._keep()

    def submit(self) -> None:
        """Offer it to the colleague."""
        if self.missing:
            return
        self.problem = kept(self._desk, Insert.of("referral", self._referral()))
        if self.problem is None:
            self.drop()

    def drop(self) -> None:
        """Close the form and forget what stands in it."""
        self._desk.referrals.close(self)

    def _referral(self) -> Referral:
        me = self._desk.store.me.id
        return Referral(
            id=self._desk.ids(),
            employee_id=me,
            from_id=me,
            to_id=self.to_id,
            customer_id=self.customer_id,
            name=self.name.strip(),
            need=cast(Any, self.need),
            pay_bp=self.pay_bp or 0,
            occurred_at=self._desk.now(),
            amount=self.amount,
            contact=self.contact.strip() or None,
            note=self.note.strip() or None,
            alert_id=self.alert_id or None,
        )

    def _keep(self) -> None:
        body = {name: getattr(self, name) for name in _KEPT}
        self._desk.store.save_draft(self.key, body)


@dataclass(eq=False)
class Referrals:
    """The reads and verbs of referrals, answered from memory until the store changes."""

    _desk: "Desk"
    forms: dict[str, ReferralForm] = field(default_factory=dict)
    problems: dict[str, Message] = field(default_factory=dict)
    """Why a step was not kept, by referral."""

    def of(self, customer_id: str) -> list[ReferralItem]:
        """What was passed on at a customer or about them."""
        return self._desk.read(self._desk.store.referrals_of, customer_id)

    def own(self) -> list[ReferralItem]:
        """What the user offered or was offered, and goes on."""
        return self._desk.read(self._desk.store.own_referrals)

    def to_answer(self) -> list[ReferralItem]:
        """What waits for the user's answer."""
        return [each for each in self.own() if each.answers and each.referral.status == "offered"]

    def leading_to(self, customer_id: str) -> list[ReferralItem]:
        """What the user accepted and a sale to this customer can follow from."""
        return [
            each
            for each in self.own()
            if each.answers
            and each.referral.status == "accepted"
            and each.referral.for_id in (None, customer_id)
        ]

    def sure_of(self, customer_id: str) -> list[ReferralItem]:
        """What the user accepted about this very customer."""
        return [each for each in self.leading_to(customer_id) if each.referral.for_id]

    def after(self, alert_id: str) -> list[ReferralItem]:
        """What was passed on because of an alert."""
        return self._desk.read(self._desk.store.referrals_after, alert_id)

    def outcomes(self, alert_id: str) -> list[Outcome]:
        """What was sold because of an alert, by the referrer and by colleagues."""
        own = self._desk.read(self._desk.store.outcomes_after, alert_id)
        return own + [each for item in self.after(alert_id) for each in item.outcomes]

    def item(self, id: str) -> ReferralItem | None:
        """One copy of a referral."""
        return self._desk.read(self._desk.store.referral, id)

    def candidates(self, item: ReferralItem) -> list[CustomerRow]:
        """Customers of the user who have the name that it is about."""
        name = item.referral.name
        found = self._desk.customers(name).rows
        return [each for each in found if each.name == name][:_FOUND]

    def form(self, customer_id: str) -> ReferralForm:
        """The form of a customer: the one on screen, the draft, or a new one."""
        if customer_id not in self.forms:
            self.forms[customer_id] = ReferralForm.open(self._desk, customer_id)
        return self.forms[customer_id]

    def close(self, form: ReferralForm) -> None:
        """Forget a form that was saved or dropped, with its draft."""
        self.forms.pop(form.customer_id, None)
        self._desk.close_form(form.key)

    def accept(self, item: ReferralItem, for_id: str = "") -> None:
        """Take it on; `for_id` is the user's customer whom it is about."""
        self._step(item, "accepted", {"for_id": for_id} if for_id else {})

    def decline(self, item: ReferralItem, why: str) -> None:
        """Say why it cannot be taken on."""
        self._step(item, "declined", {"reason": why})

    def withdraw(self, item: ReferralItem) -> None:
        """Take one's own back before it is answered."""
        self._step(item, "withdrawn", {})

    def finish(self, item: ReferralItem) -> None:
        """Say that nothing more will come of it."""
        self._step(item, "done", {})

    def _step(self, item: ReferralItem, after: str, said: Document) -> None:
        one = item.referral
        step = Transition("referral", one.id, "status", one.status, after, said)
        self.problems.pop(one.id, None)
        if problem := kept(self._desk, step):
            self.problems[one.id] = problem
            self._desk.refresh()
