"""An identifier: a number by which the outside world knows a customer."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

IdentifierKind = Literal["id_card", "passport", "uscc", "bank_card"]
"""Resident identity card, passport, unified social credit code, card number."""


@synced("identifier", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="customer_id")
@dataclass(frozen=True, slots=True)
class Identifier:
    """One number of one customer, with the system it came from."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: IdentifierKind
    value: Annotated[str, StringConstraints(min_length=4, max_length=40), C2]
    last_four: Annotated[str, StringConstraints(min_length=4, max_length=4), INDEXED]
    source: str
    valid_until: Annotated[DateText | None, INDEXED] = None
    """The last day of the paper that it stands on; None for one without an end, or not known."""
