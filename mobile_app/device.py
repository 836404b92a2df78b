"""The device: profile, vault, store and runner put together, the same for app and command line.

Store and runner are imported when a PIN first opens them, or by `warm_up`: SQLAlchemy and httpx
take over a second in a browser, and the first screen, which asks for the PIN, needs neither.
"""

import asyncio
import json
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mobile_app.platform import here
from mobile_app.platform.here import Profile
from mobile_app.store.vault import Keys, Vault
from shared.errors import refused
from shared.ids import Millis

if TYPE_CHECKING:
    from mobile_app.attachments import Attachments
    from mobile_app.blob_runner import BlobRunner
    from mobile_app.platform.http import Enrolled, HttpTransport
    from mobile_app.store.blobs import Blobs
    from mobile_app.store.device_store import DeviceStore
    from mobile_app.sync_runner import SyncRunner

_ENROLMENT: Final = "enrolment"
_TOKEN_BYTES: Final = 32


class Locked(Exception):
    """The store was asked for before the PIN."""


def warm_up() -> None:
    """Import what the right PIN will need, while its user is still typing."""
    for name in ("mobile_app.store.opening", "mobile_app.attachments", "mobile_app.platform.http"):
        import_module(name)


def wall_clock() -> Millis:
    """Return this device's idea of now: shown and logged, never used to decide."""
    return Millis(time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """What must be known of this device before its PIN: no name, no secret."""

    device_id: str = ""
    server_url: str = ""


class Device:
    """One profile on this device. `store` and `runner` are there between unlock and lock."""

    def __init__(
        self,
        profile: Profile,
        connect: Callable[[str], "HttpTransport"] = here.connect,
        clock: Callable[[], Millis] = wall_clock,
    ) -> None:
        self._profile, self._connect, self._clock = profile, connect, clock
        self._vault = Vault(profile, profile.device_secret())
        self._store: DeviceStore | None = None
        self._runner: SyncRunner | None = None
        self._blobs: Blobs | None = None
        self._blob_runner: BlobRunner | None = None
        self._attachments: Attachments | None = None
        self._transport: HttpTransport | None = None
        self._running: list[asyncio.Task[None]] = []
        self._offer = "", ""
        """The last enrolment code, and the token that was proposed with it."""

    @classmethod
    async def open(cls, profile: str, directory: Path | None = None) -> "Device":
        """Open a profile of this device; raise ProfileInUse when another window has it."""
        return cls(await here.open_profile(profile, directory))

    @property
    def enrolled(self) -> bool:
        """Whether this profile belongs to an employee."""
        return self._profile.read(_ENROLMENT) is not None

    @property
    def store(self) -> "DeviceStore":
        """The open store; raises Locked before unlock."""
        if self._store is None:
            raise Locked
        return self._store

    @property
    def runner(self) -> "SyncRunner":
        """The sync runner; raises Locked before unlock."""
        if self._runner is None:
            raise Locked
        return self._runner

    @property
    def attachments(self) -> "Attachments":
        """Photos, recordings and signatures; raises Locked before unlock."""
        if self._attachments is None:
            raise Locked
        return self._attachments

    async def fetch_attachment(self, attachment_id: str) -> bytes:
        """Return the content of an attachment, fetched and checked when it is not here.

        Raises Unreachable, Refusal.
        """
        return await self.attachments.fetch(attachment_id)

    async def send_attachments(self) -> int:
        """Send what waits of attachments' content; return how many the server now has.

        For a device that does not `keep_in_sync`; records go first, by `runner.sync_once`. Raises
        Unreachable; what is refused by itself is kept with the attachment and stops no other.
        """
        from mobile_app.blob_runner import Held

        if self._blob_runner is None:
            raise Locked
        try:
            return await self._blob_runner.send_all()
        except Held:
            return 0

    async def enrol(self, server_url: str, code: str, pin: str) -> None:
        """Trade a code for an identity and open the store.

        A device that is enrolled already keeps its unsent work and gets a new token; the code must
        then be of the same employee. Where too many PINs were wrong, the code is the sign-in that
        allows further tries. Raises Unreachable, Refusal, WeakPin, PinRefused.
        """
        enrolled = None
        if self._vault.exists and self._vault.needs_sign_in:
            enrolled = await self._sign_in(server_url, code)
        keys = self._keys(pin)
        known = self._open_store(keys)
        try:
            enrolled = enrolled or await self._trade(server_url, code)
            self._take_on(known, server_url, enrolled)
        except BaseException:
            known.close()
            raise
        self._start(known, keys)

    async def _sign_in(self, server_url: str, code: str) -> "Enrolled":
        """Allow further tries of the PIN: only this device's own server can, by a good code."""
        known = self._enrolment()
        if known.server_url not in ("", server_url):
            raise refused("other_server", server=known.server_url)
        enrolled = await self._trade(server_url, code)
        self._vault.allow_more_tries()
        return enrolled

    async def _trade(self, server_url: str, code: str) -> "Enrolled":
        """Ask for an identity; with the same token again for a code whose answer was lost."""
        if self._offer[0] != code:
            self._offer = code, secrets.token_urlsafe(_TOKEN_BYTES)
        transport = self._connect(server_url)
        try:
            return await transport.enrol(*self._offer, self._enrolment().device_id or None)
        finally:
            await transport.close()

    def _keys(self, pin: str) -> Keys:
        """Open the vault, or make it; one left by an enrolment that broke off is used."""
        if not self._vault.exists:
            return self._vault.create(pin)
        if self._vault.mirror_is_lost:
            self._profile.erase("mirror.db")
        return self._vault.unlock(pin, self._clock() / 1000)

    def _take_on(self, store: "DeviceStore", server_url: str, enrolled: "Enrolled") -> None:
        if self.enrolled and store.identity.employee.id != enrolled.employee.id:
            raise refused("not_permitted", action="another employee's code")
        store.enrol(enrolled.device_id, enrolled.token, server_url, enrolled.employee)
        self._note_enrolment(store)

    def _note_enrolment(self, store: "DeviceStore") -> None:
        """Keep what must be known before the PIN; 0.1.0 did not keep the server."""
        known = _Enrolment(store.identity.device_id, store.identity.server_url)
        if known != self._enrolment():
            self._profile.write(_ENROLMENT, json.dumps(asdict(known)).encode())

    def _enrolment(self) -> "_Enrolment":
        content = (self._profile.read(_ENROLMENT) or b"").decode()
        # What 0.1.0 wrote is the device's id alone.
        return _Enrolment(**json.loads(content)) if content[:1] == "{" else _Enrolment(content)

    async def unlock(self, pin: str) -> None:
        """Open the store. Raises PinRefused."""
        keys = self._keys(pin)
        store = self._open_store(keys)
        self._note_enrolment(store)
        self._start(store, keys)

    def _open_store(self, keys: Keys) -> "DeviceStore":
        from mobile_app.store.opening import open_store

        return open_store(self._profile, keys, self._clock, secrets.token_bytes)

    def _start(self, store: "DeviceStore", keys: Keys) -> None:
        from mobile_app.sync_runner import SyncRunner

        self._store = store
        self._transport = self._connect(store.identity.server_url)
        self._runner = SyncRunner(store, self._transport, self._clock, random.random)
        self._start_lane(store, keys, self._runner, self._transport)

    def _start_lane(
        self, store: "DeviceStore", keys: Keys, runner: "SyncRunner", transport: "HttpTransport"
    ) -> None:
        from mobile_app.attachments import Attachments
        from mobile_app.blob_runner import BlobRunner
        from mobile_app.store.opening import open_blobs

        self._blobs = blobs = open_blobs(self._profile, keys, self._clock)
        lane = BlobRunner(store, blobs, runner, transport, self._clock, random.random)
        self._blob_runner = lane
        self._attachments = Attachments(store, blobs, lane, self._clock)

    def keep_in_sync(self) -> None:
        """Sync in the background until locked."""
        lanes = [self.runner.run()]
        if self._blob_runner is not None:
            lanes.append(self._blob_runner.run())
        self._running = [asyncio.create_task(lane) for lane in lanes]

    def lock(self) -> None:
        """Stop syncing, close the store and forget the keys."""
        for task in self._running:
            task.cancel()
        for file in (self._store, self._blobs):
            if file is not None:
                file.close()
        self._running = []
        self._store = self._runner = None
        self._blobs = self._blob_runner = self._attachments = None

    async def close(self) -> None:
        """Lock, close the connections and give the profile free."""
        self.lock()
        if self._transport is not None:
            await self._transport.close()
        self._profile.close()
