"""Attachments: what may be attached, told by its content, and the ranges of its parts."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.blob import MAX_SIZE, Span, asked_span, blob_name, sent_span
from shared.domain.attachment import AttachmentKind, MediaType, media_types, recognised
from shared.errors import Refusal
from shared.registry import REGISTRY
from shared.testing.builders import an_attachment

JPEG = b"\xff\xd8\xff\xe0"
CONTENTS: dict[str, bytes] = {
    "image/jpeg": JPEG,
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "audio/mp4": b"\x00\x00\x00\x20ftypM4A \x00",
    "audio/mpeg": b"\xff\xfb\x90\x44",
    "audio/webm": b"\x1aE\xdf\xa3",
    "audio/ogg": b"OggS\x00",
    "audio/wav": b"RIFF\x00\x00\x00\x00WAVEfmt ",
}


def test_every_type_suits_some_kind() -> None:
    suited = {each for kind in get_args(AttachmentKind) for each in media_types(kind)}

    assert suited == set(get_args(MediaType)) == set(CONTENTS)


@pytest.mark.parametrize("kind", get_args(AttachmentKind))
@pytest.mark.parametrize("media_type", get_args(MediaType))
def test_a_content_is_told_by_its_first_bytes_and_must_suit_its_kind(
    kind: AttachmentKind, media_type: MediaType
) -> None:
    if media_type in media_types(kind):
        assert recognised(kind, CONTENTS[media_type]) == media_type
        return

    with pytest.raises(Refusal) as refused:
        recognised(kind, CONTENTS[media_type])

    assert refused.value.code == "attachment_type"


@pytest.mark.parametrize(
    "content", [b"GIF89a", b"%PDF-1.7", b"<html><script>", b"<!DOCTYPE svg", b"MZ", b"\x00"]
)
@pytest.mark.parametrize("kind", get_args(AttachmentKind))
def test_what_is_no_photo_recording_or_signature_is_refused(
    kind: AttachmentKind, content: bytes
) -> None:
    with pytest.raises(Refusal) as refused:
        recognised(kind, content)

    assert refused.value.code == "attachment_type"


@pytest.mark.parametrize("size", [0, MAX_SIZE + 1, 21 * 1024**2])
def test_an_empty_or_a_too_large_content_is_refused(size: int) -> None:
    with pytest.raises(Refusal) as refused:
        recognised("photo", JPEG.ljust(size, b"\0")[:size])

    assert refused.value.code == "attachment_size"
    assert "20 MB" in refused.value.sentence("zh")


def test_the_largest_content_is_taken() -> None:
    assert recognised("photo", JPEG.ljust(MAX_SIZE, b"\0")) == "image/jpeg"


@pytest.mark.parametrize(
    "lie",
    [
        {"size": 0},
        {"size": MAX_SIZE + 1},
        {"sha256": "0" * 63},
        {"sha256": "A" * 64},
        {"media_type": "text/html"},
        {"media_type": "image/gif"},
        {"kind": "video"},
        {"caption": "长" * 201},
    ],
)
def test_a_record_of_something_that_cannot_be_is_refused(lie: dict[str, Any]) -> None:
    entity = REGISTRY["attachment"]
    document = an_attachment("c", "e")
    entity.one.validate_python(document)

    with pytest.raises(ValidationError):
        entity.one.validate_python(document | lie)


@given(st.data())
def test_a_span_is_read_as_it_was_written(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, MAX_SIZE))
    start = data.draw(st.integers(0, total - 1))
    end = data.draw(st.integers(start + 1, total))
    span = Span(start, end, total)

    assert sent_span(str(span), end - start) == span
    assert asked_span(f"bytes={start}-{end - 1}", total) == span


@pytest.mark.parametrize(
    ("header", "size", "code"),
    [
        ("", 1, "malformed"),
        ("bytes 0-0/*", 1, "malformed"),
        ("bytes 1-0/2", 0, "malformed"),
        ("bytes 0-1/2", 1, "malformed"),
        ("bytes 0-2/2", 3, "malformed"),
        ("bytes ٣-٣/٤", 1, "malformed"),
        ("bytes 0-0/0", 1, "attachment_size"),
        (f"bytes 0-0/{MAX_SIZE + 1}", 1, "attachment_size"),
    ],
)
def test_a_span_that_cannot_be_is_refused(header: str, size: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sent_span(header, size)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=-", None),
        ("items=0-1", None),
        ("bytes=0-1,4-5", None),
        ("bytes=2-", Span(2, 10, 10)),
        ("bytes=-3", Span(7, 10, 10)),
        ("bytes=-30", Span(0, 10, 10)),
        ("bytes=2-99", Span(2, 10, 10)),
    ],
)
def test_a_range_asks_for_a_part_or_else_for_the_whole(
    header: str | None, span: Span | None
) -> None:
    assert asked_span(header, 10) == span


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=5-4", "bytes=-0"])
def test_a_range_outside_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        asked_span(header, 10)

    assert refused.value == Refusal("blob_range", {"have": "10"})


@pytest.mark.parametrize("name", ["", "0" * 63, "0" * 65, "G" * 64, "../etc/passwd", "A" * 64])
def test_a_name_that_is_no_digest_is_of_nothing(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        blob_name(name)

    assert refused.value.code == "not_found"
