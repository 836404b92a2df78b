"""A visit template: what to ask on a visit, written by those who do it well."""

from dataclasses import dataclass
from typing import Annotated

from pydantic.types import StringConstraints

from shared.domain.interaction import Note, Purpose
from shared.registry import Merge, ScopeRule, synced


@synced("visit_template", merge=Merge.SERVER, scope=ScopeRule.BRANCH, scope_key="org_unit_id")
@dataclass(frozen=True, slots=True)
class VisitTemplate:
    """Prompts for one purpose, one a line, in the branch that keeps it."""

    id: str
    org_unit_id: str
    purpose: Purpose
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    prompts: Note
    active: bool = True
