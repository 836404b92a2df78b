"""Statements: brought up to the facts, in the transaction that changed them."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection

from shared.commission.engine import computed_from
from shared.commission.months import Period, later_period
from shared.commission.qualify import Qualified
from shared.domain import SaleShare
from shared.domain.crediting import Earnings, placed
from shared.registry import REGISTRY, Document
from sync_server.commission.monthly import statement_rows, with_month
from sync_server.store.books import Books, Payee, everyone
from sync_server.store.rows import documents
from sync_server.store.unit_of_work import CHUNK, UnitOfWork

_STATEMENT: Final = REGISTRY["statement"]
_MOMENT: Final = "computed_at"
_MONTHS_TO_RELEASE: Final = 12
"""After which the first tranche of a month's deferral is paid."""
_NOTHING: Final[Mapping[str, list[SaleShare]]] = MappingProxyType({})


def whom(connection: Connection, written: Mapping[str, Collection[str]]) -> set[str]:
    """Return whose statements change with rules, goals or employees that were written."""
    rules = documents(connection, REGISTRY["commission_rule"], written.get("commission_rule", ()))
    if any(row["status"] == "approved" for row in rules.values()):
        return set(everyone(connection))
    found = {
        str(row["employee_id"])
        for name in ("target", "quality")
        for row in documents(connection, REGISTRY[name], written.get(name, ())).values()
    }
    employees = set(written.get("employee", ()))
    return found | (employees & set(everyone(connection)) if employees else set())


def bring_up(
    unit: UnitOfWork, whole: Collection[str], changes: Mapping[str, list[SaleShare]] = _NOTHING
) -> set[Period]:
    """Compute employees' statements anew and write those that differ; return their months.

    All months of those in `whole`; of others the one that their `changes`, shares as they were and
    as they are, lie in, if that is all that can differ.
    """
    wanted = sorted({*whole, *changes})
    if not wanted:
        return set()
    books, touched = Books(unit.connection, unit.now), set[Period]()
    for payee in filter(None, map(books.payee, wanted)):
        present = books.statements(payee)
        month = None
        if payee.id not in whole:
            month = _one_month(books, payee, present, changes[payee.id])
        if month is None:
            touched |= write(unit, books, payee, books.earned(payee), books.closed_through)
        else:
            touched |= _write(unit, present, month)
    return touched


def _one_month(
    books: Books, payee: Payee, present: Mapping[Period, Document], changes: Iterable[SaleShare]
) -> dict[Period, Document] | None:
    """Return an employee's statements from the one open month that changes lie in; None otherwise.

    It must have been computed with all others before, lead to nothing in a month that has come (a
    clawback, a release), and its payee must not have left: all that is then computed anew, too.
    """
    rules = books.rules(payee.unit)
    places = [place for share in changes for place in placed([share], rules)]
    changed = [place for place in places if isinstance(place, Qualified)]
    periods = {place.period for place in changed}
    if not periods:
        return {}
    if len(periods) > 1 or payee.left_on is not None or _is_any_cancelled(changed):
        return None
    [period] = periods
    is_closed = books.closed_through is not None and period <= books.closed_through
    if is_closed or later_period(period, _MONTHS_TO_RELEASE) <= books.through:
        return None
    rest = books.rest(payee, period)
    if rest is None or period not in present:
        return None
    places = placed(books.told_in(payee, period), rules)
    sales = [each for each in places if isinstance(each, Qualified) and each.period == period]
    if _is_any_cancelled(sales):
        return None
    entries = [
        entry
        for entry in computed_from(sales, books.goals(payee)).entries
        if entry.employee == payee.id and entry.period == period
    ]
    ordered = sorted([*entries, *rest], key=lambda entry: entry.order)
    return with_month(present, period, ordered, books.now)


def _is_any_cancelled(sales: Iterable[Qualified]) -> bool:
    return any(each.cancelled_on is not None for each in sales)


def write(
    unit: UnitOfWork,
    books: Books,
    payee: Payee,
    found: Earnings,
    closed_through: Period | None,
) -> set[Period]:
    """Write an employee's statements where they differ from the record's; return their months."""
    present = books.statements(payee)
    rows = statement_rows(payee.id, found, closed_through, present.keys(), unit.now)
    still_open = [each for each in rows if closed_through is None or each > closed_through]
    books.keep_rest(payee, found, still_open)
    return _write(unit, present, rows)


def _write(
    unit: UnitOfWork, present: Mapping[Period, Document], rows: Mapping[Period, Document]
) -> set[Period]:
    changed = {period: row for period, row in rows.items() if not stands(present.get(period), row)}
    documents = list(changed.values())
    for start in range(0, len(documents), CHUNK):
        unit.import_rows(_STATEMENT, documents[start : start + CHUNK])
    return set(changed)


def stands(present: Document | None, row: Document) -> bool:
    """Whether a statement in the record says what was computed, or is closed."""
    if present is None:
        return False
    if present["status"] == "closed":
        return True
    return all(present[name] == row[name] for name in row if name != _MOMENT)
