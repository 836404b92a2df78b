"""Alerts: what the user must look at in time, and the form in which one is handled.

What may harm the customer comes first: of an abnormal flow nothing can be said about cause and
measure before the three questions are answered, and a "yes" leaves one measure, to report it.
Every change goes to a draft at once, as a visit's does.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, get_args

import flet as ft
from pydantic_core import from_json

from mobile_app.state.rows import Alert, AlertItem
from mobile_app.state.said import Message
from mobile_app.state.selling import kept
from shared.domain.alert import QUESTIONS, WAITING, Action, Cause, asks_first
from shared.registry import Document
from shared.sync.change import Transition

if TYPE_CHECKING:
    from mobile_app.state.desk import Desk

ANSWERS: Final = ("yes", "no", "unknown")
REPORT: Final = "reported"
"""The one measure that a "yes" leaves."""
_FRAUD: Final = "fraud_suspected"
_LEAVING: Final = (
    "invested_elsewhere", "dissatisfied", "housing", "business", "family", "moved_away",
    "unreachable", "other",
)  # fmt: skip
_CAUSES: Final[dict[str, tuple[str, ...]]] = {
    "satisfaction": ("dissatisfied", "moved_away", "unreachable", "other"),
    "maturity": (
        "housing", "medical", "education", "business", "family", "invested_elsewhere",
        "unreachable", "other",
    ),
    "birthday": ("well", "unreachable", "other"),
    "papers": ("renewing", "moved_away", "unreachable", "other"),
    "churn": _LEAVING,
    "downgrade": _LEAVING,
    "complaint": ("dissatisfied", "moved_away", "unreachable", "other"),
}  # fmt: skip
"""What can be behind an alert of a kind; behind a flow anything."""
FOLLOWED_DAYS: Final = 90
"""For how long what is sold or passed on may be said to come of an alert."""
_OF_FLOWS: Final = tuple(each for each in get_args(Cause) if each not in ("renewing", "well"))
SHOWN: Final = 3
"""Alerts that stand above the day's list; the others are a tap away."""
_MORE: Final = 30
"""How many more a tap brings."""


@dataclass(eq=False)
class AlertForm(ft.Observable):
    """The handling of one alert. The empty string is "not said"."""

    _desk: "Desk"
    alert_id: str
    answers: list[str] = field(default_factory=lambda: [""] * len(QUESTIONS))
    cause: str = ""
    note: str = ""
    restored: bool = False
    problem: Message | None = None

    @property
    def key(self) -> str:
        """The form's own name, under which its draft is kept."""
        return f"alert:{self.alert_id}"

    @classmethod
    def open(cls, desk: "Desk", alert_id: str) -> "AlertForm":
        """Return the form as the draft left it, or an empty one."""
        form = cls(desk, alert_id)
        for name, value in (desk.store.draft(form.key) or {}).items():
            setattr(form, name, value)
            form.restored = True
        return form

    # What the screen reads

    @property
    def _alert(self) -> Alert:
        item = self._desk.alerts.item(self.alert_id)
        if item is None:
            raise LookupError(self.alert_id)
        return item.alert

    @property
    def kind(self) -> str:
        """What kind of alert it is."""
        return self._alert.kind

    @property
    def asks(self) -> bool:
        """Whether the three questions are to be asked now."""
        return asks_first(self.kind, self._alert.direction) and self._alert.status == "open"

    @property
    def _given(self) -> list[str]:
        """The answers, those of an earlier step included."""
        return self.answers if self.asks else (self._alert.answers or "").split(",")

    @property
    def is_suspicious(self) -> bool:
        """Whether any answer is yes; from then on there is one thing to do."""
        return "yes" in self._given

    @property
    def is_asked(self) -> bool:
        """Whether every question that is to be asked has its answer."""
        return self.is_suspicious or not self.asks or all(self.answers)

    @property
    def causes(self) -> tuple[str, ...]:
        """What can be behind it; of a suspicion nothing else is asked."""
        return _CAUSES.get(self.kind, _OF_FLOWS)

    @property
    def measures(self) -> tuple[str, ...]:
        """What can have been done about it."""
        return (REPORT,) if self.is_suspicious else get_args(Action)

    @property
    def missing(self) -> str:
        """What is still to be said before it is handled; nothing when it is complete."""
        if not self.is_asked:
            return "answers"
        return "" if self.cause or self.is_suspicious else "cause"

    # What the user does

    def answer(self, place: int, code: str) -> None:
        """Answer one of the three questions."""
        self.answers = [code if at == place else each for at, each in enumerate(self.answers)]
        self._keep()

    def choose_cause(self, code: str) -> None:
        """Choose what is behind it; choosing it again takes it back."""
        self.cause = "" if self.cause == code else code
        self._keep()

    def write(self, text: str) -> None:
        """Take over the note as it is typed."""
        self.note = text
        self._keep()

    def check(self) -> None:
        """Keep the answers; cause and measure follow later, from a visit perhaps."""
        self._take(self._checking())

    def handle(self, measure: str) -> None:
        """Say what was done, which handles it; with the answers before it, in one transaction."""
        if self.missing or measure not in self.measures:
            return
        alert, said = self._alert, self._by("handled_at")
        said |= {"cause": self.cause or _FRAUD, "action": measure}
        if self.is_suspicious:
            said["cause"] = _FRAUD
        if note := self.note.strip():
            said["note"] = note
        before = "checked" if self.asks else alert.status
        step = Transition("alert", alert.id, "status", before, "handled", said)
        self._take(*([self._checking(), step] if self.asks else [step]))

    def _checking(self) -> Transition:
        answers = ",".join(each or "unknown" for each in self.answers)
        said = {**self._by("checked_at"), "answers": answers}
        return Transition("alert", self.alert_id, "status", "open", "checked", said)

    def _by(self, moment: str) -> Document:
        return {"employee_id": self._desk.store.me.id, moment: self._desk.now()}

    def _take(self, *steps: Transition) -> None:
        self.problem = kept(self._desk, *steps)
        if self.problem is None:
            self._desk.alerts.close(self)

    def _keep(self) -> None:
        body: dict[str, Any] = {"answers": self.answers, "cause": self.cause, "note": self.note}
        self._desk.store.save_draft(self.key, body)


@dataclass(eq=False)
class Alerts:
    """The reads of alerts, answered from memory until the store changes, and their forms."""

    _desk: "Desk"
    forms: dict[str, AlertForm] = field(default_factory=dict)

    def waiting(self) -> int:
        """How much is not handled about the user's own customers."""
        return self._desk.read(self._desk.store.alerts_waiting)

    def shown(self, pages: int) -> list[AlertItem]:
        """What of it stands above the day's list, most urgent first: few until more are wanted."""
        return self._desk.read(self._desk.store.own_alerts, SHOWN + pages * _MORE)

    def of(self, customer_id: str) -> list[AlertItem]:
        """All alerts of a customer, those to handle first."""
        return self._desk.read(self._desk.store.alerts_of, customer_id)

    def open_of(self, customer_id: str) -> list[AlertItem]:
        """What is not handled of a customer."""
        return [item for item in self.of(customer_id) if item.alert.status in WAITING]

    def handled_of(self, customer_id: str) -> list[AlertItem]:
        """What was handled of a customer or taken back, latest first."""
        return [item for item in self.of(customer_id) if item.alert.status not in WAITING]

    def lately_handled(self, customer_id: str) -> list[AlertItem]:
        """What was handled of a customer not long ago, so that something may have come of it."""
        since = self._desk.now() - FOLLOWED_DAYS * 86_400_000
        found = self.handled_of(customer_id)
        return [each for each in found if (each.alert.handled_at or 0) >= since][:SHOWN]

    def item(self, id: str) -> AlertItem | None:
        """One alert."""
        return self._desk.read(self._desk.store.alert, id)

    def form(self, id: str) -> AlertForm:
        """The form of an alert: the one on screen, the draft, or a new one."""
        if id not in self.forms:
            self.forms[id] = AlertForm.open(self._desk, id)
        return self.forms[id]

    def close(self, form: AlertForm) -> None:
        """Forget a form whose step was taken, with its draft."""
        self.forms.pop(form.alert_id, None)
        self._desk.close_form(form.key)


def share_of_assets(alert: Alert) -> float | None:
    """Return the part of all assets that a flow is, 0 to 1; None where they are not known."""
    if not alert.amount or not alert.assets:
        return None
    return min(1.0, alert.amount / alert.assets)


@dataclass(frozen=True)
class Drawn:
    """A flow beside the customer's own normal, as parts of one line, 0 to 1."""

    amount: float
    median: float
    threshold: float


def drawn(alert: Alert) -> Drawn | None:
    """Return how a flow is drawn against its normal; None where there is none to draw."""
    if alert.amount is None or alert.median is None or alert.threshold is None:
        return None
    longest = max(alert.amount, alert.threshold, 1)
    return Drawn(alert.amount / longest, alert.median / longest, alert.threshold / longest)


@dataclass(frozen=True)
class Fallen:
    """A customer below the line of their tier: the score, the line, and for how many months."""

    tier: str
    score: int
    line: int
    months: int


def fallen(alert: Alert) -> Fallen:
    """Read what an alert of a tier that is about to fall rests on."""
    return Fallen(*from_json(alert.evidence or '["",0,0,0]'))
