"""Collaborators 协办: named colleagues who also work with a customer that one manager answers for.

Theory of operation. The owner or a supervisor names them; that record is the customer's and moves
with them. A collaborator's devices hold neither the customer nor their portfolio: the server makes
them a `collaboration` in their own scope, with what is needed to call and to know what is agreed,
and takes it back when it ends. What they record of the customer goes into the owner's portfolio,
which the arbiter allows while the collaboration lasts.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from shared.domain.customer import DateText, Name, Need, PartyKind, ShortText, Stage
from shared.domain.interaction import Channel, Moment, Outcome
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    C2,
    INDEXED,
    NOT_AHEAD,
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

CollaboratorRole = Literal["loan", "wealth", "private", "settlement", "other"]
"""What the colleague does for the customer: 贷款, 理财, 私行, 结算."""
CollaboratorStatus = Literal["active", "ended"]
COLLABORATOR_STEPS: Final = (Step("active", "ended"),)
"""Whoever holds the record may take it, which is the owner and their supervisors."""


def may_collaborate(act: Act) -> None:
    """Hold the naming of a collaborator to the owner or a supervisor, and its end to a reason."""
    named = act.document
    if act.before is not None:
        if not named["reason"] or named["ended_at"] is None:
            raise refused("reason_missing")
        return
    customer, by = act.related["customer_id"], act.related["employee_id"]
    if customer is None:
        raise refused("unknown_customer")
    is_supervisor = by is not None and by["role"] == "supervisor"
    if act.employee_id != customer["owner_id"] and not is_supervisor:
        raise refused("not_yours")
    if not _can_help(act.related["colleague_id"], customer):
        raise refused("collaborator_wrong")


def _can_help(colleague: Document | None, customer: Document) -> bool:
    return (
        colleague is not None
        and bool(colleague["active"])
        and colleague["role"] == "account_manager"
        and colleague["id"] != customer["owner_id"]
    )


@synced(
    "collaborator",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
    rule=may_collaborate,
)
@dataclass(frozen=True, slots=True)
class Collaborator:
    """A colleague who works with a customer, since `occurred_at`."""

    id: str
    customer_id: Annotated[str, INDEXED, Refers("customer")]
    colleague_id: Annotated[str, INDEXED, Refers("employee")]
    role: CollaboratorRole
    employee_id: Annotated[str, Refers("employee")]
    """Who named them."""
    occurred_at: Moment
    status: Annotated[CollaboratorStatus, States(COLLABORATOR_STEPS)] = "active"
    reason: Annotated[ShortText | None, WITH_STEP] = None
    """Why it ended."""
    ended_at: Annotated[Moment | None, NOT_AHEAD, WITH_STEP] = None
    """What the colleague recorded until then is still taken."""


@synced("collaboration", merge=Merge.SERVER, scope=ScopeRule.USER, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class Collaboration:
    """What a collaborator's devices hold of a customer. `need_amount` is fen."""

    id: str
    employee_id: str
    customer_id: Annotated[str, INDEXED]
    role: CollaboratorRole
    since: Moment
    kind: PartyKind
    name: Annotated[Name, C2]
    owner_id: str
    owner_name: str
    stage: Stage
    phone: Annotated[ShortText | None, C2] = None
    contact_name: Annotated[ShortText | None, C2] = None
    need: Need | None = None
    need_amount: int | None = None
    next_step: ShortText | None = None
    next_due: DateText | None = None
    """The next open task of the customer."""
    last_at: Moment | None = None
    last_by_id: str | None = None
    last_channel: Channel | None = None
    last_outcome: Outcome | None = None
    """The latest contact of anyone with them."""


def collaboration_id(collaborator_id: str) -> str:
    """Return the id of what a collaborator's devices hold: one for each naming of them."""
    return derived_id("collaboration", collaborator_id)


def collaboration_of(
    named: Document,
    customer: Document,
    owner_name: str,
    task: Document | None,
    last: Document | None,
) -> Document:
    """Return what a collaborator needs of a customer as they now stand."""
    known = {
        "id": collaboration_id(str(named["id"])),
        "employee_id": named["colleague_id"],
        "customer_id": customer["id"],
        "role": named["role"],
        "since": named["occurred_at"],
        "owner_name": owner_name,
        "next_step": task["title"] if task else None,
        "next_due": task["due"] if task else None,
        "last_at": last["occurred_at"] if last else None,
        "last_by_id": last["employee_id"] if last else None,
        "last_channel": last["channel"] if last else None,
        "last_outcome": last["outcome"] if last else None,
    }
    same = (
        "kind", "name", "owner_id", "stage", "phone", "contact_name", "need", "need_amount",
    )  # fmt: skip
    return known | {name: customer[name] for name in same}


def collaborates(named: Document, owner_id: str) -> bool:
    """Whether a named colleague has work of it: it has not ended, and they are not the owner."""
    return named["status"] == "active" and named["colleague_id"] != owner_id
