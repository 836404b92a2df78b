"""Merging: what becomes of a row when a write that was made elsewhere, earlier, arrives now.

Theory of operation. A device sends, per field, the value that its user saw (old) and the one that
they chose (new). With the row's present value (now) there are four cases:

    now == new          someone already did the same: nothing to do
    now == old          nobody touched it since: take new
    old == new          the user did not mean to change it: keep now
    otherwise           a clash: the write that the server accepts later wins, and the value that
                        loses is kept where both can see it

Device clocks have no part in this: "later" is the server's order of acceptance.

A set of words has no clashes: one word is added or removed, whatever the others are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.registry import Document


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that was changed on both sides: what stood before, what lost, what won."""

    field: str
    before: Any
    lost: Any
    won: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """The row after a merge, and what the merge has to tell."""

    document: Document
    changed: tuple[str, ...]
    clashes: tuple[Clash, ...] = field(default=())


def merge_fields(now: Document, wanted: Mapping[str, Any]) -> Merged:
    """Merge `wanted` (field to (old, new)) into the row `now`."""
    document = dict(now)
    clashes = []
    for name, (old, new) in wanted.items():
        present = now[name]
        if present == new or old == new:
            continue
        if present != old:
            clashes.append(Clash(name, before=old, lost=present, won=new))
        document[name] = new
    changed = tuple(name for name in wanted if document[name] != now[name])
    return Merged(document, changed, tuple(clashes))


def members(text: str, gone: str | None, new: str | None) -> str:
    """Return a set of words, one a line and in order, without `gone` and with `new`."""
    words = {word for word in text.split("\n") if word}
    return "\n".join(sorted((words - {gone}) | ({new} if new else set())))
