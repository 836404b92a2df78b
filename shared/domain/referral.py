"""A referral: a need that an account manager passes on to a colleague who can meet it.

Theory of operation. Both must have it on their devices, wherever the two customers are: so it is
kept twice, each copy in the scope of the one whose it is. The referrer's device makes the first;
the server makes the colleague's and brings every step of the one to the other. What is agreed when
it is accepted, who has how much of what comes of it, every sale that follows carries by itself.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field as Bound
from pydantic.types import StringConstraints

from shared.commission.facts import Share
from shared.domain.customer import Need, ShortText, masked_name
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.ids import EmployeeId, derived_id
from shared.registry import (
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
    Who,
    synced,
)

ReferralStatus = Literal["offered", "accepted", "declined", "withdrawn", "done"]
REFERRAL_STEPS = (
    Step("offered", "accepted", Who.AUTHOR),
    Step("offered", "declined", Who.AUTHOR),
    Step("offered", "withdrawn", Who.AUTHOR),
    Step("accepted", "done", Who.AUTHOR),
)
AGREED = frozenset({"accepted", "done"})
"""In which states a sale may follow from it."""
WHOLE_BP = 10_000


def may_refer(act: Act) -> None:
    """Hold a referral to two who work here, and each step to the one of them whose it is."""
    if act.before is None:
        _begins(act)
        return
    referral = act.document
    taker = "from_id" if referral["status"] == "withdrawn" else "to_id"
    if act.employee_id != referral[taker]:
        raise refused("not_own_fact")
    if referral["status"] == "declined" and not referral["reason"]:
        raise refused("reason_missing")


def _begins(act: Act) -> None:
    referral, customer, colleague = act.document, act.related["customer_id"], act.related["to_id"]
    if referral["original_id"] is not None or referral["customer_label"]:
        raise refused("server_owned")
    # Which customer of theirs it is about, and what becomes of it, the colleague says.
    if referral["from_id"] != act.employee_id or referral["for_id"] or referral["reason"]:
        raise refused("not_own_fact")
    if customer is None or customer["owner_id"] != act.employee_id:
        raise refused("not_yours")
    if referral["to_id"] == act.employee_id or not _can_take(colleague):
        raise refused("referral_wrong")


def _can_take(colleague: Document | None) -> bool:
    return (
        colleague is not None
        and bool(colleague["active"])
        and colleague["role"] == "account_manager"
    )


@synced(
    "referral",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="employee_id",
    author="employee_id",
    rule=may_refer,
)
@dataclass(frozen=True, slots=True)
class Referral:
    """One person's copy of a referral. Amounts are fen."""

    id: str
    employee_id: Annotated[str, INDEXED]
    """Whose copy it is."""
    from_id: str
    """Who refers."""
    to_id: Annotated[str, Refers("employee")]
    """The colleague."""
    customer_id: Annotated[str, INDEXED, Refers("customer")]
    """With whom it came up: a customer of the referrer."""
    name: Annotated[str, StringConstraints(min_length=1, max_length=120), C2]
    """Whom to talk to: the customer, or somebody of theirs."""
    need: Need
    pay_bp: Annotated[int, Bound(ge=1, lt=WHOLE_BP)]
    """What the referrer has of everything that comes of it, in basis points."""
    occurred_at: Annotated[Moment, INDEXED]
    amount: Annotated[Annotated[int, Bound(ge=1, le=10**14)] | None, C2] = None
    contact: Annotated[ShortText | None, C2] = None
    """How to reach them."""
    note: Annotated[ShortText | None, C2] = None
    alert_id: Annotated[str | None, INDEXED] = None
    """The alert behind it."""
    original_id: Annotated[str | None, INDEXED] = None
    """The referrer's copy; None where this is it."""
    customer_label: Annotated[ShortText, C2] = ""
    """The masked name of `customer_id`, by the server: a colleague recognises them, and no more."""
    status: Annotated[ReferralStatus, States(REFERRAL_STEPS)] = "offered"
    for_id: Annotated[str | None, INDEXED, WITH_STEP] = None
    """The customer of the colleague's whom it is about, as said when it was accepted."""
    reason: Annotated[ShortText | None, WITH_STEP] = None
    """Why it was declined, or what came of it."""


def thread_of(referral: Document) -> str:
    """Return the id of the referrer's copy, which both copies lead to."""
    return str(referral["original_id"] or referral["id"])


def copy_id(thread: str) -> str:
    """Return the id of the colleague's copy."""
    return derived_id("referral", thread)


def agreed_shares(referral: Document) -> tuple[Share, Share]:
    """Return who has what of a sale that follows: the colleague who makes it, and the referrer."""
    theirs = int(str(referral["pay_bp"]))
    return (
        Share(EmployeeId(str(referral["to_id"])), WHOLE_BP - theirs),
        Share(EmployeeId(str(referral["from_id"])), theirs),
    )


def may_follow(referral: Document, seller: str) -> bool:
    """Whether a sale of this seller may follow from it: it is their copy, and they accepted."""
    return referral["employee_id"] == referral["to_id"] == seller and referral["status"] in AGREED


def both_copies(written: Document, customer_name: str) -> list[Document]:
    """Return both copies of a referral as the one that was just written makes them."""
    thread = thread_of(written)
    label = written["customer_label"] or masked_name(customer_name)
    return [
        {**written, "customer_label": label, "id": id, "employee_id": holder, "original_id": first}
        for id, holder, first in (
            (thread, written["from_id"], None),
            (copy_id(thread), written["to_id"], thread),
        )
    ]
