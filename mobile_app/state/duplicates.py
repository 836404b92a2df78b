"""Duplicates: customers who are perhaps one, compared field by field, and the verbs that decide it.

A merge and a split are steps of the pair that the server carries out when they arrive, so they work
offline; until then both records stand here as they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from mobile_app.state.rows import Customer, DuplicateItem, Paired, RecordState
from shared import identity
from shared.domain.days import DAY_MS
from shared.domain.duplicate import LOOKED_AT, SURE
from shared.domain.provenance import Origin
from shared.ids import made_at

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

DECIDED_DAYS: Final = 30
"""How long a decided pair stays in the inbox."""
FULL: Final = 200
"""Points at which the bar is full; more would say no more."""
LINES: Final = (LOOKED_AT, SURE)
_OF_KIND: Final = {
    "person": ("birth_date", "gender"),
    "organisation": ("legal_representative", "contact_name"),
}
_SAYING: Final = (
    "name", "gender", "birth_date", "legal_representative", "risk_grade", "phone", "address",
    "occupation", "industry", "contact_name", "need", "deposit_balance",
)  # fmt: skip
"""Fields whose source is told, in the order in which people name them."""
_WRITTEN_DOWN: Final = dict.fromkeys(("contact_note", "interests"), Origin("manager", None))
"""What no system says and no paper proves: it is always somebody's word."""

Number = tuple[str, str]
"""An identity document: its kind and its number."""
Match = Literal["same", "differs", "one", "none"]
"""How two records compare in a field: `one` where only one of them says something, `none` where
that they differ would say nothing."""


@dataclass(frozen=True)
class Compared:
    """One field of two records: as each has it, raw, and how they compare."""

    kind: str
    """Of customer: people call some fields otherwise of a person than of a company."""
    field: str
    one: Any
    other: Any
    match: Match


def compared(one: Paired, other: Paired) -> tuple[Compared, ...]:
    """Compare two records field by field; what neither says is left out.

    Owner, last contact and the day of the record are facts beside each other: that they differ
    says nothing, so they have no match.
    """
    names = ("name", "number", *_OF_KIND[one.customer.kind], "phone", "address")
    kind = one.customer.kind
    told = [_compared(kind, name, _value(one, name), _value(other, name)) for name in names]
    beside = [
        Compared(kind, name, _fact(one, name), _fact(other, name), "none")
        for name in ("owner", "deposits", "last_contact", "since")
    ]
    return tuple(each for each in (*told, *beside) if (each.one, each.other) != (None, None))


def _compared(kind: str, field: str, one: Any, other: Any) -> Compared:
    if one is None or other is None:
        return Compared(kind, field, one, other, "one")
    if field == "number":
        return Compared(kind, field, one, other, _numbers_match(one, other))
    is_same = _plain(field, one) == _plain(field, other)
    return Compared(kind, field, one, other, "same" if is_same else "differs")


def _numbers_match(one: Sequence[Number], other: Sequence[Number]) -> Match:
    """Numbers of different kinds say nothing about each other."""
    if set(one) & set(other):
        return "same"
    both = {kind for kind, _ in one} & {kind for kind, _ in other}
    return "differs" if both else "none"


def _plain(field: str, text: str) -> str:
    """A value as the server compares it, without what is only a way of writing it."""
    return identity.phone(text) if field == "phone" else identity.called(text)


def _value(paired: Paired, field: str) -> Any:
    if field != "number":
        return getattr(paired.customer, field) or None
    found = tuple((each.kind, identity.standard(each.value)) for each in paired.numbers)
    return found or None


def _fact(paired: Paired, name: str) -> Any:
    facts: dict[str, Any] = {
        "owner": paired.owner_name,
        "deposits": paired.customer.deposit_balance,
        "last_contact": paired.last_contact_at,
        "since": made_at(paired.customer.id),
    }
    return facts[name]


@dataclass(frozen=True)
class Sourced:
    """One field of a customer, who says it, and since when (ms; None where nobody knows)."""

    field: str
    origin: Origin


@dataclass(eq=False)
class Duplicates:
    """The reads and verbs of pairs. `read` answers from memory until the store changes."""

    store: "DeviceStore"
    runner: "SyncRunner"
    read: Callable[..., Any]
    now: Callable[[], int]

    def pairs(self, most: int) -> list[DuplicateItem]:
        """Pairs to decide, the likeliest first; then what was decided of late, latest first."""
        # By the minute, so that a moment passing is not a new question.
        since = (self.now() // 60_000 * 60_000) - DECIDED_DAYS * DAY_MS
        found: list[DuplicateItem] = self.read(self.store.duplicates, since, most)
        return found

    def pair(self, id: str) -> DuplicateItem | None:
        """One pair, or None where it is not here."""
        found: DuplicateItem | None = self.read(self.store.duplicate, id)
        return found

    def going_on(self, customer_id: str) -> str:
        """The customer who goes on for one that was merged; else the same one."""
        found: str = self.read(self.store.going_on, customer_id)
        return found

    def merges_of(self, customer: Customer) -> list[DuplicateItem]:
        """The merges by which a customer took in other records, the latest first."""
        found: list[DuplicateItem] = self.read(self.store.merges_of, customer.id)
        return found

    def sources(self, customer: Customer) -> list[Sourced]:
        """Who says the fields of a customer, in the order in which people name them."""
        origins = self.origins(customer.id)
        return [Sourced(name, origins[name]) for name in _SAYING if name in origins]

    def origins(self, customer_id: str) -> dict[str, Origin]:
        """Who says each field of a customer, as far as that is known."""
        found: dict[str, Origin] = self.read(self.store.origins_of, customer_id)
        return {**_WRITTEN_DOWN, **found}

    def merge(self, item: DuplicateItem, reason: str) -> None:
        """Call a pair one customer, and say why."""
        self._decide(item, "merged", reason)

    def keep_apart(self, item: DuplicateItem, reason: str) -> None:
        """Call a pair two customers, and say why; it is never raised again."""
        self._decide(item, "distinct", reason)

    def split(self, item: DuplicateItem, reason: str) -> None:
        """Take a merge apart, and say why."""
        self._decide(item, "split", reason)

    def _decide(self, item: DuplicateItem, status: str, reason: str) -> None:
        self.store.decide_duplicate(item.duplicate, status, reason, self.now())
        self.runner.wake()


def is_underway(item: DuplicateItem) -> bool:
    """Whether the last step is on its way and the server has not carried it out."""
    waiting = (RecordState.LOCAL, RecordState.DELIVERED, RecordState.DEFERRED)
    return item.duplicate.status != "open" and item.state in waiting


def is_refused(item: DuplicateItem) -> bool:
    """Whether the server did not take the last step, so that both records are as they were."""
    return item.duplicate.status != "open" and item.state is RecordState.ISSUE
