"""Entries and tranches: what the engine posts, and what it holds back."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypedDict

from shared.commission.exact import yuan
from shared.commission.fields import RuleId, SaleId
from shared.commission.months import Period
from shared.commission.trace import Trace, TraceText
from shared.ids import EmployeeId
from shared.money import Fen

EntryType = Literal[
    "EARN",
    "CAP_TRIM",
    "QUALITY",
    "DEFER",
    "RELEASE",
    "CLAWBACK",
    "ADJUST",
    "REVERSAL",
    "CARRY",
]
"""What an entry is for. REVERSAL and CARRY belong to the shape but are never posted here: an open
month is recomputed, a closed one adjusted, and a carry is the statement's own figure."""
_ORDER: Final[dict[EntryType, int]] = {
    "EARN": 0,
    "CAP_TRIM": 1,
    "QUALITY": 2,
    "DEFER": 3,
    "RELEASE": 4,
    "CLAWBACK": 5,
    "ADJUST": 6,
    "REVERSAL": 7,
    "CARRY": 8,
}
Status = Literal["held", "released", "forfeited"]


class EntryText(TypedDict):
    """An entry as JSON; `amount` in yuan."""

    period: str
    employee: str
    sale: str | None
    rule: str
    version: int
    type: EntryType
    amount: str
    ref: str | None
    trace: TraceText


@dataclass(frozen=True, slots=True)
class Entry:
    """One posted amount in fen, signed as it changes what is payable.

    `ref` names what the entry goes back to: the month that an ADJUST corrects or a CLAWBACK takes
    back from, the tranche ("2026-03/1") that a RELEASE pays or forfeits.
    """

    period: Period
    employee: EmployeeId
    sale: SaleId | None
    rule: RuleId
    version: int
    type: EntryType
    amount: Fen
    ref: str | None
    trace: Trace

    @property
    def order(self) -> tuple[str, str, str, int, str, str]:
        """Where the entry stands among others, whatever order the facts arrived in."""
        kind = _ORDER[self.type]
        return self.period, self.employee, self.rule, kind, self.sale or "", self.ref or ""

    def as_json(self) -> EntryText:
        """Return the entry as JSON has it, with its trace in words."""
        return EntryText(
            period=self.period,
            employee=self.employee,
            sale=self.sale,
            rule=self.rule,
            version=self.version,
            type=self.type,
            amount=yuan(self.amount),
            ref=self.ref,
            trace=self.trace.as_json(),
        )


@dataclass(frozen=True, slots=True)
class Tranche:
    """One year's part of a month's deferral, or of what became of it; `amount` in fen."""

    employee: EmployeeId
    rule: RuleId
    version: int
    period: Period
    number: int
    due_on: date
    amount: Fen
    is_forfeited: bool = False

    @property
    def ref(self) -> str:
        """How an entry names the tranche."""
        return f"{self.period}/{self.number}"


class TrancheText(TypedDict):
    """A tranche as JSON; `amount` in yuan."""

    employee: str
    rule: str
    period: str
    due_on: str
    amount: str
    status: Status
