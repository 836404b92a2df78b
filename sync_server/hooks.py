"""Webhooks, the pure part: which address is one, how a delivery is signed, when it is tried again.

Deliveries are signed as Standard Webhooks say (webhook-id, webhook-timestamp, webhook-signature
v1), so that a receiver verifies them with a library that it has already.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shared.errors import refused
from shared.hkdf import hkdf_sha256

GIVE_UP_MS: Final = 72 * 3_600_000
"""A hook that has taken nothing for so long is paused; nothing is lost, its place is kept."""
_FIRST_WAIT_MS: Final = 5_000
_LONGEST_WAIT_MS: Final = 3_600_000
_SECRET_BYTES: Final = 32
_PREFIX: Final = "whsec_"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_URL: Final = 500


@dataclass(frozen=True, slots=True)
class Sending:
    """Where the server may send to, and whose certificates it trusts besides the machine's own."""

    hosts: frozenset[str]
    ca: Path | None = None


def host_of(url: str) -> str:
    """Return the host of a hook's address.

    Raises Refusal `webhook_url` for one that is not https (or http on this machine), bears a name
    and password, or is no address.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise refused("webhook_url", url=url[:_MOST_URL]) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not (is_safe and host) or "@" in parts.netloc or len(url) > _MOST_URL or not url.isascii():
        raise refused("webhook_url", url=url[:_MOST_URL])
    return host.lower()


def secret_of(key: bytes, id: str) -> str:
    """Return the secret of a hook, as its receiver is given it once.

    It follows from the database's own key and the hook's id, so no table has it; a hook that is
    removed and added has another.
    """
    secret = hkdf_sha256(key, id.encode(), b"webhook", _SECRET_BYTES)
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secret: str, id: str, at_s: int, body: bytes) -> str:
    """Return the webhook-signature of a delivery at a moment (s since 1970 UTC)."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.digest(key, f"{id}.{at_s}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def back_off_ms(failures: int, chance: float, asked_s: int = 0) -> int:
    """Return how long to wait after so many failures in a row, one or more.

    Twice as long each time, up to an hour, and between half of it and all of it by `chance` in
    [0, 1): hooks that failed together are not tried together. `asked_s`: what the receiver asks.
    """
    longest = min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS << min(failures - 1, 20))
    asked = min(_LONGEST_WAIT_MS, asked_s * 1_000)
    return max(asked, round(longest * (1 + chance) / 2))
