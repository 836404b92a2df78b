"""Where a device stands: what most exchanges ask, and for most of them all there is to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.errors import refused
from sync_server.store.database import Database
from sync_server.store.identity import KnownDevice, hashed

_STANDING: Final = """
    SELECT d.id, d.employee_id, e.role, e.active, d.status, d.pending, d.oldest_pending_at,
           d.last_seen, c.seq, m.scope_id, m.granted_seq
    FROM device d
    JOIN employee e ON e.id = d.employee_id
    CROSS JOIN sync_clock c
    LEFT JOIN scope_member m ON m.employee_id = d.employee_id
    WHERE d.token_hash = ?
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a device stands at one moment: who it is, what it may hold, and the head."""

    device: KnownDevice
    granted: Mapping[str, int]
    """The scopes of its employee, with the seq of each grant."""
    upto: int


def standing(database: Database, token: str) -> Standing:
    """Return where the device of a token stands, welcome or not; refuse an unknown one."""
    rows = database.ask(_STANDING, hashed(token))
    if not rows:
        raise refused("sign_in")
    *fields, upto, _, _ = rows[0]
    granted = {scope: seq for *_, scope, seq in rows if scope is not None}
    return Standing(KnownDevice(*fields), granted, upto)
