"""Follow-ups: what a contact that a system tells of leaves to do, and the case that it opens.

Pure. Ids follow from the contact, so that the same call is called back once, however often its file
comes. What is older than a week was seen to elsewhere; it is part of the timeline and no more.
"""

from datetime import date
from typing import Final

from shared.domain.days import bank_day, hour_of_day, working_day_from, working_days_after
from shared.domain.interaction import Interaction
from shared.domain.service_case import CaseKind, ServiceCase, case_id, due_at
from shared.domain.task import Task
from shared.domain.usual import Severity
from shared.ids import derived_id
from sync_server.customer.alarms import is_recent

LAST_HOUR: Final = 16
"""Who called before it in the afternoon is called back on that day, if it is a working day."""
_SHOWN: Final = 120
"""Characters of a summary that a task's reason has room for."""


def follow_up(contact: Interaction, now: int) -> Task | None:
    """Return the task that a call leaves; None for one that leaves nothing to do.

    A call that nobody answered, or who was on the line wants to be called back; of a call that the
    bank made only one that says so.
    """
    wanted = {"inbound": ("not_met", "follow_up"), "outbound": ("follow_up",)}
    if contact.outcome not in wanted.get(contact.direction or "", ()) or not is_fresh(contact, now):
        return None
    return Task(
        id=derived_id("task", contact.id),
        customer_id=contact.customer_id,
        kind="call",
        title="回电" if contact.direction == "inbound" else "外呼跟进",
        due=call_back_day(contact.occurred_at, now).isoformat(),
        reason=_reason(contact),
        interaction_id=contact.id,
    )


def call_back_day(called_at: int, now: int) -> date:
    """Return the day on which to call back: that of the call or the next working day."""
    day = bank_day(called_at)
    if hour_of_day(called_at) >= LAST_HOUR:
        day = working_days_after(day, 1)
    return working_day_from(max(day, bank_day(now)))


def opened_case(
    contact: Interaction, kind: CaseKind, severity: Severity, owner_id: str, now: int
) -> ServiceCase | None:
    """Return the case that a contact opens for the owner; None for an old one."""
    if not is_fresh(contact, now):
        return None
    clock = {"opened_at": contact.occurred_at, "kind": kind, "severity": severity}
    return ServiceCase(
        id=case_id(contact.id),
        customer_id=contact.customer_id,
        kind=kind,
        severity=severity,
        subject=_cut(contact.note or "", 200) or "（未写事由）",
        channel=contact.channel,
        opened_at=contact.occurred_at,
        due_at=due_at(clock),
        stepped_at=contact.occurred_at,
        interaction_id=contact.id,
        source=contact.source,
        assignee_id=owner_id,
    )


def is_fresh(contact: Interaction, now: int) -> bool:
    """Whether a contact is of the last week, so that something follows from it."""
    return is_recent(bank_day(contact.occurred_at), bank_day(now))


def _reason(contact: Interaction) -> str:
    day = bank_day(contact.occurred_at)
    if contact.direction == "outbound":
        what = "客服外呼"
    else:
        what = "来电要求回电" if contact.outcome == "follow_up" else "来电没有接到"
    said = f"：{_cut(contact.note, _SHOWN)}" if contact.note else ""
    return f"{day.month}月{day.day}日{what}{said}"


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
