"""Settling: what the user decides about work that was refused, contested or asked for.

Every decision is a change like any other: it goes through the outbox, works offline, and meets the
server's rules when it arrives.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import from_json

from mobile_app.store.outbox import Key, Outbox
from mobile_app.store.queries import Queries
from shared.domain import ChangeRequest, Conflict
from shared.errors import Refusal, refused
from shared.registry import REGISTRY
from shared.sync.change import Change, Insert, Patch, Transition
from shared.sync.outcome import valid
from shared.sync.protocol import Op

Edits = Mapping[str, Mapping[str, Any]]
"""Operation to the values that its user corrected, by field."""


class Settling(Queries):
    """The verbs of the inbox."""

    _outbox: Outbox
    new_id: Callable[[], str]

    @abstractmethod
    def commit(self, *changes: Change) -> None:
        """Save what the user did as one transaction."""

    @abstractmethod
    def _shown_anew(self, keys: set[Key]) -> None:
        """Show rows as they now are, and tell the screens."""

    def resend(self, op_id: str, edits: Edits | None = None) -> None:
        """Send a refused transaction again, corrected or as it is, in the refused one's place.

        `edits` holds new values by operation and field. Raises Refusal `invalid` for one that
        does not fit: nothing is changed then.
        """
        corrected = _correcting(edits or {})
        keys = self._outbox.renew(op_id, self.new_id(), self.new_id, corrected)
        self._shown_anew(set(keys))

    def discard(self, op_id: str, reason: str) -> None:
        """Give a refused transaction up, and say why; it stays readable on both sides."""
        issue = self._outbox.issue_of(op_id)
        if issue is not None:
            said = {"reason": reason}
            self.commit(Transition("issue", issue, "status", "open", "discarded", said))
        self._shown_anew(set(self._outbox.move(op_id, "quarantined", "discarded")))

    def restore_as_new(self, op_id: str) -> None:
        """Save a record anew that was deleted while its user edited it, with that edit."""
        entity, document = self._outbox.last_known(op_id)
        if document is None:
            raise refused("gone")
        self.commit(Insert(entity, {**document, "id": self.new_id()}))
        self.discard(op_id, "saved as a new record")

    def ask_instead(self, op_id: str, reason: str) -> None:
        """Turn a refused edit of guarded fields into change requests."""
        op = self._outbox.op(op_id)
        requests = [
            self._request(op["id"], field, old, new, reason)
            for field, (old, new) in op.get("set", {}).items()
            if REGISTRY[op["entity"]].fields[field].guarded
        ]
        self.commit(*requests)
        self.discard(op_id, reason)

    def request_change(self, customer_id: str, field: str, old: Any, new: Any, reason: str) -> None:
        """Ask for a new value of a guarded field; the present one stays until approved."""
        self.commit(self._request(customer_id, field, old, new, reason))

    @abstractmethod
    def _request(self, customer_id: str, field: str, old: Any, new: Any, reason: str) -> Insert:
        """Make a change request."""

    def settle_conflict(self, conflict: Conflict, side: str) -> None:
        """Take one of two values: `lost` writes it over what stands now, `won` leaves it."""
        step = Transition("conflict", conflict.id, "status", "open", "settled", {"kept": side})
        present = self.value(conflict.entity, conflict.record_id, conflict.field)
        wanted = from_json(conflict.lost if side == "lost" else conflict.won)
        if present == wanted:
            self.commit(step)
        else:
            change = {conflict.field: (present, wanted)}
            self.commit(Patch(conflict.entity, conflict.record_id, change), step)

    def decide_request(self, request: ChangeRequest, status: str, answer: str | None) -> None:
        """Approve or decline a colleague's change request, or withdraw one's own."""
        said = {"answer": answer} if answer else {}
        self.commit(
            Transition("change_request", request.id, "status", request.status, status, said)
        )

    def decide_issue(self, issue_id: str, status: str, reason: str) -> None:
        """As a supervisor, take a colleague's refused work into the record, or give it up."""
        self.commit(Transition("issue", issue_id, "status", "open", status, {"reason": reason}))


def _correcting(edits: Edits) -> Callable[[Op, str], Op]:
    def corrected(op: Op, former: str) -> Op:
        values = edits.get(former, {})
        if "doc" not in op:
            pairs = op.get("set", {})
            return {**op, "set": {n: [old, values.get(n, new)] for n, (old, new) in pairs.items()}}
        document = valid(REGISTRY[op["entity"]], {**op["doc"], **values})
        if isinstance(document, Refusal):
            raise document
        return {**op, "doc": document}

    return corrected
