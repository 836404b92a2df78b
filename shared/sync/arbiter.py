"""The arbiter: the server's decision on every operation of one exchange.

Theory of operation. A store calls `asks` to learn what the decision depends on, fetches exactly
that (the `Ground`), calls `judge`, and writes what the `Ruling` says, all in one database
transaction. Judging is pure, so memory, SQLite and PostgreSQL decide alike, and it is done over a
whole batch, because one validation of a thousand documents costs a quarter of a thousand.

Every operation gets exactly one verdict. A transaction stands or falls as one: if an operation is
refused, its neighbours in the transaction are refused as dependants, nothing of it is written, and
an issue keeps it whole. A refusal never touches another transaction, unless that one says it
depends on it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from pydantic_core import to_json

from shared.errors import Refusal, refused
from shared.ids import derived_id
from shared.registry import REGISTRY, Document, Entity, Merge, ScopeRule
from shared.sync.cases import conflict_on, hold_to_rule, issue_of, may_step, requested
from shared.sync.later import COMPLETE, KINDS, completing, understood
from shared.sync.merge import Clash, members, merge_fields
from shared.sync.outcome import (
    Outcome,
    Repeated,
    Settled,
    again,
    culprit,
    dependant,
    digest,
    invalid,
    unknown_columns,
    valid,
    valid_inserts,
    verdict_on,
)
from shared.sync.protocol import Op, Txn, read_ops
from shared.sync.ruling import (
    Applied,
    Caller,
    Ground,
    Key,
    Row,
    Ruling,
    Write,
    of_survivors,
)

WRITERS: Final = frozenset({"account_manager", "supervisor", "product_manager"})
"""Roles that record their work; auditors and operators read."""
MEETS: Final = frozenset({"interaction", "task"})
"""What one records of a customer of another's with whom one works: a contact and its next step."""
ANSWERED_FOR: Final = frozenset({"collaborator"})
"""What is recorded by whoever answers for a customer by now: who else is to hold what of them."""
Completing = Callable[[Entity, Document], Document]


def judge(
    txns: Sequence[Txn],
    caller: Caller,
    ground: Ground,
    completed: Completing = lambda _, document: document,
) -> Ruling:
    """Decide every operation of a batch, in the order sent.

    `completed` makes what follows from a document's other fields, where one was changed that no
    device may change: the initials of a name.
    """
    judging = _Judging(caller, ground, valid_inserts(txns), completed)
    for txn in txns:
        judging.transaction(txn)
    return judging.ruling


@dataclass(slots=True)
class _Judging:
    """The state of judging one batch: what earlier operations of it have already changed."""

    caller: Caller
    ground: Ground
    inserts: Mapping[str, Document | Refusal]
    completed: Completing
    ruling: Ruling = field(default_factory=Ruling)
    refused: set[str] = field(default_factory=set)
    answered: dict[str, Applied] = field(default_factory=dict)
    before: dict[Key, Row | None] = field(default_factory=dict)
    """Rows as they stood before the transaction at hand, to go back to."""

    def transaction(self, txn: Txn) -> None:
        """Judge one transaction; keep its writes only if none of its operations is refused."""
        self.before.clear()
        writes, deleted = len(self.ruling.writes), self.ground.deleted
        outcomes = [self._outcome(op) for op in txn["ops"]]
        guilty = culprit(txn["ops"], outcomes)
        if guilty:
            self._undo(writes, deleted)
            outcomes = [dependant(outcome) for outcome in outcomes]
            self._file(txn, *guilty)
        if "replaces" in txn:
            self._resent(txn["replaces"])
        for op, outcome in zip(txn["ops"], outcomes, strict=True):
            self._answer(op, outcome)

    def _undo(self, writes: int, deleted: frozenset[Key]) -> None:
        del self.ruling.writes[writes:]
        self.ground.deleted = deleted
        for key, row in self.before.items():
            if row is None:
                self.ground.rows.pop(key, None)
            else:
                self.ground.rows[key] = row

    def _file(self, txn: Txn, op: Op, refusal: Refusal) -> None:
        """Keep a refused transaction as an issue; one about an issue would only breed another."""
        if op["entity"] != "issue":
            issue = issue_of(txn, op, refusal, self.caller, self.ground.now)
            self.ruling.issues.append(issue)

    def _resent(self, id: str) -> None:
        """Settle the issue that a transaction replaces, whatever becomes of the new one."""
        row = self.ground.rows.get(("issue", id))
        if row is None or row.document["status"] != "open":
            return
        if row.document["employee_id"] == self.caller.employee_id:
            document = {**row.document, "status": "resent"}
            self._put(REGISTRY["issue"], id, replace(row, document=document), None, ("status",))

    def _outcome(self, op: Op) -> Outcome:
        earlier = self.ground.seen.get(op["op_id"]) or self.answered.get(op["op_id"])
        if earlier is not None:
            return again(op, earlier)
        if not self.caller.welcome:
            return refused("device_revoked")
        if any(self._is_refused(op_id) for op_id in op.get("depends", ())):
            return refused("depends_on_rejected")
        if not understood(op):
            return Settled("deferred", 0, ("unknown",))
        try:
            return self._decide(REGISTRY[op["entity"]], op)
        except Refusal as refusal:
            return refusal

    def _is_refused(self, op_id: str) -> bool:
        earlier = self.ground.seen.get(op_id)
        return op_id in self.refused or (
            earlier is not None and earlier.verdict["status"] == "rejected"
        )

    def _answer(self, op: Op, outcome: Outcome) -> None:
        if isinstance(outcome, Repeated):
            self.ruling.verdicts.append(outcome.verdict)
            return
        verdict = verdict_on(op, outcome)
        if verdict["status"] == "rejected":
            self.refused.add(op["op_id"])
        self.ruling.verdicts.append(verdict)
        if op["op_id"] not in self.ground.seen and op["op_id"] not in self.answered:
            content = digest(op)
            self.ruling.applied.append((op, content, verdict))
            self.answered[op["op_id"]] = Applied(content, verdict)

    def _decide(self, entity: Entity, op: Op) -> Settled:
        if self.caller.role not in WRITERS:
            raise refused("not_permitted", action=f"{op['kind']} {entity.name}")
        if entity.merge is Merge.SERVER:
            raise refused("server_owned")
        if entity.name == "customer" and op["id"] in self.ground.merged:
            op = {**op, "id": self.ground.merged[op["id"]]}
        if op["kind"] == "insert":
            return self._insert(entity, op)
        if op["kind"] == COMPLETE:
            return self._complete(entity, op)
        row = self._present(entity, op)
        if op["kind"] == "delete":
            return self._delete(entity, op, row)
        wanted = {name: pair for name, pair in op.get("set", {}).items() if name in entity.fields}
        if op["kind"] == "transition":
            return self._transition(entity, op, row, wanted)
        if entity.merge is Merge.CASE:
            raise refused("append_only")
        if op["kind"] == "patch":
            return self._patch(entity, op, row, wanted)
        return self._change_members(entity, op, row, wanted)

    # New rows

    def _insert(self, entity: Entity, op: Op) -> Settled:
        if entity.is_guarded:
            raise refused("guarded_field", fields=entity.name)
        if entity.merge is Merge.CASE and entity.author is None:
            raise refused("server_owned")
        document = self.inserts.get(op["op_id"]) or valid(entity, entity.known(op.get("doc", {})))
        if isinstance(document, Refusal):
            raise document
        came = document = entity.in_time(document, self.ground.now)
        if self.ground.merged:
            document = of_survivors(document, self.ground.merged)
        self._may_begin(entity, op, document)
        if document.get("supersedes") is not None:
            last = self.ground.last_word(entity.name, str(document["supersedes"]))
            document = {**document, "supersedes": last}
        scope, flags = self._home(entity, document, op["occurred_at"])
        hold_to_rule(entity, op, document, None, self.ground, self.caller)
        self._write(entity, op, Row(document, 1, scope), None if came == document else came)
        return Settled("applied", 1, flags + unknown_columns(entity, op.get("doc", {})))

    def _may_begin(self, entity: Entity, op: Op, document: Document) -> None:
        key = (entity.name, op["id"])
        if entity.makers is not None and self.caller.role not in entity.makers:
            raise refused("not_permitted", action=f"insert {entity.name}")
        if document["id"] != op["id"]:
            raise invalid(entity, "id", "differs from the operation")
        if key in self.ground.rows:
            raise refused("id_taken")
        if key in self.ground.deleted:
            raise refused("gone")
        if entity.author and document[entity.author] != self.caller.employee_id:
            raise refused("not_own_fact")
        if entity.state and document[entity.state.name] != entity.defaults[entity.state.name]:
            raise invalid(entity, entity.state.name, "a new record begins at the first state")
        if entity.claims_the_banks_word(document):
            raise refused("server_owned")
        if document.get("supersedes") is not None:
            self._may_supersede(entity, document)

    def _may_supersede(self, entity: Entity, document: Document) -> None:
        """A correction is one's own word on one's own fact, about the same customer."""
        earlier = self.ground.rows.get((entity.name, str(document["supersedes"])))
        if earlier is None:
            raise refused("not_found")
        if any(
            earlier.document[name] != document[name]
            for name in (entity.author, "customer_id")
            if name
        ):
            raise refused("not_own_fact")

    def _home(self, entity: Entity, document: Document, at: int) -> tuple[str, tuple[str, ...]]:
        """Find the scope of a new row, and refuse one that the caller has no business with."""
        if not entity.of_customer:
            scope = f"{entity.scope}:{document[entity.scope_key]}"
            if entity.scope is ScopeRule.GLOBAL or scope not in self.caller.scopes:
                raise refused("not_yours")
            return scope, ()
        customer = str(document["customer_id"])
        home = self.ground.homes.get(customer)
        if home is None:
            raise refused("unknown_customer")
        if home in self.caller.scopes:
            return home, ()
        if customer in self.ground.moved and entity.name not in ANSWERED_FOR:
            # Not only facts: a visit and the next step agreed in it are one transaction, and the
            # step is the new manager's to take.
            return home, ("late_transfer",)
        if entity.name in MEETS and customer in self.ground.collaborates:
            until = self.ground.collaborates[customer]
            if until is None or self._met_at(entity, document, at) <= until:
                return home, ("collaborator",)
        raise refused("not_yours")

    def _met_at(self, entity: Entity, document: Document, at: int) -> int:
        """When a contact was, whenever it was written down; its next step is of the same moment."""
        if entity.name == "interaction":
            return int(str(document["occurred_at"]))
        contact = self.ground.rows.get(("interaction", str(document["interaction_id"])))
        return at if contact is None else int(str(contact.document["occurred_at"]))

    # Rows that are there

    def _present(self, entity: Entity, op: Op) -> Row:
        row = self._found(entity, op)
        # What a transaction makes it may take further, also where the customer has moved on.
        is_just_made = self.before.get((entity.name, op["id"]), row) is None
        if row.scope not in self.caller.scopes and not is_just_made:
            raise refused("not_yours")
        if entity.merge is Merge.APPEND_ONLY:
            raise refused("append_only")
        return row

    def _found(self, entity: Entity, op: Op) -> Row:
        key = (entity.name, op["id"])
        row = self.ground.rows.get(key)
        if row is None:
            raise refused("gone" if key in self.ground.deleted else "not_found")
        return row

    def _complete(self, entity: Entity, op: Op) -> Settled:
        """Write what the rest of an operation says, also of a fact, and wherever it is by now."""
        row = self._found(entity, op)
        own = entity.author and row.document[entity.author] == self.caller.employee_id
        if not own and row.scope not in self.caller.scopes:
            raise refused("not_yours")
        first = next(iter(op.get("depends", ())), "")
        said = self.ground.seen.get(first) or self.answered.get(first)
        return self._merge(entity, op, row, completing(entity, op, said, row.document))

    def _patch(self, entity: Entity, op: Op, row: Row, wanted: Mapping[str, Any]) -> Settled:
        guarded = [name for name in wanted if entity.is_fixed(name)]
        if guarded:
            raise refused("guarded_field", fields="、".join(guarded))
        for each in (entity.fields[name] for name in wanted):
            if each.steps or each.with_step:
                raise invalid(entity, each.name, "a state moves by a transition")
            if each.members:
                raise invalid(entity, each.name, "words are added and removed one by one")
            if each.bank_says:
                raise refused("server_owned")
        return self._merge(entity, op, row, wanted)

    def _merge(self, entity: Entity, op: Op, row: Row, wanted: Mapping[str, Any]) -> Settled:
        merged = merge_fields(row.document, wanted)
        flags = unknown_columns(entity, op.get("set", {}))
        if not merged.changed:
            return Settled("noop", row.version, flags)
        self._change(entity, op, row, merged.document, merged.changed)
        for clash in merged.clashes:
            self._keep_loser(op, row, clash)
        for name in merged.changed:
            self.ground.authors[entity.name, op["id"], name] = self.caller.employee_id
        return Settled(_merge_status(op, row, merged.clashes), row.version + 1, flags)

    def _keep_loser(self, op: Op, row: Row, clash: Clash) -> None:
        lost_by = self.ground.authors.get((op["entity"], op["id"], clash.field))
        conflict = conflict_on(op, row, clash, lost_by, self.caller, self.ground.now)
        self._keep(conflict)

    def _change_members(
        self, entity: Entity, op: Op, row: Row, wanted: Mapping[str, Any]
    ) -> Settled:
        document = dict(row.document)
        for name, (gone, new) in wanted.items():
            if not entity.fields[name].members:
                raise invalid(entity, name, "only a set of words has words to add and remove")
            document[name] = members(str(document[name]), *_word(entity, op, name, gone, new))
        changed = tuple(name for name in wanted if document[name] != row.document[name])
        if not changed:
            return Settled("noop", row.version)
        self._change(entity, op, row, document, changed)
        return Settled("applied", row.version + 1)

    def _transition(self, entity: Entity, op: Op, row: Row, wanted: Mapping[str, Any]) -> Settled:
        state = entity.state
        if state is None or state.name not in wanted:
            raise invalid(entity, "state", "a transition moves the record's state")
        before, after = wanted[state.name]
        step = next((s for s in state.steps if (s.before, s.after) == (before, after)), None)
        if step is None or any(
            not entity.fields[name].with_step for name in wanted.keys() - {state.name}
        ):
            raise invalid(entity, state.name, "there is no such step")
        present = row.document[state.name]
        is_said = present == after and _came_to_the_same(entity, row.document, wanted)
        if is_said or (present != before and entity.name == "issue"):
            return Settled("noop", row.version)
        if present not in (before, state.yields):
            raise refused("stale_transition", current=present)
        may_step(step, row.document, self.caller)
        document = {**row.document, **{name: new for name, (_, new) in wanted.items()}}
        self._change(entity, op, row, document, tuple(wanted))
        self._follow(entity, document, str(after))
        return Settled("applied", row.version + 1, unknown_columns(entity, op["set"]))

    def _follow(self, entity: Entity, document: Document, state: str) -> None:
        """Do what a step brings with it."""
        if (entity.name, state) == ("change_request", "approved"):
            self._grant(document)
        elif (entity.name, state) == ("issue", "accepted"):
            self._accept(document)
        elif (entity.name, state) == ("duplicate", "merged"):
            self._may_merge(document)

    def _may_merge(self, duplicate: Document) -> None:
        """Refuse to merge a customer of others: the step is only on the one who goes on."""
        if self.ground.homes.get(str(duplicate["other_id"])) not in self.caller.scopes:
            raise refused("not_yours")

    def _grant(self, request: Document) -> None:
        entity, id = REGISTRY["customer"], str(request["customer_id"])
        row = self.ground.rows.get(("customer", id))
        document = valid(entity, self.completed(entity, requested(request, row)))
        if isinstance(document, Refusal):
            raise document
        assert row is not None  # noqa: S101 - `requested` refuses a customer who is not there
        changed = tuple(name for name in document if document[name] != row.document[name])
        self._put(entity, id, replace(row, document=document), None, changed)

    def _accept(self, issue: Document) -> None:
        """Judge a kept transaction again, in its author's name and the supervisor's scopes."""
        judge, self.caller = (
            self.caller,
            Caller(
                str(issue["employee_id"]),
                str(issue["device_id"]),
                "account_manager",
                self.caller.scopes,
            ),
        )
        try:
            for op in read_ops(str(issue["ops"])):
                if op["entity"] not in REGISTRY or op["kind"] not in KINDS:
                    raise refused("not_found")
                # Under its own id the operation has been refused, and stays so.
                fresh: Op = {**op, "op_id": derived_id("accepted", op["op_id"])}
                self._decide(REGISTRY[op["entity"]], fresh)
        finally:
            self.caller = judge

    def _delete(self, entity: Entity, op: Op, row: Row) -> Settled:
        if entity.name != "task":
            raise refused("not_permitted", action=f"delete {entity.name}")
        key = (entity.name, op["id"])
        self.before.setdefault(key, row)
        del self.ground.rows[key]
        self.ground.deleted = self.ground.deleted | {key}
        write = Write(entity, op["id"], row.scope, row.version + 1, None, b"", op["op_id"])
        self.ruling.writes.append(write)
        return Settled("applied", row.version + 1)

    # Writing

    def _change(
        self, entity: Entity, op: Op, row: Row, document: Document, fields: tuple[str, ...]
    ) -> None:
        checked = valid(entity, document)
        if isinstance(checked, Refusal):
            raise checked
        checked = entity.in_time(checked, self.ground.now)
        hold_to_rule(entity, op, checked, row.document, self.ground, self.caller)
        self._put(entity, op["id"], replace(row, document=checked), op["op_id"], fields)

    def _put(
        self, entity: Entity, id: str, row: Row, op_id: str | None, fields: tuple[str, ...]
    ) -> None:
        """Write the next version of a row."""
        document, version = row.document, row.version + 1
        self._keep(
            Write(entity, id, row.scope, version, document, to_json(document), op_id, fields)
        )

    def _write(self, entity: Entity, op: Op, row: Row, came: Document | None) -> None:
        encoded = to_json(row.document)
        write = Write(entity, op["id"], row.scope, 1, row.document, encoded, op["op_id"], came=came)
        self._keep(write)

    def _keep(self, write: Write) -> None:
        key = (write.entity.name, write.id)
        self.before.setdefault(key, self.ground.rows.get(key))
        assert write.document is not None  # noqa: S101 - deletions have their own way
        self.ground.rows[key] = Row(write.document, write.version, write.scope)
        self.ruling.writes.append(write)


def _word(entity: Entity, op: Op, name: str, gone: Any, new: Any) -> tuple[str | None, str | None]:
    """Read the one word that an operation adds or removes."""
    word = new if op["kind"] == "add" else gone
    if not isinstance(word, str) or not word.strip() or "\n" in word:
        raise invalid(entity, name, "one word, on one line")
    return (None, word.strip()) if op["kind"] == "add" else (word.strip(), None)


def _came_to_the_same(entity: Entity, document: Document, wanted: Mapping[str, Any]) -> bool:
    """Whether a step that somebody took already came to what is said of it now."""
    said = {name: new for name, (_, new) in wanted.items() if entity.fields[name].binds}
    return all(document[name] == new for name, new in said.items())


def _merge_status(
    op: Op, row: Row, clashes: Sequence[Clash]
) -> Literal["applied", "merged", "conflict"]:
    if clashes:
        return "conflict"
    return "applied" if op["version"] == row.version else "merged"
