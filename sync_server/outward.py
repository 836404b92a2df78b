"""What other systems of the bank may see: which rows, by which right, and how much of each.

One table says what leaves the house. An entity that is not in it is told to nobody, so a new one is
private until somebody adds it here: what a device is, what its user is paid, who disputes it.
Of a row that is told, a field of class C2 (JR/T 0171) is whole only for an account that may see it.
What came of an alert is left out of its row for everyone, as a suspicion never leaves this system;
so is how a sale is shared, which is what people are paid.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from shared.domain.customer import masked_name, masked_phone
from shared.registry import REGISTRY, Mask

Right = Literal["record", "events", "personal", "numbers", "import", "attachments"]
"""Read customers and timelines; follow what changes; see C2 fields whole; see identity numbers
whole; send files; read the content of attachments."""
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)
FORMER: Final[frozenset[Right]] = frozenset({"record", "personal", "import", "attachments"})
"""What every account could do before there were rights, and one can for which none are named."""
TOLD: Final = frozenset(
    {
        "org_unit",
        "employee",
        "product",
        "customer",
        "identifier",
        "account",
        "relation",
        "interaction",
        "task",
        "sale",
        "alert",
        "customer_value",
        "customer_state",
        "consent",
        "service_case",
    }
)
"""The entities that other systems hear of. Not: devices, conflicts, issues, commission, goals."""
_UNTOLD: Final = frozenset(
    {
        ("alert", "answers"),
        ("alert", "cause"),
        ("alert", "action"),
        ("alert", "note"),
        ("sale", "shares"),
    }
)
"""Fields that no right opens: what was asked because money may be stolen, and what came of it; who
is paid how much of a sale."""
_NUMBERS: Final = frozenset({("identifier", "value")})
_TELLING: Final = frozenset({("customer", "initials"), ("customer_value", "reasons")})
"""Fields that are no secret by themselves, and tell of one."""


def _last_four(text: str) -> str:
    return f"…{text[-4:]}"


_IN_PART: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "name": masked_name,
        "other_name": masked_name,
        "contact_name": masked_name,
        "legal_representative": masked_name,
        "phone": masked_phone,
        "value": _last_four,
    }
)
"""How a masked field is shown in part; any other is left out, as null."""


def shown(entity: str, document: Mapping[str, Any], rights: frozenset[Right]) -> dict[str, Any]:
    """Return a document of an entity that is TOLD, as an account with these rights sees it."""
    hidden = _hidden(entity, rights)
    return {
        name: _masked(name, value) if name in hidden else value
        for name, value in document.items()
        if is_told(entity, name)
    }


@cache
def is_whole(entity: str, rights: frozenset[Right]) -> bool:
    """Whether an account sees every field of an entity as it is."""
    return not _hidden(entity, rights) and all(
        is_told(entity, name) for name in REGISTRY[entity].fields
    )


def is_told(entity: str, field: str) -> bool:
    """Whether a field of an entity that is TOLD is part of what other systems are told."""
    return (entity, field) not in _UNTOLD


def can_be_hidden(entity: str, field: str) -> bool:
    """Whether some accounts see a field masked."""
    return _needed(entity, field, REGISTRY[entity].fields[field].mask) is not None


@cache
def _hidden(entity: str, rights: frozenset[Right]) -> frozenset[str]:
    return frozenset(
        name
        for name, field in REGISTRY[entity].fields.items()
        if _needed(entity, name, field.mask) not in {None, *rights}
    )


def _needed(entity: str, name: str, mask: Mask) -> Right | None:
    if (entity, name) in _NUMBERS:
        return "numbers"
    return "personal" if mask is Mask.C2 or (entity, name) in _TELLING else None


def _masked(name: str, value: Any) -> Any:
    return _IN_PART[name](value) if name in _IN_PART and isinstance(value, str) else None
