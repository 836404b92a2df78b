"""Plain batches: new records and nothing else, which is what most exchanges bring.

Theory of operation. Most of what the arbiter does for an operation is needed only where something
may be in its way: an earlier verdict, a row that is there, a neighbour that is refused. A batch in
which nothing can be is judged as a whole: `plain` says what it would create, and accepts all of it
or says nothing. It leaves to the arbiter, which alone refuses, flags, merges and files, whatever

    is not the insert of a record that any device may make, complete and with its fields in order
    is of an entity with a rule of its own
    depends on another operation, replaces a transaction or supersedes a record
    is not valid, names another author, a later state or a customer outside of the caller's scopes,
    or says what only the bank's systems may

The store still has to know none of it: no operation, no id, and no id as deleted. Under these
conditions the verdict on each operation is `applied`, version 1, and a property test holds that the
arbiter says the same and writes the same bytes.

Since the fields are complete and in order, the bytes written are those the operation came with: its
`digest` can be made from the change log again, and need not be kept beside it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from shared.registry import REGISTRY, Document, Entity, Merge
from shared.sync.arbiter import WRITERS
from shared.sync.protocol import Op, Txn, Verdict
from shared.sync.ruling import Asks, Caller

_ENVELOPE: Final = len(Op.__required_keys__) + 1
"""Keys of an operation with its document and without anything else that it may carry."""


class NewRecord(NamedTuple):
    """A record to write as version 1, and the operation that brought it."""

    entity: Entity
    document: Document
    scope: str
    encoded: bytes
    op_id: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A batch that is accepted whole if the store knows none of it."""

    ops: Sequence[Op]
    asks: Asks
    """What must not be there, but for the customers, who must be in the caller's scopes."""

    def records(self, caller: Caller, homes: Mapping[str, str]) -> list[NewRecord] | None:
        """Return what the batch creates, in the order sent.

        `homes` maps the customers asked for to their scopes. None if one is not the caller's.
        """
        if homes.keys() != self.asks.customers or not caller.scopes.issuperset(homes.values()):
            return None
        return [_record(op, homes) for op in self.ops]


def plain(txns: Sequence[Txn], caller: Caller) -> Plain | None:
    """Return a batch as a plain one, or None if it has to be judged by the arbiter."""
    ops = [op for txn in txns for op in txn["ops"]]
    if not caller.welcome or caller.role not in WRITERS or any("replaces" in txn for txn in txns):
        return None
    batches: dict[str, list[Op]] = {}
    for op in ops:
        if op["kind"] != "insert" or len(op) != _ENVELOPE or "doc" not in op:
            return None
        batches.setdefault(op["entity"], []).append(op)
    if not all(_is_plain(REGISTRY.get(name), batch, caller) for name, batch in batches.items()):
        return None
    asks = Asks(
        frozenset([op["op_id"] for op in ops]),
        {name: frozenset([op["id"] for op in batch]) for name, batch in batches.items()},
        frozenset([str(op["doc"]["customer_id"]) for op in ops]),
    )
    is_distinct = len(ops) == len(asks.op_ids) == sum(map(len, asks.rows.values()))
    return Plain(ops, asks) if is_distinct else None


def _is_plain(entity: Entity | None, ops: Sequence[Op], caller: Caller) -> bool:
    """Whether these inserts of one entity are all such as nothing can be said against."""
    if entity is None or not _is_made_on_devices(entity):
        return False
    documents = [op["doc"] for op in ops]
    names = list(entity.fields)
    if any(list(document) != names for document in documents):
        return False
    try:
        entity.many.validate_python(documents)
    except ValidationError:
        return False
    is_named = all(op["doc"]["id"] == op["id"] for op in ops)
    return is_named and _begins(entity, documents, caller)


def _is_made_on_devices(entity: Entity) -> bool:
    """Whether a device may make such a record; all that it may so far are about a customer."""
    is_case_of_nobody = entity.merge is Merge.CASE and entity.author is None
    is_servers = entity.merge is Merge.SERVER or is_case_of_nobody
    is_ruled = entity.rule is not None or entity.makers is not None
    return entity.of_customer and not (is_servers or is_ruled or entity.is_guarded)


def _begins(entity: Entity, documents: Sequence[Document], caller: Caller) -> bool:
    """Whether all are the caller's own word, at their first state, and correct nothing."""
    if entity.author and any(each[entity.author] != caller.employee_id for each in documents):
        return False
    state = entity.state
    if state and any(each[state.name] != entity.defaults[state.name] for each in documents):
        return False
    if any(entity.claims_the_banks_word(each) for each in documents):
        return False
    return "supersedes" not in entity.fields or all(
        each["supersedes"] is None for each in documents
    )


def _record(op: Op, homes: Mapping[str, str]) -> NewRecord:
    document = op["doc"]
    scope = homes[str(document["customer_id"])]
    return NewRecord(REGISTRY[op["entity"]], document, scope, to_json(document), op["op_id"])


def plain_verdict(op_id: str, seq: int | None) -> Verdict:
    """Return the verdict on an operation that created its record as it came."""
    return {"op_id": op_id, "status": "applied", "seq": seq, "version": 1}


def plain_digest(entity: str, id: str, encoded: bytes) -> bytes:
    """Return the `digest` of the operation of a plain batch that created this record."""
    content = b'["insert","%b","%b",%b,null]' % (entity.encode(), id.encode(), encoded)
    return hashlib.sha256(content).digest()
