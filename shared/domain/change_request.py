"""A change request: a new value for a field that nobody changes alone.

Names, birth dates, risk grades are the bank's word on a customer. Whoever learns in the doorway
that one is wrong files this; the present value stays until a supervisor, never the one who asked,
approves.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.registry import C2, INDEXED, WITH_STEP, Merge, ScopeRule, States, Step, Who, synced

RequestStatus = Literal["pending", "approved", "declined", "withdrawn"]
REQUEST_STEPS = (
    Step("pending", "approved", Who.CHECKER),
    Step("pending", "declined", Who.CHECKER),
    Step("pending", "withdrawn", Who.AUTHOR),
)
RequestField = Literal["name", "gender", "birth_date", "legal_representative", "risk_grade"]
"""Guarded fields of a customer that a person may ask to change; the others are the bank's own."""


@synced(
    "change_request",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
)
@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """One wish to change one guarded field of one customer. Values are JSON text."""

    id: str
    customer_id: Annotated[str, INDEXED]
    employee_id: Annotated[str, INDEXED]
    field: RequestField
    old: Annotated[str, StringConstraints(max_length=400), C2]
    """The value that the asker saw."""
    new: Annotated[str, StringConstraints(max_length=400), C2]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """What was seen as proof: 身份证原件已核对."""
    occurred_at: Moment
    status: Annotated[RequestStatus, States(REQUEST_STEPS)] = "pending"
    answer: Annotated[ShortText | None, WITH_STEP] = None
