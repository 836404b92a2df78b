"""Survivorship: which value goes on where two records of one customer say different things.

Fields that say who somebody is go by their source first: what was verified by a document beats what
a system of the bank says, and that beats what was written down in the field; within a source the
newer one. Fields that say how things are now, a telephone, a need, go by their age first. Fields
that make sense only together go together, and nothing never beats something.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.domain.actors import is_job
from shared.domain.provenance import RANKS, Origin
from shared.registry import REGISTRY, Document
from sync_server.customer.completed import completed

_CUSTOMER: Final = REGISTRY["customer"]
_IDENTITY: Final = (
    ("name",),
    ("gender",),
    ("birth_date",),
    ("legal_representative",),
    ("risk_grade", "risk_valid_until"),
)
_PRESENT: Final = (
    ("phone",),
    ("address", "latitude", "longitude"),
    ("occupation",),
    ("industry",),
    ("contact_name", "contact_note"),
    ("need", "need_amount", "stage"),
    ("deposit_balance", "as_of"),
)
"""Fields together, the one first without which the others say nothing."""
GROUPS: Final = (*((group, True) for group in _IDENTITY), *((group, False) for group in _PRESENT))
"""Fields together, and whether they go by their source first."""
TRACED: Final = tuple(group[0] for group in (*_IDENTITY, *_PRESENT))
"""Fields whose source is kept; the others of their group share it."""
_NOBODY: Final = Origin("manager", None)


def origins_of(
    customer: Document,
    kept: Mapping[str, Origin],
    changes: Iterable[tuple[str, str, int]],
) -> dict[str, Origin]:
    """Return where the fields of a customer come from, of those that say something.

    `kept` is what was known before, `changes` (field, actor, at) what happened since, by time. A
    customer is made by the bank's systems alone, so what was never changed is theirs.
    """
    made = Origin("system", None)
    found = {name: kept.get(name, made) for name in TRACED}
    for name, actor, at in changes:
        if name in found:
            found[name] = Origin(_source(name, actor), at)
    if customer["as_of"] is not None:
        found["deposit_balance"] = Origin("system", int(str(customer["as_of"])))
    return {name: origin for name, origin in found.items() if customer[name] is not None}


def _source(field: str, actor: str) -> str:
    if is_job(actor):
        return "system"
    # No device writes a guarded field: an employee there is the one who approved the request.
    return "verified" if _CUSTOMER.fields[field].guarded else "manager"


def survived(
    one: Document,
    other: Document,
    of_one: Mapping[str, Origin],
    of_other: Mapping[str, Origin],
) -> tuple[Document, dict[str, Origin]]:
    """Return `one` with what `other` knows better, and where each of its fields now comes from."""
    values: dict[str, Any] = dict(one)
    origins = dict(of_one)
    for group, by_source in GROUPS:
        lead = group[0]
        if other[lead] is None:
            continue
        mine, theirs = of_one.get(lead, _NOBODY), of_other.get(lead, _NOBODY)
        if one[lead] is None or _weight(theirs, by_source) > _weight(mine, by_source):
            values |= {name: other[name] for name in group}
            origins[lead] = theirs
    values["interests"] = _all_words(str(one["interests"]), str(other["interests"]))
    is_renamed = values["name"] != one["name"]
    return completed(_CUSTOMER, values) if is_renamed else values, origins


def _weight(origin: Origin, by_source: bool) -> tuple[int, int]:
    age, rank = origin.as_of or 0, RANKS[origin.source]
    return (rank, age) if by_source else (age, rank)


def _all_words(one: str, other: str) -> str:
    return "\n".join(sorted({*one.splitlines(), *other.splitlines()}))
