"""What supervisors and product managers read of commission: rules, contests, disputes, months."""

from collections.abc import Mapping
from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.commission.entries import Entry
from shared.commission.months import Period
from shared.commission.rules import Rule
from shared.domain import CommissionRule, Dispute, PayPeriod, Product, SaleShare, Statement
from shared.domain.days import bank_period


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One version of a rule, with the version before it."""

    row: CommissionRule
    rule: Rule | None
    """None where a newer app wrote terms that this one cannot read."""
    former: Rule | None
    maker_name: str | None
    checker_name: str | None
    """Of who approved or declined it."""
    is_own: bool
    state: RecordState


@dataclass(frozen=True, slots=True)
class Contest:
    """One thing that was sold and is not settled: its claims, sale by sale."""

    id: str
    """Of the share that a decision is said of."""
    claims: tuple[SaleShare, ...]
    """One row of each sale, the smallest sale id first."""
    names: Mapping[str, str]
    """Of everyone who is named in it, by employee."""
    product: Product | None
    is_own: bool
    """Whether the user is named: then another decides."""
    state: RecordState

    @property
    def first(self) -> SaleShare:
        """The claim that would stand."""
        return self.claims[0]

    @property
    def product_name(self) -> str:
        """What was sold; one that is not in the catalogue here by its code."""
        return self.product.name if self.product else self.first.product_code

    @property
    def period(self) -> Period:
        """The month in which it was sold; the bank's word of it never comes from an earlier one."""
        return min(bank_period(each.occurred_at) for each in self.claims)

    @property
    def due_on(self) -> str | None:
        """By when it is to be decided."""
        return min((each.due_on for each in self.claims if each.due_on), default=None)

    def waits(self, today: str) -> bool:
        """Whether it is still the colleague's to answer: an offer whose term has not run out."""
        return self.first.status == "offered" and (self.due_on or "9999") >= today


@dataclass(frozen=True, slots=True)
class DisputeItem:
    """A colleague's objection, and the entries that the figure is made of."""

    dispute: Dispute
    by_name: str | None
    is_own: bool
    state: RecordState


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One employee's statement of a month."""

    statement: Statement
    name: str


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """A month of the team, and what to look at before it is closed."""

    period: PayPeriod
    rows: tuple[TeamRow, ...]
    unsettled: tuple[Contest, ...]
    """Sales of the month or earlier that are not settled: the close posts nothing of them."""
    disputes: int
    unsent: int
    """Operations that the team's devices have not sent, as they last said."""
    maker_name: str | None
    checker_name: str | None
    is_own: bool
    """Whether the user put it under review."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """One employee's month with its entries."""

    row: TeamRow
    entries: tuple[Entry, ...]
    sales: Mapping[str, SaleShare]
    """The employee's shares, by sale."""
    products: Mapping[str, Product]
    """What each rule pays for, by rule."""
