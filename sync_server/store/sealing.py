"""Sealing: what a table must keep and must not show, and how it is found all the same.

What is said is sealed (AES-256-GCM), and known by a keyed digest (BLAKE2b). Both keys follow from
the database's own, one pair for each thing that is kept so: no query, dump of the table or index
shows what was said, nor can anybody without the key try what it may have been. Who has the whole
database has its key as well: the disk beneath it must be encrypted.
"""

import secrets
from hashlib import blake2b
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, select

from shared.hkdf import hkdf_sha256
from sync_server.store.schema import meta

_KEY_BYTES: Final = 32
_DIGEST_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_OWN_KEY: Final = select(meta.c.value).where(meta.c.key == "cursor_key")


class Sealing:
    """Seals and opens what one table keeps: `secret` is the database's own, `what` names it."""

    def __init__(self, secret: bytes, what: bytes) -> None:
        self._naming = hkdf_sha256(secret, b"", what + b": digest", _KEY_BYTES)
        self._sealing = AESGCM(hkdf_sha256(secret, b"", what + b": seal", _KEY_BYTES))

    def digest(self, said: Any) -> str:
        """Return what something that JSON can say is known by: 32 hex digits."""
        # Of every row of a file, perhaps: this takes a third of the time of `json` and HMAC.
        return blake2b(to_json(said), key=self._naming, digest_size=_DIGEST_BYTES).hexdigest()

    def seal(self, said: Any, known_by: str) -> bytes:
        """Return something that JSON can say, sealed so that it opens only under its name."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, to_json(said), known_by.encode())

    def opened(self, sealed: bytes, known_by: str) -> Any:
        """Return what was sealed. Raises InvalidTag where it is damaged or under another name."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return from_json(self._sealing.decrypt(nonce, body, known_by.encode()))


def own_key(connection: Connection) -> bytes:
    """Return the database's own key, from which all others follow."""
    return bytes.fromhex(connection.execute(_OWN_KEY).scalar_one())
