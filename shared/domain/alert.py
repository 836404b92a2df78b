"""An alert: something unusual about a customer that the owner must look at in time.

The server raises it in the transaction that brought its cause. What may harm the customer comes
before what may serve the bank: of an unusual sum that leaves the three anti-fraud questions are
asked first, and a "yes" to any of them leaves one action, to report it.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText, ShortText
from shared.domain.interaction import Moment, Note
from shared.domain.usual import Direction, Severity
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    BINDS,
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Document,
    Merge,
    ScopeRule,
    States,
    Step,
    synced,
)

AlertKind = Literal[
    "abnormal_flow", "satisfaction", "maturity", "birthday", "papers", "churn", "downgrade",
    "complaint",
]  # fmt: skip
"""A day's flow beyond the customer's own normal; a drop in what they think of us; money that is
free soon; a birthday; a paper or a risk grade that ends; points that say they may leave; a tier
that is about to fall; a complaint that is open."""
MARKETING: Final = frozenset({"maturity", "birthday"})
"""Kinds that only serve to sell: a customer who refused that (`refuses_selling`) is spared them."""
ALERT_STEPS = (
    Step("open", "checked"),
    Step("open", "handled"),
    Step("checked", "handled"),
)
AlertStatus = Literal["open", "checked", "handled", "withdrawn"]
"""No step leads to `withdrawn`: the server alone takes an alert back when its cause has gone. What
somebody without a network asked and did of one meanwhile goes over it."""
WAITING: Final = ("open", "checked")
"""What still asks somebody to act."""
QUESTIONS: Final = ("asked_to", "never_met", "told_to_hide")
"""The three anti-fraud questions: was the customer told by telephone or chat to move the money; has
the payee never been met; was the customer told to keep it from family and bank."""
AnswersText = Annotated[
    str, StringConstraints(pattern=r"^(yes|no|unknown),(yes|no|unknown),(yes|no|unknown)$")
]
Cause = Literal[
    "housing", "medical", "education", "business", "family", "invested_elsewhere", "moved_away",
    "dissatisfied", "fraud_suspected", "renewing", "well", "unreachable", "other",
]  # fmt: skip
Action = Literal[
    "talked", "appointment", "referred", "case_opened", "reported", "none_needed",
]  # fmt: skip
SLA_HOURS: Final = {"urgent": 2, "high": 24, "normal": 72}
"""Within how many hours an alert is to be handled, by its severity."""


def must_protect_first(act: Act) -> None:
    """Hold the handling of an alert to its order, and to what must be said along with it."""
    alert, before = act.document, act.before
    if before is None:
        return
    if alert["employee_id"] != act.employee_id:
        raise refused("not_own_fact")
    if alert["status"] == "checked" and not alert["answers"]:
        raise refused("answers_missing")
    if alert["status"] != "handled":
        return
    if before["status"] != "checked" and asks_first(str(alert["kind"]), str(alert["direction"])):
        raise refused("protect_first")
    if not alert["cause"] or not alert["action"]:
        raise refused("cause_missing")
    if (is_suspicious(before) or is_suspicious(alert)) and alert["action"] != "reported":
        raise refused("report_first")


@synced(
    "alert",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    rule=must_protect_first,
)
@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `id` is `alert_id`. Amounts are fen, moments ms."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: AlertKind
    severity: Severity
    day: DateText
    """On which it happened."""
    raised_at: Moment
    due_at: Annotated[Moment, INDEXED]
    direction: Direction | None = None
    amount: Annotated[int | None, C2] = None
    """Of the flow, or of what matures."""
    assets: Annotated[int | None, C2] = None
    """All that the customer had before it."""
    median: Annotated[int | None, C2] = None
    threshold: Annotated[int | None, C2] = None
    days: int | None = None
    """The customer's own normal: its median, the line above it, and from how many days."""
    evidence: Annotated[ShortText | None, C2] = None
    """What else it rests on: the id of an account, an interaction, an identifier or a case; the age
    that is reached; the reasons of churn points; JSON of tier, score, line and months."""
    status: Annotated[AlertStatus, States(ALERT_STEPS, yields="withdrawn")] = "open"
    employee_id: Annotated[str | None, WITH_STEP] = None
    """Who took the last step, and when they did (`checked_at`, `handled_at`)."""
    answers: Annotated[AnswersText | None, BINDS] = None
    """To the three QUESTIONS, in their order."""
    checked_at: Annotated[Moment | None, WITH_STEP] = None
    cause: Annotated[Cause | None, BINDS] = None
    action: Annotated[Action | None, BINDS] = None
    note: Annotated[Note | None, C2, BINDS] = None
    handled_at: Annotated[Moment | None, WITH_STEP] = None


def only_sells(alert: Alert) -> bool:
    """Whether an alert goes with its customer's leave to be sold to: nobody has acted on it yet."""
    return alert.kind in MARKETING and alert.status == "open"


def alert_id(kind: str, customer_id: str, about: str) -> str:
    """Return the id of an alert: the same cause raises the same alert, and so no second one."""
    return derived_id("alert", kind, customer_id, about)


def due_at(raised_at: int, severity: Severity) -> int:
    """Return by when an alert is to be handled (ms)."""
    return raised_at + SLA_HOURS[severity] * 3_600_000


def asks_first(kind: str, direction: str | None) -> bool:
    """Whether the three questions come before the cause: money that leaves may be stolen money.

    Nobody is cheated by what arrives; there the cause is asked at once.
    """
    return kind == "abnormal_flow" and direction != "in"


def is_suspicious(alert: Document) -> bool:
    """Whether any of the three questions was answered with yes."""
    return "yes" in str(alert["answers"] or "").split(",")
