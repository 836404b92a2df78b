"""The ninety days as the devices lived them, so that the demo's data enters as real data would.

Seeding through the same path as a device's push means that versions, change log and receipts of
the demo are true ones.
"""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter

from shared.domain import Employee, Interaction, Task
from shared.sync.change import Change, Insert, Transition
from sync_server.demo.bank import Bank


def device_history(bank: Bank) -> Iterator[tuple[Employee, list[Change]]]:
    """Yield transactions, employee by employee and each one's in time order.

    A transaction is what one tap on Submit wrote: the interaction, the step that closes the task it
    answered, and the open task of its own next step. Its moment is that of the first change's id
    (`clock.born_at`). Only account managers have made any.
    """
    task_of = {task.interaction_id: task for task in bank.tasks}
    by_author = sorted(bank.contacts, key=attrgetter("employee_id", "id"))
    mine = {
        author: list(contacts)
        for author, contacts in groupby(by_author, key=attrgetter("employee_id"))
    }
    for employee in bank.employees:
        open_tasks: dict[str, Task] = {}
        for contact in mine.get(employee.id, []):
            yield employee, list(_transaction(contact, open_tasks, task_of.get(contact.id)))


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
