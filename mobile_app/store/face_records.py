"""What the screens read around a customer: alerts, relations, circles and consents, with names."""

from dataclasses import dataclass
from typing import Literal

from mobile_app.store.records import RecordState
from shared.domain import (
    Account,
    Alert,
    CaseStep,
    Collaborator,
    Consent,
    Identifier,
    Interaction,
    Product,
    Relation,
    ServiceCase,
    Task,
)
from shared.domain.circle import CircleKind, Member, Sum
from shared.domain.next_action import Signal
from shared.domain.preference import Preference


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
    paper: Identifier | None = None
    subject: str = ""
    """What a complaint is about."""


@dataclass(frozen=True, slots=True)
class AdvisedAction:
    """What is advised: why, with which product, and through which channel."""

    signal: Signal
    customer_name: str
    product: Product | None
    """What may be offered; None where it is not about that, or where nothing fits."""
    preference: Preference


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One service case with the names that it shows."""

    case: ServiceCase
    customer_name: str
    assignee_name: str | None
    opened_by_name: str | None
    """Who wrote it down, or the system that told of it."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class StepItem:
    """One line of a case's log."""

    step: CaseStep
    by_name: str | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class PromiseItem:
    """One thing that a customer was promised."""

    task: Task
    state: RecordState


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


@dataclass(frozen=True, slots=True)
class MemberItem:
    """One of a customer's family or group."""

    member: Member
    customer_id: str | None
    """The customer, where this device holds them."""
    name: str
    """Nothing where they are a customer whom this device does not hold."""
    via_name: str | None
    """Through whom they belong to it; None where it is the customer themselves."""
    owner_name: str | None


@dataclass(frozen=True, slots=True)
class CircleItem:
    """The family or the group of a customer, and what its verified ones keep with the bank."""

    kind: CircleKind
    members: tuple[MemberItem, ...]
    deposits: Sum | None


@dataclass(frozen=True, slots=True)
class CollaboratorItem:
    """A colleague who works with a customer."""

    collaborator: Collaborator
    name: str | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class Known:
    """Whether the bank perhaps knows an organisation."""

    answer: Literal["not_known", "perhaps", "cannot_say"]
    as_of: str | None = None
    """The day of the roll that says so; None where there is none to ask."""
