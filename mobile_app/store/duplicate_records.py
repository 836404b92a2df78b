"""What the screens read of customers who are perhaps one, and of what happened to records."""

from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.domain import Customer, Duplicate, Identifier, RecordChange


@dataclass(frozen=True, slots=True)
class Paired:
    """One of the two records of a pair, as this device holds it."""

    customer: Customer
    owner_name: str | None
    numbers: tuple[Identifier, ...]
    """Identity documents, those that prove most first."""
    last_contact_at: int | None


@dataclass(frozen=True, slots=True)
class DuplicateItem:
    """A pair, and what is known of its two records."""

    duplicate: Duplicate
    one: Paired | None
    """The one that goes on; None where this device does not hold it."""
    other: Paired | None
    """The one that ends; after a merge no device holds it."""
    moved: bool
    """Whether one of the two has been merged with somebody else meanwhile."""
    by_name: str | None
    """Who took the last step; None for a job of the server."""
    state: RecordState

    @property
    def is_open(self) -> bool:
        """Whether it can be decided here and now."""
        return self.duplicate.status == "open" and self.is_whole and not self.moved

    @property
    def is_whole(self) -> bool:
        """Whether both records are here."""
        return self.one is not None and self.other is not None


@dataclass(frozen=True, slots=True)
class RecordChangeItem:
    """What happened to a customer's record, with the names of whom it concerns."""

    change: RecordChange
    from_name: str | None
    to_name: str | None
    by_name: str | None
    """Who decided it; None for a job of the server, or somebody whom this device does not know."""
