"""Cases: the records that the server makes out of what went wrong, and who may settle them.

A clash of two people's values becomes a `conflict`, a refused transaction an `issue`. Both are
synced rows like any other, so that everyone concerned sees them, offline too, and settles them by
a step of their state.
"""

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json, to_json

from shared.errors import Refusal, refused
from shared.ids import derived_id
from shared.registry import REGISTRY, Act, Document, Entity, Step, Who
from shared.sync.merge import Clash
from shared.sync.protocol import Op, Txn
from shared.sync.ruling import Caller, Ground, Row, Write


def conflict_on(
    op: Op, row: Row, clash: Clash, lost_by: str | None, caller: Caller, at: int
) -> Write:
    """Make the conflict that shows a value which lost, in the scope of its record."""
    entity = REGISTRY[op["entity"]]
    document = REGISTRY["conflict"].known(
        {
            "id": derived_id("conflict", op["op_id"], clash.field),
            # A prospect may name a customer whom it has become, and belongs to none.
            "customer_id": row.document["customer_id"]
            if entity.of_customer
            else row.document["id"],
            "entity": op["entity"],
            "record_id": op["id"],
            "field": clash.field,
            "before": _text(clash.before),
            "lost": _text(clash.lost),
            "won": _text(clash.won),
            "lost_by": lost_by,
            "won_by": caller.employee_id,
            "at": at,
        }
    )
    return made("conflict", document, row.scope)


def issue_of(txn: Txn, op: Op, refusal: Refusal, caller: Caller, at: int) -> Write:
    """Make the issue that keeps a refused transaction; `op` is the one that brought it down."""
    document = REGISTRY["issue"].known(
        {
            "id": txn["txn"],
            "employee_id": caller.employee_id,
            "device_id": caller.device_id,
            "code": refusal.code,
            "filling": _text(dict(refusal.fields)),
            "entity": op["entity"],
            "record_id": op["id"],
            "customer_id": _customer(op),
            "ops": _text(txn["ops"]),
            "at": at,
        }
    )
    return made("issue", document, f"portfolio:{caller.employee_id}")


def made(entity: str, document: Document, scope: str) -> Write:
    """Write a row that follows from an operation, as version 1."""
    id = str(document["id"])
    return Write(REGISTRY[entity], id, scope, 1, document, to_json(document), op_id=None)


def may_step(step: Step, document: Document, caller: Caller) -> None:
    """Refuse a step that is not this caller's to take."""
    own = document.get("employee_id") == caller.employee_id
    if step.who is Who.AUTHOR and not own:
        raise refused("not_permitted", action=f"{step.before} → {step.after}")
    if step.who in (Who.SUPERVISOR, Who.CHECKER) and caller.role != "supervisor":
        raise refused("not_permitted", action=f"{step.before} → {step.after}")
    if step.who is Who.CHECKER and own:
        raise refused("four_eyes")


def hold_to_rule(
    entity: Entity,
    op: Op,
    document: Document,
    before: Document | None,
    ground: Ground,
    caller: Caller,
) -> None:
    """Raise what the entity's own rule has against a record as an operation would leave it."""

    def find(other: str, id: str) -> Document | None:
        row = ground.rows.get((other, id))
        return ground.refers.get((other, id)) if row is None else row.document

    hold(entity, document, before, find, caller.employee_id, op["occurred_at"])


def hold(
    entity: Entity,
    document: Document,
    before: Document | None,
    find: Callable[[str, str], Document | None],
    employee_id: str,
    at: int,
) -> None:
    """Hold an act to its entity's rule, on either side; `find` reads a record that is related."""
    if entity.rule is None:
        return
    related = {name: find(other, str(document[name])) for name, other in entity.references.items()}
    entity.rule(Act(document, before, related, employee_id, at))


def requested(request: Document, customer: Row | None) -> Document:
    """Return the customer as an approved change request wants them; refuse one gone stale."""
    if customer is None:
        raise refused("unknown_customer")
    field, present = str(request["field"]), customer.document[str(request["field"])]
    if present != from_json(str(request["old"])):
        raise refused("value_moved_on", current="" if present is None else present)
    return {**customer.document, field: from_json(str(request["new"]))}


def _customer(op: Op) -> Any:
    if op["entity"] == "customer":
        return op["id"]
    customer = op.get("doc", {}).get("customer_id")
    return customer if isinstance(customer, str) else None


def _text(value: Any) -> str:
    return to_json(value).decode()
