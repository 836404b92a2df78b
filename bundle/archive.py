"""Packs folders into the tar.gz that the browser unpacks, the same bytes for the same files.

The format is plain ustar with regular files only: `web/python-worker.js` reads it in a few lines
after the browser's own gzip, which is five times as fast as Python's tarfile in WebAssembly.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

COMPRESSIBLE = {".js", ".mjs", ".wasm", ".json", ".otf", ".ttf", ".svg", ".frag"}
WORTHWHILE = 10_000  # bytes; below that one round trip costs as much


def tree(folder: Path, under: str = "") -> dict[str, Path]:
    """The files below `folder` by their name in the archive, with `under` as a first part."""
    names = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            names[f"{under}{path.relative_to(folder).as_posix()}"] = path
    return names


def entry(name: str, size: int) -> tarfile.TarInfo:
    """A header without owner and time."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info


def pack(files: Mapping[str, Path], out: Path) -> int:
    """Write `files` (name in the archive: path) to `out`; returns the size of the archive."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            archive.addfile(entry(name, len(content)), io.BytesIO(content))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(gzip.compress(plain.getvalue(), compresslevel=9, mtime=0))
    return out.stat().st_size


def sources(root: Path, parts: Iterable[str]) -> dict[str, Path]:
    """The app's own files below `root`: `parts` are files or folders, which may be missing."""
    names: dict[str, Path] = {}
    for part in parts:
        path = root / part
        if path.is_dir():
            names |= tree(path, f"{part}/")
        elif path.exists():
            names[part] = path
    return names


def compress_beside(folder: Path) -> None:
    """Write `name.gz` beside each large file, for the server to send: 36 MB become 11."""
    for path in tree(folder).values():
        if path.suffix in COMPRESSIBLE and path.stat().st_size > WORTHWHILE:
            packed = gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)
