"""An attachment: a photo, a recording or a signature that belongs to a customer's record.

The record is a few hundred bytes and travels with the others; the content is named by its SHA-256
and travels in a lane of its own (docs/sync-protocol.md, "Attachments"), so that a photo never holds
up a visit. Content that is not what its record says is found by that name.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field as Bound

from shared.blob import MAX_SIZE, Sha256
from shared.domain.customer import ShortText
from shared.domain.interaction import Moment
from shared.errors import refused
from shared.registry import C2, INDEXED, Merge, ScopeRule, synced

AttachmentKind = Literal["photo", "voice", "signature"]
MediaType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/svg+xml",
    "audio/mp4",
    "audio/mpeg",
    "audio/webm",
    "audio/ogg",
    "audio/wav",
]
_OF_KIND: Final[dict[AttachmentKind, tuple[MediaType, ...]]] = {
    "photo": ("image/jpeg", "image/png", "image/webp"),
    "voice": ("audio/mp4", "audio/mpeg", "audio/webm", "audio/ogg", "audio/wav"),
    "signature": ("image/svg+xml", "image/png"),
}


@synced(
    "attachment",
    merge=Merge.APPEND_ONLY,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    author="employee_id",
)
@dataclass(frozen=True, slots=True)
class Attachment:
    """One photo, recording or signature. `size` is that of its content in bytes."""

    id: str
    customer_id: Annotated[str, INDEXED]
    employee_id: Annotated[str, INDEXED]
    kind: AttachmentKind
    media_type: MediaType
    size: Annotated[int, Bound(ge=1, le=MAX_SIZE)]
    sha256: Annotated[Sha256, INDEXED]
    occurred_at: Moment
    interaction_id: Annotated[str | None, INDEXED] = None
    caption: Annotated[ShortText | None, C2] = None


def recognised(kind: AttachmentKind, content: bytes) -> MediaType:
    """Return what a content is, told by its first bytes, whatever its file is called.

    Raises Refusal: `attachment_size` when it is empty or too large, `attachment_type` when it is
    none of the types that an attachment of this kind may have.
    """
    if not 1 <= len(content) <= MAX_SIZE:
        raise refused("attachment_size", limit_mb=MAX_SIZE // 1024**2)
    found = _media_type(content[:512])
    if found not in _OF_KIND[kind]:
        raise refused("attachment_type")
    return found


def media_types(kind: AttachmentKind) -> tuple[MediaType, ...]:
    """Return the types that an attachment of this kind may have."""
    return _OF_KIND[kind]


def _media_type(head: bytes) -> str | None:
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp" and head[8:12] in _AUDIO_BRANDS:
        return "audio/mp4"
    # An MPEG frame without a tag: eleven set bits, then a layer that is not reserved.
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return "audio/mpeg"
    return None


_BEGINNINGS: Final[tuple[tuple[bytes, MediaType], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"<svg ", "image/svg+xml"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
    (b"OggS", "audio/ogg"),
)
_AUDIO_BRANDS: Final = (b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"3gp4", b"3gp5")
