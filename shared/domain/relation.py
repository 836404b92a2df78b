"""A relation: how a customer is tied to another customer, or to someone who is none yet.

A manager records what the customer says (客户自述); it becomes a fact when a supervisor has seen
proof of it or a bank system says so (已核实). The two never look alike.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.registry import (
    C2,
    INDEXED,
    WITH_STEP,
    Act,
    Merge,
    ScopeRule,
    States,
    Step,
    Who,
    synced,
)

RelationKind = Literal[
    "spouse", "child", "parent", "household", "legal_representative", "shareholder",
    "finance_contact", "guarantor", "guaranteed", "group_member", "other",
]  # fmt: skip
"""What the other one is to the customer."""
MIRRORED: Final = {
    "spouse": "spouse", "child": "parent", "parent": "child", "household": "household",
    "guarantor": "guaranteed", "guaranteed": "guarantor", "group_member": "group_member",
}  # fmt: skip
"""What the customer is to the other one, where that has a word of its own."""
RELATION_STEPS = (
    Step("claimed", "verified", Who.CHECKER),
    Step("claimed", "ended"),
    Step("verified", "ended"),
)
RelationStatus = Literal["claimed", "verified", "ended"]


def must_lead_somewhere(act: Act) -> None:
    """Refuse a relation to nobody and one to oneself, and a step without its evidence."""
    relation = act.document
    if act.before is None:
        other = relation["other_id"]
        if other == relation["customer_id"] or not (other or relation["other_name"]):
            raise refused("relation_wrong")
    elif not relation["reason"]:
        raise refused("reason_missing")


@synced(
    "relation",
    merge=Merge.CASE,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
    rule=must_lead_somewhere,
)
@dataclass(frozen=True, slots=True)
class Relation:
    """One tie, seen from `customer_id`; the other is a customer or a name."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: RelationKind
    employee_id: str
    """Who recorded it."""
    occurred_at: Moment
    other_id: Annotated[str | None, INDEXED] = None
    other_name: Annotated[ShortText | None, C2] = None
    note: Annotated[ShortText | None, C2] = None
    """In the customer's words."""
    status: Annotated[RelationStatus, States(RELATION_STEPS)] = "claimed"
    reason: Annotated[ShortText | None, C2, WITH_STEP] = None
    """What was seen as proof, or why it ended."""
