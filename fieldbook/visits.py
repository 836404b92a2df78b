"""A visit as the command line logs it: the same records that the app's form makes."""

from typing import Any

from mobile_app.store.device_store import DeviceStore
from shared.domain import Interaction, Task
from shared.sync.change import Insert


def new_visit(store: DeviceStore, at: int, **fields: Any) -> list[Insert]:
    """Make a visit of this moment, with the task of its next step; commit them together.

    `fields` are those of an Interaction. There is no receiver here, so the visit says why it has
    no location.
    """
    visit = Interaction(
        id=store.new_id(),
        employee_id=store.me.id,
        channel="visit",
        occurred_at=at,
        started_at=at,
        ended_at=at,
        no_fix_reason="unsupported",
        **fields,
    )
    made = [Insert.of("interaction", visit)]
    if visit.next_step and visit.next_due:
        follow_up = Task(
            id=store.new_id(),
            customer_id=visit.customer_id,
            kind="follow_up",
            title=visit.next_step,
            due=visit.next_due,
            interaction_id=visit.id,
        )
        made.append(Insert.of("task", follow_up))
    return made
