"""A commission rule: one version of what a product pays, drafted by one, approved by another.

Its terms are the rule as the engine reads it. They never change; a change is a new version, which
from its first day on stands in place of the versions before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import Field as Bound
from pydantic import TypeAdapter, ValidationError
from pydantic.types import StringConstraints
from pydantic_core import from_json

from shared.commission.rules import Rule, complaint
from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.registry import (
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

RuleStatus = Literal["draft", "approved", "declined", "withdrawn"]
RULE_STEPS = (
    Step("draft", "approved", Who.CHECKER),
    Step("draft", "declined", Who.CHECKER),
    Step("draft", "withdrawn", Who.AUTHOR),
)
_RULE: Final = TypeAdapter(Rule)


def must_be_a_rule(act: Act) -> None:
    """Refuse terms that the engine cannot read or that contradict themselves, and a draft that is
    judged by its maker or in another's name."""
    rule = act.document
    if act.before is None:
        read = read_terms(str(rule["terms"]))
        if (read.id, read.version) != (rule["rule"], rule["number"]):
            raise refused("terms_wrong", path="id", problem="differs from the rule's own")
    is_judged = rule["status"] in ("approved", "declined")
    if is_judged and act.employee_id == rule["employee_id"]:
        raise refused("four_eyes")
    if rule["checker_id"] != (act.employee_id if is_judged else None):
        raise refused("not_own_fact")


@synced(
    "commission_rule",
    merge=Merge.CASE,
    scope=ScopeRule.BRANCH,
    scope_key="org_unit_id",
    author="employee_id",
    makers=frozenset({"supervisor", "product_manager"}),
    rule=must_be_a_rule,
)
@dataclass(frozen=True, slots=True)
class CommissionRule:
    """One version of a rule. `terms` is JSON, as in a scenario file (docs/commission.md)."""

    id: str
    rule: Annotated[str, StringConstraints(min_length=1, max_length=40), INDEXED]
    """What every version of it is called."""
    number: Annotated[int, Bound(ge=1, le=9999)]
    """Of the version."""
    org_unit_id: str
    """Where it holds: the unit and all below it."""
    employee_id: str
    """Who drafted it."""
    occurred_at: Moment
    terms: Annotated[str, StringConstraints(min_length=2, max_length=8000)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Why it changes, in a sentence that account managers may read."""
    status: Annotated[RuleStatus, States(RULE_STEPS)] = "draft"
    answer: Annotated[ShortText | None, WITH_STEP] = None
    checker_id: Annotated[str | None, WITH_STEP] = None
    """Who approved or declined it."""
    checked_at: Annotated[Moment | None, WITH_STEP] = None
    """When, by the clock of whoever did."""


@lru_cache(maxsize=256)
def read_terms(text: str) -> Rule:
    """Read a rule from its JSON text; raise the refusal `terms_wrong` with the path of a fault."""
    try:
        rule = _RULE.validate_python(from_json(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(map(str, first["loc"]))
        problem = first["msg"].removeprefix("Value error, ")
        raise refused("terms_wrong", path=path, problem=problem) from None
    except ValueError:
        raise refused("terms_wrong", path="terms", problem="not JSON") from None
    if found := complaint(rule):
        raise refused("terms_wrong", path=found[0], problem=found[1])
    return rule


def rules_in_force(approved: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules with each version ending where a later one of the same rule begins.

    A version whose whole interval a later one covers is in force on no day and left out.
    """
    by_id: dict[str, list[Rule]] = {}
    for rule in approved:
        by_id.setdefault(rule.id, []).append(rule)
    return tuple(each for name in sorted(by_id) for each in _succeeding(by_id[name]))


def _succeeding(versions: list[Rule]) -> Iterable[Rule]:
    ordered = sorted(versions, key=lambda rule: rule.version)
    for place, rule in enumerate(ordered):
        until = min((later.since for later in ordered[place + 1 :]), default=None)
        ended = replace(rule, until=_earlier(rule.until, until))
        if ended.until is None or ended.since < ended.until:
            yield ended


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [day for day in (one, other) if day is not None]
    return min(days, default=None)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that would both apply to a sale of `product` on `day`."""

    product: str
    day: date
    rules: tuple[str, str]


def overlaps(rules: Iterable[Rule]) -> list[Overlap]:
    """Find where two rules of one product are in force on the same day.

    Rules with different recognition events may both see a date; those are found, too.
    """
    by_product: dict[str, list[Rule]] = {}
    for rule in rules:
        by_product.setdefault(rule.product, []).append(rule)
    found: list[Overlap] = []
    for product, some in sorted(by_product.items()):
        ordered = sorted(some, key=lambda rule: (rule.since, rule.id))
        found += [
            Overlap(product, later.since, (rule.id, later.id))
            for place, rule in enumerate(ordered)
            for later in ordered[place + 1 :]
            if rule.until is None or later.since < rule.until
        ]
    return found
