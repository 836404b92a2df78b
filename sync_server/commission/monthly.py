"""The rows of an employee's statements, from what the engine computed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Final

from shared.commission.entries import Entry, EntryType
from shared.commission.months import Period, later_period
from shared.commission.statement import Statement as Computed
from shared.domain.crediting import Earnings, entries_digest
from shared.domain.statement import Statement, statement_id
from shared.ids import EmployeeId
from shared.money import Fen
from shared.registry import Document

_COLUMNS: Final[Mapping[EntryType, str]] = {
    "EARN": "earned",
    "CAP_TRIM": "trimmed",
    "QUALITY": "quality",
    "DEFER": "deferred",
    "RELEASE": "released",
    "CLAWBACK": "clawed",
    "ADJUST": "adjusted",
}


def statement_rows(
    employee: EmployeeId,
    found: Earnings,
    closed_through: Period | None,
    present: Collection[Period],
    now: int,
) -> dict[Period, Document]:
    """Return an employee's statements by month.

    A month that has one in the record keeps it, also when nothing is left of what it was made for.
    """
    rows = {row.period: row for row in found.statements}
    return {
        period: _row(
            rows.get(period) or Computed(period, employee, Fen(0), {}),
            found.entries_of(period),
            is_closed=closed_through is not None and period <= closed_through,
            now=now,
        )
        for period in sorted({*rows, *present})
    }


def with_month(
    present: Mapping[Period, Document], period: Period, entries: list[Entry], now: int
) -> dict[Period, Document]:
    """Return an employee's statements with one open month anew, and what it carries over.

    `present` are all of the employee's; what the months after it post is as it was.
    """
    changed, before = dict[Period, Document](), present.get(later_period(period, -1))
    carry = Fen(0) if before is None else Fen(int(str(before["closing_carry"])))
    for each in (period, *sorted(known for known in present if known > period)):
        old = present[each]
        sums = _sums(entries) if each == period else _said(old)
        computed = Computed(each, EmployeeId(str(old["employee_id"])), carry, sums)
        if each == period:
            row = _row(computed, entries, is_closed=False, now=now)
        else:
            names = ("opening_carry", "payable", "closing_carry")
            row = old | {name: getattr(computed, name) for name in names}
        changed[each] = row
        carry = computed.closing_carry
    return changed


def _sums(entries: Iterable[Entry]) -> dict[EntryType, int]:
    sums: dict[EntryType, int] = defaultdict(int)
    for entry in entries:
        sums[entry.type] += entry.amount
    return sums


def _said(row: Document) -> dict[EntryType, int]:
    return {kind: int(str(row[name])) for kind, name in _COLUMNS.items()}


def _row(row: Computed, entries: list[Entry], *, is_closed: bool, now: int) -> Document:
    sums = row.sums
    return asdict(
        Statement(
            id=statement_id(row.employee, row.period),
            employee_id=row.employee,
            period=row.period,
            status="closed" if is_closed else "open",
            opening_carry=row.opening_carry,
            **{name: sums.get(kind, 0) for kind, name in _COLUMNS.items()},
            payable=row.payable,
            closing_carry=row.closing_carry,
            receivable=row.is_receivable,
            sales=sum(entry.type == "EARN" for entry in entries),
            digest=entries_digest(entries),
            computed_at=now,
        )
    )
