"""A pay period: one month of commission, open, under review, and closed for good.

One supervisor puts it under review, another closes it; after that it never changes.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.customer import ShortText
from shared.domain.days import PeriodText
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    INDEXED,
    WITH_STEP,
    Act,
    Merge,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

PeriodStatus = Literal["open", "review", "closing", "closed"]
PERIOD_STEPS = (
    Step("open", "review", Who.SUPERVISOR),
    Step("review", "open", Who.SUPERVISOR),
    Step("review", "closing", Who.CHECKER),
)
"""`closing` is the checker's word; the server posts the month to the ledger and says `closed`."""


def must_name_its_people(act: Act) -> None:
    """Refuse a step that is taken in another's name."""
    named = {"review": "employee_id", "closing": "checker_id"}.get(str(act.document["status"]))
    if named is not None and act.document[named] != act.employee_id:
        raise refused("not_own_fact")


@synced(
    "pay_period",
    merge=Merge.CASE,
    scope=ScopeRule.BRANCH,
    scope_key="org_unit_id",
    rule=must_name_its_people,
)
@dataclass(frozen=True, slots=True)
class PayPeriod:
    """One month; `id` is `period_id`. Amounts are fen, and as of `counted_at` (ms)."""

    id: str
    period: Annotated[PeriodText, INDEXED]
    org_unit_id: str
    """The unit at the root: a month is closed for the whole bank."""
    status: Annotated[PeriodStatus, States(PERIOD_STEPS)] = "open"
    employee_id: Annotated[str | None, WITH_STEP] = None
    """Who put it under review."""
    checker_id: Annotated[str | None, WITH_STEP] = None
    """Who closed it."""
    note: Annotated[ShortText | None, WITH_STEP] = None
    employees: int = 0
    payable: int = 0
    held: int = 0
    """Sales that are held, waiting or in error: what a checker should look at first."""
    counted_at: int = 0
    closed_at: int | None = None
    digest: str | None = None
    """Of the last record of the ledger when it was closed."""


def period_id(period: str) -> str:
    """Return the id of a month's pay period."""
    return derived_id("pay_period", period)
