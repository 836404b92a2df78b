"""Collision: whether the bank perhaps knows an organisation, asked where its customers are not.

Theory of operation. By its standard name and by its credit code an organisation becomes two keys,
64 bits of BLAKE2b with a salt of the bank's own. The keys fall into parts by their upper bits, so
that a new customer changes two parts and no other, and a question reads one. Within a part of n
keys each is a number below n * 2**14, by its lower bits; the numbers are sorted, and their
differences written as Golomb and Rice do: the high bits as so many ones and a nought, the 14 low
ones as they are. That is 15.6 bits a key. Every key is found again; one in 16,000 of those that
were never put in is found as well. The end of a part is a digest of it under the salt, so that what
is damaged, cut off, or of another division of the keys is never asked.

(Golomb, 1966; the same coding as of the block filters of BIP 158.)
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from shared import identity

FULL: Final = 512
"""Keys of a part, about a kilobyte, before there are twice as many parts."""
MOST_PARTS: Final = 512
"""More would not be changed in one short transaction; from a quarter of a million keys on, parts
grow instead."""
_LOW_BITS: Final = 14
_USED_BITS: Final = 48
"""Of a key within its part; those above have chosen the part."""
_COUNT_BYTES: Final = 4
_SEAL_BYTES: Final = 8
_FORM: Final = b"golomb14"
"""Enters the seal: parts that are written in another form are not read as this one."""


class Damaged(ValueError):
    """A part is not what was made; it says nothing about any key."""


def names_of(name: str, code: str = "") -> list[str]:
    """Return by what an organisation is known, each as a text; nothing for what says nothing.

    A name of one character, and a code that fails its check, are none.
    """
    called, number = identity.called(name), identity.uscc(code)
    found = [f"name {identity.company(called)}"] if len(called) > 1 else []
    return [*found, f"code {number}"] if number else found


def parts_for(keys: int, before: int = 1) -> int:
    """Return into how many parts so many keys are divided; never into fewer than before.

    A part that is no longer there would leave devices between two divisions.
    """
    parts = before
    while keys > parts * FULL and parts < MOST_PARTS:
        parts *= 2
    return parts


@dataclass(frozen=True, slots=True)
class Sieve:
    """One bank's way of making keys of texts, and parts of keys."""

    salt: bytes
    """16 bytes, the same for as long as the bank has a record."""
    parts: int

    def key(self, text: str) -> int:
        """Return the key of a text, 64 bits."""
        said = text.encode("utf-8", "replace")
        return int.from_bytes(blake2b(said, digest_size=8, key=self.salt).digest())

    def place(self, key: int) -> int:
        """Return the number of the part that a key belongs to."""
        return key * self.parts >> 64

    def made(self, keys: Iterable[int]) -> list[bytes]:
        """Return all parts, in the order of their numbers."""
        divided: list[set[int]] = [set() for _ in range(self.parts)]
        for key in keys:
            divided[self.place(key)].add(key)
        return [self._part(number, each) for number, each in enumerate(divided)]

    def holds(self, part: bytes, key: int) -> bool:
        """Whether a key was perhaps put in; `part` is that of its place. Raises Damaged."""
        body = part[:-_SEAL_BYTES]
        if part[-_SEAL_BYTES:] != self._seal(self.place(key), body):
            raise Damaged
        count = int.from_bytes(body[:_COUNT_BYTES])
        wanted = _number(key, count)
        for number in _read(body[_COUNT_BYTES:], count):
            if number >= wanted:
                return number == wanted
        return False

    def _part(self, number: int, keys: Collection[int]) -> bytes:
        numbers = sorted(_number(key, len(keys)) for key in keys)
        body = len(keys).to_bytes(_COUNT_BYTES) + _written(numbers)
        return body + self._seal(number, body)

    def _seal(self, number: int, body: bytes) -> bytes:
        said = b"%d of %d:%b" % (number, self.parts, body)
        return blake2b(said, digest_size=_SEAL_BYTES, key=self.salt, person=_FORM).digest()


def _number(key: int, count: int) -> int:
    """Return what a key is within a part of so many."""
    return (key & (1 << _USED_BITS) - 1) * (count << _LOW_BITS) >> _USED_BITS


def _written(numbers: Iterable[int]) -> bytes:
    # The first bit is always set, so that noughts after it are not lost.
    bits = "".join(["1", *(_coded(after - before) for before, after in pairwise([0, *numbers]))])
    return int(bits, 2).to_bytes((len(bits) + 7) // 8)


def _coded(difference: int) -> str:
    high, low = divmod(difference, 1 << _LOW_BITS)
    return f"{'1' * high}0{low:0{_LOW_BITS}b}"


def _read(written: bytes, count: int) -> Iterator[int]:
    bits, at, number = f"{int.from_bytes(written):b}", 1, 0
    for _ in range(count):
        nought = bits.index("0", at)
        high, at = nought - at, nought + 1 + _LOW_BITS
        number += (high << _LOW_BITS) + int(bits[nought + 1 : at], 2)
        yield number
