"""Gate: from an unknown device to an open desk; enrol once, then a PIN each time.

The PIN never leaves the device. What the gate says after a wrong one comes from the device itself:
how many tries are left and how long to wait.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal, Protocol

import flet as ft

from mobile_app.platform.storage import ProfileInUse
from mobile_app.state.clock import Ids, Now
from mobile_app.state.desk import Desk, Locate
from mobile_app.state.said import OFFLINE, Message, Said
from mobile_app.store.faults import DiskFull, NewerFile
from mobile_app.store.pin import LENGTH, WeakPin
from mobile_app.store.vault import PinRefused
from shared.errors import Refusal, Unreachable

if TYPE_CHECKING:
    from mobile_app.attachments import Attachments
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

Phase = Literal["opening", "taken", "enrol", "locked", "welcome", "open", "facing"]


class Device(Protocol):
    """The composed device, the same one that the command line drives."""

    @property
    def enrolled(self) -> bool:
        """Whether this profile belongs to an employee."""

    @property
    def store(self) -> "DeviceStore":
        """The open store; only between unlock and lock."""

    @property
    def runner(self) -> "SyncRunner":
        """The sync runner; only between unlock and lock."""

    @property
    def attachments(self) -> "Attachments":
        """Photos, recordings and signatures; only between unlock and lock."""

    async def enrol(self, server_url: str, code: str, pin: str) -> None:
        """Trade an enrolment code for this device's identity and open the store."""

    async def unlock(self, pin: str) -> None:
        """Open the store."""

    def keep_in_sync(self) -> None:
        """Sync in the background until locked."""

    def lock(self) -> None:
        """Stop syncing, close the store and forget the key."""

    async def close(self) -> None:
        """Lock, and give the profile free for another window."""


@dataclass(eq=False)
class Gate(ft.Observable):
    """Where the user stands at the door, and what the door has to say."""

    open_device: Callable[[], Awaitable[Device]]
    now: Now
    ids: Ids
    locate: Locate
    on_open: Callable[[Desk], None]
    phase: Phase = "opening"
    busy: bool = False
    message: Message | None = None
    desk: Desk | None = None
    facing: str = ""
    """The customer whose own things are on the screen, in customer-facing mode."""
    _device: Device | None = None

    @property
    def pin_length(self) -> int:
        """How many digits a PIN has."""
        return LENGTH

    async def arrive(self) -> None:
        """Open the profile's files and see who is known here."""
        try:
            self._device = await self.open_device()
        except ProfileInUse:
            self.phase = "taken"
            return
        self.phase = "locked" if self._device.enrolled else "enrol"

    async def enrol(self, server_url: str, code: str, pin: str, again: str) -> None:
        """Make this device the employee's own."""
        problem = _unfit(server_url, code, pin, again)
        if problem or self.busy or self._device is None:
            self.message = problem
            return
        if await self._try(self._device.enrol(server_url.strip(), code.strip(), pin)):
            self._enter("welcome")

    async def unlock(self, pin: str) -> None:
        """Open the desk with the PIN."""
        if self.busy or self._device is None or not pin:
            return
        if await self._try(self._device.unlock(pin)):
            self._enter("open")

    def enrol_again(self) -> None:
        """Take a new code for a device whose sign-in ended; unsent records stay on it."""
        self.phase, self.message = "enrol", None

    def back_to_lock(self) -> None:
        """Leave the enrolment of a device that is enrolled already."""
        self.phase, self.message = "locked", None

    @property
    def known(self) -> bool:
        """Whether this profile belongs to an employee already."""
        return self._device is not None and self._device.enrolled

    def begin(self) -> None:
        """Leave the welcome for the day's list."""
        self.phase = "open"

    def face(self, customer_id: str) -> None:
        """Turn the screen to a customer: theirs alone, and no way on but through the lock."""
        self.facing, self.phase = customer_id, "facing"

    def lock(self) -> None:
        """Close the desk; everything stays encrypted on this device."""
        if self.desk and self._device:
            self.desk.close()
            self._device.lock()
        self.phase, self.desk, self.message = "locked", None, None

    async def leave(self) -> None:
        """Give the profile free; the window is gone."""
        self.lock()
        if self._device:
            await self._device.close()

    async def _try(self, attempt: Awaitable[None]) -> bool:
        self.busy, self.message = True, None
        try:
            await attempt
        except PinRefused as refused:
            self.message = said_of(refused)
        except WeakPin:
            self.message = Said("enrol.weak_pin")
        except NewerFile:
            self.message = Said("unlock.newer")
        except DiskFull:
            self.message = Said("unlock.full")
        except Refusal as refusal:
            self.message = refusal
        except Unreachable:
            self.message = OFFLINE if self.phase == "locked" else Said("enrol.unreachable")
        finally:
            self.busy = False
        return self.message is None

    def _enter(self, phase: Phase) -> None:
        device = self._device
        if device is None:
            return
        self.desk = Desk(
            device.store, device.runner, self.now, self.ids, self.locate, device.attachments
        )
        self.on_open(self.desk)
        self.phase = phase
        device.keep_in_sync()


def _unfit(server_url: str, code: str, pin: str, again: str) -> Said | None:
    if not server_url.strip().startswith(("http://", "https://")):
        return Said("enrol.bad_server")
    if not code.strip():
        return Said("enrol.no_code")
    if not (pin.isdigit() and len(pin) == LENGTH):
        return Said("enrol.short_pin", {"n": LENGTH})
    return None if pin == again else Said("enrol.pins_differ")


def said_of(refused: PinRefused) -> Said:
    """Return what to tell after a PIN was refused."""
    if refused.kind == "wrong" and not refused.wait_s:
        return Said("unlock.wrong", {"n": refused.remaining})
    if refused.kind in ("wrong", "wait"):
        seconds = ceil(refused.wait_s)
        return Said("unlock.wait", {"s": seconds, "n": refused.remaining})
    return Said(f"unlock.{refused.kind}")
