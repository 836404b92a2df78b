"""The ninety days as the devices lived them, so that the demo's data enters as real data would.

Seeding through the same path as a device's push means that versions, change log and receipts of
the demo are true ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from shared.domain import Interaction, Task
from shared.sync.change import Change, Insert, Transition
from sync_server.demo.clock import born_at


class Saved(NamedTuple):
    """What one tap wrote on a device: one transaction."""

    employee_id: str
    at: int
    """By the device's clock (ms)."""
    changes: Sequence[Change]


def field_work(contacts: Sequence[Interaction], tasks: Sequence[Task]) -> Iterator[Saved]:
    """Yield the transactions of contacts, employee by employee and each one's in time order.

    A transaction holds the interaction, the step that closes the task it answered, and the open
    task of its own next step.
    """
    task_of = {task.interaction_id: task for task in tasks}
    by_author = sorted(contacts, key=attrgetter("employee_id", "id"))
    for author, mine in groupby(by_author, key=attrgetter("employee_id")):
        open_tasks: dict[str, Task] = {}
        for contact in mine:
            changes = list(_transaction(contact, open_tasks, task_of.get(contact.id)))
            yield Saved(author, born_at(contact.id), changes)


def _transaction(
    contact: Interaction, open_tasks: dict[str, Task], next_task: Task | None
) -> Iterator[Change]:
    """Yield a contact's changes; `open_tasks`, by customer, is carried on."""
    yield Insert.of("interaction", contact)
    if answered := open_tasks.pop(contact.customer_id, None):
        yield Transition("task", answered.id, "status", "open", "done")
    if next_task:
        yield Insert("task", asdict(next_task) | {"status": "open"})
        open_tasks[contact.customer_id] = next_task
