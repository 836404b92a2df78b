"""A dispute: an account manager's objection to a figure of their statement, with a due date."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText, ShortText
from shared.domain.days import PeriodText, bank_day, working_days_after
from shared.domain.interaction import Moment
from shared.errors import refused
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

DisputeStatus = Literal["open", "upheld", "declined", "withdrawn"]
DISPUTE_STEPS = (
    Step("open", "upheld", Who.CHECKER),
    Step("open", "declined", Who.CHECKER),
    Step("open", "withdrawn", Who.AUTHOR),
)
ANSWER_DAYS = 5
"""Working days within which a dispute is to be answered."""


def must_be_answered(act: Act) -> None:
    """Hold a dispute to its term, and its answer to a reason."""
    dispute = act.document
    if act.before is None and dispute["due_on"] != due_on(int(str(dispute["occurred_at"]))):
        raise refused("invalid", path="dispute/due_on", problem="not the term")
    if dispute["status"] in ("upheld", "declined") and not dispute["answer"]:
        raise refused("reason_missing")


@synced(
    "dispute",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="employee_id",
    author="employee_id",
    rule=must_be_answered,
)
@dataclass(frozen=True, slots=True)
class Dispute:
    """One objection. `amount` is the figure in question, signed fen."""

    id: str
    employee_id: Annotated[str, INDEXED]
    period: Annotated[PeriodText, INDEXED]
    figure: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """What is disputed: an entry's type, or a column of the statement."""
    amount: int
    claim: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    """What should be different, in the author's words."""
    occurred_at: Moment
    due_on: DateText
    sale_id: str | None = None
    rule: str | None = None
    status: Annotated[DisputeStatus, States(DISPUTE_STEPS)] = "open"
    answer: Annotated[ShortText | None, WITH_STEP] = None


def due_on(occurred_at: int) -> str:
    """Return the day by which a dispute that was raised then (ms) is to be answered."""
    return working_days_after(bank_day(occurred_at), ANSWER_DAYS).isoformat()
