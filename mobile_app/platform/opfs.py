"""One person's files in a browser: OPFS for the records, IndexedDB for the device secret.

Python runs in a dedicated worker, where OPFS gives synchronous access to files. Every handle is
exclusive in the whole browser, so a second tab can't open the profile, and the browser gives the
handles back however the tab ends.

The browser may throw all of it away when the disk runs full, unless the page asks for
`navigator.storage.persist()`; only a window can ask, so `index.html` does, not this worker.

To be imported only where `sys.platform` is "emscripten".
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from mobile_app.platform.opfs_vfs import Handle, HandleVFS, TwoSlots
from mobile_app.platform.storage import ProfileInUse

# Only Pyodide has these modules, and they have no type stubs.
js: Any = import_module("js")
ffi: Any = import_module("pyodide.ffi")

DATABASES = ("mirror.db", "outbox.db", "attachments.db")
RECORDS = ("vault", "attempts", "settings", "enrolment")
JOURNALS = ("-wal", "-journal", "")
FILES = (
    *(name + suffix for name in DATABASES for suffix in JOURNALS),
    *(name + slot for name in RECORDS for slot in (".0", ".1")),
)
# Seconds between attempts: a tab just closed holds its files for a moment (seen: a waiting tab that
# asked at once was refused). All in all 1.5 s before another tab is blamed.
PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.75)
SECRET_LABEL = b"fieldbook device secret 1"
_openings = itertools.count(1)


class JsHandle:
    """A FileSystemSyncAccessHandle as a `Handle`."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def read(self, amount: int, offset: int) -> bytes:
        buffer = js.Uint8Array.new(amount)
        got = _call(self._handle.read, buffer, at=offset)
        content: bytes = buffer.to_bytes()
        return content[:got]

    def write(self, data: bytes, offset: int) -> None:
        if _call(self._handle.write, ffi.to_js(data), at=offset) != len(data):
            raise OSError(errno.ENOSPC, "written in part")

    def truncate(self, size: int) -> None:
        _call(self._handle.truncate, size)

    def size(self) -> int:
        return int(_call(self._handle.getSize))

    def flush(self) -> None:
        _call(self._handle.flush)

    def close(self) -> None:
        self._handle.close()


class BrowserProfile:
    """The open files of one profile; satisfies the vault's `VaultStorage`.

    Open a database with `open_engine("mirror.db", key, vfs=profile.vfs)`.
    """

    def __init__(self, name: str, handles: Mapping[str, Handle], device_secret: bytes) -> None:
        # The cipher's VFS outlives ours and keeps a pointer to it, so a name is never used twice.
        own = f"opfs-{name}-{next(_openings)}"
        self.vfs = f"multipleciphers-{own}"
        self._handles = handles
        self._device_secret = device_secret
        self._records = {
            record: TwoSlots(handles[f"{record}.0"], handles[f"{record}.1"]) for record in RECORDS
        }
        self._vfs = HandleVFS(own, handles)

    def path(self, name: str) -> str:
        """The name under which `open_engine` finds a database; one of `DATABASES`."""
        return name

    def read(self, name: str) -> bytes | None:
        """The record's content, or None when there is none; one of `RECORDS`."""
        return self._records[name].read()

    def write(self, name: str, data: bytes) -> None:
        """Replace the record as a whole; durable before this returns."""
        self._records[name].write(data)

    def erase(self, name: str) -> None:
        """Throw a closed database away, with its journal; one of `DATABASES`."""
        for suffix in JOURNALS:
            handle = self._handles[name + suffix]
            handle.truncate(0)
            handle.flush()

    def device_secret(self) -> bytes:
        """32 bytes that only this browser can compute."""
        return self._device_secret

    def close(self) -> None:
        """Give the profile free; dispose of its engines first."""
        self._vfs.unregister()
        _close(self._handles.values())


async def open_profile(profile: str) -> BrowserProfile:
    """Open every file of the profile, and make its device secret the first time.

    Raises: `ProfileInUse` when another tab has it, ValueError for a name that is no file name.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", profile):
        raise ValueError("a profile's name is letters, digits, - and _")
    handles = await _open_patiently(profile)
    try:
        return BrowserProfile(profile, handles, await _device_secret(profile))
    except BaseException:
        _close(handles.values())
        raise


async def _open_patiently(profile: str) -> dict[str, Handle]:
    for pause in PATIENCE:
        try:
            return await _open_files(profile)
        except ProfileInUse:
            await asyncio.sleep(pause)
    return await _open_files(profile)


async def _open_files(profile: str) -> dict[str, Handle]:
    root = await js.navigator.storage.getDirectory()
    directory = await root.getDirectoryHandle(f"fieldbook-{profile}", create=True)
    handles: dict[str, Handle] = {}
    try:
        for name in FILES:
            file = await directory.getFileHandle(name, create=True)
            handles[name] = JsHandle(await file.createSyncAccessHandle())
    except ffi.JsException as error:
        _close(handles.values())
        if error.name == "NoModificationAllowedError":
            raise ProfileInUse(
                "这个用户的数据已在另一个标签页中打开，请先关闭那个标签页。 "
                "This profile is open in another tab; close that one first."
            ) from error
        raise
    return handles


def _close(handles: Iterable[Handle]) -> None:
    for handle in handles:
        handle.close()


def _call(function: Any, *arguments: Any, **options: Any) -> Any:
    """Call a method of a handle; its exceptions become OSError."""
    try:
        return function(*arguments, **options)
    except ffi.JsException as error:
        full = error.name == "QuotaExceededError"
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


async def _device_secret(profile: str) -> bytes:
    """An HMAC under a key that this browser keeps and never gives out, not even to us."""
    key = await _device_key(profile)
    signed = await js.crypto.subtle.sign("HMAC", key, ffi.to_js(SECRET_LABEL))
    secret: bytes = signed.to_bytes()
    return secret


async def _device_key(profile: str) -> Any:
    database = await _key_database()
    try:
        key = await _settled(_keys(database, "readonly").get(profile))
        if key is None:
            algorithm = _object(name="HMAC", hash="SHA-256")
            key = await js.crypto.subtle.generateKey(algorithm, False, _list("sign"))
            await _stored(database, profile, key)
        return key
    finally:
        database.close()


async def _key_database() -> Any:
    request = js.indexedDB.open("fieldbook-device", 1)
    request.onupgradeneeded = ffi.create_once_callable(
        lambda _: request.result.createObjectStore("keys")
    )
    return await _settled(request)


def _keys(database: Any, mode: str) -> Any:
    # Strict: a key lost with the power would make the vault useless.
    return database.transaction("keys", mode, durability="strict").objectStore("keys")


async def _stored(database: Any, profile: str, key: Any) -> None:
    keys = _keys(database, "readwrite")
    finished = _event(keys.transaction, "oncomplete", "onabort")
    keys.put(key, profile)
    await finished


async def _settled(request: Any) -> Any:
    await _event(request, "onsuccess", "onerror")
    return request.result


def _event(target: Any, good: str, bad: str) -> asyncio.Future[None]:
    """A future for one of IndexedDB's two endings."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def failed(_: Any) -> None:
        future.set_exception(OSError(errno.EIO, f"IndexedDB: {target.error}"))

    setattr(target, good, ffi.create_proxy(lambda _: future.set_result(None)))
    setattr(target, bad, ffi.create_proxy(failed))
    return future


def _object(**fields: Any) -> Any:
    return ffi.to_js(fields, dict_converter=js.Object.fromEntries)


def _list(*items: Any) -> Any:
    return ffi.to_js(list(items))
