"""Desk: an unlocked device as the screens see it, reads answered from memory until it changes.

A screen reads during render, many times for one change. So a read goes to the store once per beat
of the pulse; every change of the store is one beat, and the components that were handed the pulse
read again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import flet as ft

from mobile_app.i18n import local_day, local_time
from mobile_app.platform.location import Fix, NoFix
from mobile_app.state.advice import Advice
from mobile_app.state.alerts import Alerts
from mobile_app.state.business import Business
from mobile_app.state.carry import Carry
from mobile_app.state.clock import Ids, Minute
from mobile_app.state.collaborators import Collaborators
from mobile_app.state.consents import Consents
from mobile_app.state.devices import Devices, devices_of
from mobile_app.state.duplicates import Duplicates
from mobile_app.state.holdings import Holdings, holdings_of
from mobile_app.state.inbox import Inbox
from mobile_app.state.paging import PAGE, Page, page_of
from mobile_app.state.performance import Performance
from mobile_app.state.plans import Plans
from mobile_app.state.prospects import Prospects
from mobile_app.state.referrals import Referrals
from mobile_app.state.relations import Relations
from mobile_app.state.responses import TeamResponse, responses_of
from mobile_app.state.rows import (
    Attachment,
    AttachmentItem,
    ContentState,
    CustomerCard,
    CustomerRow,
    FeedItem,
    FieldRow,
    OutboxItem,
    SyncOverview,
    TodayItem,
    UnsentContent,
)
from mobile_app.state.selling import Selling
from mobile_app.state.service import Service
from mobile_app.state.standing import Standing, standing_of
from mobile_app.state.sync import SyncStatus
from mobile_app.state.timeline import Timeline
from mobile_app.state.verifying import Verifying
from mobile_app.state.viewing import Viewing
from mobile_app.state.visit import VisitForm
from mobile_app.state.worth import Worth, worth_of
from shared.domain import CustomerValue, Interaction, Review
from shared.domain.days import DAY_MS
from shared.sync.change import Add, Insert, Remove

if TYPE_CHECKING:
    from mobile_app.attachments import Attachments
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

T = TypeVar("T")
OUTBOX_LIMIT = 100


class Locate(Protocol):
    """Takes one location fix; it answers with a reason instead of raising."""

    def __call__(self) -> Awaitable[Fix | NoFix]:
        """Ask the device once."""


@dataclass(eq=False)
class Pulse(ft.Observable):
    """Counts the changes of the store; to be handed it is to re-read on each."""

    count: int = 0


@dataclass(frozen=True)
class Day:
    """Today's list with how far it has come, and whom else it would be good to turn to."""

    items: list[TodayItem]
    proposals: list[TodayItem]
    done: int
    total: int

    @property
    def share(self) -> float:
        """The part that is done, 0 to 1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Field:
    """The supervisor's field of today, with the largest row to draw the bars against."""

    rows: list[FieldRow]
    contacts: int
    pending: int

    def share(self, row: FieldRow) -> float:
        """A row's contacts against the largest row's, 0 to 1."""
        largest = max((total(one) for one in self.rows), default=0)
        return total(row) / largest if largest else 0.0


def total(row: FieldRow) -> int:
    """All contacts of one manager today."""
    return row.visits + row.calls + row.others


@dataclass(eq=False)
class Desk:
    """The reads and verbs of one unlocked device."""

    store: "DeviceStore"
    runner: "SyncRunner"
    now: Callable[[], int]
    ids: Ids
    locate: Locate
    attachments: "Attachments"
    pulse: Pulse = field(default_factory=Pulse)
    minute: Minute = field(default_factory=Minute)
    viewing: Viewing = field(init=False)
    sync: SyncStatus = field(init=False)
    carry: Carry = field(init=False)
    verifying: Verifying = field(init=False)
    inbox: Inbox = field(init=False)
    duplicates: Duplicates = field(init=False)
    performance: Performance = field(init=False)
    business: Business = field(init=False)
    selling: Selling = field(init=False)
    plans: Plans = field(init=False)
    alerts: Alerts = field(init=False)
    advice: Advice = field(init=False)
    relations: Relations = field(init=False)
    consents: Consents = field(init=False)
    collaborators: Collaborators = field(init=False)
    referrals: Referrals = field(init=False)
    service: Service = field(init=False)
    timeline: Timeline = field(init=False)
    prospects: Prospects = field(init=False)
    forms: dict[str, VisitForm] = field(default_factory=dict)
    """Open forms by the names of their drafts."""
    left: dict[str, str] = field(default_factory=dict)
    """How lists were left, until the lock: what was looked for, which kind was shown."""
    _cache: dict[tuple[object, ...], Any] = field(default_factory=dict)
    _beating: bool = False
    _dispose: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sync = SyncStatus(self.runner, self.store, lambda: self.inbox.to_settle().total)
        self.carry = Carry(self.store)
        self.verifying = Verifying(self.store, self.runner)
        self.viewing = Viewing(self.attachments)
        self.performance = Performance(self.store, self.runner, self.read, self.now)
        self.business = Business(self.store, self.read, self.now)
        self.duplicates = Duplicates(self.store, self.runner, self.read, self.now)
        self.selling = Selling(self)
        self.plans = Plans(self.store, self.runner, self.read, self.now)
        self.alerts = Alerts(self)
        self.advice = Advice(self)
        self.relations = Relations(self)
        self.consents = Consents(self)
        self.collaborators = Collaborators(self)
        self.referrals = Referrals(self)
        self.service = Service(self)
        self.inbox = Inbox(self.store, self.runner, self.read, self.service.late_of_team)
        self.timeline = Timeline(self)
        self.prospects = Prospects(self)
        self._changed = self._on_change
        self._dispose = [
            self.store.on_change(self._changed),
            self.runner.on_status(self.sync.refresh),
            self.attachments.on_change(self._changed),
        ]
        self.sync.refresh()

    def close(self) -> None:
        """Stop listening; the device is being locked."""
        for dispose in self._dispose:
            dispose()

    def refresh(self) -> None:
        """Have the screens read anew, as after a change of the store."""
        self._on_change()

    def _on_change(self) -> None:
        """Beat once for all the changes of one turn of the event loop."""
        self._cache.clear()
        if not self._beating:
            self._beating = True
            asyncio.get_running_loop().call_soon(self._beat)

    def _beat(self) -> None:
        self._beating = False
        self._cache.clear()
        self.pulse.count += 1
        self.sync.refresh()

    def read(self, read: Callable[..., T], *args: object) -> T:
        """Answer from memory what was read since the store last changed."""
        key = (read.__name__, *args)
        if key not in self._cache:
            self._cache[key] = read(*args)
        return cast(T, self._cache[key])

    # What the screens read

    @property
    def today_text(self) -> str:
        """The calendar day on this device."""
        return local_day(self.now())

    @property
    def server_url(self) -> str:
        """The branch server that this device belongs to."""
        return self.store.identity.server_url

    def day(self) -> Day:
        """Today's list in the order to do it in."""
        listed = self.read(self._today, self.today_text)
        items = [item for item in listed if item.task_id is not None]
        proposals = [item for item in listed if item.task_id is None]
        return Day(items, proposals, sum(item.done for item in items), len(items))

    def _today(self, today: str) -> list[TodayItem]:
        return self.store.today(today, self.now())

    def customers(self, text: str, pages: int = 1) -> Page[CustomerRow]:
        """The customers that match what was typed, best first."""
        return page_of(self.read(self.store.customers, text.strip(), pages * PAGE + 1), pages)

    def worth(self, customer_id: str) -> Worth | None:
        """What a customer is worth to the bank; None while nobody has worked it out."""
        found: CustomerValue | None = self.read(self.store.value_of, customer_id)
        return None if found is None else worth_of(found)

    def standing(self, customer_id: str) -> Standing | None:
        """Where a customer stands with the bank; None while nobody has assessed it."""
        states = self.read(self.store.states_of, customer_id)
        return standing_of(states, self.read(self.store.risk_of, customer_id))

    def customer(self, customer_id: str) -> CustomerCard | None:
        """One customer with everything that the header answers."""
        day_end = start_of_day(self.now()) + DAY_MS
        return self.read(self.store.customer, customer_id, day_end)

    def holdings(self, customer_id: str) -> Holdings:
        """What a customer holds with the bank and owes it."""
        return self.read(self._holdings, customer_id)

    def _holdings(self, customer_id: str) -> Holdings:
        return holdings_of(self.store.accounts_of(customer_id))

    def loose_attachments(self, customer_id: str) -> list[AttachmentItem]:
        """What is attached to a customer and to no contact, latest first."""
        found = self.read(self.store.attachments, customer_id)
        return [each for each in found if each.attachment.interaction_id is None]

    def content_state(self, item: AttachmentItem) -> ContentState:
        """Where the content of an attachment is."""
        return self.attachments.state(item.attachment)

    def unsent_contents(self) -> list[UnsentContent]:
        """What the server does not have yet of attachments, what was refused first."""
        return self.read(self.attachments.unsent)

    def field_today(self) -> Field:
        """What every manager did today, and what is known to be missing."""
        rows = self.read(self.store.field_today, start_of_day(self.now()))
        pending = sum(row.pending_on_devices or 0 for row in rows)
        return Field(rows, sum(map(total, rows)), pending)

    def unreviewed(self) -> int:
        """How many of today's contacts nobody has said a word on."""
        found: int = self.read(self.store.unreviewed, start_of_day(self.now()))
        return found

    def devices(self) -> Devices:
        """The devices of the team, those that need someone first."""
        return devices_of(self.read(self.store.devices), self.now())

    def responses(self, days: int) -> list[TeamResponse]:
        """How the alerts of so many days were answered, manager by manager."""
        since = start_of_day(self.now()) - (days - 1) * DAY_MS
        alerts = self.read(self.store.team_alerts, since)
        return responses_of(alerts, self.read(self.store.manager_names), self.now())

    def feed(self, pages: int = 1) -> Page[FeedItem]:
        """The latest contacts of all managers, newest first."""
        return page_of(self.read(self.store.feed, pages * PAGE + 1), pages)

    def outbox(self) -> list[OutboxItem]:
        """What has not reached the shared record yet, issues first."""
        return self.read(self.store.outbox, OUTBOX_LIMIT)

    def overview(self) -> SyncOverview:
        """The counts of the sync centre."""
        return self.read(self.store.overview)

    # What the screens do

    def form(self, customer_id: str) -> VisitForm:
        """The open form of a customer: the one on screen, the draft, or a new one."""
        key = VisitForm.draft_key(customer_id)
        if key not in self.forms:
            self.forms[key] = VisitForm.open(self, customer_id, self.name_of(customer_id))
        return self.forms[key]

    def name_of(self, customer_id: str) -> str:
        """The name of a customer, nothing where they are not here."""
        if card := self.customer(customer_id):
            return card.customer.name
        shared = self.collaborators.at(customer_id)
        return shared.name if shared else ""

    def start(self, customer_id: str, channel: str, task_id: str | None = None) -> None:
        """Start a contact: the time is taken now and one location fix is asked for."""
        form = self.form(customer_id)
        form.begin(channel, task_id or self._task_for(customer_id, channel))

    def has_draft(self, customer_id: str) -> bool:
        """Whether a contact with this customer was started and not submitted."""
        key = VisitForm.draft_key(customer_id)
        return key in self.forms or key in self._drafts()

    def has_kept(self, key: str) -> bool:
        """Whether a draft of this name is kept."""
        return key in self._drafts()

    def _drafts(self) -> list[str]:
        return self.read(self.store.drafts)

    def _task_for(self, customer_id: str, channel: str) -> str | None:
        """Today's open task that such a contact answers."""
        for item in self.day().items:
            mine = item.customer_id == customer_id and not item.done
            if mine and item.task_id and item.kind in (channel, "follow_up"):
                return item.task_id
        return None

    def written(self, key: str) -> str:
        """The words that were being written under a name and were neither said nor dropped."""
        kept = self.store.draft(f"words:{key}")
        return str(kept["text"]) if kept else ""

    def write(self, key: str, text: str) -> None:
        """Keep words while they are being written; none are forgotten."""
        if text:
            self.store.save_draft(f"words:{key}", {"text": text})
        else:
            self.store.drop_draft(f"words:{key}")

    def close_form(self, key: str) -> None:
        """Forget a form that was submitted or dropped, with its draft."""
        self.forms.pop(key, None)
        self.store.drop_draft(key)
        self._on_change()

    def review(self, item: FeedItem, kind: str, text: str = "") -> None:
        """Say a supervisor's word on one contact."""
        review = Review(
            id=self.ids(),
            interaction_id=item.interaction.id,
            customer_id=item.interaction.customer_id,
            employee_id=self.store.me.id,
            kind=cast(Any, kind),
            occurred_at=self.now(),
            text=text.strip() or None,
        )
        self.store.commit(Insert.of("review", review))

    def is_own(self, contact: Interaction) -> bool:
        """Whether the user recorded a contact."""
        return contact.employee_id == self.store.me.id

    def keeps_both(self, contact: Interaction, twin: Interaction) -> bool:
        """Whether the user has said that two contacts which look the same are both right."""
        return self.read(self.store.setting, _both(contact, twin)) is not None

    def keep_both(self, contact: Interaction, twin: Interaction) -> None:
        """Say that two contacts which look the same are both right; kept on this device."""
        self.store.set_setting(_both(contact, twin), "kept")
        self._on_change()

    def add_interest(self, customer_id: str, word: str) -> None:
        """Add a word to what a customer cares for; what is there already is left."""
        word = " ".join(word.split())
        if word and word not in self._interests(customer_id):
            self.store.commit(Add("customer", customer_id, "interests", word))
            self.runner.wake()

    def remove_interest(self, customer_id: str, word: str) -> None:
        """Take a word away from what a customer cares for."""
        if word in self._interests(customer_id):
            self.store.commit(Remove("customer", customer_id, "interests", word))
            self.runner.wake()

    def _interests(self, customer_id: str) -> list[str]:
        text = self.store.value("customer", customer_id, "interests")
        return text.split("\n") if text else []

    def retry_content(self, attachment: Attachment) -> None:
        """Send the content of a refused attachment again."""
        self.attachments.retry(attachment)


def _both(contact: Interaction, twin: Interaction) -> str:
    return f"both:{twin.id}:{contact.id}"


def start_of_day(now: int) -> int:
    """Return the moment at which the local day of `now` began, in ms."""
    midnight = local_time(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(midnight.timestamp() * 1000)
