"""Where this runs: a browser tab or a native process, told apart once, here."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from shared.sync.protocol import IDLE_S

if TYPE_CHECKING:
    from mobile_app.platform.http import HttpTransport

IN_BROWSER = sys.platform == "emscripten"


class Profile(Protocol):
    """One person's files on this device, locked to this process."""

    @property
    def vfs(self) -> str | None:
        """The storage that databases are opened with; None for the file system."""

    def path(self, name: str) -> str:
        """Where a database of this profile lies."""

    def read(self, name: str) -> bytes | None:
        """A small file's content, or None when there is none."""

    def write(self, name: str, data: bytes) -> None:
        """Replace a small file as a whole; durable before this returns."""

    def erase(self, name: str) -> None:
        """Throw a closed database away, with its journal."""

    def device_secret(self) -> bytes:
        """Bytes that only this device has."""

    def close(self) -> None:
        """Give the profile free."""


async def open_profile(name: str, directory: Path | None = None) -> Profile:
    """Open one person's files; raise ProfileInUse when another window or process has them.

    `directory` is where native profiles lie; in a browser it means nothing.
    """
    if IN_BROWSER:
        from mobile_app.platform.opfs import open_profile as open_in_browser

        return await open_in_browser(name)
    from mobile_app.platform.storage import ProfileFiles

    return ProfileFiles((directory or Path.home() / ".fieldbook") / name)


def connect(server_url: str) -> "HttpTransport":
    """Return the way to a server from here.

    httpx is imported only now: it takes 0.4 s in a browser, and the first screen needs no server.
    """
    import httpx

    from mobile_app.platform.http import HttpTransport

    if IN_BROWSER:
        from mobile_app.platform.fetch import FetchTransport

        return HttpTransport(server_url, httpx.AsyncClient(transport=FetchTransport()))
    limits = httpx.Limits(keepalive_expiry=IDLE_S)
    return HttpTransport(server_url, httpx.AsyncClient(verify=_trust(), limits=limits), _zstd)


def _trust() -> Any:
    """The branch's own CA where the operator gave one, else the system's."""
    import os
    import ssl

    authority = os.environ.get("FIELDBOOK_CA")
    return ssl.create_default_context(cafile=authority) if authority else True


def _zstd(body: bytes) -> tuple[str, bytes]:
    import zstandard

    return "zstd", zstandard.ZstdCompressor(level=1).compress(body)
