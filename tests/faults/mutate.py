"""Mutations: what becomes of a valid request on its way through careless, old or hostile hands.

First its structure is changed, then the text that it is written as, then the bytes that travel.
Each mutation has a name, for the tally, and takes all that it does by chance from one `Random`.
"""

import json
import zlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from random import Random
from typing import Any, Final

import zstandard

from shared.sync.protocol import MAX_BODY

_DEEP: Final = "@deep@"
"""Stands for a value that no JSON writer would go through."""
_HUGE: Final = "@huge@"
"""Stands for a number that no JSON writer would write."""

JUNK: Final[Mapping[str, tuple[Any, ...]]] = {
    "another type": (None, True, False, 0, 1, "", "x", [], {}, [None], {"x": 1}, 1.5),
    "a huge number": (2**53, 2**63, 2**64, -(2**63), 10**30, 10**308, 1e308, _HUGE),
    "no number": (float("nan"), float("inf"), float("-inf")),
    "NUL": ("\x00", "a\x00b", "00000000-0000-0000-0000-00000000000\x00"),
    "a lone surrogate": ("\ud800", "a\udfffb", "\udc00\ud800"),
    "a text to stumble over": ("\uffff", "\u202e", "../../etc", "'; --", "%s", "{0}", "-1", "٣"),
    "a long text": ("x" * 5_000, "客" * 5_000, " " * 20_000),
    "deep nesting": (_DEEP, [[[[[[[[[[]]]]]]]]]], {"a": {"a": {"a": {"a": {"a": {}}}}}}),
    "an id of nothing": ("01a1ee56-0000-7000-8000-00000000ffff", "0" * 64, "portfolio:nobody"),
}

Place = tuple[Any, Any]
"""A container and the key or index in it."""


def places(value: Any) -> list[Place]:
    """Return every place within a structure."""
    found: list[Place] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            keys: list[Any] = list(each)
        elif isinstance(each, list):
            keys = list(range(len(each)))
        else:
            continue
        found += [(each, key) for key in keys]
        waiting += [each[key] for key in keys]
    return found


def change_structure(value: Any, random: Random) -> str:
    """Change a structure at one place; return what was done to it."""
    found = places(value)
    if not found:
        return "nothing to change"
    container, key = random.choice(found)
    name = random.choice([*JUNK, *_TURNS])
    if name in JUNK:
        container[key] = deepcopy(random.choice(JUNK[name]))
    else:
        _TURNS[name](container, key, found, random)
    return name


def _drop(container: Any, key: Any, _found: list[Place], _random: Random) -> None:
    del container[key]


def _add(container: Any, key: Any, _found: list[Place], random: Random) -> None:
    if isinstance(container, dict):
        container[random.choice(("x", "Proto", "__class__", "", "\x00", "a" * 300))] = 1
    else:
        container.insert(key, random.choice((None, {}, [], container[key])))


def _repeat(container: Any, key: Any, found: list[Place], random: Random) -> None:
    if isinstance(container, list):
        times = random.choice((1, 3, 1_200 if len(found) < 1_000 else 3))
        container[key:key] = [deepcopy(container[key]) for _ in range(times)]
    else:
        container[key] = [container[key], deepcopy(container[key])]


def _swap(container: Any, key: Any, found: list[Place], random: Random) -> None:
    other, place = random.choice(found)
    container[key] = deepcopy(other[place])


def _rename(container: Any, key: Any, _found: list[Place], random: Random) -> None:
    if isinstance(container, dict):
        container[random.choice((str(key).upper(), f"{key} ", f"{key}\x00"))] = container.pop(key)


_TURNS: Final[Mapping[str, Callable[[Any, Any, list[Place], Random], None]]] = {
    "a key or item missing": _drop,
    "a key or item more": _add,
    "an item again and again": _repeat,
    "a value in another's place": _swap,
    "a key renamed": _rename,
}


def written(value: Any, random: Random) -> bytes:
    """Write a structure as JSON, with what JSON should not have if it has it."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.5)
    depth = random.choice((150, 250, 100_000))
    nested = random.choice((("[", "]"), ('{"a":', "}")))
    deep = nested[0] * depth + "1" + nested[1] * depth
    text = text.replace(f'"{_DEEP}"', deep)
    huge = random.choice(("1e400", "-1e400", "9" * 400, "9" * 5_000, "0." + "1" * 5_000))
    return text.replace(f'"{_HUGE}"', huge).encode("utf-8", "surrogatepass")


def change_text(body: bytes, random: Random) -> tuple[str, bytes]:
    """Change how a body is written; return what was done, and the body then."""
    name = random.choice(list(_TEXT))
    return name, _TEXT[name](body, random)


def _as(encoding: str) -> Callable[[bytes, Random], bytes]:
    return lambda body, _: body.decode("utf-8", "ignore").encode(encoding, "replace")


def _cut(body: bytes, random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _flip(body: bytes, random: Random) -> bytes:
    changed = bytearray(body or b"\x00")
    for _ in range(random.choice((1, 1, 3, 20))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _twice_the_key(body: bytes, _random: Random) -> bytes:
    return body.replace(b"{", b'{"proto":1,"proto":7,', 1)


_TEXT: Final[Mapping[str, Callable[[bytes, Random], bytes]]] = {
    "cut": _cut,
    "bytes changed": _flip,
    "UTF-16": _as("utf-16"),
    "UTF-8 with a mark": _as("utf-8-sig"),
    "GB18030": _as("gb18030"),
    "Latin-1": _as("latin-1"),
    "noise": lambda _, random: random.randbytes(random.randrange(300)),
    "nothing": lambda _, __: b"",
    "twice": lambda body, _: body + body,
    "a key twice": _twice_the_key,
    "numbers with a point": lambda body, _: body.replace(b"1,", b"1.0,").replace(b"0,", b"-0,"),
    "escapes of NUL": lambda body, _: body.replace(b'"', b'"\\u0000', 3),
    "control characters": lambda body, _: body.replace(b'"', b'"\x01', 3),
}


def pack(body: bytes, random: Random) -> tuple[str, bytes, str]:
    """Compress a body, well or badly; return what was done, the bytes and the encoding to name."""
    name = random.choice(list(_PACKING))
    packed, encoding = _PACKING[name](body, random)
    return name, packed, encoding


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(level=1, wbits=31)
    return packer.compress(body) + packer.flush()


def _zstd(body: bytes, window: int = 20) -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=window)
    return zstandard.ZstdCompressor(compression_params=parameters).compress(body)


_PACKING: Final[Mapping[str, Callable[[bytes, Random], tuple[bytes, str]]]] = {
    "gzip": lambda body, _: (_gzip(body), "gzip"),
    "zstd": lambda body, _: (_zstd(body), "zstd"),
    "gzip cut": lambda body, random: (_cut(_gzip(body), random), "gzip"),
    "zstd cut": lambda body, random: (_cut(_zstd(body), random), "zstd"),
    "gzip with bytes changed": lambda body, random: (_flip(_gzip(body), random), "gzip"),
    "zstd with bytes changed": lambda body, random: (_flip(_zstd(body), random), "zstd"),
    "zstd with a wide window": lambda body, _: (_zstd(body, 27), "zstd"),
    "gzip within gzip": lambda body, _: (_gzip(_gzip(body)), "gzip"),
    "two encodings": lambda body, _: (_gzip(body), "gzip, gzip"),
    "gzip under another name": lambda body, _: (_gzip(body), "zstd"),
    "zstd under another name": lambda body, _: (_zstd(body), "gzip"),
    "plain under another name": lambda body, _: (body, "gzip"),
    "an unknown encoding": lambda body, random: (body, random.choice(("br", "GZIP", "\xff", ","))),
}


def _filled(begin: bytes, each: bytes, end: bytes) -> bytes:
    """As much of one thing as a body may have."""
    return begin + each * ((MAX_BODY - len(begin) - len(end)) // len(each)) + end


def _of_keys() -> bytes:
    pairs = b",".join(b'"k%d":1' % number for number in range(300_000))
    return b'{"proto":1,"ask":"parts","cursor":null,"parts":[],"fields":{' + pairs + b"}}"


_SYNC: Final = b'{"proto":1,"schema":1,"device":{},"cursor":null,"txns":['
_OP: Final = b'{"txn":1,"ops":[' + b",".join([b"{}"] * 900) + b"]}"
BOMBS: Final[Mapping[str, Callable[[], tuple[bytes, str]]]] = {
    "gzip that unpacks without end": lambda: (_gzip(b" " * (MAX_BODY * 10)), "gzip"),
    "zstd that unpacks without end": lambda: (_zstd(b"[" * (MAX_BODY * 10)), "zstd"),
    "larger than a body may be": lambda: (b" " * (MAX_BODY + 1), ""),
    "as many wrong items as fit": lambda: (_filled(_SYNC, b"{},", b"{}]}"), ""),
    "as many wrong operations as fit": lambda: (_filled(_SYNC, _OP + b",", b"{}]}"), ""),
    "as many wrong keys as fit": lambda: (_of_keys(), ""),
    "one text as long as a body": lambda: (b'"' + b"x" * (MAX_BODY - 2) + b'"', ""),
    "one number as long as a body": lambda: (b"1" * MAX_BODY, ""),
}
