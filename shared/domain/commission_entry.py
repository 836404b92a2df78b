"""A commission entry: one record of the ledger, written when its month was closed, never changed.

Each carries the hash of the one before, so that a change of any of them shows.
"""

from dataclasses import dataclass
from typing import Annotated

from shared.domain.days import PeriodText
from shared.ids import derived_id
from shared.registry import INDEXED, Merge, ScopeRule, synced


@synced("commission_entry", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class CommissionEntry:
    """One posted amount, signed fen; `id` is `entry_id`, `trace` JSON as the engine writes it."""

    id: str
    number: Annotated[int, INDEXED]
    """Its place in the ledger, from 0."""
    employee_id: Annotated[str, INDEXED]
    period: Annotated[PeriodText, INDEXED]
    sale_id: str | None
    rule: str
    rule_number: int
    """Which version of the rule."""
    type: str
    amount: int
    ref: str | None
    trace: str
    closed: PeriodText
    """The close that posted it."""
    maker_id: str
    checker_id: str
    previous: str
    digest: str


def entry_id(number: int) -> str:
    """Return the id of the ledger's record of this number."""
    return derived_id("commission_entry", str(number))
