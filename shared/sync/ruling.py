"""What a decision is made of: who asks, what is on the ground, and what the ruling says.

A store calls `asks` to learn what it must look up, hands the arbiter the `Ground` it found, and
writes the `Ruling` that comes back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.registry import REGISTRY, Document, Entity
from shared.sync.protocol import Op, Txn, Verdict, read_ops

Key = tuple[str, str]
"""(entity, id)"""
NAMING: Final = ("customer_id", "other_id")
"""Fields of a record that name a customer."""
FieldKey = tuple[str, str, str]
"""(entity, id, field)"""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends: one employee on one device, and the scopes they hold."""

    employee_id: str
    device_id: str
    role: str
    scopes: frozenset[str]
    welcome: bool = True
    """False for one who has left or whose device was revoked: their work becomes issues."""


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
    refers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Entity to ids of records that a rule looks at, and that nothing here writes."""
    corrected: frozenset[str] = frozenset()
    """Facts that are put right: whatever corrects them already has to be known."""


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
    collaborates: Mapping[str, int | None] = field(default_factory=dict)
    """Customers of others with whom the caller works, each with when that ended (ms) or None."""
    authors: dict[FieldKey, str] = field(default_factory=dict)
    """Who last changed a field, where it was changed since its row was made."""
    now: int = 0
    """The server's clock (ms)."""
    refers: Mapping[Key, Document] = field(default_factory=dict)
    """Records that a rule looks at."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Customers who were merged, to who goes on: what still names them is about that one."""

    def last_word(self, entity: str, id: str) -> str:
        """Return what corrects a fact, and nothing corrects it: the fact itself where nothing does.

        Two devices of one person correct it; the second takes the place of the first.
        """
        later = [
            other
            for (name, other), row in self.rows.items()
            if name == entity and row.document["supersedes"] == id
        ]
        return self.last_word(entity, max(later)) if later else id


def of_survivors(document: Mapping[str, Any], merged: Mapping[str, str]) -> dict[str, Any]:
    """Return a record as it is since the customers that it names were merged."""
    return {
        name: merged.get(value, value) if name in NAMING else value
        for name, value in document.items()
    }


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write: the whole document after the operation, or None for a deletion."""

    entity: Entity
    id: str
    scope: str
    version: int
    document: Document | None
    encoded: bytes
    op_id: str | None
    """None for what follows from an operation: a conflict, an issue, an approved value."""
    fields: tuple[str, ...] = ()
    """The fields that this write changes; none for a new row."""
    came: Document | None = None
    """A new record as it came, where it named a customer who was merged since."""


@dataclass(slots=True)
class Ruling:
    """What the store writes and what the device is told. `verdicts` gain their seq at commit."""

    verdicts: list[Verdict] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    applied: list[tuple[Op, bytes, Verdict]] = field(default_factory=list)
    """Operations with a first verdict: their content's digest and the verdict to remember."""
    issues: list[Write] = field(default_factory=list)
    """New issues; one whose id is there already is left as it is."""


def asks(txns: Iterable[Txn]) -> Asks:
    """Say what must be known to judge these transactions."""
    wanted = _Wanted()
    for txn in txns:
        if "replaces" in txn:
            wanted.row("issue", txn["replaces"])
        for op in txn["ops"]:
            wanted.op(op)
    return wanted.asks()


def asks_more(txns: Iterable[Txn], rows: Mapping[Key, Row]) -> Asks:
    """Say what else must be known, now that the rows first asked for are found.

    A decision on a change request writes the customer it is about, one on an issue judges the
    operations that are kept in it, and a step of any record is held against its entity's rule.
    """
    wanted = _Wanted()
    for txn in txns:
        for op in txn["ops"]:
            row = rows.get((op["entity"], op["id"]))
            if row is None or op["kind"] != "transition":
                continue
            wanted.related(REGISTRY[op["entity"]], row.document)
            if op["entity"] == "change_request":
                wanted.row("customer", str(row.document["customer_id"]))
            elif op["entity"] == "duplicate":
                wanted.customers.add(str(row.document["other_id"]))
            elif op["entity"] == "issue":
                for kept in read_ops(str(row.document["ops"])):
                    wanted.op(kept)
    return wanted.asks()


def kept_ops(txns: Iterable[Txn], rows: Mapping[Key, Row]) -> list[Txn]:
    """Return what is kept in the issues of which something is decided here, to be asked about."""
    ids = [op["id"] for txn in txns for op in txn["ops"] if op["entity"] == "issue"]
    issues = [row for id in ids if (row := rows.get(("issue", id))) is not None]
    return [
        {"txn": str(row.document["id"]), "ops": read_ops(str(row.document["ops"]))}
        for row in issues
    ]


class _Wanted:
    """Gathers what operations refer to."""

    def __init__(self) -> None:
        self.op_ids: set[str] = set()
        self.rows: dict[str, set[str]] = {}
        self.customers: set[str] = set()
        self.refers: dict[str, set[str]] = {}
        self.corrected: set[str] = set()

    def related(self, entity: Entity, document: Mapping[str, object]) -> None:
        for name, other in entity.references.items():
            if isinstance(id := document.get(name), str):
                self.refers.setdefault(other, set()).add(id)

    def row(self, entity: str, id: str) -> None:
        self.rows.setdefault(entity, set()).add(id)

    def op(self, op: Op) -> None:
        self.op_ids.add(op["op_id"])
        self.op_ids.update(op.get("depends", ()))
        if op["entity"] not in REGISTRY:
            return
        self.row(op["entity"], op["id"])
        document = op.get("doc", {})
        for name in NAMING:
            if isinstance(customer := document.get(name), str):
                self.customers.add(customer)
        if isinstance(earlier := document.get("supersedes"), str):
            self.row(op["entity"], earlier)
            self.corrected.add(earlier)
        self.related(REGISTRY[op["entity"]], document)

    def asks(self) -> Asks:
        return Asks(
            frozenset(self.op_ids),
            {entity: frozenset(ids) for entity, ids in self.rows.items()},
            frozenset(self.customers),
            {entity: frozenset(ids) for entity, ids in self.refers.items()},
            frozenset(self.corrected),
        )
