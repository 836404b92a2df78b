"""The roll: its size, and what it takes to make and to ask, by the number of organisations."""

import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from bench.report import Report
from shared.collision import Sieve, names_of, parts_for
from sync_server.demo.numbers import uscc

SIZES: Final = (10_000, 100_000, 1_000_000)
NEW: Final = 20
"""Organisations that come on a day."""
MOST_BYTES: Final = 2.7
"""A key, as a part is kept on the server and in JSON: 15.6 bits and its share of the seal, in
base64. What travels is compressed, which takes most of the base64 off again."""
QUESTIONS: Final = 1_000
QUESTION_MS: Final = 5
_SALT: Final = bytes(range(16))


def measure(report: Report) -> None:
    """Measure it for a sub-branch, a city's bank and a large one; each has name and credit code."""
    report.section("The roll: organisations by name and credit code (bytes in base64)")
    per_organisation = []
    for size in SIZES:
        written = list(_written(size))
        began = time.perf_counter()
        texts = {text for each in written for text in names_of(*each)}
        sieve = Sieve(_SALT, parts_for(len(texts)))
        parts = sieve.made(map(sieve.key, texts))
        taken = time.perf_counter() - began
        per_organisation.append(taken / size)
        total = sum(map(_bytes, parts))
        name = f"{size:,} organisations"
        report.add(f"{name}, in {sieve.parts} parts", f"{total / 1024:,.0f} KiB")
        report.at_most(f"{name}, a key", total / len(texts), MOST_BYTES, "bytes")
        report.add(f"{name}, made in", f"{taken:.2f} s")
        report.add(f"{name}, {NEW} more change", f"{_changed(sieve, parts, texts):,.0f} KiB")
        report.at_most(f"{name}, a question", _asked(sieve, parts), QUESTION_MS, "ms")
    growth = per_organisation[-1] / per_organisation[0]
    report.add("per organisation, the largest bank beside the smallest", f"{growth:.2f}")


def _written(size: int, start: int = 0) -> Iterator[tuple[str, str]]:
    """Yield names and credit codes as bank systems write them."""
    rng = Random(start)
    for number in range(start, start + size):
        yield f"云港（江南）第{number}贸易有限公司", uscc(rng)


def _changed(sieve: Sieve, parts: Sequence[bytes], texts: set[str]) -> float:
    """Return how much a day's new organisations have devices fetch (KiB)."""
    more = texts.union(text for each in _written(NEW, len(texts)) for text in names_of(*each))
    after = sieve.made(map(sieve.key, more))
    pairs = zip(parts, after, strict=True)
    return sum(_bytes(new) for old, new in pairs if old != new) / 1024


def _asked(sieve: Sieve, parts: Sequence[bytes]) -> float:
    """Return what one question takes (ms)."""
    began = time.perf_counter()
    for number in range(QUESTIONS):
        key = sieve.key(f"name {number}")
        sieve.holds(parts[sieve.place(key)], key)
    return (time.perf_counter() - began) / QUESTIONS * 1_000


def _bytes(part: bytes) -> int:
    return len(b64encode(part))
