"""A service case: a customer's complaint or request, with its steps and its clock.

Whoever hears it opens it, at the counter, in the call centre or in the doorway; it is the owner's
until it is closed. The clock runs by kind and severity and stands still while the customer is
waited for. Nothing is resolved without saying how, and of a complaint the customer is asked what
they think of that before it is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import ShortText
from shared.domain.interaction import Channel, Moment, Note, Score
from shared.domain.usual import Severity
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    BANK_SAYS,
    BINDS,
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Document,
    Merge,
    Refers,
    ScopeRule,
    States,
    Step,
    synced,
)

CaseKind = Literal["complaint", "request", "question", "loss_report", "correction"]
CaseStatus = Literal["open", "working", "waiting_for_customer", "resolved", "closed", "reopened"]
SERVICE_STEPS: Final = (
    Step("open", "working"),
    Step("open", "resolved"),
    Step("working", "waiting_for_customer"),
    Step("working", "resolved"),
    Step("waiting_for_customer", "working"),
    Step("waiting_for_customer", "resolved"),
    Step("resolved", "closed"),
    Step("resolved", "reopened"),
    Step("closed", "reopened"),
    Step("reopened", "working"),
    Step("reopened", "resolved"),
)
SLA_HOURS: Final[Mapping[CaseKind, Mapping[Severity, int]]] = MappingProxyType(
    {
        "loss_report": {"urgent": 1, "high": 2, "normal": 4},
        "complaint": {"urgent": 4, "high": 24, "normal": 72},
        "question": {"urgent": 4, "high": 24, "normal": 72},
        "request": {"urgent": 24, "high": 48, "normal": 120},
        "correction": {"urgent": 24, "high": 72, "normal": 120},
    }
)
"""Within how many hours a case is to be resolved; each kind in the order of what it may cost."""
USUAL_SEVERITY: Final[Mapping[CaseKind, Severity]] = MappingProxyType(
    {
        "loss_report": "urgent",
        "complaint": "high",
        "question": "normal",
        "request": "normal",
        "correction": "normal",
    }
)
"""How severe a case is taken to be where nobody says so."""
DONE: Final = frozenset({"resolved", "closed"})
"""States in which the clock no longer matters."""
_HOUR_MS: Final = 3_600_000


def must_be_served(act: Act) -> None:
    """Hold a case to its clock, and its steps to what must be said along with them."""
    case, before = act.document, act.before
    if before is None:
        if case["due_at"] != due_at(case) or case["stepped_at"] != case["opened_at"]:
            raise _not("due_at")
        if case["resolution"] or case["satisfaction"]:
            raise _not("resolution")
        if case["employee_id"] not in (None, act.employee_id):
            raise refused("not_own_fact")
        return
    if case["employee_id"] != act.employee_id:
        raise refused("not_own_fact")
    if case["due_at"] != due_after(before, str(case["status"]), int(str(case["stepped_at"]))):
        raise _not("due_at")
    if case["status"] in DONE and not str(case["resolution"] or "").strip():
        raise refused("resolution_missing")
    if case["status"] == "closed" and case["kind"] == "complaint" and not case["satisfaction"]:
        raise refused("customer_not_asked")
    if case["status"] == "reopened" and (case["resolution"] or case["satisfaction"]):
        raise _not("resolution")


def _not(field: str) -> Exception:
    return refused("invalid", path=f"service_case/{field}", problem="does not follow")


@synced(
    "service_case",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="opened_by",
    rule=must_be_served,
)
@dataclass(frozen=True, slots=True)
class ServiceCase:
    """One case. Moments are ms; `due_at` is by when it is to be resolved."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: CaseKind
    severity: Severity
    subject: Annotated[str, StringConstraints(min_length=1, max_length=200), C2]
    channel: Channel
    """Through which the customer said it."""
    opened_at: Moment
    due_at: Annotated[Moment, INDEXED, WITH_STEP]
    stepped_at: Annotated[Moment, WITH_STEP]
    """When it came into its present state."""
    opened_by: str = ""
    """Who wrote it down; nothing where a system of the bank told of it."""
    interaction_id: Annotated[str | None, INDEXED] = None
    """The contact in which the customer said it."""
    source: Annotated[ShortText | None, BANK_SAYS] = None
    """The system that told of it."""
    assignee_id: Annotated[str | None, WITH_STEP] = None
    """Who works on it."""
    employee_id: Annotated[str | None, WITH_STEP] = None
    """Who took the last step."""
    status: Annotated[CaseStatus, States(SERVICE_STEPS)] = "open"
    resolution: Annotated[Note | None, C2, BINDS] = None
    satisfaction: Annotated[Score | None, BINDS] = None
    """What the customer thinks of the resolution."""


def must_be_of_its_customer(act: Act) -> None:
    """Hold a line to a case of the customer whom it names: that decides who may write and read."""
    case = act.related["case_id"]
    if case is None or case["customer_id"] != act.document["customer_id"]:
        raise refused("case_of_another")


@synced(
    "case_step",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
    rule=must_be_of_its_customer,
)
@dataclass(frozen=True, slots=True)
class CaseStep:
    """One line of a case's log: what was done, by whom, when (ms)."""

    id: str
    case_id: Annotated[str, INDEXED, Refers("service_case")]
    customer_id: Annotated[str, INDEXED]
    employee_id: str
    what: Annotated[str, StringConstraints(min_length=1, max_length=4000), C2]
    occurred_at: Moment
    status: CaseStatus | None = None
    """The state that the case came into by it; None for a word in between."""


def case_id(contact: str) -> str:
    """Return the id of the case that a system's contact opens, which so opens one only."""
    return derived_id("service_case", contact)


def due_at(case: Mapping[str, Any]) -> int:
    """Return by when a case is to be resolved, of one just opened (ms)."""
    return int(case["opened_at"]) + _term(case)


def due_after(before: Document, status: str, at: int) -> int:
    """Return by when a case is to be resolved after it came into a state at a moment (ms).

    What the customer let us wait for does not count; a case opened again has its whole term anew.
    """
    if status == "reopened":
        return at + _term(before)
    due = int(str(before["due_at"]))
    if before["status"] != "waiting_for_customer":
        return due
    return due + max(0, at - int(str(before["stepped_at"])))


def _term(case: Mapping[str, Any]) -> int:
    hours: int = SLA_HOURS[case["kind"]][case["severity"]]
    return hours * _HOUR_MS


def left(case: ServiceCase, now: int) -> int | None:
    """Return how long there still is (ms), negative when it is late; None when it is resolved."""
    if case.status in DONE:
        return None
    stopped = case.status == "waiting_for_customer"
    return case.due_at - (case.stepped_at if stopped else now)


def is_late(case: ServiceCase, now: int) -> bool:
    """Whether a case should have been resolved by now."""
    remaining = left(case, now)
    return remaining is not None and remaining < 0


def is_open_complaint(case: ServiceCase) -> bool:
    """Whether a customer has complained and has not been asked yet what became of it."""
    return case.kind == "complaint" and case.status != "closed"
