"""A task: something to do for a customer by a day; today's list is made of these."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText, ShortText
from shared.registry import C2, INDEXED, Merge, ScopeRule, States, Step, synced

TaskKind = Literal["visit", "call", "wechat", "follow_up"]
TaskStatus = Literal["open", "done", "dropped"]
TASK_STEPS = (Step("open", "done"), Step("open", "dropped"), Step("done", "open"))


@synced("task", merge=Merge.FIELDS, scope=ScopeRule.PORTFOLIO, scope_key="customer_id")
@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. It belongs to the customer's portfolio and moves with it."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: TaskKind
    title: Annotated[str, StringConstraints(min_length=1, max_length=200), C2]
    due: Annotated[DateText, INDEXED]
    reason: Annotated[ShortText | None, C2] = None
    """Why it is on the list, in the words the user reads."""
    status: Annotated[TaskStatus, States(TASK_STEPS)] = "open"
    interaction_id: str | None = None
    """The interaction whose next step it is."""
    promised: bool = False
    """Whether the customer was told that it would be done by its day."""


def is_overdue(task: Task, today: str) -> bool:
    """Whether an open task's day has passed; days compare as ISO text."""
    return task.status == "open" and task.due < today


Promise = Literal["kept", "late", "open", "dropped"]


def promise(task: Task, today: str) -> Promise | None:
    """Return what became of what the customer was promised; None where nothing was."""
    if not task.promised:
        return None
    if task.status == "open":
        return "late" if is_overdue(task, today) else "open"
    return "kept" if task.status == "done" else "dropped"
