"""The fields that rules and facts are made of: texts in, exact numbers and days out.

Every refusal here is a sentence fragment that follows the field's path on a product manager's
terminal, so it says what is wanted, not what the parser felt.
"""

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, NewType

from pydantic import BeforeValidator
from pydantic import Field as Bound
from pydantic.types import StringConstraints

from shared.commission.months import Period
from shared.ids import EmployeeId
from shared.money import Fen, parse_yuan

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_DAY = re.compile(r"(19|2\d)\d\d-\d\d-\d\d", re.ASCII)
_PERIOD = re.compile(r"(19|2\d)\d\d-(0[1-9]|1[0-2])", re.ASCII)


def _fen(value: object) -> Fen:
    try:
        amount = parse_yuan(value) if isinstance(value, str) else None
    except ValueError:
        amount = None
    if amount is None or amount < 0:
        raise ValueError('yuan are a text with two decimals, not negative, such as "1234.50"')
    return amount


def _number(value: object) -> Fraction:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError('a decimal number as a text, not negative, such as "0.012"')
    return Fraction(value)


def _share(value: object) -> Fraction:
    number = _number(value)
    if number > 1:
        raise ValueError('a share between "0" and "1"')
    return number


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # The 30th of February has the right form; the sentence below is for it too.
    raise ValueError('a day as a text, such as "2026-03-31"')


def _period(value: object) -> Period:
    if not isinstance(value, str) or not _PERIOD.fullmatch(value):
        raise ValueError('a month as a text, such as "2026-03"')
    return Period(value)


_Name = StringConstraints(strict=True, min_length=1, max_length=200)

ProductCode = NewType("ProductCode", str)
RuleId = NewType("RuleId", str)
SaleId = NewType("SaleId", str)
ExternalRef = NewType("ExternalRef", str)
"""What the bank's system calls the thing that was sold; two claims on it are a dispute."""

Product = Annotated[ProductCode, _Name]
Employee = Annotated[EmployeeId, _Name]
RuleName = Annotated[RuleId, _Name]
SaleName = Annotated[SaleId, _Name]
Reference = Annotated[ExternalRef, _Name]
AmountFen = Annotated[Fen, BeforeValidator(_fen)]
Rate = Annotated[Fraction, BeforeValidator(_number)]
UnitRate = Annotated[Fraction, BeforeValidator(_share)]
Day = Annotated[date, BeforeValidator(_day)]
Month = Annotated[Period, BeforeValidator(_period)]
Count = Annotated[int, Bound(strict=True, ge=1, le=10**12)]
Version = Annotated[int, Bound(strict=True, ge=0)]
