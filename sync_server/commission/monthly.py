"""The rows of an employee's statements, from what the engine computed."""

from collections.abc import Collection
from dataclasses import asdict

from shared.commission.months import Period
from shared.commission.statement import Statement as Computed
from shared.domain.crediting import Earnings, entries_digest
from shared.domain.statement import Statement, statement_id
from shared.ids import EmployeeId
from shared.money import Fen
from shared.registry import Document


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
            found,
            is_closed=closed_through is not None and period <= closed_through,
            now=now,
        )
        for period in sorted({*rows, *present})
    }


def _row(row: Computed, found: Earnings, *, is_closed: bool, now: int) -> Document:
    entries = found.entries_of(row.period)
    sums = row.sums
    return asdict(
        Statement(
            id=statement_id(row.employee, row.period),
            employee_id=row.employee,
            period=row.period,
            status="closed" if is_closed else "open",
            opening_carry=row.opening_carry,
            earned=sums.get("EARN", 0),
            trimmed=sums.get("CAP_TRIM", 0),
            quality=sums.get("QUALITY", 0),
            deferred=sums.get("DEFER", 0),
            released=sums.get("RELEASE", 0),
            clawed=sums.get("CLAWBACK", 0),
            adjusted=sums.get("ADJUST", 0),
            payable=row.payable,
            closing_carry=row.closing_carry,
            receivable=row.is_receivable,
            sales=sum(entry.type == "EARN" for entry in entries),
            digest=entries_digest(entries),
            computed_at=now,
        )
    )
