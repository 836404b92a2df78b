"""The keys of one device's databases, locked by a PIN and bound to the device.

A six-digit PIN alone has a million values, so three things stand between a stolen file and the
customers' records:

- each key is wrapped by HKDF-SHA256(Argon2id(PIN, salt) || device secret). Without the device
  secret, which the platform keeps, no PIN can even be tried; with it a try costs 64 MiB and 0.17 s.
- on the device itself tries are few: the count is written durably BEFORE a PIN is checked, so
  pulling the battery in between gains nothing. The wait grows; after 5 an online sign-in is
  needed, which allows 5 more; after 10 the mirror's key is erased.
- the mirror can be had again from the server and its key goes with the tenth wrong PIN. The
  outbox holds work that exists nowhere else: its wrapped key stays in the vault, and after
  another sign-in the right PIN opens it, with a new and empty mirror.

The wrap is encrypt-then-MAC from the standard library, because `cryptography` has no wheel for
the browser: HKDF gives 64 bytes, of which 32 are a one-time pad over the 32-byte key and 32 key an
HMAC-SHA256 over the header and the result. A pad must never cover two keys: each name has its own
HKDF label, and every time keys are wrapped the salt is new.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol, cast

from mobile_app.store.argon2id import USUAL, Cost, argon2id
from mobile_app.store.pin import check_pin
from shared.hkdf import hkdf_sha256

KEY_BYTES = 32
SALT_BYTES = 16
TRIES_OFFLINE = 5
TRIES = 10
# Seconds to wait after the n-th wrong PIN; what follows the last has its length.
WAITS = (0, 0, 5, 30, 60, 120, 300, 600, 900)
VAULT = "vault"
ATTEMPTS = "attempts"

RefusedKind = Literal["wrong", "wait", "sign_in", "erased"]


class VaultStorage(Protocol):
    """Where the vault's two small files live."""

    def read(self, name: str) -> bytes | None:
        """The file's content, or None when there is none."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace the file as a whole; durable before this returns."""
        ...


class PinRefused(Exception):
    """The PIN was not accepted.

    `kind`: wrong (try again, after `wait_s`), wait (not even checked, `wait_s` seconds too early),
    sign_in (an online sign-in allows further tries), erased (the same, and the mirror's key is
    gone). `remaining` tries are left before the next of these steps.
    """

    def __init__(self, kind: RefusedKind, remaining: int = 0, wait_s: float = 0) -> None:
        super().__init__(f"{kind}: {remaining} tries left, wait {wait_s:.0f} s")
        self.kind = kind
        self.remaining = remaining
        self.wait_s = wait_s


class VaultDamaged(Exception):
    """There is no vault, or it can't be read."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The raw keys of the two databases; never stored, never shown."""

    mirror: bytes = field(repr=False)
    outbox: bytes = field(repr=False)

    @property
    def attachments(self) -> bytes:
        """The key of the attachments' content: like the outbox, it holds what is nowhere else."""
        return hkdf_sha256(self.outbox, b"", b"fieldbook attachments", KEY_BYTES)


@dataclass(frozen=True, slots=True)
class _Attempts:
    wrong: int = 0
    allowed: int = TRIES_OFFLINE
    last: float = 0.0

    def wait(self, now: float) -> float:
        # A clock set back can't shorten the wait, nor lengthen it past one interval.
        pause = WAITS[min(self.wrong, len(WAITS) - 1)]
        return min(max(self.last + pause - now, 0), pause)


class Vault:
    """The wrapped keys in `storage`, for one device secret of at least 32 bytes."""

    def __init__(
        self,
        storage: VaultStorage,
        device_secret: bytes,
        *,
        cost: Cost = USUAL,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if len(device_secret) < KEY_BYTES:
            raise ValueError(f"a device secret has at least {KEY_BYTES} bytes")
        self._storage = storage
        self._device_secret = device_secret
        self._cost = cost
        self._random = random_bytes

    @property
    def exists(self) -> bool:
        """Whether keys were made on this device before."""
        return self._storage.read(VAULT) is not None

    def create(self, pin: str) -> Keys:
        """Make and wrap new keys. Raises: `WeakPin`; ValueError when there is a vault already."""
        check_pin(pin)
        if self.exists:
            raise ValueError("there is a vault already; its keys would be lost")
        keys = Keys(self._random(KEY_BYTES), self._random(KEY_BYTES))
        self._write_attempts(_Attempts())
        self._wrap(pin, keys)
        return keys

    @property
    def needs_sign_in(self) -> bool:
        """Whether no PIN is tried any more before an online sign-in."""
        attempts = self._read_attempts()
        return attempts.wrong >= attempts.allowed

    @property
    def mirror_is_lost(self) -> bool:
        """Whether the mirror's key is erased, so that its file may go before the next `unlock`."""
        if self._read_attempts().wrong >= TRIES:
            # The count may have reached its end in a process that died before it could erase.
            self.erase_mirror_key()
        return "mirror" not in self._read_vault()["wraps"]

    def unlock(self, pin: str, now: float) -> Keys:
        """The keys, for the right PIN; a mirror's key that was erased is made anew.

        `now` is in seconds, of any clock that goes on. Raises: `PinRefused`, `VaultDamaged`.
        """
        lost = self.mirror_is_lost
        counted = self._count_attempt(now)
        keys = self._unwrap(pin)
        if keys is None:
            raise self._refusal(counted)
        if lost:
            self._wrap(pin, keys)
        self._write_attempts(_Attempts())
        return keys

    def change_pin(self, old: str, new: str, now: float) -> None:
        """Wrap the same keys under a new PIN, in one write. Raises: `WeakPin`, as `unlock`."""
        check_pin(new)
        self._wrap(new, self.unlock(old, now))

    def allow_more_tries(self) -> None:
        """After an online sign-in: five more tries, the first of them at once."""
        attempts = self._read_attempts()
        allowed = attempts.wrong + TRIES_OFFLINE
        self._write_attempts(replace(attempts, allowed=allowed, last=0.0))

    def erase_mirror_key(self) -> None:
        """Make the mirror unreadable for good; the outbox's wrapped key stays."""
        vault = self._read_vault()
        vault["wraps"].pop("mirror", None)
        self._storage.write(VAULT, _json(vault))

    def _count_attempt(self, now: float) -> _Attempts:
        attempts = self._read_attempts()
        if attempts.wrong >= attempts.allowed:
            raise self._locked_out()
        if now < attempts.last:
            attempts = replace(attempts, last=now)
            self._write_attempts(attempts)
        if wait := attempts.wait(now):
            raise PinRefused("wait", attempts.allowed - attempts.wrong, wait)
        counted = replace(attempts, wrong=attempts.wrong + 1, last=now)
        self._write_attempts(counted)
        return counted

    def _locked_out(self) -> PinRefused:
        return PinRefused("erased" if self.mirror_is_lost else "sign_in")

    def _refusal(self, counted: _Attempts) -> PinRefused:
        locked_out = self._locked_out()
        remaining = counted.allowed - counted.wrong
        if remaining == 0:
            return locked_out
        return PinRefused("wrong", remaining, counted.wait(counted.last))

    def _wrap(self, pin: str, keys: Keys) -> None:
        salt = self._random(SALT_BYTES)
        secret = self._stretched(pin, salt, self._cost)
        wraps = {
            "mirror": _sealed(keys.mirror, secret, salt, "mirror"),
            "outbox": _sealed(keys.outbox, secret, salt, "outbox"),
        }
        cost = [self._cost.memory_kib, self._cost.passes]
        self._storage.write(
            VAULT, _json({"version": 1, "cost": cost, "salt": salt.hex(), "wraps": wraps})
        )

    def _unwrap(self, pin: str) -> Keys | None:
        vault = self._read_vault()
        salt = bytes.fromhex(vault["salt"])
        secret = self._stretched(pin, salt, Cost(*vault["cost"]))
        outbox = _opened(vault["wraps"]["outbox"], secret, salt, "outbox")
        sealed = vault["wraps"].get("mirror")
        new = self._random(KEY_BYTES)
        mirror = new if sealed is None else _opened(sealed, secret, salt, "mirror")
        return None if mirror is None or outbox is None else Keys(mirror, outbox)

    def _stretched(self, pin: str, salt: bytes, cost: Cost) -> bytes:
        return argon2id(pin.encode(), salt, cost) + self._device_secret

    def _read_vault(self) -> dict[str, Any]:
        return self._read(VAULT)

    def _read_attempts(self) -> _Attempts:
        return _Attempts(**self._read(ATTEMPTS))

    def _write_attempts(self, attempts: _Attempts) -> None:
        self._storage.write(ATTEMPTS, _json(asdict(attempts)))

    def _read(self, name: str) -> dict[str, Any]:
        content = self._storage.read(name)
        if content is None:
            raise VaultDamaged(f"{name} is missing")
        try:
            return cast("dict[str, Any]", json.loads(content))
        except ValueError as error:
            raise VaultDamaged(f"{name} can't be read") from error


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _label(name: str) -> bytes:
    return b"fieldbook vault 1 " + name.encode()


def _pad_and_tag_key(secret: bytes, salt: bytes, name: str) -> tuple[bytes, bytes]:
    derived = hkdf_sha256(secret, salt, _label(name), 2 * KEY_BYTES)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def _tag(tag_key: bytes, name: str, covered: bytes) -> bytes:
    return hmac.digest(tag_key, _label(name) + covered, hashlib.sha256)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _sealed(key: bytes, secret: bytes, salt: bytes, name: str) -> str:
    pad, tag_key = _pad_and_tag_key(secret, salt, name)
    covered = _xor(key, pad)
    return (covered + _tag(tag_key, name, covered)).hex()


def _opened(sealed: str, secret: bytes, salt: bytes, name: str) -> bytes | None:
    pad, tag_key = _pad_and_tag_key(secret, salt, name)
    covered, tag = bytes.fromhex(sealed)[:KEY_BYTES], bytes.fromhex(sealed)[KEY_BYTES:]
    if not hmac.compare_digest(tag, _tag(tag_key, name, covered)):
        return None
    return _xor(covered, pad)
