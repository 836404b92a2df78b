"""A device in memory: the store's and the runner's contract with lists instead of databases."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from mobile_app.store.device_store import Identity
from mobile_app.store.duplicate_records import RecordChangeItem
from mobile_app.store.face_records import (
    AdvisedAction,
    AlertItem,
    CaseItem,
    CircleItem,
    CollaboratorItem,
    ConsentItem,
    Known,
    PromiseItem,
    RelationItem,
    StepItem,
)
from mobile_app.store.prospect_records import ProspectContestItem, ProspectItem
from mobile_app.store.records import (
    AttachmentItem,
    Check,
    ContactCount,
    ContentState,
    CustomerCard,
    CustomerRow,
    DoneCase,
    FeedItem,
    FieldRow,
    HeldContent,
    OutboxItem,
    RecordState,
    Someone,
    SyncOverview,
    TeamValue,
    TimelineItem,
    TodayItem,
    Touch,
    UnsentContent,
)
from mobile_app.store.sale_records import OfferItem, Outcome, ProductItem, ReferralItem, SaleItem
from mobile_app.store.vault import PinRefused
from shared.collision import names_of
from shared.domain import (
    Account,
    Alert,
    Attachment,
    ChurnRisk,
    Collaboration,
    Customer,
    CustomerState,
    CustomerValue,
    Employee,
    Identifier,
    Interaction,
    Review,
    Task,
    VisitTemplate,
)
from shared.domain.alert import WAITING
from shared.domain.attachment import AttachmentKind, recognised
from shared.domain.channel_efficiency import Sold
from shared.domain.pillars import Planned
from shared.domain.preference import Contact, Preference, preference
from shared.domain.retention import Stood
from shared.domain.service_case import DONE
from shared.domain.serving import Prices, Worked
from shared.errors import Refusal, refused
from shared.findings import DeviceReport
from shared.sync.change import Change, Insert, Transition
from tests.screens.cases import NOW as NOW
from tests.screens.cases import MemoryCases

DAY_MS = 86_400_000
ME = Employee("e1", "AM001", "王敏", "account_manager", "u1")
LONG_COMPANY = "江苏长三角一体化示范区高端装备制造产业投资有限公司"


class MemoryStore(MemoryCases):
    """The contract of the device store."""

    def __init__(self, me: Employee = ME) -> None:
        super().__init__()
        self.me = me
        self.role = me.role
        self.identity = Identity("d1", "token", "https://branch.test", me)
        self.people: list[Customer] = []
        self.items: list[TodayItem] = []
        self.contacts: dict[str, list[TimelineItem]] = {}
        self.templates_kept: list[VisitTemplate] = []
        self.field_rows: list[FieldRow] = []
        self.feed_items: list[FeedItem] = []
        self.device_reports: list[DeviceReport] = []
        self.outbox_items: list[OutboxItem] = []
        self.committed: list[tuple[Change, ...]] = []
        self.used: dict[str, list[str]] = {}
        self.kept: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, str] = {}
        self.touches: tuple[Touch, ...] = ()
        self.identifiers: tuple[Identifier, ...] = ()
        self.tasks: dict[str, Task] = {}
        self.attached: dict[str, Attachment] = {}
        self.alert_items: list[AlertItem] = []
        self.accounts: list[Account] = []
        self.ties: list[RelationItem] = []
        self.referred: list[ReferralItem] = []
        self.values: list[CustomerValue] = []
        self.said: list[ConsentItem] = []
        self.helpers: list[CollaboratorItem] = []
        self.shared: list[Collaboration] = []
        self.circles: dict[str, CircleItem] = {}
        self.stood_changes: list[CustomerState] = []
        self.risks: list[ChurnRisk] = []
        self.all_worked: list[Worked] = []
        self.all_planned: list[Planned] = []
        self.all_sold: list[Sold] = []
        self.priced = Prices()
        self.roll: dict[str, Known] = {}
        """What is said of a name."""
        self.service: list[CaseItem] = []
        self.service_log: list[StepItem] = []
        self.promise_items: list[PromiseItem] = []
        self.broken = ""
        self.refusal: Refusal | None = None
        self._listeners: list[Callable[[], None]] = []

    def sales_of(self, customer_id: str) -> list[SaleItem]:
        """What was sold to a customer: nothing yet. Sales are told by the real store."""
        return []

    def own_sales(self) -> list[SaleItem]:
        """What the user sold: nothing yet."""
        return []

    def sale(self, id: str) -> SaleItem | None:
        """One sale: none yet."""
        return None

    def offers(self) -> list[OfferItem]:
        """Shares that colleagues propose: none."""
        return []

    def referrals_of(self, customer_id: str) -> list[ReferralItem]:
        """What was passed on at a customer, or about them."""
        return [each for each in self.referred if each.referral.customer_id == customer_id]

    def own_referrals(self) -> list[ReferralItem]:
        """What the user offered or was offered."""
        return self.referred

    def referrals_after(self, alert_id: str) -> list[ReferralItem]:
        """What was passed on because of an alert."""
        return [each for each in self.referred if each.referral.alert_id == alert_id]

    def outcomes_after(self, alert_id: str) -> list[Outcome]:
        """What was sold because of an alert: nothing yet."""
        return []

    def referral(self, id: str) -> ReferralItem | None:
        """One copy of a referral."""
        return next((each for each in self.referred if each.referral.id == id), None)

    def own_prospects(self, now: int) -> list[ProspectItem]:
        """Whom the user has claimed: nobody. Prospects are told by the real store."""
        return []

    def prospect_contests(self, now: int) -> list[ProspectContestItem]:
        """What is to be awarded: nothing."""
        return []

    def colleagues(self) -> list[Employee]:
        """Whom a sale can be shared with: nobody."""
        return []

    def catalogue(self, text: str, today: str) -> list[ProductItem]:
        """The catalogue before the first sync."""
        return []

    def often_sold(self) -> list[str]:
        """The most sold products."""
        return []

    def own_alerts(self, limit: int) -> list[AlertItem]:
        """What is not handled."""
        return [item for item in self.alert_items if item.alert.status in WAITING][:limit]

    def alerts_waiting(self) -> int:
        """How much of it there is."""
        return len(self.own_alerts(len(self.alert_items)))

    def alerts_of(self, customer_id: str) -> list[AlertItem]:
        """A customer's alerts."""
        return [item for item in self.alert_items if item.alert.customer_id == customer_id]

    def alert(self, id: str) -> AlertItem | None:
        """One alert."""
        return next((item for item in self.alert_items if item.alert.id == id), None)

    def accounts_of(self, customer_id: str) -> list[Account]:
        """A customer's accounts."""
        return [each for each in self.accounts if each.customer_id == customer_id]

    def value_of(self, customer_id: str) -> CustomerValue | None:
        """What a customer is worth."""
        return next((each for each in self.values if each.customer_id == customer_id), None)

    def preference_of(self, customer_id: str, now: int) -> Preference:
        """What a customer's contacts teach."""
        found = (line.interaction for line in self.contacts.get(customer_id, []))
        return preference(
            [Contact(one.channel, one.outcome, one.occurred_at) for one in found], now
        )

    def refusing(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Who refuses to be recommended to: nobody."""
        return frozenset()

    def spared(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Who refuses to be sold to: nobody."""
        return frozenset()

    def advised(self, customer_id: str, today: str, now: int) -> list[AdvisedAction]:
        """What is advised of one customer: nothing. Advice is given by the real store."""
        return []

    def advised_today(self, today: str, now: int) -> list[AdvisedAction]:
        """What is advised of all customers: nothing."""
        return []

    def relations_of(self, customer_id: str) -> list[RelationItem]:
        """A customer's ties."""
        return [each for each in self.ties if each.relation.customer_id == customer_id]

    def team_alerts(self, since: int) -> list[tuple[str, Alert]]:
        """The alerts of the team: the user's own."""
        return [(self.me.id, each.alert) for each in self.alert_items]

    def employees(self) -> dict[str, Employee]:
        """The people of the branch."""
        return {ME.id: ME, self.me.id: self.me}

    def manager_names(self) -> dict[str, str]:
        """The managers below."""
        return {row.employee_id: row.name for row in self.field_rows}

    def worked(self, owner: str | None, since: int, until: int) -> list[Worked]:
        """Contacts of a time."""
        return [each for each in self.all_worked if since <= each.at < until]

    def planned(self, owner: str | None, first: str, last: str) -> list[Planned]:
        """Tasks that were due in a time."""
        return [each for each in self.all_planned if first <= each.due <= last]

    def team_values(self, owner: str | None) -> list[TeamValue]:
        """What customers are worth."""
        return [
            TeamValue(
                each.customer_id, self.me.id, each.tier, each.contribution, each.revenue,
                each.cost, each.loss, each.computed_at,
            )
            for each in self.values
        ]  # fmt: skip

    def prices(self) -> Prices:
        """What contacts cost."""
        return self.priced

    def stood(self, owner: str | None) -> list[Stood]:
        """Changes of states."""
        return [Stood(each.customer_id, each.state, each.since) for each in self.stood_changes]

    def sold(self, owner: str | None, since: int) -> list[Sold]:
        """Sales since a moment."""
        return [each for each in self.all_sold if each.at >= since]

    def risks_of(self, customers: Collection[str]) -> list[ChurnRisk]:
        """What speaks for customers' leaving."""
        return [each for each in self.risks if each.customer_id in customers]

    def someones(self, customers: Collection[str]) -> dict[str, Someone]:
        """Customers with their names."""
        return {
            each.id: Someone(each.id, each.name, "欧阳文山")
            for each in self.people
            if each.id in customers
        }

    def states_of(self, customer_id: str) -> list[CustomerState]:
        """The states that a customer has had."""
        return [each for each in self.stood_changes if each.customer_id == customer_id]

    def risk_of(self, customer_id: str) -> ChurnRisk | None:
        """What speaks for a customer leaving."""
        return next((each for each in self.risks if each.customer_id == customer_id), None)

    def consents_of(self, customer_id: str) -> list[ConsentItem]:
        """What a customer last said to each purpose."""
        return [each for each in self.said if each.consent.customer_id == customer_id]

    def collaborators_of(self, customer_id: str) -> list[CollaboratorItem]:
        """Who works with a customer."""
        return [each for each in self.helpers if each.collaborator.customer_id == customer_id]

    def collaborations(self) -> list[Collaboration]:
        """The customers of others."""
        return self.shared

    def collaboration_at(self, customer_id: str) -> Collaboration | None:
        """One of them."""
        return next((each for each in self.shared if each.customer_id == customer_id), None)

    def own_cases(self) -> list[CaseItem]:
        """What is not resolved of the user's own customers."""
        return [each for each in self.service if each.case.status not in DONE]

    def all_cases(self) -> list[CaseItem]:
        """What is not resolved of all customers."""
        return self.own_cases()

    def cases_of(self, customer_id: str) -> list[CaseItem]:
        """A customer's service cases."""
        return [each for each in self.service if each.case.customer_id == customer_id]

    def service_case(self, id: str) -> CaseItem | None:
        """One service case."""
        return next((each for each in self.service if each.case.id == id), None)

    def case_steps(self, case_id: str) -> list[StepItem]:
        """Its log."""
        return [each for each in self.service_log if each.step.case_id == case_id]

    def promises_of(self, customer_id: str) -> list[PromiseItem]:
        """What a customer was promised."""
        return [each for each in self.promise_items if each.task.customer_id == customer_id]

    def appointments_of(self, customer_id: str, today: str) -> list[Task]:
        """Visits and calls with a customer from a day on."""
        return [
            each
            for each in self.tasks.values()
            if each.customer_id == customer_id and each.status == "open" and each.due >= today
            if each.kind in ("visit", "call") and not each.promised
        ]

    def circle_of(self, customer_id: str) -> CircleItem | None:
        """The family or group of a customer."""
        return self.circles.get(customer_id)

    def own_organisations(self) -> dict[str, tuple[str, str]]:
        """The user's organisations."""
        own = [each for each in self.people if each.kind == "organisation"]
        return {text: (each.id, each.name) for each in own for text in names_of(each.name)}

    def perhaps_known(self, name: str, code: str = "") -> Known:
        """What the roll says."""
        return self.roll.get(name, Known("not_known", "2026-11-25"))

    def _fail(self, read: str) -> None:
        if self.broken == read:
            raise RuntimeError(f"{read} is broken")

    def commit(self, *changes: Change) -> None:
        """Keep the changes and show what a screen would see of them."""
        if self.refusal:
            raise self.refusal
        self.committed.append(changes)
        for change in changes:
            if isinstance(change, Transition):
                self.items = [
                    replace(item, done=True) if item.task_id == change.id else item
                    for item in self.items
                ]
            if isinstance(change, Insert) and change.entity == "interaction":
                contact = Interaction(**change.document)  # type: ignore[arg-type]
                line = TimelineItem(contact, self.me.name, RecordState.LOCAL, ())
                self.contacts.setdefault(contact.customer_id, []).insert(0, line)
            if isinstance(change, Insert) and change.entity == "attachment":
                self._attach(Attachment(**change.document))  # type: ignore[arg-type]
            if isinstance(change, Insert) and change.entity == "review":
                Review(**change.document)  # type: ignore[arg-type]
        self.tell()

    def _attach(self, made: Attachment) -> None:
        self.attached[made.id] = made
        item = AttachmentItem(made, self.me.name, RecordState.LOCAL)
        self.contacts[made.customer_id] = [
            replace(line, attachments=(*line.attachments, item))
            if line.interaction.id == made.interaction_id
            else line
            for line in self.contacts.get(made.customer_id, [])
        ]

    def attachments(self, customer_id: str) -> list[AttachmentItem]:
        """What is attached to a customer."""
        mine = (each for each in self.attached.values() if each.customer_id == customer_id)
        return [AttachmentItem(each, self.me.name, RecordState.IN_RECORD) for each in mine]

    def tell(self) -> None:
        """Say that something changed."""
        for listener in list(self._listeners):
            listener()

    def customers(self, text: str, limit: int = 200, offset: int = 0) -> list[CustomerRow]:
        """Customers by name or initials."""
        self._fail("customers")
        found = [one for one in self.people if text in one.name or text in one.initials]
        return [_row(one) for one in found[offset : offset + limit]]

    def customer(self, customer_id: str, now: int | None = None) -> CustomerCard | None:
        """One customer."""
        self._fail("customer")
        for one in self.people:
            if one.id == customer_id:
                return CustomerCard(
                    one, self.me.name, None, self.tasks.get(one.id), self.identifiers,
                    self.touches, RecordState.IN_RECORD, NOW - 3_600_000,
                )  # fmt: skip
        return None

    def timeline(self, customer_id: str, limit: int = 50) -> list[TimelineItem]:
        """A customer's contacts."""
        return self.contacts.get(customer_id, [])[:limit]

    def timeline_through(
        self, customer_id: str, channels: Collection[str], limit: int = 50
    ) -> list[TimelineItem]:
        """Those of them that came through some channels."""
        mine = self.contacts.get(customer_id, [])
        return [each for each in mine if each.interaction.channel in channels][:limit]

    def told(self, customer_id: str, limit: int = 50) -> list[TimelineItem]:
        """Those of them that the bank's systems tell of."""
        mine = self.contacts.get(customer_id, [])
        return [each for each in mine if each.interaction.source][:limit]

    def contact_counts(self, customer_id: str) -> list[ContactCount]:
        """How many there are, one by one."""
        mine = (each.interaction for each in self.contacts.get(customer_id, []))
        return [ContactCount(each.channel, 1, int(each.source is not None)) for each in mine]

    def cases_done(self, customer_id: str) -> list[DoneCase]:
        """Cases that are done: none. They are told by the real store."""
        return []

    def record_changes(self, customer_id: str) -> list[RecordChangeItem]:
        """What happened to a record: nothing. It is told by the real store."""
        return []

    def consents_said(self, customer_id: str) -> list[ConsentItem]:
        """What a customer ever said."""
        return self.consents_of(customer_id)

    def today(self, today: str, now: int) -> list[TodayItem]:
        """The day's list."""
        self._fail("today")
        return self.items

    def templates(self, purpose: str) -> list[VisitTemplate]:
        """Templates of one purpose."""
        return [one for one in self.templates_kept if one.purpose == purpose]

    def frequent(self, name: str) -> list[str]:
        """The user's most used codes."""
        return self.used.get(name, [])

    def field_today(self, since_ms: int) -> list[FieldRow]:
        """Managers' days."""
        return self.field_rows

    def unreviewed(self, since: int) -> int:
        """Contacts without a review."""
        return sum(
            item.interaction.occurred_at >= since and not item.reviews for item in self.feed_items
        )

    def devices(self) -> list[DeviceReport]:
        """Colleagues' devices."""
        return self.device_reports

    def feed(self, limit: int, before: int | None = None) -> list[FeedItem]:
        """The latest contacts."""
        return self.feed_items

    def outbox(self, limit: int) -> list[OutboxItem]:
        """What is not in the record."""
        return self.outbox_items

    def last_check(self) -> Check | None:
        """The last comparison."""
        return None

    def overview(self) -> SyncOverview:
        """The counts."""
        states = [item.state for item in self.outbox_items]
        return SyncOverview(
            states.count(RecordState.LOCAL), states.count(RecordState.DELIVERED),
            len(self.refused_items), len(self.conflict_cards),
            NOW - 600_000, len(self.people), 0, 0,
        )  # fmt: skip

    def save_draft(self, key: str, body: dict[str, Any]) -> None:
        """Keep a draft."""
        self.kept[key] = body

    def draft(self, key: str) -> dict[str, Any] | None:
        """A draft."""
        return self.kept.get(key)

    def drop_draft(self, key: str) -> None:
        """Forget a draft."""
        self.kept.pop(key, None)

    def drafts(self) -> list[str]:
        """The names of the drafts."""
        return list(self.kept)

    def setting(self, key: str) -> str | None:
        """A setting."""
        return self.settings.get(key)

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting."""
        self.settings[key] = value

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of changes."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


class MemoryAttachments:
    """The contract of the attachments."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.contents: dict[str, bytes] = {}
        """What can be opened, by the name of the content."""
        self.states: dict[str, ContentState] = {}
        self.waiting: list[UnsentContent] = []
        self.retried: list[str] = []
        self.problem: Exception | None = None
        self._held = 0
        self._listeners: list[Callable[[], None]] = []

    def hold(self, kind: AttachmentKind, content: bytes) -> HeldContent:
        """Keep a content."""
        media_type = recognised(kind, content)
        if self.problem:
            raise self.problem
        self._held += 1
        name = sha256(content).hexdigest()
        self.contents[name] = content
        return HeldContent(f"a{self._held}", kind, media_type, len(content), name)

    def let_go(self, attachment_ids: list[str]) -> None:
        """Forget what was held."""

    def is_held(self, held: HeldContent) -> bool:
        """Whether it is here."""
        return held.sha256 in self.contents

    def record_of(
        self, held: HeldContent, customer_id: str, interaction_id: str | None = None
    ) -> Attachment:
        """The record of what is held."""
        return Attachment(
            held.id, customer_id, self.store.me.id, held.kind, held.media_type, held.size,
            held.sha256, NOW, interaction_id,
        )  # fmt: skip

    def commit(self, changes: list[Change], attachments: list[Attachment]) -> None:
        """Save changes and attachments."""
        self.store.commit(*changes)
        for each in attachments:
            self.states[each.sha256] = ContentState.LOCAL
            self.store.commit(Insert.of("attachment", each))

    def state(self, attachment: Attachment) -> ContentState:
        """Where a content is."""
        return self.states.get(attachment.sha256, ContentState.ELSEWHERE)

    async def fetch(self, attachment_id: str) -> bytes:
        """Open a content."""
        if self.problem:
            raise self.problem
        return self.contents[self.store.attached[attachment_id].sha256]

    def unsent(self) -> list[UnsentContent]:
        """What is on its way."""
        return self.waiting

    def retry(self, attachment: Attachment) -> None:
        """Send one again."""
        self.retried.append(attachment.id)

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of changes."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


class MemoryRunner:
    """The contract of the sync runner."""

    def __init__(self) -> None:
        self.status = "idle"
        self.last_error = None
        self.next_try_at: int | None = None
        self.work_offline = False
        self.woken = 0
        self.compared: Check | Exception | None = None
        self._listeners: list[Callable[[], None]] = []

    def wake(self) -> None:
        """Be asked for an exchange."""
        self.woken += 1

    def set_work_offline(self, wanted: bool) -> None:
        """Be told to stay offline."""
        self.work_offline = wanted

    async def verify(self) -> Check | None:
        """Be asked for a comparison."""
        if isinstance(self.compared, Exception):
            raise self.compared
        return self.compared

    def on_status(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of the status."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def become(self, status: str) -> None:
        """Change the status, as an exchange would."""
        self.status = status
        for listener in list(self._listeners):
            listener()


@dataclass
class MemoryDevice:
    """The contract of the composed device."""

    store: MemoryStore = field(default_factory=MemoryStore)
    runner: MemoryRunner = field(default_factory=MemoryRunner)
    attachments: MemoryAttachments = None  # type: ignore[assignment]
    enrolled: bool = True
    pin: str = "402917"
    tries: int = 5
    locked: bool = True

    def __post_init__(self) -> None:
        self.attachments = self.attachments or MemoryAttachments(self.store)

    async def enrol(self, server_url: str, code: str, pin: str) -> None:
        """Trade a code for an identity."""
        if code != "GOOD":
            raise refused("bad_code")
        self.enrolled, self.pin, self.locked = True, pin, False

    async def unlock(self, pin: str) -> None:
        """Open the store."""
        if pin != self.pin:
            self.tries -= 1
            raise PinRefused("wrong", self.tries)
        self.locked = False

    def keep_in_sync(self) -> None:
        """Sync in the background."""

    async def close(self) -> None:
        """Give the profile free."""
        self.lock()

    def lock(self) -> None:
        """Close the store."""
        self.locked = True


def person(number: int = 1, name: str = "刘秀兰") -> Customer:
    """A customer who is a person."""
    return Customer(
        f"c{number}", "person", name, "lxl", "e1", "u1", phone="13800001234",
        address="江苏省南京市鼓楼区中山北路 12 号", need="housing", need_amount=120_000_000,
        deposit_balance=123_456_789, as_of=NOW - DAY_MS,
    )  # fmt: skip


def company(number: int = 2, name: str = LONG_COMPANY) -> Customer:
    """A customer who is an organisation with a long name."""
    return Customer(
        f"c{number}", "organisation", name, "jscsj", "e1", "u1", contact_name="陈䶮",
        industry="高端装备制造", stage="design",
    )  # fmt: skip


def todo(number: int = 1, **changes: Any) -> TodayItem:
    """One line of today's list."""
    item = TodayItem(
        f"t{number}", f"c{number}", "刘秀兰", "person", "visit", "再次上门", "上次说要问女儿",
        "2026-11-24", False, False, RecordState.IN_RECORD,
    )  # fmt: skip
    return replace(item, **changes)


def contact(number: int = 1, customer_id: str = "c1", **changes: Any) -> Interaction:
    """One contact."""
    made = Interaction(
        f"i{number}", customer_id, "e1", "visit", "deposit", "interested", NOW - number * 3_600_000,
        started_at=NOW - number * 3_600_000, ended_at=NOW - number * 3_600_000 + 1_500_000,
        need="housing", next_step="送方案", next_due="2026-11-27", satisfaction=4,
        note="女儿年底要在江宁买房，想先把定期转出来。", no_fix_reason="indoors",
    )  # fmt: skip
    return replace(made, **changes)


def _row(one: Customer) -> CustomerRow:
    return CustomerRow(
        one.id, one.kind, one.name, one.initials, one.phone, one.address, one.owner_id, "王敏",
        one.stage, one.need, one.need_amount, NOW - 2 * DAY_MS, "送方案", "2026-11-27",
        RecordState.IN_RECORD,
    )  # fmt: skip
