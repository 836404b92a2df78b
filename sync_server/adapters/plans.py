"""Products, targets and quality coefficients, as the bank's planning says them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from shared.domain.goal import quality_id, target_id
from shared.errors import refused
from shared.ids import derived_id
from shared.registry import Document
from sync_server.adapters import cells
from sync_server.adapters.columns import Column
from sync_server.adapters.lines import Row
from sync_server.adapters.records import take_records
from sync_server.adapters.report import Outcome
from sync_server.store.bank_rows import employees_by_number, product_codes
from sync_server.store.unit_of_work import UnitOfWork

PRODUCT: Final = (
    Column("code", ("产品代码",)),
    Column("name", ("产品名称",)),
    Column("line", ("产品线",)),
    Column("field_mode", ("办理方式",)),
    Column("measure", ("计量",)),
    Column("unit", ("单位",)),
    Column("valid_from", ("起售日",)),
    Column("valid_until", ("停售日",), required=False),
    Column("risk_grade", ("风险等级",), required=False),
    Column("summary", ("说明",), required=False),
)
TARGET: Final = (
    Column("employee_no", ("工号",)),
    Column("product_code", ("产品代码",)),
    Column("period", ("月份",)),
    Column("value", ("目标",)),
)
QUALITY: Final = (
    Column("employee_no", ("工号",)),
    Column("period", ("月份",)),
    Column("coefficient", ("质量系数",)),
)
_LINES: Final = {
    "存款": "deposit",
    "理财": "wealth",
    "基金": "fund",
    "保险": "insurance",
    "贷款": "loan",
    "信用卡": "card",
    "支付结算": "payment",
}
_MODES: Final = {"可现场办理": "on_site", "仅预约": "appointment", "仅转介": "referral"}
_MEASURES: Final = {"数量": "count", "金额": "amount"}
_GRADES: Final = {grade: grade for grade in ("R1", "R2", "R3", "R4", "R5")}


def _and_themselves(words: dict[str, str]) -> dict[str, str]:
    return words | {word: word for word in words.values()}


def product_id(code: str) -> str:
    """Return the id of a product."""
    return derived_id("product", code)


def take_products(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in products of the catalogue."""
    outcomes, _ = take_records(unit, "product", rows, _product, ("code",))
    return outcomes


def _product(row: Row) -> Document:
    code, until = cells.text(row, "code"), cells.day_or_none(row, "valid_until")
    since = cells.day(row, "valid_from")
    if until is not None and until < since:
        raise refused("row_order", column="valid_until", value=until, after=since)
    return {
        "id": product_id(code),
        "code": code,
        "name": cells.text(row, "name"),
        "line": cells.word(row, "line", _and_themselves(_LINES)),
        "field_mode": cells.word(row, "field_mode", _and_themselves(_MODES)),
        "measure": cells.word(row, "measure", _and_themselves(_MEASURES)),
        "unit": cells.text(row, "unit"),
        "valid_from": since.isoformat(),
        "valid_until": until.isoformat() if until else None,
        "risk_grade": cells.word(row, "risk_grade", _GRADES) if "risk_grade" in row.cells else None,
        "summary": cells.text_or_none(row, "summary", longest=1_000),
    }


def take_targets(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in targets; the statements of those whose target is another follow."""
    people = _people(unit, rows)
    codes = product_codes(unit.connection, set(_column(rows, "product_code")))

    def read(row: Row) -> Document:
        employee, code = people(row), cells.text(row, "product_code")
        if code not in codes:
            raise refused("row_unknown", column="product_code", value=code)
        period = cells.text(row, "period")
        return {
            "id": target_id(employee, code, period),
            "employee_id": employee,
            "product_code": code,
            "period": period,
            "value": cells.text(row, "value"),
        }

    called = ("employee_no", "product_code", "period")
    return take_records(unit, "target", rows, read, called)[0]


def take_quality(unit: UnitOfWork, rows: Sequence[Row]) -> list[Outcome]:
    """Take in quality coefficients; the statements of those whose coefficient is another follow."""
    people = _people(unit, rows)

    def read(row: Row) -> Document:
        employee, period = people(row), cells.text(row, "period")
        return {
            "id": quality_id(employee, period),
            "employee_id": employee,
            "period": period,
            "coefficient": cells.text(row, "coefficient"),
        }

    return take_records(unit, "quality", rows, read, ("employee_no", "period"))[0]


def _people(unit: UnitOfWork, rows: Sequence[Row]) -> Callable[[Row], str]:
    """Return what gives the id of the employee that a row names."""
    known = employees_by_number(unit.connection, set(_column(rows, "employee_no")))

    def employee(row: Row) -> str:
        number = cells.text(row, "employee_no")
        if number not in known:
            raise refused("row_unknown", column="employee_no", value=number)
        return str(known[number]["id"])

    return employee


def _column(rows: Sequence[Row], name: str) -> Iterable[str]:
    return (row.cells[name] for row in rows if name in row.cells)
