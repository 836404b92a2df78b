"""Scopes: which rows an employee's devices hold, by their role and their place in the bank.

| role            | portfolios           | branch units            | beside them         |
|-----------------|----------------------|-------------------------|---------------------|
| account manager | their own            | all of their branch     | own user, global    |
| supervisor      | of the whole subtree | all of their branch     | own user, global    |
| product manager | none on a device     | all of their branch     | own user, global    |
| auditor         | none on a device     | all of their branch     | own user, global    |
| operator        | none on a device     | all of their branch     | own user, global    |

A grant remembers the seq at which it began: a scope that was lost and given again is read anew.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select

from shared.domain import Employee, OrgUnit
from shared.registry import ScopeRule
from sync_server.store.rows import head
from sync_server.store.schema import ENTITY_TABLES, scope_member

_Record = TypeVar("_Record")
_GRANTED: Final = select(scope_member.c.scope_id, scope_member.c.granted_seq).where(
    scope_member.c.employee_id == bindparam("employee_id")
)


def scopes_of(
    employee: Employee, colleagues: Iterable[Employee], units: Mapping[str, OrgUnit]
) -> set[str]:
    """Return the scopes that an employee's devices hold; none for one who has left."""
    if not employee.active:
        return set()
    branch = _branch_of(employee.org_unit_id, units)
    scopes = {f"{ScopeRule.BRANCH}:{unit}" for unit in _subtree(branch, units)}
    scopes |= {f"{ScopeRule.BRANCH}:{unit}" for unit in _ancestors(branch, units)}
    scopes |= {ScopeRule.GLOBAL.value, f"{ScopeRule.USER}:{employee.id}"}
    return scopes | {
        f"{ScopeRule.PORTFOLIO}:{id}" for id in _portfolios(employee, colleagues, units)
    }


def _portfolios(
    employee: Employee, colleagues: Iterable[Employee], units: Mapping[str, OrgUnit]
) -> set[str]:
    if employee.role == "account_manager":
        return {employee.id}
    if employee.role != "supervisor":
        return set()
    subtree = _subtree(employee.org_unit_id, units)
    return {each.id for each in colleagues if each.org_unit_id in subtree}


def supervisor_over(
    ids: Collection[str], colleagues: Iterable[Employee], units: Mapping[str, OrgUnit]
) -> str | None:
    """Return the nearest supervisor who holds the portfolios of all these employees, if any.

    None of them is: whoever has become a supervisor since decides nothing of their own.
    """
    colleagues = list(colleagues)
    paths = [_ancestors(each.org_unit_id, units) for each in colleagues if each.id in ids]
    for unit in paths[0] if paths else ():
        if all(unit in path for path in paths):
            at = (each for each in colleagues if each.org_unit_id == unit and each.id not in ids)
            found = sorted(each.id for each in at if each.active and each.role == "supervisor")
            if found:
                return found[0]
    return None


def supervisor_of_all(connection: Connection, ids: Collection[str]) -> str | None:
    """Return the nearest supervisor over all these employees as the bank now stands, if any."""
    units = {row.id: row for row in _all(connection, "org_unit", OrgUnit)}
    return supervisor_over(ids, _all(connection, "employee", Employee), units)


def _ancestors(unit: str, units: Mapping[str, OrgUnit]) -> list[str]:
    path = [unit]
    while (parent := units[path[-1]].parent_id) is not None:
        path.append(parent)
    return path


def _branch_of(unit: str, units: Mapping[str, OrgUnit]) -> str:
    path = _ancestors(unit, units)
    return next((each for each in path if units[each].kind == "branch"), unit)


def _subtree(root: str, units: Mapping[str, OrgUnit]) -> set[str]:
    return {unit for unit in units if root in _ancestors(unit, units)}


def refresh_scopes(connection: Connection) -> None:
    """Bring every employee's grants in line with the bank as it now stands."""
    wanted = _wanted(connection)
    present = set(connection.execute(select(scope_member.c.employee_id, scope_member.c.scope_id)))
    for employee, scope in sorted(present - wanted):
        connection.execute(
            delete(scope_member).where(
                scope_member.c.employee_id == employee, scope_member.c.scope_id == scope
            )
        )
    seq = head(connection)
    rows = [
        {"employee_id": employee, "scope_id": scope, "granted_seq": seq}
        for employee, scope in sorted(wanted - present)
    ]
    if rows:
        connection.execute(insert(scope_member), rows)


def _wanted(connection: Connection) -> set[tuple[str, str]]:
    units = {row.id: row for row in _all(connection, "org_unit", OrgUnit)}
    employees = _all(connection, "employee", Employee)
    return {(each.id, scope) for each in employees for scope in scopes_of(each, employees, units)}


def _all(connection: Connection, entity: str, record: type[_Record]) -> Sequence[_Record]:
    table = ENTITY_TABLES[entity]
    columns = [column for column in table.c if column.name not in ("version", "scope_id")]
    return [record(*row) for row in connection.execute(select(*columns))]


def granted(connection: Connection, employee_id: str) -> dict[str, int]:
    """Return the scopes that an employee holds, with the seq of each grant."""
    return dict(connection.execute(_GRANTED, {"employee_id": employee_id}).all())
