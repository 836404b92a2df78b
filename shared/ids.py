"""Identifiers: one NewType per thing, so that a customer's id never stands where a task's belongs.

Ids are UUID version 7 in their canonical text form (RFC 9562, section 5.7). They are born on the
device that makes the record, so a record keeps its name from the doorway to the archive. Being
ordered by time, they append to a B-tree instead of scattering over it.
"""

import hashlib
from typing import NewType
from uuid import UUID

EmployeeId = NewType("EmployeeId", str)
OrgUnitId = NewType("OrgUnitId", str)
CustomerId = NewType("CustomerId", str)
InteractionId = NewType("InteractionId", str)
DeviceId = NewType("DeviceId", str)
OpId = NewType("OpId", str)
ScopeId = NewType("ScopeId", str)
Millis = NewType("Millis", int)
"""A moment: milliseconds since 1970-01-01 UTC."""


def uuid7(now: Millis, randomness: bytes) -> str:
    """Return the UUIDv7 of the moment `now` and 10 random bytes (74 bits of them are used)."""
    if len(randomness) != 10:
        raise ValueError("a UUIDv7 takes 10 random bytes")
    value = now << 80 | int.from_bytes(randomness)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))


def made_at(id: str) -> Millis | None:
    """Return when a UUIDv7 was made; None for any other id, which tells no time."""
    try:
        value = UUID(id)
    except ValueError:
        return None
    return Millis(value.int >> 80) if value.version == 7 else None


def derived_id(*parts: str) -> str:
    """Return the id of what follows from other things, the same whoever works it out.

    A UUIDv8 (RFC 9562, section 5.8) over SHA-256 of the parts.
    """
    digits = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    # As text: an import makes one a row, and a UUID object would take as long as all the rest.
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
