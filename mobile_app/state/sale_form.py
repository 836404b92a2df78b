"""Sale form: one sale being written down, with what it will pay told at once.

Product -> amount -> how far it goes -> save. What protects the customer is asked before anything is
saved, by the same rules as the server's. Every change goes to a draft at once, as a visit's does.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import flet as ft

from mobile_app.state.agreed import Agreed, id_of, leading_to, parts_of, sure_of
from mobile_app.state.pricing import WHOLE, Priced, basis_points_of, percent_text
from mobile_app.state.rows import AlertItem, Employee, ProductItem, ReferralItem
from mobile_app.state.said import Message, Said
from mobile_app.state.visit import DUES, working_day
from mobile_app.store.faults import DiskFull
from mobile_app.values import Unreadable, read_typed
from shared.commission.facts import Share
from shared.commission.rules import Rule
from shared.domain import Sale, Task
from shared.domain.sale import IN_THE_FIELD, MOST_PAYEES, shares_text
from shared.errors import Refusal
from shared.ids import EmployeeId
from shared.registry import Document
from shared.sync.change import Change, Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

STAGES: Final = ("intent", "appointment", "submitted")
PRECAUTIONS: Final = ("family", "dual_recording", "reassessment")
_ASSESS_IN: Final = 3
"""Days until a customer's new risk assessment falls due."""
KEPT: Final = (
    "sale_id", "interaction_id", "product_id", "qty_text", "amount_text", "stage", "precaution",
    "appointment_on", "day_code", "external_ref", "parts", "assesses", "occurred_at", "alert_id",
    "referral_id", "prospect_id",
)  # fmt: skip


@dataclass(eq=False)
class SaleForm(ft.Observable):
    """The form of one customer's sale. The empty string is "not said"."""

    _desk: "Desk"
    customer_id: str
    customer_name: str
    sale_id: str = ""
    occurred_at: int = 0
    interaction_id: str | None = None
    product_id: str = ""
    qty_text: str = ""
    amount_text: str = ""
    stage: str = ""
    precaution: str = ""
    appointment_on: str | None = None
    day_code: str = ""
    external_ref: str = ""
    assesses: bool = True
    """Whether a task for the new risk assessment is made along with it."""
    parts: dict[str, str] = field(default_factory=dict)
    """What colleagues get, in percent as typed; the rest is the seller's."""
    alert_id: str = ""
    referral_id: str = ""
    prospect_id: str = ""
    """What it follows from: an alert about this customer, a referral that the user accepted, or
    the prospect that this customer was, awarded to the user and others."""
    restored: bool = False
    problem: Message | None = None

    @staticmethod
    def draft_key(customer_id: str) -> str:
        """The draft's name in the store; one sale per customer is being written at a time."""
        return f"sale:{customer_id}"

    @classmethod
    def open(cls, desk: "Desk", customer_id: str, customer_name: str) -> "SaleForm":
        """Return the form as the draft left it, or an empty one."""
        form = cls(desk, customer_id, customer_name, desk.ids(), desk.now())
        for name, value in (desk.store.draft(cls.draft_key(customer_id)) or {}).items():
            if name in KEPT:
                setattr(form, name, value)
                form.restored = True
        if not form.restored and (sure := sure_of(desk, customer_id)) is not None:
            form._follow(sure)
        return form

    # What the screen reads

    @property
    def alerts(self) -> list[AlertItem]:
        """Handled alerts about this customer that it can have come out of."""
        return self._desk.alerts.lately_handled(self.customer_id)

    @property
    def sources(self) -> list[Agreed]:
        """What it can have come out of whose split is agreed: referrals, and awarded prospects."""
        return leading_to(self._desk, self.customer_id)

    @property
    def agreed(self) -> Agreed | None:
        """What it follows from, whose split it carries."""
        return next((each for each in self.sources if self.follows(each)), None)

    def follows(self, item: Agreed) -> bool:
        """Whether it follows from this."""
        return id_of(item) in (self.referral_id, self.prospect_id)

    @property
    def products(self) -> list[ProductItem]:
        """What is on sale, the user's most sold first."""
        often = {id: place for place, id in enumerate(self._desk.selling.often_sold())}
        sold = [item for item in self._desk.selling.catalogue("") if item.is_sold]
        return sorted(sold, key=lambda item: often.get(item.product.id, len(often)))

    @property
    def item(self) -> ProductItem | None:
        """The chosen product."""
        found = self._desk.selling.catalogue("")
        return next((each for each in found if each.product.id == self.product_id), None)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What the chosen product pays today."""
        return self.item.rules if self.item else ()

    @property
    def asks_qty(self) -> bool:
        """Whether a number of pieces is asked for: the product is told in them, or paid by them."""
        return self._measure == "count" or any(rule.kind == "UNIT" for rule in self.rules)

    @property
    def asks_amount(self) -> bool:
        """Whether an amount is asked for."""
        return self._measure == "amount" or any(rule.kind != "UNIT" for rule in self.rules)

    @property
    def _measure(self) -> str:
        return self.item.product.measure if self.item else ""

    @property
    def qty(self) -> int | None:
        """The pieces as typed, None for what is no number of pieces."""
        text = self.qty_text.strip()
        fits = text.isascii() and text.isdigit() and len(text) <= 5
        return int(text) or None if fits else None

    @property
    def amount(self) -> int | None:
        """The amount as typed (fen), None for what is no amount."""
        try:
            found = read_typed("amount", self.amount_text)
        except Unreadable:
            return None
        return found if found and found > 0 else None

    @property
    def objection(self) -> Refusal | None:
        """What the bank has against this product for this customer."""
        return self.objection_to(self.product_id) if self.item else None

    def objection_to(self, product_id: str) -> Refusal | None:
        """What the bank has against a product for this customer."""
        return self._desk.selling.objection(self.customer_id, product_id)

    @property
    def care(self) -> str:
        """What protects this customer from this product: the code of a refusal, else nothing."""
        return self.objection.code if self.objection else ""

    @property
    def stages(self) -> tuple[str, ...]:
        """How far the sale may go now."""
        if self.item is None or self.care == "risk_too_high":
            return ()
        mode = IN_THE_FIELD[self.item.product.field_mode]
        only_wished = self.care == "risk_expired"
        return ("intent",) if only_wished else tuple(each for each in STAGES if each in mode)

    @property
    def precautions(self) -> tuple[str, ...]:
        """What can be chosen to protect the customer; nothing where none is needed."""
        if self.care == "risk_expired":
            return ("reassessment",)
        return PRECAUTIONS if self.care == "senior_care" else ()

    @property
    def days(self) -> list[tuple[str, str]]:
        """The preset days of an appointment: (code, calendar day)."""
        return [(code, working_day(self._desk.today_text, ahead)) for code, ahead in DUES.items()]

    @property
    def first_date(self) -> date:
        """The first day that an appointment can fall on."""
        return date.fromisoformat(self._desk.today_text)

    @property
    def colleagues(self) -> list[Employee]:
        """Whom it can be shared with."""
        return self._desk.selling.colleagues()

    @property
    def may_add(self) -> bool:
        """Whether one more can have a share."""
        return len(self.parts) + 1 < MOST_PAYEES

    @property
    def basis_points(self) -> dict[str, int | None]:
        """What each colleague gets; None for what is no share."""
        return {id: basis_points_of(text) for id, text in self.parts.items()}

    @property
    def remainder(self) -> int:
        """What is left for the seller, in basis points; below one it does not fit."""
        return WHOLE - sum(each or 0 for each in self.basis_points.values())

    @property
    def shares_fit(self) -> bool:
        """Whether everyone has a share and they sum to the whole."""
        return self.remainder > 0 and all(self.basis_points.values())

    @property
    def missing(self) -> str:
        """What is still to be said before it can be saved; nothing when it is complete."""
        if self.item is None:
            return "product"
        if self.care == "risk_too_high":
            return "risk"
        if self._measure == "count" and not self.qty:
            return "qty"
        if self._measure == "amount" and not self.amount:
            return "amount"
        if self.precautions and not self.precaution:
            return "precaution"
        if self.stage not in self.stages:
            return "stage"
        if self.stage == "appointment" and not self.appointment_on:
            return "day"
        return "" if self.shares_fit else "shares"

    @property
    def price(self) -> Priced:
        """What it will pay: the device's estimate, by the same engine as the server's."""
        item = self.item
        if item is None or self.care == "risk_too_high" or not self.shares_fit:
            return Priced()
        sale = self._sale()
        return self._desk.selling.price(sale, item.product)

    # What the user does

    def belong_to(self, interaction_id: str | None) -> None:
        """Begin it, as part of the contact in which it was agreed."""
        if interaction_id:
            self.interaction_id = interaction_id
            self._keep()

    def choose_product(self, product_id: str) -> None:
        """Choose what was sold; where it can go only one way, that is chosen, too."""
        self.product_id = "" if self.product_id == product_id else product_id
        self.stage = self.stages[0] if len(self.stages) == 1 else ""
        self.precaution = self.precautions[0] if len(self.precautions) == 1 else ""
        self._keep()

    def write(self, name: str, text: str) -> None:
        """Take over one text field as it is typed."""
        setattr(self, name, text)
        self._keep()

    def choose(self, name: str, code: str) -> None:
        """Choose one code of a field; choosing it again takes it back."""
        setattr(self, name, "" if getattr(self, name) == code else code)
        self._keep()

    def choose_day(self, code: str, day: str) -> None:
        """Choose the day of the appointment."""
        self.day_code, self.appointment_on = code, day
        self._keep()

    def choose_date(self, moment: date | datetime | None) -> None:
        """Choose a day on the calendar; it is the user's own day, wherever the moment is told."""
        if isinstance(moment, datetime):
            moment = (moment.astimezone() if moment.tzinfo else moment).date()
        if moment is not None:
            self.choose_day("other", moment.isoformat())

    def assess(self) -> None:
        """Make a task for the new risk assessment, or leave it."""
        self.assesses = not self.assesses
        self._keep()

    def choose_agreed(self, item: Agreed) -> None:
        """Say that it follows from this, and so is shared as agreed there; or no longer."""
        if self.follows(item):
            self.referral_id, self.prospect_id, self.parts = "", "", {}
        else:
            self._follow(item)
        self._keep()

    def _follow(self, item: Agreed) -> None:
        is_referral = isinstance(item, ReferralItem)
        self.referral_id = id_of(item) if is_referral else ""
        self.prospect_id = "" if is_referral else id_of(item)
        self.parts = parts_of(item, self._desk.store.me.id)

    def share_with(self, employee_id: str) -> None:
        """Share it with a colleague, in equal parts to begin with, or no longer."""
        others = [id for id in self.parts if id != employee_id]
        self._share_equally(others if employee_id in self.parts else [*others, employee_id])

    def share_equally(self) -> None:
        """Give everyone the same."""
        self._share_equally(list(self.parts))

    def _share_equally(self, others: list[str]) -> None:
        each = WHOLE // (len(others) + 1)
        self.parts = {id: percent_text(each) for id in others}
        self._keep()

    def write_share(self, employee_id: str, text: str) -> None:
        """Take over a colleague's part as it is typed."""
        self.parts = {**self.parts, employee_id: text}
        self._keep()

    def submit(self) -> bool:
        """Save the sale, as far as it went, in one commit; if refused, the form stays as it is."""
        if self.missing:
            return False
        try:
            self._desk.store.commit(*self.changes())
        except Refusal as refusal:
            self.problem = refusal
        except DiskFull:
            self.problem = Said("disk_full")
        else:
            self._desk.selling.close(self)
            return True
        return False

    def drop(self) -> None:
        """Give the sale up; nothing is recorded."""
        self._desk.selling.close(self)

    # How it becomes records

    def changes(self) -> list[Change]:
        """The sale, as far as it went, and the task for a new risk assessment."""
        changes: list[Change] = [Insert.of("sale", self._sale())]
        if self.stage != "intent":
            said: Document = {}
            if self.stage == "appointment":
                said["appointment_on"] = self.appointment_on
            elif self.external_ref.strip():
                said["external_ref"] = self.external_ref.strip()
            step = Transition("sale", self.sale_id, "status", "intent", self.stage, said)
            changes.append(step)
        if self.precaution == "reassessment" and self.precautions and self.assesses:
            changes.append(Insert.of("task", self._assessment()))
        return changes

    def _sale(self) -> Sale:
        return Sale(
            id=self.sale_id,
            customer_id=self.customer_id,
            employee_id=self._desk.store.me.id,
            product_id=self.product_id,
            occurred_at=self.occurred_at,
            qty=self.qty if self.asks_qty else None,
            amount=self.amount if self.asks_amount else None,
            interaction_id=self.interaction_id,
            alert_id=self.alert_id or None,
            referral_id=self.referral_id or None,
            prospect_id=self.prospect_id or None,
            shares=self._shares(),
            precaution=cast(Any, self.precaution or None) if self.precautions else None,
        )

    def _shares(self) -> str:
        if not self.parts:
            return ""
        mine = Share(EmployeeId(self._desk.store.me.id), self.remainder)
        others = [Share(EmployeeId(id), bp or 0) for id, bp in self.basis_points.items()]
        return shares_text([mine, *others])

    def _assessment(self) -> Task:
        return Task(
            id=self._desk.ids(),
            customer_id=self.customer_id,
            kind="follow_up",
            title="重新风险测评",
            due=working_day(self._desk.today_text, _ASSESS_IN),
            interaction_id=self.interaction_id,
        )

    def _keep(self) -> None:
        body = {name: getattr(self, name) for name in KEPT}
        self._desk.store.save_draft(self.draft_key(self.customer_id), body)
