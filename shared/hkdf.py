"""HKDF-SHA256 (RFC 5869): from one secret as many keys as there are labels and salts.

From the standard library, because `cryptography` has no wheel for the browser.
"""

import hashlib
import hmac
from typing import Final

HASH_BYTES: Final = 32
LONGEST: Final = 255 * HASH_BYTES


def hkdf_sha256(secret: bytes, salt: bytes, label: bytes, length: int) -> bytes:
    """Return `length` bytes that tell nothing of the secret, nor of those of another label or salt.

    The secret must itself be hard to guess: this is no hash for passwords.
    """
    if not 0 < length <= LONGEST:
        raise ValueError(f"between 1 and {LONGEST} bytes can be derived")
    extracted = hmac.digest(salt, secret, hashlib.sha256)
    derived = block = b""
    for number in range(1, -(-length // HASH_BYTES) + 1):
        block = hmac.digest(extracted, block + label + bytes([number]), hashlib.sha256)
        derived += block
    return derived[:length]
