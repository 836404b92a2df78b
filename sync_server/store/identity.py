"""Identity: enrolment codes, device tokens and system accounts; secrets are kept as hashes only.

Codes and tokens are random with 80 bits or more, so one round of SHA-256 is enough to keep them.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from shared.domain import Employee
from shared.errors import refused
from shared.ids import Millis, uuid7
from sync_server.outward import FORMER, RIGHTS, Right
from sync_server.store.schema import ENTITY_TABLES, device, enrolment_code, system_account

CODE_LIFE_MS: Final = 10 * 60_000
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that are not mistaken for each other: five bits each."""

# Built once: every exchange asks it, and building a statement takes as long as asking it.
_DEVICES: Final = select(
    device.c.id,
    device.c.employee_id,
    ENTITY_TABLES["employee"].c.role,
    ENTITY_TABLES["employee"].c.active,
    device.c.status,
    device.c.pending,
    device.c.oldest_pending_at,
    device.c.last_seen,
).join(ENTITY_TABLES["employee"], ENTITY_TABLES["employee"].c.id == device.c.employee_id)
_KNOWN: Final = _DEVICES.where(device.c.token_hash == bindparam("hash"))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device that has just been enrolled, with the token that is shown only now."""

    device_id: str
    token: str
    employee: Employee


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """The device that a token belongs to, and what was last heard of it."""

    device_id: str
    employee_id: str
    role: str
    active: bool
    status: str
    pending: int
    oldest_pending_at: int | None
    last_seen: int

    @property
    def welcome(self) -> bool:
        """Whether the device may read; the work of others is still taken, as issues."""
        return bool(self.active) and self.status == "active"


@dataclass(frozen=True, slots=True)
class System:
    """Another system of the bank, and what it may do here."""

    name: str
    rights: frozenset[Right]


def hashed(secret: str) -> bytes:
    """Return what is kept of a code or a token."""
    return hashlib.sha256(secret.encode()).digest()


def _canonical(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def new_code(connection: Connection, employee_no: str, now: int, life_ms: int) -> str:
    """Make a one-time enrolment code (80 bits) for an employee, as XXXX-XXXX-XXXX-XXXX."""
    employee = employee_by_no(connection, employee_no)
    sixteen = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    connection.execute(
        insert(enrolment_code),
        {"code_hash": hashed(sixteen), "employee_id": employee.id, "expires_at": now + life_ms},
    )
    return "-".join(sixteen[place : place + 4] for place in range(0, 16, 4))


def enrol(
    connection: Connection,
    code: str,
    now: Millis,
    token: str | None = None,
    former: str | None = None,
) -> Enrolled:
    """Use up a code and enrol a device for its employee; refuse a wrong, used or expired one.

    `token` is the device's own proposal: with the same one, a code that this device has used up
    answers again as it did, for an answer may be lost. `former` is the id that the device has had:
    another employee's code is refused then, and stays good.
    """
    if token is not None and (again := _enrolled_before(connection, code, token)):
        return again
    employee_id = _use_up(connection, code, now)
    if former is not None and _owner(connection, former) not in (None, employee_id):
        raise refused("not_permitted", action="another employee's code")
    device_id = uuid7(now, secrets.token_bytes(10))
    token = token or secrets.token_urlsafe(32)
    connection.execute(insert(device), _new_device(device_id, employee_id, token, now, former))
    return Enrolled(device_id, token, employee_by_id(connection, employee_id))


def _use_up(connection: Connection, code: str, now: int) -> str:
    used = (
        update(enrolment_code)
        .where(
            enrolment_code.c.code_hash == hashed(_canonical(code)),
            enrolment_code.c.used_at.is_(None),
            enrolment_code.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(enrolment_code.c.employee_id)
    )
    employee_id = connection.execute(used).scalar_one_or_none()
    if employee_id is None:
        raise refused("bad_code")
    return str(employee_id)


def _enrolled_before(connection: Connection, code: str, token: str) -> Enrolled | None:
    statement = (
        select(device.c.id, device.c.employee_id)
        .join(enrolment_code, enrolment_code.c.employee_id == device.c.employee_id)
        .where(
            device.c.token_hash == hashed(token),
            enrolment_code.c.code_hash == hashed(_canonical(code)),
            enrolment_code.c.used_at == device.c.enrolled_at,
        )
    )
    found = connection.execute(statement).one_or_none()
    return found and Enrolled(found.id, token, employee_by_id(connection, found.employee_id))


def _owner(connection: Connection, device_id: str) -> str | None:
    statement = select(device.c.employee_id).where(device.c.id == device_id)
    return connection.execute(statement).scalar_one_or_none()


def _new_device(
    device_id: str, employee_id: str, token: str, now: int, former: str | None
) -> dict[str, Any]:
    return {
        "id": device_id,
        "employee_id": employee_id,
        "token_hash": hashed(token),
        "status": "active",
        "enrolled_at": now,
        "pending": 0,
        "oldest_pending_at": None,
        "skew_ms": 0,
        "last_seen": 0,
        "former": former,
    }


def device_of(connection: Connection, token: str) -> KnownDevice:
    """Return the device of a token; refuse an unknown, a revoked one and one of a leaver."""
    known = known_device(connection, token)
    if not known.welcome:
        raise refused("device_revoked")
    return known


def known_device(connection: Connection, token: str) -> KnownDevice:
    """Return the device of a token, welcome or not; refuse an unknown one."""
    found = connection.execute(_KNOWN, {"hash": hashed(token)}).one_or_none()
    if found is None:
        raise refused("sign_in")
    return KnownDevice(*found)


def device_that_made(connection: Connection, device_id: str) -> tuple[KnownDevice, bytes]:
    """Return the device of a sync bundle and the hash of its token, which opens the bundle.

    Refuses an unknown device, a revoked one and one of a leaver.
    """
    statement = _DEVICES.add_columns(device.c.token_hash).where(device.c.id == device_id)
    found = connection.execute(statement).one_or_none()
    if found is None:
        raise refused("bundle_unknown_device", device=device_id)
    *fields, secret = found
    known = KnownDevice(*fields)
    if known.status not in ("active", "replaced") or not known.active:
        raise refused("bundle_revoked", device=device_id)
    return known, bytes(secret)


def revoke(connection: Connection, device_id: str) -> None:
    """Stop a device: it is told so and keeps its unsent work."""
    statement = update(device).where(device.c.id == device_id).values(status="revoked")
    if connection.execute(statement).rowcount == 0:
        raise refused("not_found")


def new_system_token(
    connection: Connection, name: str, now: int, rights: Collection[Right] = ()
) -> str:
    """Make or replace the token of a system account.

    Without `rights` an account that is there keeps its own, and a new one has FORMER.
    """
    token = secrets.token_urlsafe(32)
    row: dict[str, Any] = {"name": name, "token_hash": hashed(token), "created_at": now}
    if rights:
        row["rights"] = "\n".join(sorted(rights))
    changed = connection.execute(
        update(system_account).where(system_account.c.name == name).values(row)
    )
    if changed.rowcount == 0:
        connection.execute(insert(system_account), row)
    return token


def system_of(connection: Connection, token: str, right: Right) -> System:
    """Return the system account of a token; refuse an unknown one, and one without the right."""
    statement = select(system_account.c.name, system_account.c.rights).where(
        system_account.c.token_hash == hashed(token)
    )
    found = connection.execute(statement).one_or_none()
    if found is None:
        raise refused("sign_in")
    system = System(found.name, _rights(found.rights))
    if right not in system.rights:
        raise refused("not_granted", system=system.name, right=right)
    return system


def _rights(text: str | None) -> frozenset[Right]:
    if text is None:
        return FORMER
    said = text.split("\n")
    return frozenset(right for right in RIGHTS if right in said)


def employee_by_no(connection: Connection, employee_no: str) -> Employee:
    """Return the employee with this number, or refuse."""
    return _employee(connection, ENTITY_TABLES["employee"].c.employee_no == employee_no)


def employee_by_id(connection: Connection, employee_id: str) -> Employee:
    """Return the employee with this id, or refuse."""
    return _employee(connection, ENTITY_TABLES["employee"].c.id == employee_id)


def employees(connection: Connection) -> list[Employee]:
    """Return all employees by their number."""
    table = ENTITY_TABLES["employee"]
    rows = connection.execute(select(*_columns()).order_by(table.c.employee_no))
    return [Employee(*row) for row in rows]


def _employee(connection: Connection, condition: Any) -> Employee:
    row = connection.execute(select(*_columns()).where(condition)).one_or_none()
    if row is None:
        raise refused("not_found")
    return Employee(*row)


def _columns() -> list[Any]:
    table = ENTITY_TABLES["employee"]
    return [column for column in table.c if column.name not in ("version", "scope_id")]
