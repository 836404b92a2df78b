"""A device state: what a supervisor may know of a device, so that a silent one is not a zero.

"3 条仍在设备" is said with the moment at which the device last reported it.
"""

from dataclasses import dataclass
from typing import Annotated

from shared.registry import INDEXED, Merge, ScopeRule, synced


@synced("device_state", merge=Merge.SERVER, scope=ScopeRule.PORTFOLIO, scope_key="employee_id")
@dataclass(frozen=True, slots=True)
class DeviceState:
    """One device as it last reported. Moments are ms by the server's clock."""

    id: str
    employee_id: Annotated[str, INDEXED]
    pending: int
    """Operations that were still only on the device."""
    seen_at: int
    oldest_pending_at: int | None = None
    skew_ms: int = 0
    """How far its clock was ahead."""
    revoked: bool = False
