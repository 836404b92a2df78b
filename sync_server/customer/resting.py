"""Resting: which records of a customer are about another record, and so go where that goes.

Pure: a split reads the rows of who went on, and lets those go along that this names.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

_ON: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "alert": ("evidence",),
        "attachment": ("interaction_id",),
        "case_step": ("case_id",),
        "interaction": ("supersedes",),
        "review": ("interaction_id",),
        "sale": ("interaction_id", "alert_id"),
        "service_case": ("interaction_id",),
        "task": ("interaction_id",),
    }
)
"""By which fields a row is about another one of the same customer."""
RESTING: Final = tuple(_ON)
"""The entities that may rest on something."""
Place = tuple[str, Mapping[str, Any]]
"""An entity and a row of it."""


def resting(rows: Collection[Place], on: Collection[str]) -> list[Place]:
    """Return those of the rows that rest on these ids, or on one that does."""
    ids, found, left = set(on), [], [row for row in rows if row[1]["id"] not in on]
    while more := [row for row in left if any(row[1][name] in ids for name in _ON[row[0]])]:
        found += more
        ids |= {row["id"] for _, row in more}
        left = [row for row in left if row[1]["id"] not in ids]
    return found
