"""Verifying: this device's rows compared with the server's, when its user wants to know."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from mobile_app.state.said import OFFLINE, Message, Said
from shared.errors import Refusal, Unreachable

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.store.records import Check
    from mobile_app.sync_runner import SyncRunner


@dataclass(eq=False)
class Verifying(ft.Observable):
    """Compares, repairs what differs, and keeps what there is to say of it."""

    _store: "DeviceStore"
    _runner: "SyncRunner"
    busy: bool = False
    message: Message | None = None
    """Why nothing came of it; what came of it is `last`."""

    @property
    def last(self) -> "Check | None":
        """What the last comparison came to, asked for or not; None if there was none."""
        return self._store.last_check()

    async def verify(self) -> None:
        """Compare now."""
        if self.busy:
            return
        self.busy, self.message = True, None
        try:
            if await self._runner.verify() is None:
                self.message = Said("verify.moving")
        except Unreachable:
            self.message = OFFLINE
        except Refusal as refusal:
            self.message = refusal
        finally:
            self.busy = False
