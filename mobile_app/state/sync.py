"""Sync status: what the badge says at all times, kept apart so that only the badge re-renders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from shared.errors import Refusal, Unreachable

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner


@dataclass(eq=False)
class SyncStatus(ft.Observable):
    """The runner's state and the counts of what is only on this device and of what waits."""

    _runner: "SyncRunner"
    _store: "DeviceStore"
    _to_settle: Callable[[], int]
    status: str = "idle"
    pending: int = 0
    issues: int = 0
    """What waits for this user to decide."""
    last_error: Refusal | Unreachable | None = None
    next_try_at: int | None = None
    work_offline: bool = False

    def refresh(self) -> None:
        """Take over the runner's state and the outbox's counts."""
        self.pending = self._store.overview().pending
        self.issues = self._to_settle()
        self.status = str(self._runner.status)
        self.last_error = self._runner.last_error
        self.next_try_at = self._runner.next_try_at
        self.work_offline = self._runner.work_offline

    def sync_now(self) -> None:
        """Ask the runner for an exchange at once."""
        self._runner.wake()

    def set_work_offline(self, wanted: bool) -> None:
        """Keep everything on the device until the user says otherwise."""
        self._runner.set_work_offline(wanted)
        self.refresh()
