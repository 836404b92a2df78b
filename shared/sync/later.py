"""Later: what an app says in words that its server does not know yet, and how it comes to count.

Theory of operation. A server keeps whole whatever it does not understand, and tells the device so:

    an unknown entity, kind or word    nothing is done; the verdict is `deferred`
    an unknown column of a record      the rest is done; the verdict is flagged `deferred:<column>`

Once the server has been upgraded, it judges what was deferred as if it came just now. Of an
operation that was done but for some columns, these are said by its rest: an operation of the kind
`complete`, with an id that follows from the operation's own. The device makes the very same one and
keeps it until the server is newer. So it counts once, whoever brings it first, and has a verdict of
its own.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.errors import refused
from shared.ids import derived_id
from shared.registry import REGISTRY, Document, Entity, Merge
from shared.sync.outcome import invalid
from shared.sync.protocol import Op, Verdict
from shared.sync.ruling import Applied

COMPLETE: Final = "complete"
KINDS: Final = frozenset({"insert", "patch", "transition", "add", "remove", "delete", COMPLETE})
_FLAG: Final = "deferred:"


def understood(op: Op) -> bool:
    """Whether this version can judge an operation, if perhaps not all of its columns."""
    entity = REGISTRY.get(op["entity"])
    if entity is None or op["kind"] not in KINDS:
        return False
    if op.get("set", {}).keys() <= entity.fields.keys():
        return True
    if op["kind"] == "transition":  # a step is one thing, what is said along with it another
        return entity.state is not None and entity.state.name in op["set"]
    return op["kind"] not in ("add", "remove")


def is_deferred(verdict: Verdict) -> bool:
    """Whether nothing of an operation was done; when it comes again, its status is `duplicate`."""
    return verdict["status"] == "deferred" or "unknown" in verdict.get("flags", ())


def deferred_columns(verdict: Verdict) -> list[str]:
    """Return the columns that were not understood of an operation that was done."""
    return [flag.removeprefix(_FLAG) for flag in verdict.get("flags", ()) if flag.startswith(_FLAG)]


def rest(op: Op, verdict: Verdict) -> Op | None:
    """Return the operation that says what was not understood of this one; None if all was."""
    columns = deferred_columns(verdict)
    if not columns:
        return None
    document = op.get("doc", {})
    said = {name: [None, value] for name, value in document.items()} | op.get("set", {})
    return {
        "op_id": derived_id("rest", op["op_id"]),
        "device_seq": op["device_seq"],
        "kind": COMPLETE,
        "entity": op["entity"],
        "id": op["id"],
        "occurred_at": op["occurred_at"],
        "version": verdict.get("version", op["version"]),
        "set": {name: said[name] for name in columns},
        "depends": [op["op_id"]],
    }


def completing(entity: Entity, op: Op, first: Applied | None, row: Document) -> dict[str, Any]:
    """Return what a rest may write: field to [old, new], only what its operation left open.

    A column that nobody has written since it came into being is as its author found it; that of a
    fact is written once. Raises Refusal.
    """
    if first is None:
        raise refused("not_found")
    left_open = deferred_columns(first.verdict)
    wanted = {
        name: pair
        for name, pair in op.get("set", {}).items()
        if name in left_open and name in entity.fields
    }
    _may_complete(entity, wanted, row)
    return {
        name: [row[name] if row[name] == entity.defaults[name] else old, new]
        for name, (old, new) in wanted.items()
    }


def _may_complete(entity: Entity, wanted: Mapping[str, Any], row: Document) -> None:
    guarded = [name for name in wanted if entity.is_fixed(name)]
    if guarded:
        raise refused("guarded_field", fields="、".join(guarded))
    for name, (_, new) in wanted.items():
        if entity.fields[name].steps:
            raise invalid(entity, name, "a state moves by a transition")
        if entity.merge is not Merge.FIELDS and row[name] not in (entity.defaults[name], new):
            raise refused("append_only")
