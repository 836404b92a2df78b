"""One person's files on a native device: the directory, its lock and the device secret.

Every file is replaced as a whole (written beside, synced, renamed, directory synced), because the
vault counts wrong PINs here and a half-written or forgotten count would give tries away.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from types import TracebackType

SECRET_BYTES = 32
DEVICE = "device.secret"
LOCK = "lock"


class ProfileInUse(Exception):
    """Another window or process has this profile open."""


class ProfileFiles:
    """The files of one profile; satisfies the vault's `VaultStorage`.

    Use as a context manager, or call `close`: between them the profile belongs to this process.

    Raises: `ProfileInUse`, with a sentence for the person; OSError.
    """

    vfs: None = None
    """The file system itself holds the databases."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock: int | None = _locked(directory / LOCK)

    def path(self, name: str) -> str:
        """Where a file of this profile lies, for a database to be opened."""
        return str(self.directory / name)

    def read(self, name: str) -> bytes | None:
        """The file's content, or None when there is none."""
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Replace the file as a whole; durable before this returns. Mode 0600."""
        beside = self.directory / f"{name}.new"
        _write_synced(beside, data)
        beside.replace(self.directory / name)
        _sync_directory(self.directory)

    def erase(self, name: str) -> None:
        """Throw a closed database away, with its journal."""
        for suffix in ("-wal", "-shm", "-journal", ""):
            (self.directory / f"{name}{suffix}").unlink(missing_ok=True)
        _sync_directory(self.directory)

    def device_secret(self) -> bytes:
        """The 32 random bytes of this device, made at the first call.

        A file of mode 0600 where the system offers no keystore; it keeps copies of the vault
        alone from being attacked, not a copy of the whole profile.
        """
        secret = self.read(DEVICE)
        if secret is None:
            secret = secrets.token_bytes(SECRET_BYTES)
            self.write(DEVICE, secret)
        return secret

    def close(self) -> None:
        """Give the profile free."""
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def __enter__(self) -> ProfileFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take_lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise ProfileInUse(
            "这个用户的数据已在另一个窗口中打开，请先关闭那个窗口。 "
            "This profile is open in another window; close that one first."
        ) from error
    return descriptor


def _take_lock(descriptor: int) -> None:
    # The system drops either lock when the process ends, however it ends: no stale lock to clear.
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_synced(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    # Windows has no such call, and its rename is journalled.
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
