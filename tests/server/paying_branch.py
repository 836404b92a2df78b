"""A branch as real processes that sells and pays: two managers, two supervisors, four products."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from fieldbook.branch import Branch
from fieldbook.database import FILE
from shared.registry import REGISTRY, Document
from shared.testing.builders import NOW, a_customer, a_unit, an_employee
from shared.testing.selling import a_commission_rule, a_product, a_wealth_product, terms
from sync_server.store.authority import credit
from sync_server.store.database import open_sqlite
from sync_server.store.scopes import refresh_scopes
from sync_server.store.unit_of_work import Actor, UnitOfWork

LADDER: Final = [{"to_month": 6, "rate": "1.00"}, {"to_month": 12, "rate": "0.50"}]


def paying_branch(folder: Path) -> Branch:
    """Write the branch's file; its server is not running yet."""
    branch = Branch(folder)
    database = open_sqlite(branch.data / FILE)
    database.write(_write)
    database.close()
    return branch


def _write(connection: Connection) -> None:
    unit = UnitOfWork(connection, Actor("import:test"), int(NOW))
    for entity, documents in _documents():
        unit.import_rows(REGISTRY[entity], documents)
    credit(unit)
    unit.finish()
    refresh_scopes(connection)


def _documents() -> list[tuple[str, list[Document]]]:
    office = a_unit("head_office", None)
    unit = str(office["id"])
    lin = _one(unit, "AM001", "林晓岚", joined_on="2020-03-01")
    zhou = _one(unit, "AM002", "周文渊")
    boss = _one(unit, "SV001", "许乐之", role="supervisor")
    head = _one(unit, "SV002", "贺兰心", role="supervisor")
    fields = {"line": "deposit", "measure": "amount", "unit": "元"}
    deposit = a_product("DEPOSIT", name="三年定存", **fields)
    certificate = a_product("CERT", name="大额存单", field_mode="appointment", **fields)
    customers = [
        a_customer(str(lin["id"]), name="白子墨", risk_grade="R2", risk_valid_until="2099-01-01"),
        a_customer(str(zhou["id"]), name="安若溪"),
    ]
    rules = {
        "card": terms(clawback=LADDER),
        "deposit": terms(
            "deposit",
            product="DEPOSIT",
            metric="AMOUNT",
            kind="RATE",
            unit_price=None,
            rate="0.0010",
            recognise_on="FUNDED",
            clawback=LADDER,
            deferral={"rate": "0.40", "years": 3},
        ),
    }
    return [
        ("org_unit", [office]),
        ("employee", [lin, zhou, boss, head]),
        ("customer", customers),
        ("product", [a_product(), deposit, certificate, a_wealth_product()]),
        (
            "commission_rule",
            [
                a_commission_rule(str(head["id"]), unit, rule, terms=text, status="approved")
                for rule, text in rules.items()
            ],
        ),
    ]


def _one(unit: str, number: str, name: str, **fields: Any) -> Document:
    return an_employee(unit, employee_no=number, name=name, **fields)
