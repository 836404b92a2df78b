"""A duplicate: two customers of the record who are perhaps one (疑似重复).

The server finds them and says why; a supervisor decides. A merge is a redirect: the other record
stays at the server, points to the one that goes on, and comes back whole when the merge is taken
back. A pair on which somebody has spoken is never raised again. A merged pair is also by what a
device knows to whom a former id leads; when its survivor is merged in turn, it names who goes on
from there.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import (
    INDEXED,
    WITH_STEP,
    Act,
    Merge,
    Refers,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

DuplicateStatus = Literal["open", "merged", "distinct", "split"]
DUPLICATE_STEPS = (
    Step("open", "merged", Who.CHECKER),
    Step("open", "distinct", Who.CHECKER),
    Step("merged", "split", Who.CHECKER),
)
Reason = Literal[
    "number_same", "number_typo", "number_differs",
    "name_same", "name_variant", "name_differs",
    "phone_same", "phone_shared",
    "birth_same", "birth_typo", "birth_differs",
    "gender_differs",
    "address_same", "address_shared",
    "representative_same", "representative_differs",
    "owners_differ", "said_by_hand",
]  # fmt: skip
"""Why two customers are thought to be one, or not: what was compared, and how it came out."""
SWEEPER: Final = "job:identity"
"""Who merges what is sure, by itself: in place of an employee."""
AGAINST: Final = frozenset(
    {
        "number_differs", "name_differs", "birth_differs", "gender_differs",
        "representative_differs",
    }
)  # fmt: skip
"""Reasons that speak against it."""

LOOKED_AT: Final = 70
"""Points from which on a person looks at a pair."""
SURE: Final = 130
"""Points from which on two proven records count as one."""


def must_say_why(act: Act) -> None:
    """Refuse a decision without its reason, in another's name, or on customers merged meanwhile.

    Of a chain, the last merge is taken apart first.
    """
    duplicate, before = act.document, act.before
    if before is None:
        return
    if duplicate["decided_by"] != act.employee_id:
        raise refused("not_own_fact")
    if not duplicate["reason"]:
        raise refused("reason_missing")
    if duplicate["status"] == "merged" and any(
        each and each["merged_into"] for each in act.related.values()
    ):
        raise refused("merged_already")
    survivor, other = str(duplicate["customer_id"]), str(duplicate["other_id"])
    if duplicate["status"] == "split" and is_further(str(duplicate["id"]), survivor, other):
        raise refused("merged_further", customer=survivor)


@synced(
    "duplicate",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    rule=must_say_why,
    stays=True,
)
@dataclass(frozen=True, slots=True)
class Duplicate:
    """One pair; `id` is `duplicate_id`. Moments are ms."""

    id: str
    customer_id: Annotated[str, INDEXED, Refers("customer")]
    """The one that goes on, the elder record; once that was merged in turn, who goes on for it."""
    other_id: Annotated[str, INDEXED, Refers("customer")]
    score: int
    """Points of likeness (docs/customer-identity.md)."""
    reasons: Annotated[str, StringConstraints(max_length=400)]
    """Reason codes, one a line, the weightiest first."""
    found_at: Moment
    status: Annotated[DuplicateStatus, States(DUPLICATE_STEPS)] = "open"
    reason: Annotated[ShortText | None, WITH_STEP] = None
    """What was seen that decided it."""
    decided_by: Annotated[ShortText | None, WITH_STEP] = None
    """The employee who took the last step; `job:identity` where the server's sweep did, and
    `admin:identity` where an operator at the branch machine did."""
    decided_at: Annotated[Moment | None, WITH_STEP] = None


def duplicate_id(one: str, other: str) -> str:
    """Return the id of a pair, whichever of the two is named first."""
    return derived_id("duplicate", *sorted((one, other)))


def is_further(id: str, survivor: str, other: str) -> bool:
    """Whether the survivor of a merged pair was merged in turn: the pair names another by now."""
    return id != duplicate_id(survivor, other)
