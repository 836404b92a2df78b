"""Collaborators: who works with a customer, how one is named and how it ends."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from mobile_app.state.rows import Collaboration, Collaborator, CollaboratorItem, Employee
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from shared.domain.collaborator import CollaboratorRole
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

ROLES: Final[tuple[str, ...]] = get_args(CollaboratorRole)
_OFFERED: Final = 8


@dataclass(eq=False)
class Collaborators:
    """The reads and verbs of collaborators, answered from memory until the store changes."""

    _desk: "Desk"
    problems: dict[str, Message] = field(default_factory=dict)
    """Why something was not kept, by customer."""

    def of(self, customer_id: str) -> list[CollaboratorItem]:
        """Who works with a customer, and who did."""
        return self._desk.read(self._desk.store.collaborators_of, customer_id)

    def mine(self) -> list[Collaboration]:
        """The customers of others with whom the user works."""
        return self._desk.read(self._desk.store.collaborations)

    def at(self, customer_id: str) -> Collaboration | None:
        """What is known of such a customer; None where the user is no collaborator of theirs."""
        return self._desk.read(self._desk.store.collaboration_at, customer_id)

    def offered(self, customer_id: str, text: str) -> list[Employee]:
        """Colleagues who can be named, those whose name is like what was typed."""
        card = self._desk.customer(customer_id)
        lasting = {
            item.collaborator.colleague_id
            for item in self.of(customer_id)
            if item.collaborator.status == "active"
        }
        found = [
            each
            for each in self._desk.store.employees().values()
            if each.active
            and each.role == "account_manager"
            and (card is None or each.id != card.customer.owner_id)
            and each.id not in lasting
            and text.strip() in each.name
        ]
        return sorted(found, key=lambda each: each.employee_no)[:_OFFERED]

    def name(self, customer_id: str, colleague_id: str, role: str) -> bool:
        """Name a colleague; return whether it was kept, else `problems` says why."""
        made = Collaborator(
            id=self._desk.ids(),
            customer_id=customer_id,
            colleague_id=colleague_id,
            role=cast(Any, role),
            employee_id=self._desk.store.me.id,
            occurred_at=self._desk.now(),
        )
        return self._keep(customer_id, Insert.of("collaborator", made))

    def end(self, one: Collaborator, why: str) -> None:
        """Say that it is over, and why."""
        said = {"reason": why, "ended_at": self._desk.now()}
        step = Transition("collaborator", one.id, "status", "active", "ended", said)
        self._keep(one.customer_id, step)

    def _keep(self, customer_id: str, change: Insert | Transition) -> bool:
        self.problems.pop(customer_id, None)
        if problem := kept(self._desk, change):
            self.problems[customer_id] = problem
            self._desk.refresh()
        return customer_id not in self.problems
