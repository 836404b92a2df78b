"""An issue: a transaction that the server refused, whole, where its people can read and settle it.

The device that made it keeps it too. Its author corrects it and sends it again, or gives it up with
a reason; a supervisor may take it into the record as it is where the rules that refused it allow
them to: the backlog of someone who has left, a visit to a customer of a colleague.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.customer import ShortText
from shared.registry import C2, INDEXED, WITH_STEP, Merge, ScopeRule, States, Step, Who, synced

IssueStatus = Literal["open", "resent", "discarded", "accepted"]
ISSUE_STEPS = (
    Step("open", "discarded"),
    Step("open", "accepted", Who.CHECKER),
)
"""`resent` is the server's own step, when a transaction comes that says it replaces this one."""


@synced("issue", merge=Merge.CASE, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class Issue:
    """One refused transaction; `id` is the transaction's. `at` is ms by the server's clock."""

    id: str
    employee_id: Annotated[str, INDEXED]
    device_id: str
    code: str
    """The refusal of the operation that brought the transaction down (docs/refusals.md)."""
    filling: Annotated[str, C2]
    """What fills the refusal's sentence: a JSON object of texts."""
    entity: str
    record_id: str
    """The record of that operation."""
    customer_id: str | None
    ops: Annotated[str, C2]
    """The operations, whole: a JSON list."""
    at: int
    status: Annotated[IssueStatus, States(ISSUE_STEPS)] = "open"
    reason: Annotated[ShortText | None, WITH_STEP] = None
    """Why it was given up or taken."""
