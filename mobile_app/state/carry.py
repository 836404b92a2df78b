"""Carry: the sync bundle as the sync centre handles it, for when no network leads to the server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import flet as ft

from mobile_app.platform.files import pick_file, save_file
from mobile_app.state.said import Message, Said
from shared.errors import Refusal

if TYPE_CHECKING:
    from mobile_app.store.device_store import DeviceStore


@dataclass(eq=False)
class Carry(ft.Observable):
    """Writes bundles and reads answers, and keeps what there is to say of the last one."""

    _store: "DeviceStore"
    save: Callable[[str, bytes], Awaitable[bool]] = save_file
    pick: Callable[[], Awaitable[bytes | None]] = pick_file
    message: Message | None = None

    async def export(self, day: str) -> None:
        """Let the user save what is unsent as one file, named after the day."""
        from mobile_app.store.bundle import export_bundle  # brings the cipher, as the store does

        try:
            made = export_bundle(self._store)
        except Refusal as refusal:
            self.message = refusal
            return
        name = f"fieldbook-{day}-{made.id[-6:]}.bundle"
        if await self.save(name, made.content):
            self.message = Said("carry.exported", {"n": made.operations, "file": name})

    async def read_answer(self) -> None:
        """Let the user choose the server's answer, and settle what it gives a verdict on."""
        from mobile_app.store.bundle import take_answer

        content = await self.pick()
        if content is None:
            return
        try:
            settled = take_answer(self._store, content)
        except Refusal as refusal:
            self.message = refusal
            return
        counts = {"delivered": settled.delivered, "refused": settled.refused}
        self.message = Said("carry.answered", counts)
