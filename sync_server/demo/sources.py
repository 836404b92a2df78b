"""Where what the demo bank knows of its customers comes from: its systems, papers, and people."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from shared.domain import Customer
from shared.domain.provenance import Origin, Provenance, provenance_id, written
from sync_server.customer.survivorship import TRACED
from sync_server.demo.clock import moment

_BY_HAND: Final = {"phone": 0.25, "address": 0.15, "occupation": 0.3, "contact_name": 0.5}
"""In how many of one an account manager wrote down what the customer said."""
_BY_PAPER: Final = {"name": 0.1, "legal_representative": 0.3, "birth_date": 0.1}
"""In how many of one two people have seen the paper since."""
_SINCE_DAYS: Final = 700


def make_sources(rng: Random, today: date, customers: Iterable[Customer]) -> list[Provenance]:
    """Make the provenance of each customer, as of when `today` begins."""
    return [
        Provenance(
            provenance_id(one.id), one.id, moment(today), written(dict(_origins(rng, today, one)))
        )
        for one in customers
    ]


def _origins(rng: Random, today: date, one: Customer) -> Iterator[tuple[str, Origin]]:
    for name in TRACED:
        if getattr(one, name) is not None:
            source = _source(rng, name)
            told = moment(today - timedelta(days=rng.randint(1, _SINCE_DAYS)))
            yield name, Origin(source, one.as_of if source == "system" else told)


def _source(rng: Random, field: str) -> str:
    if field == "need":  # no system knows what somebody wants
        return "manager"
    drawn = rng.random()
    if drawn < _BY_HAND.get(field, 0):
        return "manager"
    return "verified" if drawn < _BY_PAPER.get(field, 0) else "system"
