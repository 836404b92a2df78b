"""What came of one operation, and the verdict that says so."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from shared.errors import Refusal, refused
from shared.registry import REGISTRY, Document, Entity
from shared.sync.protocol import Op, Txn, Verdict, VerdictStatus, complaint
from shared.sync.ruling import Applied


@dataclass(frozen=True, slots=True)
class Settled:
    """The operation is the server's."""

    status: VerdictStatus
    version: int
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """The operation had its verdict before; this is that verdict."""

    verdict: Verdict


Outcome = Settled | Repeated | Refusal


def digest(op: Op) -> bytes:
    """Return what an operation's content is recognised by when it comes again."""
    content = [op["kind"], op["entity"], op["id"], op.get("doc"), op.get("set")]
    return hashlib.sha256(to_json(content)).digest()


def again(op: Op, earlier: Applied) -> Outcome:
    """Say what comes of an operation that has had its verdict."""
    if earlier.digest != digest(op):
        return refused("op_id_reused")
    verdict = earlier.verdict
    if verdict["status"] == "rejected":
        return Repeated(verdict)
    return Repeated({**verdict, "status": "duplicate"})


def dependant(outcome: Outcome) -> Outcome:
    """Within a refused transaction, what was well falls with what was refused."""
    return refused("depends_on_rejected") if isinstance(outcome, Settled) else outcome


def culprit(ops: Sequence[Op], outcomes: Sequence[Outcome]) -> tuple[Op, Refusal] | None:
    """Find the operation whose refusal brings its transaction down, if there is one."""
    refusals = [
        (op, outcome)
        for op, outcome in zip(ops, outcomes, strict=True)
        if isinstance(outcome, Refusal)
    ]
    return min(refusals, key=lambda each: each[1].code == "depends_on_rejected", default=None)


def verdict_on(op: Op, outcome: Settled | Refusal) -> Verdict:
    """Write an operation's first verdict; what is settled gains its seq at the commit."""
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


def valid_inserts(txns: Sequence[Txn]) -> dict[str, Document | Refusal]:
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
            op["op_id"]: valid(entity, document)
            for op, document in zip(ops, documents, strict=True)
        }
    return {op["op_id"]: document for op, document in zip(ops, documents, strict=True)}


def valid(entity: Entity, document: Document) -> Document | Refusal:
    """Return a document that fits its entity, or the refusal that says why it does not."""
    try:
        return entity.one.validate_python(document)
    except ValidationError as error:
        path, problem = complaint(error)
        return refused("invalid", path=f"{entity.name}/{path}", problem=problem)


def invalid(entity: Entity, name: str, problem: str) -> Refusal:
    """Refuse one field of a record."""
    return refused("invalid", path=f"{entity.name}/{name}", problem=problem)


def unknown_columns(entity: Entity, named: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags that say which columns wait for a version that knows them."""
    if named.keys() <= entity.fields.keys():
        return ()
    return tuple(f"deferred:{name}" for name in named if name not in entity.fields)
