"""Employees, as the bank's personnel system says them: who joined, who left, who works where.

The two days are as the file says, and an empty `left_on` is someone who is still here. Whatever
else a row leaves empty stays as it is known, so that a file of three columns can say who left, and
no more.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.domain.days import bank_day
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import Document
from sync_server.adapters import cells
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import take_records
from sync_server.adapters.report import Outcome
from sync_server.store.bank_rows import employees_by_number, org_units_by_name
from sync_server.store.scopes import refresh_scopes
from sync_server.store.unit_of_work import UnitOfWork

COLUMNS: Final = (
    Column("employee_no", ("工号",)),
    Column("joined_on", ("入职日期",)),
    Column("left_on", ("离职日期",), required=False),
    Column("name", ("姓名",), required=False),
    Column("role", ("岗位",), required=False),
    Column("org_unit", ("机构",), required=False),
    Column("phone", ("电话",), required=False),
    Column("active", ("在职",), required=False),
)
_ROLES: Final = {
    "客户经理": "account_manager",
    "主管": "supervisor",
    "产品经理": "product_manager",
    "审计": "auditor",
    "运维": "operator",
}
_ROLE_WORDS: Final = _ROLES | {role: role for role in _ROLES.values()}


def take(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in employees; their scopes follow, and the statements of those who changed."""
    numbers = {row.cells["employee_no"] for row in rows if "employee_no" in row.cells}
    names = {row.cells["org_unit"] for row in rows if "org_unit" in row.cells}
    known = employees_by_number(unit.connection, numbers)
    units = org_units_by_name(unit.connection, names)
    today = bank_day(unit.now).isoformat()

    def read(row: Row) -> Document:
        return _employee(row, known, units, today)

    outcomes, written = take_records(unit, "employee", rows, read, ("employee_no",))
    if written:
        refresh_scopes(unit.connection)
    return outcomes


def _employee(
    row: Row, known: Mapping[str, Document], units: Mapping[str, Document], today: str
) -> Document:
    number = cells.text(row, "employee_no", longest=20)
    before = known.get(number) or {"id": derived_id("employee", number), "employee_no": number}
    return before | _said(row, is_new=number not in known, units=units) | _days(row, today)


def _said(row: Row, *, is_new: bool, units: Mapping[str, Document]) -> Document:
    """Return what a row says beside its days; all that a new employee must have."""
    said: Document = {}
    if is_new or "name" in row.cells:
        said["name"] = cells.text(row, "name", longest=60)
    if is_new or "role" in row.cells:
        said["role"] = cells.word(row, "role", _ROLE_WORDS)
    if is_new or "org_unit" in row.cells:
        unit = cells.text(row, "org_unit")
        if unit not in units:
            raise refused("row_unknown", column="org_unit", value=unit)
        said["org_unit_id"] = units[unit]["id"]
    if "phone" in row.cells:
        said["phone"] = row.cells["phone"]
    return said


def _days(row: Row, today: str) -> Document:
    joined, left = cells.day(row, "joined_on"), cells.day_or_none(row, "left_on")
    if left is not None and left < joined:
        raise refused("row_order", column="left_on", value=left, after=joined)
    days: Document = {
        "joined_on": joined.isoformat(),
        "left_on": left.isoformat() if left else None,
    }
    if "active" in row.cells:
        return days | {"active": cells.is_yes(row, "active")}
    # Who has left signs in nowhere any more; who is back is said to be active.
    return days | ({"active": False} if left is not None and left.isoformat() < today else {})
