"""Settling: what the user decides about work that was refused, contested or asked for.

Every decision is a change like any other: it goes through the outbox, works offline, and meets the
server's rules when it arrives.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic_core import from_json

from mobile_app.store.outbox import Outbox
from mobile_app.store.queries import Queries
from mobile_app.store.set_aside import Key
from shared.domain import ChangeRequest, Conflict, Duplicate
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

    def resend(self, op_id: str, edits: Edits | None = None, without: Collection[str] = ()) -> None:
        """Send a refused transaction again, corrected or as it is, in the refused one's place.

        `edits` holds new values by operation and field; operations named in `without` are given
        up. Raises Refusal `invalid` for a value that does not fit: nothing is changed then.
        """
        corrected = _correcting(edits or {})
        keys = self._outbox.renew(op_id, self.new_id(), self.new_id, corrected, without)
        self._shown_anew(set(keys))

    def discard(self, op_id: str, reason: str) -> None:
        """Give a refused transaction up, and say why; it stays readable on both sides."""
        issue = self._outbox.issue_of(op_id)
        if issue is not None:
            said = {"reason": reason}
            self.commit(Transition("issue", issue, "status", "open", "discarded", said))
        self._shown_anew(set(self._outbox.move(op_id, "quarantined", "discarded")))

    def restore_as_new(self, op_id: str, reason: str) -> None:
        """Save a record anew that was deleted while its user edited it, with that edit.

        What was done along with the edit goes out again without it; else `reason` says why the
        edit was given up.
        """
        name, document = self._outbox.last_known(op_id)
        if document is None:
            raise refused("gone")
        state = REGISTRY[name].state
        start = {state.name: REGISTRY[name].defaults[state.name]} if state else {}
        self.commit(Insert(name, {**document, **start, "id": self.new_id()}))
        self.give_up(op_id, reason)

    def ask_instead(self, op_id: str, reason: str) -> None:
        """Turn a refused edit of guarded fields into change requests.

        `reason` is what was seen as proof. Other fields of the edit, and what was done along with
        it, go out again.
        """
        op = self._outbox.op(op_id)
        fields, pairs = REGISTRY[op["entity"]].fields, op.get("set", {})
        guarded = {field: pair for field, pair in pairs.items() if fields[field].guarded}
        self.commit(
            *(
                self._request(op["id"], field, old, new, reason)
                for field, (old, new) in guarded.items()
            )
        )
        rest = {field: pair for field, pair in pairs.items() if field not in guarded}
        if rest:
            keys = self._outbox.renew(op_id, self.new_id(), self.new_id, _reduced_to(op_id, rest))
            self._shown_anew(set(keys))
        else:
            self.give_up(op_id, reason)

    def give_up(self, op_id: str, reason: str) -> None:
        """Give one operation of a refused transaction up, and send the others again.

        Where it stands alone the transaction is discarded, and `reason` says why.
        """
        if len(self._outbox.refused(op_id)) > 1:
            self.resend(op_id, without={op_id})
        else:
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
        present = self.document(conflict.entity, conflict.record_id)
        wanted = from_json(conflict.lost if side == "lost" else conflict.won)
        if present is None or present[conflict.field] == wanted:
            self.commit(step)
        else:
            change = {conflict.field: (present[conflict.field], wanted)}
            self.commit(Patch(conflict.entity, conflict.record_id, change), step)

    def decide_request(self, request: ChangeRequest, status: str, answer: str | None) -> None:
        """Approve or decline a colleague's change request, or withdraw one's own."""
        said = {"answer": answer} if answer else {}
        self.commit(
            Transition("change_request", request.id, "status", request.status, status, said)
        )

    def decide_duplicate(self, duplicate: Duplicate, status: str, reason: str, at: int) -> None:
        """As a supervisor, call a pair one customer or two, or take a merge apart; `at` in ms."""
        said = {"reason": reason, "decided_by": self._my(), "decided_at": at}
        before = duplicate.status
        self.commit(Transition("duplicate", duplicate.id, "status", before, status, said))

    def decide_issue(self, issue_id: str, status: str, reason: str) -> None:
        """As a supervisor, take a colleague's refused work into the record, or give it up."""
        self.commit(Transition("issue", issue_id, "status", "open", status, {"reason": reason}))


def _reduced_to(op_id: str, pairs: Mapping[str, list[Any]]) -> Callable[[Op, str], Op]:
    def reduced(op: Op, former: str) -> Op:
        return {**op, "set": dict(pairs)} if former == op_id else op

    return reduced


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
