"""Provenance: where each field of a customer comes from, and since when (来源)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, NamedTuple

from pydantic.types import StringConstraints

from shared.domain.interaction import Moment
from shared.ids import derived_id
from shared.registry import INDEXED, Merge, ScopeRule, synced

Source = Literal["verified", "system", "manager"]
RANKS: Final[Mapping[str, int]] = {"verified": 2, "system": 1, "manager": 0}
"""verified: two people have seen the document (an approved change request); system: the bank's own
systems say so; manager: somebody wrote it down in the field."""


class Origin(NamedTuple):
    """Who says a field's value, and since when it is said (ms); None where nobody knows."""

    source: str
    as_of: int | None


@synced(
    "provenance",
    merge=Merge.SERVER,
    scope=ScopeRule.PORTFOLIO,
    scope_key="customer_id",
    stays=True,
)
@dataclass(frozen=True, slots=True)
class Provenance:
    """One row for each customer; `id` is `provenance_id`."""

    id: str
    customer_id: Annotated[str, INDEXED]
    kept_at: Moment
    """Up to when changes of the customer are in it (ms)."""
    fields: Annotated[str, StringConstraints(max_length=4000)]
    """One a line: the field, its source, and since when in ms, - where nobody knows."""


def provenance_id(customer_id: str) -> str:
    """Return the id of a customer's provenance."""
    return derived_id("provenance", customer_id)


def written(origins: Mapping[str, Origin]) -> str:
    """Return the origins of fields as text."""
    return "\n".join(
        f"{name} {source} {'-' if as_of is None else as_of}"
        for name, (source, as_of) in sorted(origins.items())
    )


def read(text: str) -> dict[str, Origin]:
    """Return the origins of fields from their text."""
    found: dict[str, Origin] = {}
    for line in text.splitlines():
        name, source, as_of = line.split(" ")
        found[name] = Origin(source, None if as_of == "-" else int(as_of))
    return found
