"""Service cases: opened in four taps, taken from state to state, each step with a word to the log.

The clock is the case's own (`shared.domain.service_case`): what is late, or due on this day, stands
on Today, and what is late in the team stands in a supervisor's inbox. What a customer was promised
is a task, and stands beside their cases.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import flet as ft

from mobile_app.i18n import local_day
from mobile_app.state.rows import CaseItem, Interaction, PromiseItem, ServiceCase, StepItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from shared.domain import CaseStep
from shared.domain.interaction import Channel
from shared.domain.service_case import (
    SERVICE_STEPS,
    USUAL_SEVERITY,
    CaseKind,
    due_after,
    due_at,
    is_late,
    left,
)
from shared.domain.usual import Severity
from shared.registry import Document
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

KINDS: Final[tuple[CaseKind, ...]] = get_args(CaseKind)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
CHANNELS: Final[tuple[Channel, ...]] = ("call", "visit", "wechat", "counter")
"""How a customer tells a manager of something."""
SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "complaint": ("attitude", "waiting", "fee", "mis_sold", "system"),
    "request": ("certificate", "limit", "receipt"),
    "question": ("rate", "procedure", "fee"),
    "loss_report": ("card", "passbook", "token"),
    "correction": ("phone", "address", "name"),
}
"""What a case of a kind mostly is about; everything else is typed."""
_LONGEST: Final = 200
_KEPT: Final = ("kind", "severity", "subject", "interaction_id", "channel", "opened_at")


@dataclass(eq=False)
class CaseForm(ft.Observable):
    """A case being opened. The empty string is "not said"."""

    _desk: "Desk"
    customer_id: str
    kind: str = ""
    severity: str = ""
    subject: str = ""
    interaction_id: str = ""
    """The contact in which the customer said it."""
    channel: str = CHANNELS[0]
    opened_at: int = 0
    """When the customer said it (ms): the clock runs from then."""
    problem: Message | None = None

    @staticmethod
    def draft_key(customer_id: str) -> str:
        """The draft's name in the store; one case per customer is being opened at a time."""
        return f"case:{customer_id}"

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return self.draft_key(self.customer_id)

    @classmethod
    def open(cls, desk: "Desk", customer_id: str) -> "CaseForm":
        """Return the form as the draft left it, or an empty one."""
        form = cls(desk, customer_id, opened_at=desk.now())
        for name, value in (desk.store.draft(form.key) or {}).items():
            if name in _KEPT:
                setattr(form, name, value)
        return form

    @property
    def channels(self) -> tuple[str, ...]:
        """How the customer may have said it."""
        return tuple(dict.fromkeys((*CHANNELS, self.channel)))

    @property
    def is_complete(self) -> bool:
        """Whether it can be kept."""
        return bool(self.kind and self.subject.strip())

    @property
    def due_at(self) -> int:
        """By when it is to be resolved (ms), once its kind is said."""
        return due_at(self._clock())

    def begin(self) -> None:
        """Begin now; a form in which something is said keeps its own beginning."""
        if not self.kind:
            self.opened_at = self._desk.now()

    def begin_from(self, contact: Interaction) -> None:
        """Begin with what was complained of in a contact; the clock runs from then."""
        self.interaction_id, self.channel = contact.id, contact.channel
        self.opened_at = contact.occurred_at
        self.subject = " ".join((contact.note or "").split())[:_LONGEST]
        self.choose("kind", "complaint")

    def choose(self, name: str, code: str) -> None:
        """Choose a code; with a kind comes how severe it usually is, which can be changed."""
        setattr(self, name, code)
        if name == "kind":
            self.severity = USUAL_SEVERITY[cast(CaseKind, code)]
        self._keep()

    def write(self, text: str) -> None:
        """Take over what it is about, as it is typed or chosen."""
        self.subject = text[:_LONGEST]
        self._keep()

    def submit(self) -> bool:
        """Open the case; False where `problem` now says why it was not kept."""
        if not self.is_complete:
            return False
        self.problem = kept(self._desk, Insert.of("service_case", self._case()))
        if self.problem is None:
            self.drop()
        return self.problem is None

    def drop(self) -> None:
        """Forget the form and what stands in it."""
        self._desk.service.forms.pop(self.customer_id, None)
        self._desk.close_form(self.key)

    def _clock(self) -> dict[str, Any]:
        return {"opened_at": self.opened_at, "kind": self.kind, "severity": self.severity}

    def _case(self) -> ServiceCase:
        me = self._desk.store.me.id
        return ServiceCase(
            id=self._desk.ids(),
            customer_id=self.customer_id,
            subject=self.subject.strip(),
            channel=cast(Channel, self.channel),
            due_at=self.due_at,
            stepped_at=self.opened_at,
            opened_by=me,
            interaction_id=self.interaction_id or None,
            assignee_id=me,
            **self._clock(),
        )

    def _keep(self) -> None:
        self._desk.store.save_draft(self.key, {name: getattr(self, name) for name in _KEPT})


@dataclass(eq=False)
class StepForm(ft.Observable):
    """The next step of one case: what was done, and where that brings it."""

    _desk: "Desk"
    case_id: str
    what: str = ""
    """What was done, as it goes into the log."""
    score: str = ""
    """What the customer thinks of the resolution, of a complaint."""
    problem: Message | None = None

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return f"case_step:{self.case_id}"

    @classmethod
    def open(cls, desk: "Desk", case_id: str) -> "StepForm":
        """Return the form as the draft left it, or an empty one."""
        draft = desk.store.draft(f"case_step:{case_id}") or {}
        return cls(desk, case_id, draft.get("what", ""), draft.get("score", ""))

    def write(self, text: str) -> None:
        """Take over what was done, as it is typed or chosen."""
        self.what = text
        self._keep()

    def choose_score(self, code: str) -> None:
        """Say what the customer thinks of it; saying it again takes it back."""
        self.score = "" if self.score == code else code
        self._keep()

    def log(self) -> None:
        """Write a word into the log; the case stays in its state."""
        if said := self.what.strip():
            self._take(Insert.of("case_step", self._line(said, None)))

    def step(self, status: str, word: str) -> None:
        """Bring the case into a state; `word` is what the log says where nothing else was said."""
        case, what = self._case, self.what.strip()
        move = Transition(
            "service_case", case.id, "status", case.status, status, self._said(case, status)
        )
        self._take(move, Insert.of("case_step", self._line(what or word, status)))

    @property
    def _case(self) -> ServiceCase:
        item = self._desk.service.item(self.case_id)
        if item is None:
            raise LookupError(self.case_id)
        return item.case

    def _said(self, case: ServiceCase, status: str) -> Document:
        """What is said along with a step."""
        me, now = self._desk.store.me.id, self._desk.now()
        before: Document = {
            name: getattr(case, name)
            for name in ("status", "kind", "severity", "due_at", "stepped_at")
        }
        due = due_after(before, status, now)
        said: Document = {"employee_id": me, "due_at": due, "stepped_at": now}
        if status == "working":
            said["assignee_id"] = me
        if status == "resolved":
            said["resolution"] = self.what.strip() or None
        if status == "closed" and self.score:
            said["satisfaction"] = int(self.score)
        if status == "reopened":
            said |= {"resolution": None, "satisfaction": None}
        return said

    def _line(self, what: str, status: str | None) -> CaseStep:
        case = self._case
        return CaseStep(
            id=self._desk.ids(),
            case_id=case.id,
            customer_id=case.customer_id,
            employee_id=self._desk.store.me.id,
            what=what,
            occurred_at=self._desk.now(),
            status=cast(Any, status),
        )

    def _take(self, *changes: Any) -> None:
        self.problem = kept(self._desk, *changes)
        if self.problem is None:
            self.what = self.score = ""
            self._desk.close_form(self.key)

    def _keep(self) -> None:
        self._desk.store.save_draft(self.key, {"what": self.what, "score": self.score})


@dataclass(eq=False)
class Service:
    """The reads of cases and promises, answered from memory until the store changes, and the
    forms of cases."""

    _desk: "Desk"
    forms: dict[str, CaseForm] = field(default_factory=dict)
    steps: dict[str, StepForm] = field(default_factory=dict)

    def pressing(self) -> list[CaseItem]:
        """What of the user's own customers is late or due on this day, the latest first."""
        found = self._desk.read(self._desk.store.own_cases)
        return self._by_clock([item for item in found if self._presses(item.case)])

    def _presses(self, case: ServiceCase) -> bool:
        now = self._desk.now()
        is_today = local_day(case.due_at) == local_day(now)
        return is_late(case, now) or (is_today and case.status != "waiting_for_customer")

    def late_of_team(self) -> list[CaseItem]:
        """What is late of all customers that a supervisor sees, the latest first."""
        if self._desk.store.role != "supervisor":
            return []
        found = self._desk.read(self._desk.store.all_cases)
        return self._by_clock([item for item in found if is_late(item.case, self._desk.now())])

    def _by_clock(self, items: list[CaseItem]) -> list[CaseItem]:
        now = self._desk.now()
        return sorted(items, key=lambda item: left(item.case, now) or 0)

    def of(self, customer_id: str) -> list[CaseItem]:
        """All cases of a customer, those that go on first."""
        return self._desk.read(self._desk.store.cases_of, customer_id)

    def item(self, id: str) -> CaseItem | None:
        """One case."""
        return self._desk.read(self._desk.store.service_case, id)

    def log(self, id: str) -> list[StepItem]:
        """The log of a case, the latest first."""
        return self._desk.read(self._desk.store.case_steps, id)

    def promises(self, customer_id: str) -> list[PromiseItem]:
        """What a customer was promised: what is still to be done first, then the latest."""
        return self._desk.read(self._desk.store.promises_of, customer_id)

    def has_draft(self, customer_id: str) -> bool:
        """Whether a case of a customer was begun and not opened."""
        if customer_id in self.forms:
            return bool(self.forms[customer_id].kind)
        return self._desk.has_kept(CaseForm.draft_key(customer_id))

    def form(self, customer_id: str) -> CaseForm:
        """The form of a customer's new case: the one on screen, the draft, or a new one."""
        if customer_id not in self.forms:
            self.forms[customer_id] = CaseForm.open(self._desk, customer_id)
        return self.forms[customer_id]

    def begin_from(self, contact_id: str) -> None:
        """Begin a complaint with what was said in a contact."""
        contact = self._desk.store.document("interaction", contact_id)
        if contact is not None:
            told = Interaction(**cast(Any, contact))
            self.form(told.customer_id).begin_from(told)

    def step_form(self, case_id: str) -> StepForm:
        """The form of a case's next step: the one on screen, the draft, or a new one."""
        if case_id not in self.steps:
            self.steps[case_id] = StepForm.open(self._desk, case_id)
        return self.steps[case_id]


def following(case: ServiceCase) -> list[str]:
    """The states that a case can come into."""
    return [step.after for step in SERVICE_STEPS if step.before == case.status]


def asks_score(case: ServiceCase) -> bool:
    """Whether the customer is to be asked now what they think of it."""
    return case.status == "resolved" and case.kind == "complaint"
