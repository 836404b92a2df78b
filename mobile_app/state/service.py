"""Service cases: opened in four taps, taken from state to state, each step with a word to the log.

The clock is the case's own (`shared.domain.service_case`); what is late, or due on this day, stands
on Today, and what is late in the team stands in a supervisor's inbox.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import flet as ft

from mobile_app.i18n import local_day
from mobile_app.state.rows import CaseItem, Interaction, ServiceCase, StepItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from shared.domain import CaseStep
from shared.domain.service_case import (
    DONE,
    SERVICE_STEPS,
    USUAL_SEVERITY,
    CaseKind,
    due_after,
    due_at,
    is_late,
)
from shared.domain.usual import Severity
from shared.registry import Document
from shared.sync.change import Insert, Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

KINDS: Final[tuple[CaseKind, ...]] = get_args(CaseKind)
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "complaint": ("attitude", "waiting", "fee", "mis_sold", "system"),
    "request": ("certificate", "limit", "receipt"),
    "question": ("rate", "procedure", "fee"),
    "loss_report": ("card", "passbook", "token"),
    "correction": ("phone", "address", "name"),
}
"""What a case of a kind mostly is about; everything else is typed."""
DEEDS: Final = ("contacted", "checked", "passed_on", "explained", "refunded", "corrected")
"""What mostly is done in a step."""
_LONGEST: Final = 200
_OPENED: Final = ("kind", "severity", "subject", "interaction_id", "channel", "opened_at")


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
    channel: str = "visit"
    opened_at: int = 0
    is_open: bool = False
    problem: Message | None = None

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return f"case:{self.customer_id}"

    @classmethod
    def open(cls, desk: "Desk", customer_id: str) -> "CaseForm":
        """Return the form as the draft left it, or a closed and empty one."""
        form = cls(desk, customer_id)
        for name, value in (desk.store.draft(form.key) or {}).items():
            if name in _OPENED:
                setattr(form, name, value)
                form.is_open = True
        return form

    @property
    def is_complete(self) -> bool:
        """Whether it can be kept."""
        return bool(self.kind and self.subject.strip())

    def begin(self) -> None:
        """Open the form; the clock runs from now."""
        self.opened_at, self.is_open = self._desk.now(), True

    def begin_from(self, contact: Interaction) -> None:
        """Open the form for what was complained of in a contact; the clock runs from then."""
        self.interaction_id, self.channel = contact.id, contact.channel
        self.opened_at, self.is_open = contact.occurred_at, True
        self.choose_kind("complaint")
        self.write(" ".join((contact.note or "").split())[:_LONGEST])

    def choose_kind(self, code: str) -> None:
        """Choose the kind; how severe it usually is comes with it and can be changed."""
        self.kind, self.severity = code, USUAL_SEVERITY[cast(Any, code)]
        self._keep()

    def choose_severity(self, code: str) -> None:
        """Choose how severe it is."""
        self.severity = code
        self._keep()

    def write(self, text: str) -> None:
        """Take over what it is about, as it is typed or chosen."""
        self.subject = text[:_LONGEST]
        self._keep()

    def submit(self) -> None:
        """Open the case."""
        if not self.is_complete:
            return
        self.problem = kept(self._desk, Insert.of("service_case", self._case()))
        if self.problem is None:
            self.drop()

    def drop(self) -> None:
        """Close the form and forget what stands in it."""
        self._desk.service.close(self)

    def _case(self) -> ServiceCase:
        me, at = self._desk.store.me.id, self.opened_at or self._desk.now()
        clock: dict[str, Any] = {
            "opened_at": at,
            "kind": self.kind,
            "severity": self.severity,
        }
        return ServiceCase(
            id=self._desk.ids(),
            customer_id=self.customer_id,
            subject=self.subject.strip(),
            channel=cast(Any, self.channel),
            due_at=due_at(clock),
            stepped_at=at,
            opened_by=me,
            interaction_id=self.interaction_id or None,
            assignee_id=me,
            **clock,
        )

    def _keep(self) -> None:
        self._desk.store.save_draft(self.key, {name: getattr(self, name) for name in _OPENED})


@dataclass(eq=False)
class StepForm(ft.Observable):
    """The next step of one case: what was done, and where that brings it."""

    _desk: "Desk"
    case_id: str
    deed: str = ""
    """What was done, of the usual, in the user's words."""
    note: str = ""
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
        form = cls(desk, case_id)
        for name, value in (desk.store.draft(form.key) or {}).items():
            setattr(form, name, value)
        return form

    @property
    def _case(self) -> ServiceCase:
        item = self._desk.service.item(self.case_id)
        if item is None:
            raise LookupError(self.case_id)
        return item.case

    @property
    def what(self) -> str:
        """What was done, as it goes into the log."""
        return "；".join(filter(None, (self.deed, self.note.strip())))

    @property
    def asks_score(self) -> bool:
        """Whether the customer is to be asked now what they think of it."""
        return self._case.status == "resolved" and self._case.kind == "complaint"

    @property
    def following(self) -> list[str]:
        """The states that the case can come into."""
        return [step.after for step in SERVICE_STEPS if step.before == self._case.status]

    def choose(self, deed: str) -> None:
        """Say what was done; saying it again takes it back."""
        self.deed = "" if self.deed == deed else deed
        self._keep()

    def choose_score(self, code: str) -> None:
        """Say what the customer thinks of it; saying it again takes it back."""
        self.score = "" if self.score == code else code
        self._keep()

    def write(self, text: str) -> None:
        """Take over the note as it is typed."""
        self.note = text
        self._keep()

    def log(self) -> None:
        """Write a word into the log; the case stays in its state."""
        if self.what:
            self._take(Insert.of("case_step", self._line(self.what, None)))

    def step(self, status: str, word: str) -> None:
        """Bring the case into a state; `word` is what the log says where nothing else was said."""
        case = self._case
        said = self._said(case, status)
        move = Transition("service_case", case.id, "status", case.status, status, said)
        self._take(move, Insert.of("case_step", self._line(self.what or word, status)))

    def _said(self, case: ServiceCase, status: str) -> Document:
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
            said["resolution"] = self.what or None
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
            self.deed = self.note = self.score = ""
            self._desk.close_form(self.key)

    def _keep(self) -> None:
        body = {"deed": self.deed, "note": self.note, "score": self.score}
        self._desk.store.save_draft(self.key, body)


@dataclass(eq=False)
class Service:
    """The reads of cases, answered from memory until the store changes, and their forms."""

    _desk: "Desk"
    forms: dict[str, CaseForm] = field(default_factory=dict)
    steps: dict[str, StepForm] = field(default_factory=dict)

    def pressing(self) -> list[CaseItem]:
        """What of the user's own customers is late or due on this day, the first due first."""
        found = self._desk.read(self._desk.store.own_cases)
        return [item for item in found if self._presses(item.case)]

    def _presses(self, case: ServiceCase) -> bool:
        now = self._desk.now()
        is_today = local_day(case.due_at) == local_day(now)
        return is_late(case, now) or (is_today and case.status != "waiting_for_customer")

    def late_of_team(self) -> list[CaseItem]:
        """What is late of all customers that a supervisor sees, the longest first."""
        now = self._desk.now()
        return [
            item for item in self._desk.read(self._desk.store.all_cases) if is_late(item.case, now)
        ]

    def of(self, customer_id: str) -> list[CaseItem]:
        """All cases of a customer, those that go on first."""
        return self._desk.read(self._desk.store.cases_of, customer_id)

    def item(self, id: str) -> CaseItem | None:
        """One case."""
        return self._desk.read(self._desk.store.service_case, id)

    def log(self, id: str) -> list[StepItem]:
        """The log of a case, the latest first."""
        return self._desk.read(self._desk.store.case_steps, id)

    def may_open_from(self, contact: Interaction) -> bool:
        """Whether a contact is a complaint of which no case was opened yet."""
        if contact.purpose != "complaint":
            return False
        return all(item.case.interaction_id != contact.id for item in self.of(contact.customer_id))

    def form(self, customer_id: str) -> CaseForm:
        """The form of a customer's new case: the one on screen, the draft, or a new one."""
        if customer_id not in self.forms:
            self.forms[customer_id] = CaseForm.open(self._desk, customer_id)
        return self.forms[customer_id]

    def step_form(self, case_id: str) -> StepForm:
        """The form of a case's next step: the one on screen, the draft, or a new one."""
        if case_id not in self.steps:
            self.steps[case_id] = StepForm.open(self._desk, case_id)
        return self.steps[case_id]

    def close(self, form: CaseForm) -> None:
        """Forget a form that was submitted or dropped, with its draft."""
        self.forms.pop(form.customer_id, None)
        self._desk.close_form(form.key)


def runs(case: ServiceCase) -> bool:
    """Whether a case's clock runs."""
    return case.status not in DONE and case.status != "waiting_for_customer"
