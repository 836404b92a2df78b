"""Selling: the catalogue, the user's sales and what colleagues offer, and the verbs on them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import flet as ft

from mobile_app.state.pricing import Priced, priced
from mobile_app.state.rows import Employee, OfferItem, Product, ProductItem, Sale, SaleItem
from mobile_app.state.said import Message, Said
from mobile_app.state.sale_form import SaleForm
from mobile_app.state.visit import DUES, working_day
from mobile_app.store.faults import DiskFull
from shared.domain.days import bank_day
from shared.domain.sale import IN_THE_FIELD, RECOGNISED_IN, SALE_STEPS
from shared.errors import Refusal
from shared.registry import Document
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

T = TypeVar("T")
STATUSES: Final = ("intent", "appointment", "submitted", "confirmed", "disputed", "cancelled")
FLOW: Final = STATUSES[:4]
"""The way of a sale that goes well."""


@dataclass(frozen=True)
class Stretch:
    """The sales of one status: how many, what they come to, and their part of all."""

    status: str
    items: list[SaleItem]
    amount: int
    """Of those told in an amount (fen)."""
    share: float
    """Against the largest status, 0 to 1."""


@dataclass(eq=False)
class Selling:
    """The reads and verbs of selling, answered from memory until the store changes."""

    _desk: "Desk"
    forms: dict[str, SaleForm] = field(default_factory=dict)
    """Open forms by customer."""
    problems: dict[str, Message] = field(default_factory=dict)
    """Why an answer to an offer was not kept, by share."""

    # What the screens read

    @property
    def _today(self) -> str:
        return bank_day(self._desk.now()).isoformat()

    def catalogue(self, text: str) -> list[ProductItem]:
        """The products that match what was typed, those on sale first."""
        return self._desk.read(self._desk.store.catalogue, text.strip(), self._today)

    def often_sold(self) -> list[str]:
        """The user's most sold products."""
        return self._desk.read(self._desk.store.often_sold)

    def colleagues(self) -> list[Employee]:
        """Whom a sale can be shared with."""
        return self._desk.read(self._desk.store.colleagues)

    def sales_of(self, customer_id: str) -> list[SaleItem]:
        """What was sold to a customer, latest first."""
        return self._desk.read(self._desk.store.sales_of, customer_id)

    def sale(self, id: str) -> SaleItem | None:
        """One sale."""
        return self._desk.read(self._desk.store.sale, id)

    def pipeline(self) -> list[Stretch]:
        """The user's own sales by status, with how many and how much."""
        found = self._desk.read(self._desk.store.own_sales)
        groups = {
            status: [item for item in found if item.sale.status == status] for status in STATUSES
        }
        most = max(map(len, groups.values()))
        return [
            Stretch(status, items, sum(item.sale.amount or 0 for item in items), len(items) / most)
            for status, items in groups.items()
            if items
        ]

    def offers(self) -> list[OfferItem]:
        """Shares that colleagues propose, those to answer first."""
        return self._desk.read(self._desk.store.offers)

    def objection(self, customer_id: str, product_id: str) -> Refusal | None:
        """What the bank has against selling a product to a customer, even as a wish."""
        return self._desk.read(self._objection, customer_id, product_id)

    def _objection(self, customer_id: str, product_id: str) -> Refusal | None:
        store = self._desk.store
        wish = Sale("", customer_id, store.me.id, product_id, self._desk.now(), 1, 1)
        return store.objection(Insert.of("sale", wish))

    def price(self, sale: Sale, product: Product) -> Priced:
        """What a sale will pay the user if the bank confirms it."""
        return self._desk.read(self._price, sale, product)

    def _price(self, sale: Sale, product: Product) -> Priced:
        store = self._desk.store
        rules = {(str(rule.id), rule.version): rule for rule in store.rules()}
        return priced(store.estimate_of(sale, product), rules)

    def is_own(self, item: SaleItem) -> bool:
        """Whether the user sold it."""
        return item.sale.employee_id == self._desk.store.me.id

    def next_steps(self, item: SaleItem) -> list[str]:
        """The steps that the user can take with a sale."""
        if not self.is_own(item) or item.product is None:
            return []
        reach = IN_THE_FIELD[item.product.field_mode]
        steps = [step.after for step in SALE_STEPS if step.before == item.sale.status]
        return [after for after in steps if after in reach]

    def told_days(self, sale: Sale) -> list[tuple[str, str]]:
        """The days that the bank's systems have told: (event, day)."""
        days = {event: getattr(sale, name) for event, name in RECOGNISED_IN.items()}
        return [(event, day) for event, day in days.items() if day]

    # What the screens do

    def form(self, customer_id: str) -> SaleForm:
        """The open form of a customer: the one on screen, the draft, or a new one."""
        if customer_id not in self.forms:
            name = self._desk.name_of(customer_id)
            self.forms[customer_id] = SaleForm.open(self._desk, customer_id, name)
        return self.forms[customer_id]

    def has_draft(self, customer_id: str) -> bool:
        """Whether a sale to this customer was begun and not saved."""
        form = self.forms.get(customer_id)
        if form is not None:
            return bool(form.product_id)
        return self._desk.has_kept(SaleForm.draft_key(customer_id))

    def begin(self, customer_id: str, interaction_id: str | None = None) -> None:
        """Begin a sale, of the contact in which it was agreed; one begun already goes on."""
        self.form(customer_id).belong_to(interaction_id)

    def close(self, form: SaleForm) -> None:
        """Forget a form that was saved or dropped, with its draft."""
        self.forms.pop(form.customer_id, None)
        self._desk.close_form(form.draft_key(form.customer_id))
        self._desk.runner.wake()

    def accept(self, item: OfferItem) -> None:
        """Accept a share that a colleague proposed."""
        self._answer(item, "accepted", {})

    def dispute(self, item: OfferItem, reason: str) -> None:
        """Dispute it; a supervisor decides then."""
        self._answer(item, "disputed", {"reason": reason})

    def _answer(self, item: OfferItem, after: str, said: Document) -> None:
        share = item.share
        step = Transition("sale_share", share.id, "status", share.status, after, said)
        self.problems.pop(share.id, None)
        if problem := kept(self._desk, step):
            self.problems[share.id] = problem
            self._desk.refresh()


@dataclass(eq=False)
class SaleStep(ft.Observable):
    """One step of a sale being taken: what is said along with it."""

    _desk: "Desk"
    after: str = ""
    """The step that was chosen; none at first."""
    day: str = ""
    day_code: str = ""
    external_ref: str = ""
    problem: Message | None = None

    @property
    def days(self) -> list[tuple[str, str]]:
        """The preset days of an appointment: (code, calendar day)."""
        return [(code, working_day(self._desk.today_text, ahead)) for code, ahead in DUES.items()]

    @property
    def first_date(self) -> date:
        """The first day that an appointment can fall on."""
        return date.fromisoformat(self._desk.today_text)

    @property
    def complete(self) -> bool:
        """Whether all is said that the step needs."""
        return bool(self.day) if self.after == "appointment" else bool(self.after)

    def choose(self, after: str) -> None:
        """Choose a step, or leave it."""
        self.after, self.problem = after, None

    def choose_day(self, code: str, day: str) -> None:
        """Choose the day of the appointment."""
        self.day_code, self.day = code, day

    def choose_date(self, moment: date | datetime | None) -> None:
        """Choose a day on the calendar."""
        if isinstance(moment, datetime):
            moment = (moment.astimezone() if moment.tzinfo else moment).date()
        if moment is not None:
            self.choose_day("other", moment.isoformat())

    def write_ref(self, text: str) -> None:
        """Take over what the bank's systems call it."""
        self.external_ref = text

    def take(self, sale: Sale, reason: str = "") -> bool:
        """Take the step; False where its `problem` now says why it was not."""
        said: Document = {}
        if self.after == "appointment":
            said = {"appointment_on": self.day}
        elif self.after == "submitted" and self.external_ref.strip():
            said = {"external_ref": self.external_ref.strip()}
        elif self.after == "cancelled":
            said = {"reason": reason}
        step = Transition("sale", sale.id, "status", sale.status, self.after, said)
        self.problem = kept(self._desk, step)
        if self.problem is None:
            self.after = ""
        return self.problem is None


def kept(desk: "Desk", *changes: Any) -> Message | None:
    """Save changes and send them; return why they were not saved."""
    try:
        desk.store.commit(*changes)
    except Refusal as refusal:
        return refusal
    except DiskFull:
        return Said("disk_full")
    desk.runner.wake()
    return None
