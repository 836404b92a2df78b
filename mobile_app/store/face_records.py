"""What the screens read around a customer: alerts, relations and consents with their names."""

from dataclasses import dataclass

from mobile_app.store.records import RecordState
from shared.domain import Account, Alert, Consent, Interaction, Relation


@dataclass(frozen=True, slots=True)
class AlertItem:
    """One alert, and what it rests on where this device holds it."""

    alert: Alert
    customer_name: str
    by_name: str | None
    """Who took its last step."""
    state: RecordState
    account: Account | None
    contact: Interaction | None


@dataclass(frozen=True, slots=True)
class RelationItem:
    """One tie of a customer, as seen from them."""

    relation: Relation
    other_id: str | None
    """The customer it leads to, where this device holds them."""
    other_name: str
    """Nothing where the other is a customer whom this device does not hold."""
    is_theirs: bool
    """Recorded at the other customer: its kind says what this one is to them."""
    by_name: str | None
    is_own: bool
    """Whether the user recorded it, and so may not verify it."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """The word of a customer that counts for a purpose."""

    consent: Consent
    by_name: str | None
    """Who heard it."""
    state: RecordState
