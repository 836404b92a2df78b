"""Argon2id, natively and in the browser: what makes each guess of a PIN expensive.

Natively it is argon2-cffi. In the browser argon2's own wheel exists but cffi's doesn't, so its
extension module can't be imported; the C library inside that file is called through ctypes.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What one derivation takes: memory in KiB and passes over it, on one lane."""

    memory_kib: int
    passes: int


# For new vaults; a vault keeps its own. 0.17 s natively, 0.33-0.38 s in Chromium on the same
# machine: not lowered there, because a browser guards the device secret least.
USUAL = Cost(memory_kib=64 * 1024, passes=3)


def argon2id(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    """32 bytes derived from `secret`; the same on every platform.

    Raises: ValueError for a salt under 8 bytes or an impossible cost, MemoryError.
    """
    if sys.platform == "emscripten":
        return _through_ctypes(secret, salt, cost)
    return _through_cffi(secret, salt, cost)


def _through_cffi(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    try:
        return hash_secret_raw(secret, salt, cost.passes, cost.memory_kib, 1, HASH_BYTES, Type.ID)
    except HashingError as error:
        raise ValueError(f"argon2id: {error}") from error


def _through_ctypes(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    out = ctypes.create_string_buffer(HASH_BYTES)
    code = _library().argon2id_hash_raw(
        ctypes.c_uint32(cost.passes), ctypes.c_uint32(cost.memory_kib), ctypes.c_uint32(1),
        secret, ctypes.c_size_t(len(secret)), salt, ctypes.c_size_t(len(salt)),
        out, ctypes.c_size_t(HASH_BYTES),
    )  # fmt: skip
    if code != 0:
        raise ValueError(f"argon2id: error {code}")
    return out.raw


@lru_cache(maxsize=1)
def _library() -> Any:
    # find_spec doesn't import the package, whose first line would ask for cffi.
    spec = importlib.util.find_spec("_argon2_cffi_bindings")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("argon2-cffi-bindings is not installed")
    file = next(Path(spec.submodule_search_locations[0]).glob("_ffi*.so"))
    return ctypes.CDLL(str(file))
