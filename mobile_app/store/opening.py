"""Opening a profile's encrypted files: mirror and outbox as one store, and the attachments."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol

from mobile_app.store.blobs import Blobs
from mobile_app.store.bridge import open_engine
from mobile_app.store.device_store import DeviceStore
from mobile_app.store.vault import Keys
from shared.ids import Millis


class Files(Protocol):
    """Where a profile's databases lie."""

    @property
    def vfs(self) -> str | None:
        """The storage they are opened with; None for the file system."""

    def path(self, name: str) -> str:
        """Where one of them lies."""


def open_store(
    files: Files,
    keys: Keys,
    clock: Callable[[], Millis],
    randomness: Callable[[int], bytes],
) -> DeviceStore:
    """Open mirror and outbox, each with its own key. Raises what `open_engine` raises.

    If it fails, neither stays open: the next attempt would find it locked, or share a file with it.
    """
    with ExitStack() as opened:
        engines = []
        for name, key in (("mirror.db", keys.mirror), ("outbox.db", keys.outbox)):
            engines.append(open_engine(files.path(name), key, vfs=files.vfs))
            opened.callback(engines[-1].dispose)
        mirror, outbox = engines
        store = DeviceStore(mirror, outbox, clock, randomness)
        opened.pop_all()
    return store


def open_blobs(files: Files, keys: Keys, clock: Callable[[], Millis]) -> Blobs:
    """Open the attachments' content, with the key that follows from the outbox's."""
    return Blobs(open_engine(files.path("attachments.db"), keys.attachments, vfs=files.vfs), clock)
