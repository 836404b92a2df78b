"""An employee: who works in the bank, in which role and under which org unit."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText
from shared.registry import INDEXED, Merge, ScopeRule, synced

Role = Literal["account_manager", "supervisor", "product_manager", "auditor", "operator"]


@synced("employee", merge=Merge.SERVER, scope=ScopeRule.BRANCH, scope_key="org_unit_id")
@dataclass(frozen=True, slots=True)
class Employee:
    """A person of the bank. A device belongs to exactly one."""

    id: str
    employee_no: Annotated[str, StringConstraints(min_length=1, max_length=20), INDEXED]
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    role: Role
    org_unit_id: Annotated[str, INDEXED]
    phone: str | None = None
    active: bool = True
    left_on: DateText | None = None
    """The day after which they sell nothing, and what they owe is a receivable."""
    joined_on: DateText | None = None
    """The first day on which they may sell."""
