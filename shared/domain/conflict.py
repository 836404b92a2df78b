"""A conflict: one field that two people changed without seeing each other's value.

The later write has applied; the value that lost stays here, where both can see it, until someone
says which of the two shall hold.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.registry import C2, INDEXED, WITH_STEP, Merge, ScopeRule, States, Step, synced

ConflictStatus = Literal["open", "settled"]
Side = Literal["won", "lost"]


@synced("conflict", merge=Merge.CASE, scope=ScopeRule.PORTFOLIO, scope_key="customer_id")
@dataclass(frozen=True, slots=True)
class Conflict:
    """One clash on one field. Values are JSON text; `at` is ms by the server's clock."""

    id: str
    customer_id: Annotated[str, INDEXED]
    entity: str
    record_id: Annotated[str, INDEXED]
    field: str
    before: Annotated[str, C2]
    """What the later writer saw when they changed it."""
    lost: Annotated[str, C2]
    won: Annotated[str, C2]
    lost_by: str | None
    """The employee whose value lost; null where it came from the bank's own systems."""
    won_by: str
    at: int
    status: Annotated[ConflictStatus, States((Step("open", "settled"),))] = "open"
    kept: Annotated[Side | None, WITH_STEP] = None
    """Which of the two was taken in the end."""
