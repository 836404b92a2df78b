"""The server's inbox: refused work that waits for someone, and what devices have purged."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, select

from shared.errors import Refusal
from sync_server.store.schema import ENTITY_TABLES, receipt


def open_issues(connection: Connection, language: str) -> list[dict[str, Any]]:
    """Return the open issues, oldest first, each with its author, sentence and operations.

    `at` is ms since 1970 UTC.
    """
    issue, employee = ENTITY_TABLES["issue"], ENTITY_TABLES["employee"]
    rows = connection.execute(
        select(issue, employee.c.name, employee.c.employee_no)
        .outerjoin(employee, employee.c.id == issue.c.employee_id)
        .where(issue.c.status == "open")
        .order_by(issue.c.at, issue.c.id)
    ).mappings()
    return [
        {
            "id": row["id"],
            "employee_no": row["employee_no"],
            "name": row["name"],
            "device_id": row["device_id"],
            "code": row["code"],
            "why": Refusal(row["code"], from_json(row["filling"])).sentence(language),
            "entity": row["entity"],
            "record_id": row["record_id"],
            "at": row["at"],
            "ops": from_json(row["ops"]),
        }
        for row in rows
    ]


def receipts(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Return what devices say they have purged, latest first; moments are ms since 1970 UTC."""
    employee = ENTITY_TABLES["employee"]
    statement = (
        select(receipt, employee.c.employee_no)
        .outerjoin(employee, employee.c.id == receipt.c.employee_id)
        .order_by(receipt.c.at.desc(), receipt.c.id.desc())
        .limit(most)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]
