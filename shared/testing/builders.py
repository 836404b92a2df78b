"""Builders: records and operations of a small branch, named as the field names them.

A builder fills in what a test does not care about; ids come from a count, so a history reads the
same every time it is run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import count
from typing import Any, Final

from shared.domain import (
    Attachment,
    ChangeRequest,
    Customer,
    Duplicate,
    Employee,
    Identifier,
    Interaction,
    OrgUnit,
    Review,
    Task,
)
from shared.domain.duplicate import duplicate_id
from shared.ids import Millis, uuid7
from shared.registry import Document
from shared.sync.protocol import DeviceStatus, Op, SyncRequest, Txn
from shared.sync.ruling import Caller

NOW: Final = Millis(1_795_000_000_000)
"""18 November 2026, when the field is busy."""
_count: Final[Iterator[int]] = count(1)


def new_id() -> str:
    """Return an id that no other builder of this process returns."""
    return id_number(next(_count))


def id_number(number: int) -> str:
    """Return the id of a number, in the order of numbers."""
    return uuid7(Millis(NOW + number), number.to_bytes(10, "big"))


def a_customer(owner: str, **fields: Any) -> Document:
    """A person in the portfolio of `owner`."""
    return asdict(
        Customer(
            **{
                "id": new_id(),
                "kind": "person",
                "name": "单晓敏",
                "initials": "sxm dxm",
                "owner_id": owner,
                "org_unit_id": "unit",
                **fields,
            }
        )
    )


def an_interaction(customer: str, employee: str, **fields: Any) -> Document:
    """A visit."""
    return asdict(
        Interaction(
            **{
                "id": new_id(),
                "customer_id": customer,
                "employee_id": employee,
                "channel": "visit",
                "purpose": "loan",
                "outcome": "follow_up",
                "occurred_at": NOW,
                **fields,
            }
        )
    )


def a_task(customer: str, **fields: Any) -> Document:
    """A call to make tomorrow."""
    return asdict(
        Task(
            **{
                "id": new_id(),
                "customer_id": customer,
                "kind": "call",
                "title": "回访",
                "due": "2026-11-25",
                **fields,
            }
        )
    )


def a_review(interaction: Document, employee: str, **fields: Any) -> Document:
    """A supervisor's praise."""
    return asdict(
        Review(
            **{
                "id": new_id(),
                "interaction_id": interaction["id"],
                "customer_id": interaction["customer_id"],
                "employee_id": employee,
                "kind": "praise",
                "occurred_at": NOW,
                **fields,
            }
        )
    )


def a_change_request(customer: str, employee: str, **fields: Any) -> Document:
    """A wish to correct a name."""
    return asdict(
        ChangeRequest(
            **{
                "id": new_id(),
                "customer_id": customer,
                "employee_id": employee,
                "field": "name",
                "old": '"单晓敏"',
                "new": '"单晓岷"',
                "reason": "身份证原件已核对",
                "occurred_at": NOW,
                **fields,
            }
        )
    )


def a_duplicate(customer: str, other: str, **fields: Any) -> Document:
    """A suspicion that two customers are one."""
    return asdict(
        Duplicate(
            **{
                "id": duplicate_id(customer, other),
                "customer_id": customer,
                "other_id": other,
                "score": 95,
                "reasons": "birth_same\nname_same",
                "found_at": NOW,
                **fields,
            }
        )
    )


def an_attachment(
    customer: str, employee: str, content: bytes = b"\xff\xd8\xff", **fields: Any
) -> Document:
    """A photo with this content."""
    return asdict(
        Attachment(
            **{
                "id": new_id(),
                "customer_id": customer,
                "employee_id": employee,
                "kind": "photo",
                "media_type": "image/jpeg",
                "size": len(content),
                "sha256": sha256(content).hexdigest(),
                "occurred_at": NOW,
                **fields,
            }
        )
    )


def an_identifier(customer: str, **fields: Any) -> Document:
    """A card number that the bank's systems know."""
    known = {"kind": "bank_card", "value": "6222020200112233445", "last_four": "3445"}
    return asdict(
        Identifier(**{"id": new_id(), "customer_id": customer, "source": "core", **known, **fields})
    )


def an_employee(unit: str, role: str = "account_manager", **fields: Any) -> Document:
    """Someone of the branch."""
    id = fields.get("id") or new_id()
    return asdict(
        Employee(
            **{
                "id": id,
                "employee_no": f"E{id[-6:]}",
                "name": "周文渊",
                "role": role,
                "org_unit_id": unit,
                **fields,
            }
        )
    )


def a_unit(kind: str, parent: str | None, **fields: Any) -> Document:
    """A unit of the bank."""
    made = {"id": new_id(), "name": "汀洲支行", "kind": kind, "parent_id": parent}
    return asdict(OrgUnit(**{**made, **fields}))


def _op(kind: str, entity: str, id: str, **parts: Any) -> Op:
    op: Op = {
        "op_id": new_id(),
        "device_seq": 1,
        "kind": kind,
        "entity": entity,
        "id": id,
        "occurred_at": NOW,
        "version": 0,
    }
    return op | parts  # type: ignore[return-value]


def insert(entity: str, document: Document, **parts: Any) -> Op:
    """An operation that makes a record."""
    return _op("insert", entity, str(document["id"]), **{"doc": document, **parts})


def patch(entity: str, id: str, /, version: int = 1, **pairs: tuple[Any, Any]) -> Op:
    """An operation that changes fields, each given as (old, new)."""
    changes = {name: list(pair) for name, pair in pairs.items()}
    return _op("patch", entity, id, version=version, set=changes)


def transition(entity: str, id: str, field: str, before: Any, after: Any, **said: Any) -> Op:
    """An operation that takes one step of a state field, with what is said along with it."""
    along = {name: [None, value] for name, value in said.items()}
    return _op("transition", entity, id, version=1, set={field: [before, after], **along})


def add(entity: str, id: str, field: str, word: Any) -> Op:
    """An operation that adds a word to a set of words."""
    return _op("add", entity, id, version=1, set={field: [None, word]})


def remove(entity: str, id: str, field: str, word: Any) -> Op:
    """An operation that removes a word from a set of words."""
    return _op("remove", entity, id, version=1, set={field: [word, None]})


def delete(entity: str, id: str) -> Op:
    """An operation that removes a record."""
    return _op("delete", entity, id, version=1)


def depending(op: Op, *others: Op) -> Op:
    """The same operation, which makes no sense without the others."""
    return {**op, "depends": [other["op_id"] for other in others]}


def txn(*ops: Op, **parts: Any) -> Txn:
    """Operations that stand or fall together."""
    made: Txn = {"txn": new_id(), "ops": list(ops)}
    return made | parts  # type: ignore[return-value]


def a_caller(employee: str, *scopes: str, role: str = "account_manager") -> Caller:
    """Someone who sends, with their own portfolio and the scopes beside it."""
    held = frozenset({f"portfolio:{employee}", "global", *scopes})
    return Caller(employee, f"device of {employee}", role, held)


def a_request(txns: Sequence[Txn] = (), cursor: str | None = None, **parts: Any) -> SyncRequest:
    """The body of an exchange."""
    pending = sum(len(each["ops"]) for each in txns)
    device: DeviceStatus = {"pending": pending, "oldest_pending_at": None, "sent_at": NOW}
    request: SyncRequest = {
        "proto": 1,
        "schema": 1,
        "device": device,
        "cursor": cursor,
        "txns": list(txns),
    }
    return request | parts  # type: ignore[return-value]
