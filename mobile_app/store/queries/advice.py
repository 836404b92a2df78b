"""Advice: what to do next with the user's customers, read from the device's own rows.

The rules are pure (`shared.domain.next_action`). What a row says beyond them, product and channel,
is read only for the few that are shown.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Final

from sqlalchemy import bindparam, func, select

from mobile_app.store.bridge import reading
from mobile_app.store.face_records import AdvisedAction
from mobile_app.store.queries.consents import ConsentQueries
from mobile_app.store.queries.facts import Whose, facts_of
from mobile_app.store.queries.reading import among, every, listed, stands
from mobile_app.store.tables import MIRROR
from shared.domain import Customer, Product
from shared.domain.next_action import (
    NEED_DAYS,
    SELLING,
    SHOWN,
    Facts,
    Shelf,
    Signal,
    of_portfolio,
    product_for,
    signals,
)
from shared.domain.preference import OURS, YEAR_MS, Contact, Preference, preference

_DAY_MS: Final = 86_400_000

_contact = MIRROR["interaction"]
_customer = MIRROR["customer"]
_sale = MIRROR["sale"]

_OURS: Final = select(
    _contact.c.customer_id, _contact.c.channel, _contact.c.outcome, _contact.c.occurred_at
).where(
    among(_contact.c.customer_id, "customers"),
    _contact.c.occurred_at > bindparam("since"),
    _contact.c.channel.in_(OURS),
    stands(),
)


class AdviceQueries(ConsentQueries):
    """What to do next with a customer, and how."""

    def preference_of(self, customer_id: str, now: int) -> Preference:
        """Return what was learned of a customer from their contacts of twelve months."""
        return self._preferences([customer_id], now)[customer_id]

    def advised(self, customer_id: str, today: str, now: int) -> list[AdvisedAction]:
        """Return what is advised of one customer, the most pressing first."""
        day = date.fromisoformat(today)
        found = [
            signal
            for facts in self._facts("id", customer_id, day, now)
            for signal in signals(facts, day, now)
        ]
        return self._actions(found[:SHOWN], day, now)

    def advised_today(self, today: str, now: int) -> list[AdvisedAction]:
        """Return what is advised of the user's own customers, one thing each."""
        day = date.fromisoformat(today)
        everyone = self._facts("owner_id", self._my(), day, now)
        return self._actions(of_portfolio(everyone, day, now, SHOWN), day, now)

    def _facts(self, whose: Whose, id: str, day: date, now: int) -> list[Facts]:
        """Return the facts of those who may be recommended to, and what may be sold to whom."""
        with reading(self._reads) as connection:
            found = list(facts_of(connection, whose, id, day, now))
        spared = self.spared([each.customer_id for each in found])
        refusing = self.refusing(spared) if spared else ()
        return [
            replace(each, silenced=each.silenced | SELLING) if each.customer_id in spared else each
            for each in found
            if each.customer_id not in refusing
        ]

    def _actions(self, found: list[Signal], day: date, now: int) -> list[AdvisedAction]:
        if not found:
            return []
        ids = {each.customer_id for each in found}
        people, preferences = self._customers_by_id(list(ids)), self._preferences(ids, now)
        shelves = self._shelves(people, now)
        return [
            AdvisedAction(
                signal=each,
                customer_name=people[each.customer_id].name,
                product=product_for(
                    each, shelves[each.customer_id], asdict(people[each.customer_id]), day
                ),
                preference=preferences[each.customer_id],
            )
            for each in found
        ]

    def _preferences(self, ids: Collection[str], now: int) -> Mapping[str, Preference]:
        contacts: dict[str, list[Contact]] = {id: [] for id in ids}
        for customer_id, *said in self._ask(_OURS, customers=listed(ids), since=now - YEAR_MS):
            contacts[customer_id].append(Contact(*said))
        return {id: preference(some, now) for id, some in contacts.items()}

    def _shelves(self, people: Mapping[str, Customer], now: int) -> Mapping[str, Shelf]:
        """Return the catalogue as it may be offered to each of some customers."""
        products = tuple(Product(*row) for row in self._rows(every("product")))
        taken = (
            select(_customer.c.kind, _sale.c.product_id, func.count())
            .join(_customer, _customer.c.id == _sale.c.customer_id)
            .where(_sale.c.status != "cancelled")
            .group_by(_customer.c.kind, _sale.c.product_id)
        )
        bought: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for kind, product_id, count in self._rows(taken):
            bought[kind][product_id] = count
        lately = select(_sale.c.customer_id, _sale.c.product_id).where(
            _sale.c.customer_id.in_(people), _sale.c.occurred_at > now - NEED_DAYS * _DAY_MS
        )
        had: defaultdict[str, set[str]] = defaultdict(set)
        for customer_id, product_id in self._rows(lately):
            had[customer_id].add(product_id)
        return {
            id: Shelf(products, bought[one.kind], frozenset(had[id])) for id, one in people.items()
        }
