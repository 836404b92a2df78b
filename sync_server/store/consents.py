"""Consents as the record has them: who refused what, by an index and for a chunk's customers."""

from collections.abc import Collection
from functools import cache
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from shared.domain.consent import AGAINST_SELLING, Consent, refuses_selling
from shared.registry import REGISTRY
from sync_server.store.rows import among, look_up
from sync_server.store.schema import ENTITY_TABLES

_CONSENT: Final = ENTITY_TABLES["consent"].c


def spared(connection: Connection, customers: Collection[str]) -> frozenset[str]:
    """Return those of these customers who refuse to be sold to."""
    if not customers:
        return frozenset()
    found = (Consent(*row) for row in look_up(connection, customers, _of))
    by_customer = groupby(found, key=lambda each: each.customer_id)
    return frozenset(customer for customer, said in by_customer if refuses_selling(said))


@cache
def _of(*, is_postgresql: bool) -> Select[Any]:
    own = [_CONSENT[name] for name in REGISTRY["consent"].fields]
    mine = among(_CONSENT.customer_id, is_postgresql=is_postgresql)
    return (
        select(*own)
        .where(mine, _CONSENT.purpose.in_(AGAINST_SELLING))
        .order_by(_CONSENT.customer_id)
    )
