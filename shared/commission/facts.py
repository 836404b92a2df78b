"""Facts: what happened, as events in the order in which they arrived, and what they add up to.

The order of arrival decides only two things: which months were already closed, and which of two
decisions (a replaced rule, an approved split) is the later one. Everything else is sorted by the
dates of the business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, ConfigDict
from pydantic import Field as Bound

from shared.commission.exact import WHOLE_BP
from shared.commission.fields import (
    AmountFen,
    Count,
    Day,
    Employee,
    ExternalRef,
    Month,
    Product,
    ProductCode,
    Rate,
    Reference,
    RuleName,
    SaleId,
    SaleName,
)
from shared.commission.months import Period
from shared.commission.rules import STRICT, Recognition, Rule
from shared.ids import EmployeeId

BasisPoints = Annotated[int, Bound(strict=True, ge=0, le=WHOLE_BP)]


class Share(NamedTuple):
    """What one employee has of a sale, in basis points: of the pay, and of the target."""

    employee: Employee
    pay_bp: BasisPoints
    kpi_bp: BasisPoints | None = None

    @property
    def counted_bp(self) -> int:
        """What counts towards the target: the share of the pay, unless another was agreed."""
        return self.pay_bp if self.kpi_bp is None else self.kpi_bp


def _whole(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    sums = {"pay": sum(s.pay_bp for s in shares), "target": sum(s.counted_bp for s in shares)}
    for what, total in sums.items():
        if total != WHOLE_BP:
            raise ValueError(f"the shares of the {what} sum to {total:,}, not to 10,000")
    if len({share.employee for share in shares}) < len(shares):
        raise ValueError("an employee has two shares")
    if any(share.pay_bp == share.counted_bp == 0 for share in shares):
        raise ValueError("a share of 0 is none: leave the employee out")
    return shares


Shares = Annotated[tuple[Share, ...], AfterValidator(_whole)]


@dataclass(frozen=True, slots=True)
class Sale:
    """A product that a customer took: pieces or an amount in fen, the dates of its events."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: SaleName
    product: Product
    shares: Shares
    qty: Count | None = None
    amount: AmountFen | None = None
    captured: Day | None = None
    dates: Mapping[Recognition, Day] = field(default_factory=dict)
    external_ref: Reference | None = None
    kind: Literal["sale"] = "sale"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A sale was cancelled on a day."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    sale: SaleName
    on: Day
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class Left:
    """An employee left; what they owe from then on is a receivable."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    employee: Employee
    on: Day
    kind: Literal["leave"] = "leave"


@dataclass(frozen=True, slots=True)
class SplitApproved:
    """A dispute about who made a sale was decided."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    external_ref: Reference
    shares: Shares
    kind: Literal["approve_split"] = "approve_split"


@dataclass(frozen=True, slots=True)
class RuleReplaced:
    """A rule stands in place of every interval of the rule `replaces` (None: beside them)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rule: Rule
    replaces: RuleName | None = None
    kind: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True)
class Closed:
    """A month was closed, and every earlier one with it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    period: Month
    kind: Literal["close"] = "close"


Event = Sale | Cancelled | Left | SplitApproved | RuleReplaced | Closed


@dataclass(frozen=True, slots=True)
class Target:
    """What an employee should reach in a month: pieces, or yuan of the product's amount."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    employee: Employee
    product: Product
    period: Month
    value: Rate


@dataclass(frozen=True, slots=True)
class Quality:
    """The coefficient that weighs an employee's month; 1 where nobody set one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    employee: Employee
    period: Month
    coefficient: Rate


@dataclass(frozen=True, slots=True)
class Goals:
    """What a month is measured against: targets in pieces or yuan, and quality coefficients."""

    targets: Mapping[tuple[EmployeeId, ProductCode, Period], Fraction] = field(default_factory=dict)
    quality: Mapping[tuple[EmployeeId, Period], Fraction] = field(default_factory=dict)


def goals_of(targets: Iterable[Target], quality: Iterable[Quality]) -> Goals:
    """Look goals up by what they are for."""
    return Goals(
        {(each.employee, each.product, each.period): each.value for each in targets},
        {(each.employee, each.period): each.coefficient for each in quality},
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one moment; a result follows from it and from nothing else."""

    rules: tuple[Rule, ...]
    goals: Goals = field(default_factory=Goals)
    sales: tuple[Sale, ...] = ()
    cancelled: Mapping[SaleId, date] = field(default_factory=dict)
    approved: Mapping[ExternalRef, tuple[Share, ...]] = field(default_factory=dict)
    left: Mapping[EmployeeId, date] = field(default_factory=dict)


def facts_of(rules: tuple[Rule, ...], goals: Goals, events: Iterable[Event]) -> Facts:
    """Add up the events that arrived so far."""
    known = tuple(events)
    for event in known:
        if isinstance(event, RuleReplaced):
            rules = (*(rule for rule in rules if rule.id != event.replaces), event.rule)
    return Facts(
        rules,
        goals,
        tuple(event for event in known if isinstance(event, Sale)),
        {event.sale: event.on for event in known if isinstance(event, Cancelled)},
        {event.external_ref: event.shares for event in known if isinstance(event, SplitApproved)},
        {event.employee: event.on for event in known if isinstance(event, Left)},
    )
