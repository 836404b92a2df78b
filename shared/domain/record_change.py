"""A change of the record itself (档案变动): another owner, a merge, a split.

What happens with a customer is told by contacts, sales and cases; what happens to their record is
told by these, on every device that holds it and without a network. The server alone writes them, in
the transaction of the change. They stay with the record of which they tell when that is merged.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.ids import derived_id
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

RecordChangeKind = Literal["owner", "merged", "split"]


@synced(
    "record_change",
    merge=Merge.SERVER,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    stays=True,
)
@dataclass(frozen=True, slots=True)
class RecordChange:
    """One change, at `occurred_at` (ms, the server's clock)."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kind: RecordChangeKind
    occurred_at: Moment
    by: ShortText
    """The employee who decided it, or the job: `import:customers`."""
    from_id: str | None = None
    """The former owner."""
    to_id: str | None = None
    """The new one."""
    other_name: Annotated[ShortText | None, C2] = None
    """What the other record of a merge was called."""


def owner_changed(
    customer_id: str, version: int, owners: tuple[str, str], by: str, now: int
) -> RecordChange:
    """Return the change of a customer from one owner to another, made in `version` of the row."""
    id = derived_id("record_change", customer_id, str(version))
    return RecordChange(id, customer_id, "owner", now, by, *owners)


def record_joined(
    customer_id: str, kind: Literal["merged", "split"], other: tuple[str, str], by: str, now: int
) -> RecordChange:
    """Return that a customer's record was merged with another, given by id and name, or split."""
    other_id, other_name = other
    id = derived_id("record_change", customer_id, kind, other_id, str(now))
    return RecordChange(id, customer_id, kind, now, by, other_name=other_name)
