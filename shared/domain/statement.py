"""A statement: one employee's month of commission, from what was earned to what is payable."""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.days import PeriodText
from shared.ids import derived_id
from shared.registry import INDEXED, Merge, ScopeRule, synced

StatementStatus = Literal["open", "closed"]


@synced("statement", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class Statement:
    """One row for each employee and month; `id` is `statement_id`. Amounts are signed fen."""

    id: str
    employee_id: Annotated[str, INDEXED]
    period: Annotated[PeriodText, INDEXED]
    status: StatementStatus
    opening_carry: int
    earned: int
    trimmed: int
    quality: int
    deferred: int
    released: int
    clawed: int
    adjusted: int
    payable: int
    closing_carry: int
    receivable: bool
    """Owed by one who has left."""
    sales: int
    """How many sales are counted in it."""
    digest: str
    """Of its entries: a device that computes the same ones from the same facts finds the same."""
    computed_at: int
    """By the server's clock (ms)."""


def statement_id(employee_id: str, period: str) -> str:
    """Return the id of an employee's statement."""
    return derived_id("statement", employee_id, period)
