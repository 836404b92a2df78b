"""Plans: what supervisors and product managers decide about commission; all of it works offline."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import flet as ft

from mobile_app.platform.files import save_file
from mobile_app.state.drafting import DraftForm, first_version, next_version
from mobile_app.state.rows import (
    Contest,
    DisputeItem,
    MonthSheet,
    PayPeriod,
    PersonSheet,
    PlanItem,
    Product,
)
from mobile_app.state.said import Message, Said
from mobile_app.state.splitting import SplitForm
from mobile_app.state.trying import Trial
from mobile_app.team_csv import team_csv
from shared.commission.months import later_period
from shared.domain import CommissionRule
from shared.domain.days import bank_day, bank_period
from shared.errors import refused
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner


@dataclass(eq=False)
class Plans(ft.Observable):
    """The reads and verbs of commission. `read` answers from memory until the store changes."""

    store: "DeviceStore"
    runner: "SyncRunner"
    read: Callable[..., Any]
    now: Callable[[], int]
    save: Callable[[str, bytes], Awaitable[bool]] = save_file
    kind: str = "rules"
    """Which part was looked at last, so that turning the tablet does not lose it."""
    message: Message | None = None
    _drafts: dict[str, DraftForm] = field(default_factory=dict)
    _splits: dict[str, SplitForm] = field(default_factory=dict)
    _trials: dict[str, Trial] = field(default_factory=dict)

    def show(self, kind: str) -> None:
        """Look at one part."""
        self.kind, self.message = kind, None

    # Rules

    def rules(self) -> list[PlanItem]:
        """Every version of every rule, drafts first."""
        found: list[PlanItem] = self.read(self.store.plans)
        return found

    def rule(self, id: str) -> PlanItem | None:
        """One version."""
        return next((each for each in self.rules() if each.row.id == id), None)

    def draft(self, item: PlanItem) -> DraftForm:
        """The open form of a new version."""
        if item.row.id not in self._drafts:
            product = self._catalogue().get(item.rule.product) if item.rule else None
            number = self._next_number(item.row.rule)
            start = next_version(item, number, product, self._next_month)
            self._drafts[item.row.id] = DraftForm.of(start)
        return self._drafts[item.row.id]

    def first_draft(self, product: Product) -> DraftForm:
        """The open form of the first rule of a product."""
        if product.id not in self._drafts:
            number = self._next_number(product.code.lower())
            start = first_version(product, number, self._my_unit(), self._next_month)
            self._drafts[product.id] = DraftForm.of(start)
        return self._drafts[product.id]

    @property
    def _next_month(self) -> str:
        """When a draft comes into force unless it says another day: no month changes midway."""
        return f"{later_period(bank_period(self.now()), 1)}-01"

    def _next_number(self, rule: str) -> int:
        numbers = [each.row.number for each in self.rules() if each.row.rule == rule]
        return max(numbers, default=0) + 1

    def _my_unit(self) -> str:
        me = self.store.me.id
        return self.store.employees().get(me, self.store.me).org_unit_id

    def unruled(self) -> list[Product]:
        """The products that are sold and that no rule pays for, approved or drafted."""
        today = bank_day(self.now())
        ruled = {
            each.rule.product
            for each in self.rules()
            if each.rule and each.row.status in ("draft", "approved")
            if each.rule.until is None or each.rule.until > today
        }
        return [
            each
            for each in self.read(self.store.products)
            if each.code not in ruled and (each.valid_until or "9999") >= today.isoformat()
        ]

    def product_name(self, code: str) -> str:
        """What people call a product; one that is not in the catalogue here by its code."""
        product = self._catalogue().get(code)
        return product.name if product else code

    def _catalogue(self) -> Mapping[str, Product]:
        found: Mapping[str, Product] = self.read(self.store.products_by_code)
        return found

    def submit(self, form: DraftForm) -> str | None:
        """Hand a draft in; return its id, or None where the form now says what does not fit."""
        approved = [
            each.rule for each in self.rules() if each.rule and each.row.status == "approved"
        ]
        terms = form.checked(approved)
        if terms is None:
            return None
        start = form.start
        row = CommissionRule(
            id=self.store.new_id(),
            rule=start.rule,
            number=start.number,
            org_unit_id=start.org_unit_id,
            employee_id=self.store.me.id,
            occurred_at=self.now(),
            terms=terms,
            reason=form.reason,
        )
        self.store.commit(Insert.of("commission_rule", row))
        self._drafts.pop(start.key, None)
        self.runner.wake()
        return row.id

    def approve(self, item: PlanItem) -> None:
        """Put a colleague's draft in force."""
        self._judge(item, "approved")

    def decline(self, item: PlanItem, answer: str) -> None:
        """Turn a colleague's draft down, and say why."""
        self._judge(item, "declined", answer)

    def _judge(self, item: PlanItem, status: str, answer: str | None = None) -> None:
        if self.store.role != "supervisor":
            self.message = refused("not_permitted", action=f"draft → {status}")
        elif item.is_own:
            self.message = refused("four_eyes")
        else:
            said = {"checker_id": self.store.me.id, "checked_at": self.now()}
            if answer is not None:
                said["answer"] = answer
            self._step("commission_rule", item.row.id, item.row.status, status, said)

    def withdraw(self, item: PlanItem) -> None:
        """Take one's own draft back."""
        self._step("commission_rule", item.row.id, item.row.status, "withdrawn", {})

    def trial(self, item: PlanItem) -> Trial | None:
        """The trial of a draft on the month before this one."""
        if item.rule is None:
            return None
        if item.row.id not in self._trials:
            last = later_period(bank_period(self.now()), -1)
            self._trials[item.row.id] = Trial(self.store, item.rule, last)
        return self._trials[item.row.id]

    # Who sold what

    def contests(self) -> list[Contest]:
        """What is to be decided, the soonest due first; an offer is once its term has run out."""
        found: list[Contest] = self.read(self.store.contests)
        return [each for each in found if not each.waits(self._today)]

    @property
    def _today(self) -> str:
        return bank_day(self.now()).isoformat()

    def contest(self, id: str) -> Contest | None:
        """One of them."""
        return next((each for each in self.contests() if each.id == id), None)

    def split(self, contest: Contest) -> SplitForm:
        """The open form of a decision."""
        if contest.id not in self._splits:
            self._splits[contest.id] = SplitForm.of(contest)
        return self._splits[contest.id]

    def decide(self, item: Contest, form: SplitForm, reason: str) -> None:
        """Say who has what of a sale."""
        if not form.is_whole or item.is_own:
            return
        first = item.first
        said = {"decided": form.shares, "reason": reason}
        self._step("sale_share", first.id, first.status, "decided", said)
        self._splits.pop(item.id, None)

    # Disputes

    def disputes(self) -> list[DisputeItem]:
        """The objections that wait, the soonest due first."""
        found: list[DisputeItem] = self.read(self.store.team_disputes)
        return found

    def dispute(self, id: str) -> DisputeItem | None:
        """One of them."""
        return next((each for each in self.disputes() if each.dispute.id == id), None)

    def answer(self, item: DisputeItem, status: str, answer: str) -> None:
        """Uphold or decline an objection, and say why."""
        if not item.is_own:
            self._step("dispute", item.dispute.id, "open", status, {"answer": answer})

    # Months

    def months(self) -> list[PayPeriod]:
        """The months, the latest first."""
        found: list[PayPeriod] = self.read(self.store.months_of_pay)
        return found

    def month(self, period: str) -> MonthSheet | None:
        """One month of the team."""
        found: MonthSheet | None = self.read(self.store.month_sheet, period)
        return found

    def to_look_at(self, sheet: MonthSheet) -> dict[str, int]:
        """How many of each there are that one looks at before a month is closed."""
        waiting = sum(each.waits(self._today) for each in sheet.unsettled)
        return {
            "to_decide": len(sheet.unsettled) - waiting,
            "offered": waiting,
            "problems": sheet.period.held,
            "disputes": sheet.disputes,
            "unsent": sheet.unsent,
        }

    def person(self, employee_id: str, period: str) -> PersonSheet | None:
        """One employee's month with its entries."""
        found: PersonSheet | None = self.read(self.store.person_sheet, employee_id, period)
        return found

    def review(self, sheet: MonthSheet) -> None:
        """Put a month under review."""
        self._step(
            "pay_period", sheet.period.id, "open", "review", {"employee_id": self.store.me.id}
        )

    def send_back(self, sheet: MonthSheet, note: str) -> None:
        """Open a month again that is under review."""
        self._step("pay_period", sheet.period.id, "review", "open", {"note": note})

    def close(self, sheet: MonthSheet) -> None:
        """Close a month that another has put under review."""
        if sheet.is_own:
            self.message = refused("four_eyes")
            return
        said = {"checker_id": self.store.me.id}
        self._step("pay_period", sheet.period.id, "review", "closing", said)

    async def export(self, sheet: MonthSheet, head: tuple[str, ...]) -> None:
        """Let the user save the team's statements as a table."""
        name = f"statements-{sheet.period.period}.csv"
        if await self.save(name, team_csv(head, sheet.rows)):
            self.message = Said("close.exported", {"n": len(sheet.rows), "file": name})

    def _step(self, entity: str, id: str, before: str, after: str, said: Mapping[str, Any]) -> None:
        self.message = None
        self.store.commit(Transition(entity, id, "status", before, after, said))
        self.runner.wake()
