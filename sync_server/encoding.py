"""Compression of bodies, both ways, with a bound on what a compressed body may become.

A gzip bomb is read no further than one byte past the bound: memory stays where it was.
"""

import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final

import zstandard

from shared.errors import refused
from shared.sync.protocol import MAX_BODY

SMALL: Final = 4_096
"""Bytes; an answer below this is sent as it is."""


def decode(body: bytes, encoding: str) -> bytes:
    """Undo the content encoding of a request; refuse an unknown one and a body past the bound."""
    try:
        plain = _decoded(body, encoding)
    except (zlib.error, zstandard.ZstdError) as error:
        raise refused("malformed", path="body", problem=f"not {encoding}: {error}") from None
    if len(plain) > MAX_BODY:
        raise refused("too_large")
    return plain


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding == "gzip":
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BODY + 1)
    if encoding == "zstd":
        with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(
            BytesIO(body)
        ) as reader:
            return reader.read(MAX_BODY + 1)
    raise refused("unsupported_encoding", encoding=encoding)


def choose(accepted: str) -> str:
    """Choose an encoding that the other side takes: zstd, else gzip, else none."""
    names = {part.split(";")[0].strip() for part in accepted.lower().split(",")}
    return next((name for name in ("zstd", "gzip") if name in names), "")


def encode(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Compress a stream so that every chunk can be read as soon as it arrives."""
    if encoding == "zstd":
        compressor = zstandard.ZstdCompressor(level=1).compressobj()
        for chunk in chunks:
            yield compressor.compress(chunk) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        yield compressor.flush()
    elif encoding == "gzip":
        packer = zlib.compressobj(level=1, wbits=31)
        for chunk in chunks:
            yield packer.compress(chunk) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    else:
        yield from chunks
