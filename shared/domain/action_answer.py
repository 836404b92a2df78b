"""An answer to an advised action: that it does not suit this customer, and why.

It silences the rule that advised it for this customer for a while, on every device that has them.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from shared.domain.interaction import Moment
from shared.registry import INDEXED, Merge, ScopeRule, synced

ActionRule = Literal[
    "retain",
    "satisfaction",
    "maturing",
    "life_event",
    "need",
    "idle",
    "tier_watch",
    "service_floor",
]
"""What advises an action; `shared.domain.next_action` has the rules."""
ACTION_RULES: Final[tuple[ActionRule, ...]] = get_args(ActionRule)
Unsuitable = Literal["no_need", "wrong_time", "asked_not_to", "done_already", "wrong_facts"]
UNSUITABLE: Final[tuple[Unsuitable, ...]] = get_args(Unsuitable)
SILENT_DAYS: Final = 60
"""For how many days a rule keeps silent about a customer after an answer."""


@synced(
    "action_answer",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
)
@dataclass(frozen=True, slots=True)
class ActionAnswer:
    """One answer: which rule does not suit which customer, and why."""

    id: str
    customer_id: Annotated[str, INDEXED]
    employee_id: str
    action: ActionRule
    reason: Unsuitable
    occurred_at: Annotated[Moment, INDEXED]


def is_silenced(answered_at: int, now: int) -> bool:
    """Whether an answer still silences its rule; moments in ms."""
    return answered_at > now - SILENT_DAYS * 86_400_000
