"""Health: how a branch's database stands, read without disturbing it."""

import shutil
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, case, func, or_, select, text

from shared.findings import DeviceReport, ServerReport
from sync_server.store.database import Database
from sync_server.store.rows import head
from sync_server.store.schema import ENTITY_TABLES, device, refused_row, set_aside_op
from sync_server.store.told import before_joining
from sync_server.store.webhooks import webhook_reports

_SETTINGS: Final = text("SELECT name, setting FROM pg_settings WHERE name LIKE 'log%'")
_LOGGING: Final[Mapping[str, Collection[str]]] = {
    "log_statement": ("none", "ddl"),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_transaction_sample_rate": ("0",),
}
"""PostgreSQL's settings by which it logs statements, and how they stand where it does not."""
_NO_VALUES: Final = "log_parameter_max_length"
_NONE_ON_ERROR: Final = "log_parameter_max_length_on_error"
"""At 0 nothing of the values is logged, with statements and with errors."""
_PLANS: Final = "auto_explain.log_min_duration"
_PLANS_FROM: Final = text("SELECT current_setting(:name, true)")
"""From which duration on plans are logged. A plan shows the values of its statement, whatever is
said of parameters. -1 where none is logged; null or empty where nobody has set it and its module is
not loaded. One that is set counts at once: the module may be loaded at any time."""


def server_report(database: Database) -> ServerReport:
    """Look at everything that can need someone. Reads every page of a SQLite file."""
    issue = ENTITY_TABLES["issue"]
    waiting = select(func.count(), func.min(issue.c.at)).where(issue.c.status == "open")
    aside = select(func.count()).where(set_aside_op.c.status != "rejected")
    with database.reading() as connection:
        issues, oldest = connection.execute(waiting).one()
        refused, refused_since = connection.execute(
            select(func.count(), func.min(refused_row.c.at)).where(refused_row.c.state == "open")
        ).one()
        return ServerReport(
            integrity=_integrity(connection),
            free_bytes=_free_bytes(database),
            devices=_devices(connection),
            issues=issues,
            oldest_issue_at=oldest,
            deferred=connection.execute(aside).scalar_one(),
            before_joining=before_joining(connection),
            webhooks=webhook_reports(connection),
            refused_rows=refused,
            oldest_refused_at=refused_since,
            logs_values=_logs_values(connection),
        )


def server_facts(database: Database) -> dict[str, Any]:
    """Return what identifies the state of a server: generation, seq and rows by entity."""
    with database.reading() as connection:
        return {
            "generation": database.generation,
            "seq": head(connection),
            "rows": {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in ENTITY_TABLES.items()
            },
        }


def _devices(connection: Connection) -> list[DeviceReport]:
    employee = ENTITY_TABLES["employee"]
    rows = connection.execute(
        select(
            device.c.id,
            employee.c.employee_no,
            employee.c.name,
            device.c.pending,
            device.c.oldest_pending_at,
            device.c.last_seen,
            device.c.skew_ms,
            case(
                (employee.c.active.is_(False), "left"),
                (device.c.status != "active", "revoked"),
                else_="active",
            ),
        )
        .join(employee, employee.c.id == device.c.employee_id)
        .where(or_(device.c.status == "active", device.c.pending > 0))
        .order_by(employee.c.employee_no, device.c.id)
    )
    return [DeviceReport(*row) for row in rows]


def _integrity(connection: Connection) -> str:
    if connection.dialect.name == "postgresql":
        return "ok"  # its pages are checked by their own checksums, when they are read
    return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())


def _free_bytes(database: Database) -> int | None:
    file = database.engine.url.database
    return None if database.is_postgresql or file is None else shutil.disk_usage(file).free


def _logs_values(connection: Connection) -> str | None:
    """Name a setting by which the database logs the values of statements; None if none does."""
    if connection.dialect.name != "postgresql":
        return None
    if connection.execute(_PLANS_FROM, {"name": _PLANS}).scalar() not in (None, "", "-1"):
        return _PLANS
    settings: dict[str, str] = dict(connection.execute(_SETTINGS).all())
    if settings[_NONE_ON_ERROR] != "0":
        return _NONE_ON_ERROR
    if settings[_NO_VALUES] == "0":
        return None
    return next((name for name, off in _LOGGING.items() if settings[name] not in off), None)
