"""Inbox: what someone has to decide, and the verbs that decide it; everything works offline."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from mobile_app.state.fields import FieldForm
from mobile_app.state.rows import (
    CaseItem,
    ConflictCard,
    Customer,
    IssueCard,
    LateWork,
    RefusedWork,
    RequestCard,
    ToSettle,
)
from mobile_app.state.said import Said
from mobile_app.values import is_day
from shared.domain.change_request import RequestField
from shared.errors import Refusal
from shared.registry import REGISTRY
from shared.sync.outcome import valid

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

Action = Literal["correct", "resend", "rest", "save_new", "ask", "discard"]
_CORRECTABLE: Final = frozenset({"invalid", "unknown_customer"})
_EDITABLE: Final = {
    "task": ("title", "due", "kind"),
    "review": ("kind", "text"),
}
"""What can be corrected of a new record that was refused; a contact has its own form."""
ASKABLE: Final[Mapping[str, tuple[RequestField, ...]]] = {
    "person": ("name", "gender", "birth_date", "risk_grade"),
    "organisation": ("name", "legal_representative", "risk_grade"),
}
_NEVER: Final = frozenset(
    {
        "invalid", "gone", "append_only", "server_owned", "guarded_field", "stale_transition",
        "four_eyes", "value_moved_on", "id_taken", "not_own_fact",
    }
)  # fmt: skip
"""Refusals that the same content would meet again, whenever it is sent."""


def actions(work: RefusedWork) -> tuple[Action, ...]:
    """Return what makes sense to do about refused work, the most useful first."""
    code = work.refusal.code if work.refusal else ""
    op = work.culprit
    edit, among_others = op["kind"] != "insert", len(work.ops) > 1
    asks = code == "guarded_field" and _may_be_asked_for(work)
    sensible: dict[Action, bool] = {
        "correct": code in _CORRECTABLE and bool(correctable(work) or corrects_contact(work)),
        "ask": asks,
        "save_new": code == "gone" and work.restorable and op["kind"] != "delete",
        "rest": edit and among_others and code in _NEVER and not asks,
        "resend": code not in _NEVER,
        "discard": True,
    }
    return tuple(action for action, sense in sensible.items() if sense)


def acceptable(card: IssueCard) -> bool:
    """Whether a supervisor can take a colleague's refused work into the record as it is."""
    return card.refusal.code not in _NEVER


def askable(customer: Customer) -> tuple[str, ...]:
    """Return the guarded fields of such a customer that a person may ask to change."""
    return ASKABLE[customer.kind]


def _unfit(customer: Customer, field: str, new: Any, today: str) -> Said | None:
    """Say why a value is none to ask for."""
    if new is None:
        return Said("problem.empty")
    if new == getattr(customer, field):
        return Said("problem.same")
    if is_day(field) and new > today:
        return Said("problem.future")
    fits = valid(REGISTRY["customer"], {**asdict(customer), field: new})
    return Said("problem.fit") if isinstance(fits, Refusal) else None


def _may_be_asked_for(work: RefusedWork) -> bool:
    op = work.culprit
    named = (work.refusal.fields.get("fields", "") if work.refusal else "").split("、")
    return op["entity"] == "customer" and set(named) <= set(get_args(RequestField))


def corrects_contact(work: RefusedWork) -> bool:
    """Whether the work is a contact, which is corrected in its own form."""
    return any(op["entity"] == "interaction" and op["kind"] == "insert" for op in work.ops)


def correctable(work: RefusedWork) -> dict[str, Any]:
    """Return the fields of refused work that are corrected one by one, with their values."""
    op = work.culprit
    if op["kind"] == "patch":
        return {name: new for name, (_, new) in op["set"].items()}
    if op["kind"] == "insert" and op["entity"] in _EDITABLE:
        return {name: op["doc"].get(name) for name in _EDITABLE[op["entity"]]}
    return {}


@dataclass(eq=False)
class Inbox:
    """The reads and verbs of open cases. `read` answers from memory until the store changes."""

    store: "DeviceStore"
    runner: "SyncRunner"
    read: Callable[..., Any]
    late_cases: Callable[[], list[CaseItem]]
    """The service cases of the team that are late by now, the latest first."""
    kind: str = ""
    """Which kind of cases was looked at last, so that turning the tablet does not lose it."""

    def to_settle(self) -> ToSettle:
        """How much waits for this user."""
        found: ToSettle = self.read(self.store.to_settle)
        return replace(found, service=len(self.late_cases()))

    @property
    def has_any(self) -> bool:
        """Whether there is anything to look at: what waits for this user, or for another."""
        return bool(self.to_settle().total or self.requests())

    # Conflicts

    def conflicts(self, customer_id: str | None = None) -> list[ConflictCard]:
        """The open conflicts, latest first, of one customer or of all."""
        found: list[ConflictCard] = self.read(self.store.conflicts, customer_id)
        return found

    def take(self, card: ConflictCard, side: str) -> None:
        """Take one of the two values of a conflict."""
        self.store.settle_conflict(card.conflict, side)
        self.runner.wake()

    # One's own refused work

    def refused(self) -> list[RefusedWork]:
        """One's own transactions that were refused, latest first."""
        found: list[RefusedWork] = self.read(self.store.refused_work)
        return found

    def late(self) -> list[LateWork]:
        """One's own work that was accepted after its customer had moved on, latest first."""
        found: list[LateWork] = self.read(self.store.late_work)
        return found

    def resend(self, work: RefusedWork) -> None:
        """Send refused work again as it is."""
        self.store.resend(work.op_id)
        self.runner.wake()

    def resend_corrected(self, work: RefusedWork, form: FieldForm) -> None:
        """Send refused work again with the values of a form; one that does not fit is said."""
        values = form.values()
        if values is None:
            return
        try:
            self.store.resend(work.op_id, {work.op_id: values})
        except Refusal as refusal:
            form.problem = refusal
        self.runner.wake()

    def send_rest(self, work: RefusedWork) -> None:
        """Give up the step that was refused and send what was done along with it."""
        self.store.give_up(work.op_id, "")
        self.runner.wake()

    def save_new(self, work: RefusedWork, reason: str) -> None:
        """Save a record that was deleted meanwhile as a new one."""
        self.store.restore_as_new(work.op_id, reason)
        self.runner.wake()

    def ask(self, work: RefusedWork, proof: str) -> None:
        """Turn a refused edit of guarded fields into a change request."""
        self.store.ask_instead(work.op_id, proof)
        self.runner.wake()

    def discard(self, work: RefusedWork, reason: str) -> None:
        """Give refused work up, and say why."""
        self.store.discard(work.op_id, reason)
        self.runner.wake()

    # What the team's work waits for, where this user decides

    def of_team(self) -> list[IssueCard]:
        """Colleagues' refused work, oldest first."""
        found: list[IssueCard] = self.read(self.store.team_issues)
        return found

    def title_of(self, op: Mapping[str, Any]) -> str:
        """What the record of an operation is called, where it is known here."""
        if op.get("doc") or op.get("entity") not in REGISTRY:
            return ""
        document = self.read(self.store.document, op["entity"], op["id"])
        return str((document or {}).get("title", ""))

    def accept(self, card: IssueCard, reason: str) -> None:
        """Take a colleague's refused work into the record, and say why."""
        self.store.decide_issue(card.issue.id, "accepted", reason)
        self.runner.wake()

    def give_up(self, card: IssueCard, reason: str) -> None:
        """Give a colleague's refused work up, and say why."""
        self.store.decide_issue(card.issue.id, "discarded", reason)
        self.runner.wake()

    # Change requests

    def requests(self, customer_id: str | None = None) -> list[RequestCard]:
        """The requests that wait for a decision, oldest first, of one customer or of all."""
        found: list[RequestCard] = self.read(self.store.requests, customer_id)
        return found

    def has_moved(self, card: RequestCard) -> bool:
        """Whether the record no longer says what the request was made on."""
        request = card.request
        present = self.read(self.store.value, "customer", request.customer_id, request.field)
        return card.customer_name != "" and present != card.old

    def approve(self, card: RequestCard) -> None:
        """Let a change request into the record."""
        self._decide(card, "approved")

    def decline(self, card: RequestCard, answer: str) -> None:
        """Turn a change request down, and say why."""
        self._decide(card, "declined", answer)

    def withdraw(self, card: RequestCard) -> None:
        """Take one's own change request back."""
        self._decide(card, "withdrawn")

    def own_requests(self, customer_id: str | None = None) -> list[RequestCard]:
        """The user's own requests, whatever became of them, latest first."""
        found: list[RequestCard] = self.read(self.store.own_requests)
        return [one for one in found if customer_id in (None, one.request.customer_id)]

    def is_asked(self, customer_id: str, field: str) -> bool:
        """Whether a request for a field waits already."""
        return any(one.request.field == field for one in self.requests(customer_id))

    def ask_change(self, customer: Customer, form: FieldForm, proof: str, today: str) -> bool:
        """Ask for the value in the form; False where its `problem` now says why that is none."""
        values = form.values()
        if values is None:
            return False
        [(field, new)] = values.items()
        form.problem = _unfit(customer, field, new, today)
        if form.problem is not None:
            return False
        self.store.request_change(customer.id, field, getattr(customer, field), new, proof)
        self.runner.wake()
        return True

    def _decide(self, card: RequestCard, status: str, answer: str | None = None) -> None:
        self.store.decide_request(card.request, status, answer)
        self.runner.wake()
