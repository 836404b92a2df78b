"""The kinds of files: their columns, and how a chunk of their rows is taken into the record.

Each kind takes rows inside a unit of work and says what every one of them came to. Goals, products
and people are rows that the bank's systems say, under ids that follow from what they are for; what
the core systems say of a sale are events, which the commission authority applies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from sync_server.adapters.order import Places
from sync_server.adapters.report import Outcome
from sync_server.store.unit_of_work import CHUNK, UnitOfWork

Take = Callable[[UnitOfWork, Sequence[Row]], list[Outcome]]
LARGE_CHUNK: Final = 3_000
"""Rows of a transaction where each takes little: devices wait for it no longer than for a thousand
rows of another kind, and pages that several rows share are written once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file."""

    name: str
    columns: tuple[Column, ...]
    take: Take
    about: tuple[tuple[str, ...], ...] = ()
    """The columns that say which thing a row is about: the first of these whose last one is there.
    Among them is since when a row is so, where it says that: an older one takes nothing back."""
    places: Places | None = None
    """Finds where its rows belong in the record; None where they go in as they come."""
    chunk: int = CHUNK
    """Rows of a transaction."""


def _kind(name: str, columns: tuple[Column, ...], take: Take, *about: str) -> Kind:
    """Make a kind; `about` names columns with blanks between, each an alternative."""
    known_by = tuple(tuple(each.split()) for each in about)
    return Kind(name, (*columns, REMARK, *OF_REFUSED), take, known_by)


def _large(kind: Kind, places: Places) -> Kind:
    """Say that files of a kind have a million rows."""
    return replace(kind, places=places, chunk=LARGE_CHUNK)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _kind(
                "confirmations",
                confirmations.COLUMNS,
                confirmations.take,
                "key",
                "external_ref sale_id event",
            ),
            _kind("products", plans.PRODUCT, plans.take_products, "code"),
            _kind("targets", plans.TARGET, plans.take_targets, "employee_no product_code period"),
            _kind("quality", plans.QUALITY, plans.take_quality, "employee_no period"),
            _kind("employees", people.COLUMNS, people.take, "employee_no"),
            _kind("customers", customers.COLUMNS, customers.take, "source id_kind id_number as_of"),
            _large(
                _kind("accounts", accounts.COLUMNS, accounts.take, "source number as_of"),
                accounts.places,
            ),
            _kind("cards", cards.COLUMNS, cards.take, "source number"),
            _large(_kind("flows", flows.COLUMNS, flows.take, "source number day"), flows.places),
            _kind("fees", fees.COLUMNS, fees.take, "source fee_no", "source number what day"),
            _kind("calls", contacts.CALLS, contacts.take_calls, "source call_id"),
            _kind("service_events", contacts.EVENTS, contacts.take_events, "source event_id"),
        )
    }
)


_REFERRED_TO: Final = ("employees", "products", "targets", "quality", "customers", "accounts")


def rank(name: str) -> int:
    """Return the place of a kind's files among others: what others refer to goes in before them."""
    return _REFERRED_TO.index(name) if name in _REFERRED_TO else len(_REFERRED_TO)


def kind_named(name: str) -> Kind:
    """Return a kind by its name; raise the refusal `unknown_import` for any other."""
    if name not in KINDS:
        raise refused("unknown_import", kind=name, kinds=", ".join(KINDS))
    return KINDS[name]
