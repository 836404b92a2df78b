"""A product: what the bank sells, to whom it may be sold in the field, and until when."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from shared.domain.customer import DateText, Name, RiskGrade, Words
from shared.registry import INDEXED, Merge, ScopeRule, synced

ProductLine = Literal["deposit", "wealth", "fund", "insurance", "loan", "card", "payment"]
FieldMode = Literal["on_site", "appointment", "referral"]
"""How far a sale may go in the field: 可现场办理, 仅预约, 仅转介."""
Measure = Literal["count", "amount"]
"""What a sale of it is told in: pieces or fen."""
ProductCodeText = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_-]*$", max_length=40)]


@synced("product", merge=Merge.SERVER, scope=ScopeRule.GLOBAL)
@dataclass(frozen=True, slots=True)
class Product:
    """One product of the catalogue; commission rules name it by its code."""

    id: str
    code: Annotated[ProductCodeText, INDEXED]
    name: Name
    line: ProductLine
    field_mode: FieldMode
    measure: Measure
    unit: Annotated[str, StringConstraints(min_length=1, max_length=8)]
    """What one piece is called: 张, 户, 笔; for an amount 元."""
    valid_from: DateText
    valid_until: DateText | None = None
    """The last day on which it is sold."""
    risk_grade: RiskGrade | None = None
    summary: Words | None = None
    """What an account manager may say about it."""
