"""An org unit: head office, branch or sub-branch, each under its parent."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.registry import Merge, ScopeRule, synced

OrgUnitKind = Literal["head_office", "branch", "sub_branch"]


@synced("org_unit", merge=Merge.SERVER, scope=ScopeRule.GLOBAL)
@dataclass(frozen=True, slots=True)
class OrgUnit:
    """A unit of the bank; every employee and customer belongs to one."""

    id: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    kind: OrgUnitKind
    parent_id: str | None = None
