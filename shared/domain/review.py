"""A review: what a supervisor says to one interaction; the manager reads it in the timeline."""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.interaction import Moment, Note
from shared.registry import INDEXED, Merge, ScopeRule, synced

ReviewKind = Literal["seen", "praise", "coach"]


@synced(
    "review",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
)
@dataclass(frozen=True, slots=True)
class Review:
    """One supervisor's word on one interaction. It never changes the interaction."""

    id: str
    interaction_id: Annotated[str, INDEXED]
    customer_id: Annotated[str, INDEXED]
    employee_id: Annotated[str, INDEXED]
    kind: ReviewKind
    occurred_at: Moment
    text: Note | None = None
