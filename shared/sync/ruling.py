"""What a decision is made of: who asks, what is on the ground, and what the ruling says.

A store calls `asks` to learn what it must look up, hands the arbiter the `Ground` it found, and
writes the `Ruling` that comes back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.registry import REGISTRY, Document, Entity
from shared.sync.merge import Clash
from shared.sync.protocol import Op, Txn, Verdict

Key = tuple[str, str]
"""(entity, id)"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends: one employee on one device, and the scopes they hold."""

    employee_id: str
    device_id: str
    role: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the shared record as the store has it."""

    document: Document
    version: int
    scope: str


@dataclass(frozen=True, slots=True)
class Applied:
    """An operation that has had its verdict: the digest of its content, and the verdict."""

    digest: bytes
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Asks:
    """What a store must look up before a batch can be judged."""

    op_ids: frozenset[str]
    rows: Mapping[str, frozenset[str]]
    """Entity to ids."""
    customers: frozenset[str]
    """Customers whose scope decides where a row belongs."""


@dataclass(slots=True)
class Ground:
    """What the decision depends on, as the store found it; `rows` follows the judging."""

    seen: Mapping[str, Applied]
    rows: dict[Key, Row]
    deleted: frozenset[Key]
    homes: Mapping[str, str]
    """Customer to the scope that holds it."""
    moved: frozenset[str]
    """Customers that have left the caller's scopes lately: their late records are still taken."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write: the whole document after the operation, or None for a deletion."""

    entity: Entity
    id: str
    scope: str
    version: int
    document: Document | None
    encoded: bytes
    op_id: str


@dataclass(slots=True)
class Ruling:
    """What the store writes and what the device is told. `verdicts` gain their seq at commit."""

    verdicts: list[Verdict] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    applied: list[tuple[Op, bytes, Verdict]] = field(default_factory=list)
    """Operations with a first verdict: their content's digest and the verdict to remember."""
    clashes: list[tuple[Op, Clash]] = field(default_factory=list)


def asks(txns: Iterable[Txn]) -> Asks:
    """Say what must be known to judge these transactions."""
    op_ids: set[str] = set()
    rows: dict[str, set[str]] = {}
    customers: set[str] = set()
    for txn in txns:
        for op in txn["ops"]:
            op_ids.add(op["op_id"])
            op_ids.update(op.get("depends", ()))
            if op["entity"] in REGISTRY:
                rows.setdefault(op["entity"], set()).add(op["id"])
                customer = op.get("doc", {}).get("customer_id")
                if isinstance(customer, str):
                    customers.add(customer)
    return Asks(
        frozenset(op_ids),
        {entity: frozenset(ids) for entity, ids in rows.items()},
        frozenset(customers),
    )
