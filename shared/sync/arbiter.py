"""The arbiter: the server's decision on every operation of one exchange.

Theory of operation. A store calls `asks` to learn what the decision depends on, fetches exactly
that (the `Ground`), calls `judge`, and writes what the `Ruling` says, all in one database
transaction. Judging is pure, so memory, SQLite and PostgreSQL decide alike, and it is done over a
whole batch, because one validation of a thousand documents costs a quarter of a thousand.

Every operation gets exactly one verdict. A transaction stands or falls as one: if an operation is
refused, its neighbours in the transaction are refused as dependants and nothing of it is written.
A refusal never touches another transaction, unless that one says it depends on it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import ValidationError
from pydantic_core import to_json

from shared.errors import Refusal, refused
from shared.registry import REGISTRY, Document, Entity, Merge, ScopeRule
from shared.sync.merge import Clash, merge_fields
from shared.sync.protocol import Op, Txn, Verdict, VerdictStatus, complaint
from shared.sync.ruling import Applied, Caller, Ground, Key, Row, Ruling, Write

KINDS: Final = frozenset({"insert", "patch", "transition", "delete"})
WRITERS: Final = frozenset({"account_manager", "supervisor"})
"""Roles that record field work; auditors and operators read."""


def judge(txns: Sequence[Txn], caller: Caller, ground: Ground) -> Ruling:
    """Decide every operation of a batch, in the order sent."""
    judging = _Judging(caller, ground, _valid_inserts(txns))
    for txn in txns:
        judging.transaction(txn)
    return judging.ruling


def digest(op: Op) -> bytes:
    """Return what an operation's content is recognised by when it comes again."""
    content = [op["kind"], op["entity"], op["id"], op.get("doc"), op.get("set")]
    return hashlib.sha256(to_json(content)).digest()


def _valid_inserts(txns: Sequence[Txn]) -> dict[str, Document | Refusal]:
    """Validate the documents of all inserts, a whole entity at a time where all are well."""
    batches: dict[str, list[Op]] = {}
    for txn in txns:
        for op in txn["ops"]:
            if op["kind"] == "insert" and op["entity"] in REGISTRY:
                batches.setdefault(op["entity"], []).append(op)
    checked: dict[str, Document | Refusal] = {}
    for name, ops in batches.items():
        checked.update(_valid_batch(REGISTRY[name], ops))
    return checked


def _valid_batch(entity: Entity, ops: list[Op]) -> dict[str, Document | Refusal]:
    documents = [entity.known(op.get("doc", {})) for op in ops]
    try:
        entity.many.validate_python(documents)
    except ValidationError:
        return {
            op["op_id"]: _valid(entity, document)
            for op, document in zip(ops, documents, strict=True)
        }
    return {op["op_id"]: document for op, document in zip(ops, documents, strict=True)}


def _valid(entity: Entity, document: Document) -> Document | Refusal:
    try:
        return entity.one.validate_python(document)
    except ValidationError as error:
        path, problem = complaint(error)
        return refused("invalid", path=f"{entity.name}/{path}", problem=problem)


@dataclass(slots=True)
class _Judging:
    """The state of judging one batch: what earlier operations of it have already changed."""

    caller: Caller
    ground: Ground
    inserts: Mapping[str, Document | Refusal]
    ruling: Ruling = field(default_factory=Ruling)
    refused: set[str] = field(default_factory=set)
    answered: dict[str, Applied] = field(default_factory=dict)
    before: dict[Key, Row | None] = field(default_factory=dict)
    """Rows as they stood before the transaction at hand, to go back to."""

    def transaction(self, txn: Txn) -> None:
        """Judge one transaction; keep its writes only if none of its operations is refused."""
        self.before.clear()
        mark = _Mark(len(self.ruling.writes), len(self.ruling.clashes), self.ground.deleted)
        outcomes = [self._outcome(op) for op in txn["ops"]]
        culprit = any(isinstance(outcome, Refusal) for outcome in outcomes)
        if culprit:
            self._undo(mark)
        for op, outcome in zip(txn["ops"], outcomes, strict=True):
            self._answer(op, _dependant(outcome) if culprit else outcome)

    def _undo(self, mark: "_Mark") -> None:
        del self.ruling.writes[mark.writes :]
        del self.ruling.clashes[mark.clashes :]
        self.ground.deleted = mark.deleted
        for key, row in self.before.items():
            if row is None:
                self.ground.rows.pop(key, None)
            else:
                self.ground.rows[key] = row

    def _outcome(self, op: Op) -> "_Outcome":
        earlier = self.ground.seen.get(op["op_id"]) or self.answered.get(op["op_id"])
        if earlier is not None:
            return _again(op, earlier)
        if any(self._is_refused(op_id) for op_id in op.get("depends", ())):
            return refused("depends_on_rejected")
        entity = REGISTRY.get(op["entity"])
        if entity is None or op["kind"] not in KINDS:
            return _Settled("deferred", 0, ("unknown",))
        try:
            return self._decide(entity, op)
        except Refusal as refusal:
            return refusal

    def _is_refused(self, op_id: str) -> bool:
        earlier = self.ground.seen.get(op_id)
        return op_id in self.refused or (
            earlier is not None and earlier.verdict["status"] == "rejected"
        )

    def _answer(self, op: Op, outcome: "_Outcome") -> None:
        if isinstance(outcome, _Repeated):
            self.ruling.verdicts.append(outcome.verdict)
            return
        verdict = _verdict(op, outcome)
        if verdict["status"] == "rejected":
            self.refused.add(op["op_id"])
        self.ruling.verdicts.append(verdict)
        if op["op_id"] not in self.ground.seen and op["op_id"] not in self.answered:
            content = digest(op)
            self.ruling.applied.append((op, content, verdict))
            self.answered[op["op_id"]] = Applied(content, verdict)

    def _decide(self, entity: Entity, op: Op) -> "_Settled":
        if self.caller.role not in WRITERS:
            raise refused("not_permitted", action=f"{op['kind']} {entity.name}")
        if entity.merge is Merge.SERVER:
            raise refused("server_owned")
        if op["kind"] == "insert":
            return self._insert(entity, op)
        row = self._present(entity, op)
        if op["kind"] == "delete":
            return self._delete(entity, op, row)
        wanted = _wanted(entity, op)
        if op["kind"] == "transition":
            return self._transition(entity, op, row, wanted)
        return self._patch(entity, op, row, wanted)

    def _insert(self, entity: Entity, op: Op) -> "_Settled":
        if entity.is_guarded:
            raise refused("guarded_field", fields=entity.name)
        document = self.inserts[op["op_id"]]
        if isinstance(document, Refusal):
            raise document
        if document["id"] != op["id"]:
            raise refused("invalid", path=f"{entity.name}/id", problem="differs from the operation")
        key = (entity.name, op["id"])
        if key in self.ground.rows:
            raise refused("id_taken")
        if key in self.ground.deleted:
            raise refused("gone")
        if entity.author and document[entity.author] != self.caller.employee_id:
            raise refused("not_own_fact")
        scope, flags = self._home(entity, document)
        self._write(entity, op, Row(document, 1, scope))
        return _Settled("applied", 1, flags + _unknown_columns(entity, op.get("doc", {})))

    def _home(self, entity: Entity, document: Document) -> tuple[str, tuple[str, ...]]:
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
        if customer in self.ground.moved:
            # Not only facts: a visit and the next step agreed in it are one transaction, and the
            # step is the new manager's to take.
            return home, ("late_transfer",)
        raise refused("not_yours")

    def _present(self, entity: Entity, op: Op) -> Row:
        key = (entity.name, op["id"])
        row = self.ground.rows.get(key)
        if row is None:
            raise refused("gone" if key in self.ground.deleted else "not_found")
        if row.scope not in self.caller.scopes:
            raise refused("not_yours")
        if entity.merge is Merge.APPEND_ONLY:
            raise refused("append_only")
        return row

    def _patch(
        self,
        entity: Entity,
        op: Op,
        row: Row,
        wanted: Mapping[str, Any],
    ) -> "_Settled":
        guarded = [name for name in wanted if entity.fields[name].guarded or name == "id"]
        if guarded:
            raise refused("guarded_field", fields="、".join(guarded))
        if any(entity.fields[name].states for name in wanted):
            raise refused("invalid", path=entity.name, problem="a state moves by a transition")
        merged = merge_fields(row.document, wanted)
        flags = _unknown_columns(entity, op.get("set", {}))
        if not merged.changed:
            return _Settled("noop", row.version, flags)
        document = _valid(entity, merged.document)
        if isinstance(document, Refusal):
            raise document
        self._write(entity, op, Row(document, row.version + 1, row.scope))
        self.ruling.clashes.extend((op, clash) for clash in merged.clashes)
        return _Settled(_merge_status(op, row, merged.clashes), row.version + 1, flags)

    def _transition(
        self,
        entity: Entity,
        op: Op,
        row: Row,
        wanted: Mapping[str, Any],
    ) -> "_Settled":
        if len(wanted) != 1:
            raise refused("invalid", path=entity.name, problem="a transition moves one field")
        [(name, (before, after))] = wanted.items()
        states = entity.fields[name].states or ()
        if not any((before, after) == step for step in states):
            raise refused("invalid", path=f"{entity.name}/{name}", problem="there is no such step")
        if row.document[name] == after:
            return _Settled("noop", row.version, ())
        if row.document[name] != before:
            raise refused("stale_transition", current=row.document[name])
        document = {**row.document, name: after}
        self._write(entity, op, Row(document, row.version + 1, row.scope))
        return _Settled("applied", row.version + 1, ())

    def _delete(self, entity: Entity, op: Op, row: Row) -> "_Settled":
        if entity.name != "task":
            raise refused("not_permitted", action=f"delete {entity.name}")
        key = (entity.name, op["id"])
        self.before.setdefault(key, row)
        del self.ground.rows[key]
        self.ground.deleted = self.ground.deleted | {key}
        write = Write(entity, op["id"], row.scope, row.version + 1, None, b"", op["op_id"])
        self.ruling.writes.append(write)
        return _Settled("applied", row.version + 1, ())

    def _write(self, entity: Entity, op: Op, row: Row) -> None:
        key = (entity.name, op["id"])
        self.before.setdefault(key, self.ground.rows.get(key))
        self.ground.rows[key] = row
        self.ruling.writes.append(
            Write(
                entity,
                op["id"],
                row.scope,
                row.version,
                row.document,
                to_json(row.document),
                op["op_id"],
            )
        )


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a ruling stood before a transaction."""

    writes: int
    clashes: int
    deleted: frozenset[Key]


@dataclass(frozen=True, slots=True)
class _Settled:
    """The operation is the server's."""

    status: VerdictStatus
    version: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Repeated:
    """The operation had its verdict before; this is that verdict."""

    verdict: Verdict


_Outcome = _Settled | _Repeated | Refusal


def _again(op: Op, earlier: Applied) -> _Outcome:
    if earlier.digest != digest(op):
        return refused("op_id_reused")
    verdict = earlier.verdict
    if verdict["status"] == "rejected":
        return _Repeated(verdict)
    return _Repeated({**verdict, "status": "duplicate"})


def _dependant(outcome: _Outcome) -> _Outcome:
    """Within a refused transaction, what was well falls with what was refused."""
    return refused("depends_on_rejected") if isinstance(outcome, _Settled) else outcome


def _verdict(op: Op, outcome: _Settled | Refusal) -> Verdict:
    if isinstance(outcome, Refusal):
        return {
            "op_id": op["op_id"],
            "status": "rejected",
            "seq": None,
            "code": outcome.code,
            "fields": dict(outcome.fields),
        }
    verdict: Verdict = {
        "op_id": op["op_id"],
        "status": outcome.status,
        "seq": None,
        "version": outcome.version,
    }
    if outcome.flags:
        verdict["flags"] = list(outcome.flags)
    return verdict


def _wanted(entity: Entity, op: Op) -> dict[str, Any]:
    """The known fields that an operation sets."""
    return {name: pair for name, pair in op.get("set", {}).items() if name in entity.fields}


def _unknown_columns(entity: Entity, named: Mapping[str, Any]) -> tuple[str, ...]:
    if named.keys() <= entity.fields.keys():
        return ()
    return tuple(f"deferred:{name}" for name in named if name not in entity.fields)


def _merge_status(
    op: Op, row: Row, clashes: Sequence[Clash]
) -> Literal["applied", "merged", "conflict"]:
    if clashes:
        return "conflict"
    return "applied" if op["version"] == row.version else "merged"
