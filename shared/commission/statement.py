"""Statements: one row per employee and month, from what was posted to what is payable.

What an employee owes beyond a month's pay is carried into the next; for one who has left it is a
receivable, and the row says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NotRequired, TypedDict

from shared.commission.entries import Entry, EntryType
from shared.commission.exact import yuan
from shared.commission.months import Period, period_of, periods_through
from shared.ids import EmployeeId
from shared.money import Fen

Sums = Mapping[Period, Mapping[EntryType, int]]


class StatementText(TypedDict):
    """A statement row as JSON; amounts in yuan. `receivable` stands only where it is true."""

    period: str
    employee: str
    opening_carry: str
    earned: str
    trimmed: str
    quality: str
    deferred: str
    released: str
    clawed: str
    adjusted: str
    payable: str
    closing_carry: str
    receivable: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Statement:
    """One employee's month: sums by entry type in fen, signed like the entries, and the carry."""

    period: Period
    employee: EmployeeId
    opening_carry: Fen
    sums: Mapping[EntryType, int]
    has_left: bool = False

    @property
    def due(self) -> int:
        """Everything together, below zero when the employee owes."""
        return self.opening_carry + sum(self.sums.values())

    @property
    def payable(self) -> Fen:
        """What is paid out; never below zero."""
        return Fen(max(0, self.due))

    @property
    def closing_carry(self) -> Fen:
        """What the next month begins with; never above zero."""
        return Fen(min(0, self.due))

    @property
    def is_receivable(self) -> bool:
        """Whether the employee owes and no later pay can settle it."""
        return self.has_left and self.closing_carry < 0

    def as_json(self) -> StatementText:
        """Return the row as JSON has it."""
        row = StatementText(
            period=self.period,
            employee=self.employee,
            opening_carry=yuan(self.opening_carry),
            earned=self._sum("EARN"),
            trimmed=self._sum("CAP_TRIM"),
            quality=self._sum("QUALITY"),
            deferred=self._sum("DEFER"),
            released=self._sum("RELEASE"),
            clawed=self._sum("CLAWBACK"),
            adjusted=self._sum("ADJUST"),
            payable=yuan(self.payable),
            closing_carry=yuan(self.closing_carry),
        )
        if self.is_receivable:
            row["receivable"] = True
        return row

    def _sum(self, kind: EntryType) -> str:
        return yuan(Fen(self.sums.get(kind, 0)))


def statements(
    entries: Iterable[Entry], left: Mapping[EmployeeId, date], last: Period
) -> list[Statement]:
    """Return every employee's months from their first entry to `last`."""
    sums: dict[EmployeeId, dict[Period, dict[EntryType, int]]] = defaultdict(dict)
    for entry in entries:
        month = sums[entry.employee].setdefault(entry.period, defaultdict(int))
        month[entry.type] += entry.amount
    return [
        row
        for employee in sorted(sums)
        for row in _months(employee, sums[employee], left.get(employee), last)
    ]


def _months(
    employee: EmployeeId, sums: Sums, left_on: date | None, last: Period
) -> Iterator[Statement]:
    carry = Fen(0)
    for period in periods_through(min(sums), last):
        has_left = left_on is not None and period_of(left_on) <= period
        row = Statement(period, employee, carry, sums.get(period, {}), has_left)
        yield row
        carry = row.closing_carry
