"""The kinds of files: their columns, and how a chunk of their rows is taken into the record.

Each kind takes rows inside a unit of work and says what every one of them came to. Goals, products
and people are rows that the bank's systems say, under ids that follow from what they are for; what
the core systems say of a sale are events, which the commission authority applies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.errors import refused
from sync_server.adapters import (
    accounts,
    cards,
    confirmations,
    contacts,
    customers,
    fees,
    flows,
    people,
    plans,
)
from sync_server.adapters.columns import OF_REFUSED, REMARK, Column
from sync_server.adapters.lines import Row
from sync_server.adapters.report import Outcome
from sync_server.store.unit_of_work import UnitOfWork

Take = Callable[[UnitOfWork, Sequence[Row]], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file."""

    name: str
    columns: tuple[Column, ...]
    take: Take


def _kind(name: str, columns: tuple[Column, ...], take: Take) -> Kind:
    return Kind(name, (*columns, REMARK, *OF_REFUSED), take)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _kind("confirmations", confirmations.COLUMNS, confirmations.take),
            _kind("products", plans.PRODUCT, plans.take_products),
            _kind("targets", plans.TARGET, plans.take_targets),
            _kind("quality", plans.QUALITY, plans.take_quality),
            _kind("employees", people.COLUMNS, people.take),
            _kind("customers", customers.COLUMNS, customers.take),
            _kind("accounts", accounts.COLUMNS, accounts.take),
            _kind("cards", cards.COLUMNS, cards.take),
            _kind("flows", flows.COLUMNS, flows.take),
            _kind("fees", fees.COLUMNS, fees.take),
            _kind("calls", contacts.CALLS, contacts.take_calls),
            _kind("service_events", contacts.EVENTS, contacts.take_events),
        )
    }
)


def kind_named(name: str) -> Kind:
    """Return a kind by its name; raise the refusal `unknown_import` for any other."""
    if name not in KINDS:
        raise refused("unknown_import", kind=name, kinds=", ".join(KINDS))
    return KINDS[name]
