"""What the screens read: frozen records, made by the queries, with nothing of SQL in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self

from shared.commission.facts import Goals
from shared.commission.rules import Rule
from shared.domain import (
    Attachment,
    ChangeRequest,
    Conflict,
    Customer,
    Dispute,
    Identifier,
    Interaction,
    Issue,
    Review,
    SaleShare,
    ServiceCase,
    Task,
)
from shared.domain.attachment import AttachmentKind, MediaType
from shared.domain.crediting import Earnings
from shared.domain.customer_value import Tier
from shared.errors import Refusal
from shared.sync.protocol import Op
from shared.sync.verify import Outcome


class RecordState(StrEnum):
    """How far a record has come: 本机, 已送达, 待升级, 已入档, 需处理."""

    LOCAL = "local"
    """Only on this device."""
    DELIVERED = "delivered"
    """The server has given its verdict."""
    DEFERRED = "deferred"
    """The server keeps it whole and is too old to understand it."""
    IN_RECORD = "in_record"
    """It has been read back from the shared record."""
    ISSUE = "issue"
    """It was refused and waits for its user."""


class ContentState(StrEnum):
    """Where the content of an attachment is: 本机, 已上传, 未取回, 需处理."""

    LOCAL = "local"
    """Only on this device."""
    UPLOADED = "uploaded"
    """On this device and, checked, on the server."""
    ELSEWHERE = "elsewhere"
    """On the server, or on its way there; not on this device."""
    REFUSED = "refused"
    """Only on this device, and the server did not take it."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list. Moments are ms, days ISO text, money fen."""

    id: str
    kind: str
    name: str
    initials: str
    phone: str | None
    address: str | None
    owner_id: str
    owner_name: str | None
    stage: str
    need: str | None
    need_amount: int | None
    last_contact_at: int | None
    next_step: str | None
    next_due: str | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Everything above the timeline of one customer."""

    customer: Customer
    owner_name: str | None
    last_contact_at: int | None
    next_task: Task | None
    identifiers: tuple[Identifier, ...]
    touches: tuple["Touch", ...]
    """What colleagues had to do with them in the last 30 days, latest first."""
    state: RecordState
    synced_at: int | None


@dataclass(frozen=True, slots=True)
class Touch:
    """A colleague's contact with a customer."""

    contact: Interaction
    by_name: str | None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A supervisor's word on an interaction."""

    review: Review
    by_name: str | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class AttachmentItem:
    """A photo, a recording or a signature; `state` is that of its record."""

    attachment: Attachment
    by_name: str | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class HeldContent:
    """A content that is durable here and whose record is still to come."""

    id: str
    """Of the attachment that will be."""
    kind: AttachmentKind
    media_type: MediaType
    size: int
    sha256: str

    @classmethod
    def of_draft(cls, kept: dict[str, Any]) -> Self:
        """Return it as a draft kept it."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class UnsentContent:
    """A content that the server does not have yet; `offset` is how many bytes of it are there."""

    item: AttachmentItem
    customer_name: str
    offset: int
    refusal: Refusal | None

    @property
    def share(self) -> int:
        """How much of it the server has, in percent."""
        return self.offset * 100 // self.item.attachment.size


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One contact in a timeline."""

    interaction: Interaction
    by_name: str | None
    state: RecordState
    reviews: tuple[ReviewItem, ...]
    attachments: tuple[AttachmentItem, ...] = ()
    formers: tuple[Interaction, ...] = ()
    """What it puts right, latest first; reviews and attachments of those are here, too."""
    twin: Interaction | None = None
    """An earlier contact that is almost the same."""
    twin_by: str | None = None


@dataclass(frozen=True, slots=True)
class DoneCase:
    """A service case that is resolved or closed, as it stands in a timeline."""

    case: ServiceCase
    by_name: str | None
    """Who took its last step."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class ContactCount:
    """How many contacts there were through one channel."""

    channel: str
    n: int
    told: int
    """Of them, how many a system of the bank tells of."""


@dataclass(frozen=True, slots=True)
class TodayItem:
    """One line of today's list: a task, or a proposal where `task_id` is None."""

    task_id: str | None
    customer_id: str
    customer_name: str
    customer_kind: str
    kind: str
    title: str
    reason: str | None
    due: str | None
    overdue: bool
    done: bool
    state: RecordState
    promised: bool = False
    """Whether the customer was told that it would be done."""
    origin: Interaction | None = None
    """The contact that a system of the bank told of, and that it follows from."""
    spared: bool = False
    """Whether the customer refuses to be sold to."""


class TeamValue(NamedTuple):
    """What a customer of the team is worth, in fen a year; `computed_at` is ms."""

    customer_id: str
    owner_id: str
    tier: Tier
    contribution: int
    revenue: int
    cost: int
    loss: int
    computed_at: int


class Someone(NamedTuple):
    """A customer in a list, and who looks after them."""

    id: str
    name: str
    owner: str
    """Nothing where that is nobody whom this device knows."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One manager's day as the supervisor sees it."""

    employee_id: str
    name: str
    visits: int
    calls: int
    others: int
    customers_met: int
    last_at: int | None
    pending_on_devices: int | None
    """Operations that the manager's devices last said they still held; None if none reported."""
    device_seen_at: int | None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One contact in the review feed."""

    interaction: Interaction
    customer_name: str
    customer_kind: str
    by_name: str | None
    state: RecordState
    reviews: tuple[ReviewItem, ...]


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One operation that is not in the record yet."""

    op_id: str
    entity: str
    record_id: str
    label: str
    at: int
    state: RecordState
    refusal: Refusal | None
    tries: int


@dataclass(frozen=True, slots=True)
class LateWork:
    """A transaction of the user's own that was accepted after its customer had moved on."""

    op: Op
    """The first of its operations."""
    at: int
    state: RecordState


@dataclass(frozen=True, slots=True)
class RefusedWork:
    """A transaction of the user's own that the server refused; it stands or falls whole."""

    op_id: str
    """The operation that brought it down."""
    at: int
    customer_id: str | None
    customer_name: str
    refusal: Refusal | None
    ops: tuple[Op, ...]
    """All of its operations, in the order made."""
    titles: Mapping[str, str]
    """What a record is called that an operation only names, by id."""
    restorable: bool
    """Whether the record is known that was deleted meanwhile."""

    @property
    def culprit(self) -> Op:
        """The operation that brought it down."""
        return next(op for op in self.ops if op["op_id"] == self.op_id)


@dataclass(frozen=True, slots=True)
class SyncOverview:
    """What the sync centre says first."""

    pending: int
    delivered: int
    issues: int
    """Transactions that were refused."""
    conflicts: int
    """Conflicts that are open."""
    last_sync_at: int | None
    customers: int
    interactions: int
    deferred: int
    """Rows that this app is too old to understand."""
    kept_aside: int = 0
    """Operations that the server is too old to understand."""


@dataclass(frozen=True, slots=True)
class ToSettle:
    """How much waits for the user to decide."""

    conflicts: int
    refused: int
    """The user's own refused transactions and, for a supervisor, the team's."""
    requests: int
    """Change requests of others, for a supervisor."""
    offers: int = 0
    """Shares of sales that colleagues propose to the user."""
    duplicates: int = 0
    """Pairs of customers who are perhaps one, for a supervisor."""
    service: int = 0
    """Service cases of the team that are late by now, for a supervisor."""

    @property
    def total(self) -> int:
        """All of it."""
        waiting = self.conflicts + self.refused + self.requests + self.offers
        return waiting + self.duplicates + self.service


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """Two values of one field, and whose they are; None is a value too: nothing was there."""

    conflict: Conflict
    customer_name: str
    before: Any
    lost: Any
    won: Any
    lost_by: str | None
    won_by: str | None
    mine: Literal["won", "lost"] | None
    """Which of the two is the user's own; None for one who is neither of the two people."""
    stands: Literal["won", "lost"] | None
    """Which of the two the record shows now; None where it has moved on to a third."""
    state: RecordState


@dataclass(frozen=True, slots=True)
class RequestCard:
    """A wish to change a guarded field."""

    request: ChangeRequest
    customer_name: str
    old: Any
    new: Any
    by_name: str | None
    own: bool
    state: RecordState


@dataclass(frozen=True, slots=True)
class IssueCard:
    """A colleague's refused transaction, as their supervisor sees it."""

    issue: Issue
    customer_id: str | None
    """Whom it is about."""
    customer_name: str | None
    by_name: str | None
    refusal: Refusal
    ops: list[Op]
    state: RecordState


@dataclass(frozen=True, slots=True)
class Check:
    """The last comparison with the server: when (ms), and what came of it."""

    at: int
    outcome: Outcome
    repaired: int
    """Rows that differed and were put right."""


@dataclass(frozen=True, slots=True)
class Pay:
    """The user's commission as far as this device knows, and the facts that it follows from."""

    confirmed: Earnings
    """By what the bank's systems have confirmed."""
    estimate: Earnings
    """As if they confirmed the rest, too (预估)."""
    shares: tuple[SaleShare, ...]
    rules: tuple[Rule, ...]
    goals: Goals


@dataclass(frozen=True, slots=True)
class DisputeCard:
    """One of the user's own disputes, and how far it has come."""

    dispute: Dispute
    state: RecordState
