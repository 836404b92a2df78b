"""Config: what the address of the app says, since a link is how a device is set up."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlsplit

DEFAULT_PROFILE = "default"
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
"""A development server tells its own address as that of a WebSocket."""


@dataclass(frozen=True)
class Entry:
    """Whose files and lock, which server, and for an enrolment link its code and language."""

    profile: str = DEFAULT_PROFILE
    server_url: str = ""
    code: str = ""
    language: Literal["zh", "en"] = "zh"


def read_entry(*addresses: str | None) -> Entry:
    """Read `?profile=am001&code=XXXX&lang=en` from the first address that has each of them.

    The page's own address also names the server, because the branch server serves the app. A
    profile names files, so that anything but letters, digits, - and _ is left out of it.
    """
    said: dict[str, str] = {}
    server_url = ""
    for address in filter(None, addresses):
        parts = urlsplit(str(address))
        if parts.scheme in _SCHEMES and not server_url:
            server_url = f"{_SCHEMES[parts.scheme]}://{parts.netloc}"
        for key, values in parse_qs(parts.query).items():
            said.setdefault(key, values[0])
    profile = "".join(c for c in said.get("profile", "") if c.isalnum() or c in "-_")
    return Entry(
        profile=profile or DEFAULT_PROFILE,
        server_url=said.get("server", server_url),
        code=said.get("code", ""),
        language="en" if said.get("lang") == "en" else "zh",
    )
