"""A customer: a person or an organisation, one party to the bank with one owning manager.

Person and organisation live in one record, told apart by `kind`; the fields of the other kind stay
null. Every part of the bank reads this one record, so its header must answer three questions: who
is it, what do they want, who looks after them and what is next.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, WithJsonSchema
from pydantic import Field as Bound
from pydantic.types import StringConstraints

from shared.registry import BANK_SAYS, C2, GUARDED, INDEXED, MEMBERS, Merge, ScopeRule, synced

PartyKind = Literal["person", "organisation"]
Stage = Literal["discovery", "design", "marketing", "follow_up"]
"""The four-stage process: 需求搜集, 方案设计, 营销, 跟踪."""
Need = Literal[
    "liquidity", "housing", "education", "retirement", "growth", "safety", "payment", "other"
]
Gender = Literal["female", "male"]
RiskGrade = Literal["R1", "R2", "R3", "R4", "R5"]

ShortText = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(max_length=1000)]


def _real_day(text: str) -> str:
    """Refuse 2026-02-30: whoever counts days with it later would stumble."""
    date.fromisoformat(text)
    return text


DateText = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_real_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A calendar day, ISO 8601."""
Latitude = Annotated[float, Bound(ge=-90, le=90)]
Longitude = Annotated[float, Bound(ge=-180, le=180)]


@synced("customer", merge=Merge.FIELDS, scope=ScopeRule.PORTFOLIO, scope_key="owner_id")
@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of the bank. Money is in fen; `as_of` is the age of imported fields (ms)."""

    id: str
    kind: Annotated[PartyKind, GUARDED]
    name: Annotated[Name, C2, GUARDED]
    initials: Annotated[ShortText, INDEXED, GUARDED]
    """Pinyin initials of the name, lower case, every reading of a polyphonic surname apart by a
    space: 单晓敏 is "sxm dxm". Made by the server."""
    owner_id: Annotated[str, INDEXED, GUARDED]
    org_unit_id: Annotated[str, GUARDED]
    phone: Annotated[ShortText | None, C2] = None
    address: Annotated[ShortText | None, C2] = None
    latitude: Annotated[Latitude | None, C2] = None
    longitude: Annotated[Longitude | None, C2] = None
    gender: Annotated[Gender | None, GUARDED] = None
    birth_date: Annotated[DateText | None, C2, GUARDED] = None
    occupation: Annotated[ShortText | None, C2] = None
    industry: ShortText | None = None
    legal_representative: Annotated[ShortText | None, C2, GUARDED] = None
    contact_name: Annotated[ShortText | None, C2] = None
    contact_note: Annotated[ShortText | None, C2] = None
    risk_grade: Annotated[RiskGrade | None, GUARDED] = None
    stage: Stage = "discovery"
    need: Need | None = None
    need_amount: Annotated[Annotated[int, Bound(ge=0)] | None, C2] = None
    """What they want, in fen."""
    deposit_balance: Annotated[int | None, C2, GUARDED, BANK_SAYS] = None
    """Imported, in fen, as of `as_of`."""
    as_of: Annotated[int | None, GUARDED, BANK_SAYS] = None
    risk_valid_until: Annotated[DateText | None, GUARDED] = None
    """The last day on which the risk grade counts; None where nobody said one."""
    interests: Annotated[Words, C2, MEMBERS] = ""
    """What they care for, one a line: 高尔夫, 子女留学. Everyone adds and removes words; no edit
    takes another's word away."""
    merged_into: Annotated[str | None, INDEXED, GUARDED] = None
    """The customer who goes on for this one since the two were found to be one; no device holds
    such a row."""


_MOST_HIDDEN: Final = 3


def masked_name(name: str) -> str:
    """Hide the middle of a name: 王*兰, 欧**娜; two characters keep the surname: 王*.

    A company's name does not show how long it is: 云***司.
    """
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * min(_MOST_HIDDEN, len(name) - 2) + name[-1]


def masked_phone(phone: str) -> str:
    """Show the last four digits only."""
    return "*" * max(0, len(phone) - 4) + phone[-4:]
