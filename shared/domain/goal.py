"""Goals: what an employee's month is measured against, as the bank's planning says it."""

from dataclasses import dataclass
from typing import Annotated

from pydantic.types import StringConstraints

from shared.domain.days import PeriodText
from shared.domain.product import ProductCodeText
from shared.ids import derived_id
from shared.registry import INDEXED, Merge, ScopeRule, synced

DecimalText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}([.][0-9]{1,12})?$")]
"""A decimal number, not negative: "300", "0.95"."""


@synced("target", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class Target:
    """What to reach of a product in a month: pieces, or yuan; `id` is `target_id`."""

    id: str
    employee_id: Annotated[str, INDEXED]
    product_code: ProductCodeText
    period: Annotated[PeriodText, INDEXED]
    value: DecimalText


@synced("quality", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class Quality:
    """The coefficient that weighs an employee's month; `id` is `quality_id`."""

    id: str
    employee_id: Annotated[str, INDEXED]
    period: Annotated[PeriodText, INDEXED]
    coefficient: DecimalText


def target_id(employee_id: str, product_code: str, period: str) -> str:
    """Return the id of a target."""
    return derived_id("target", employee_id, product_code, period)


def quality_id(employee_id: str, period: str) -> str:
    """Return the id of a quality coefficient."""
    return derived_id("quality", employee_id, period)
