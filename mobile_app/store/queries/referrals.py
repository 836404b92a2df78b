"""Referrals, and what came of them and of alerts: the sales that say they follow from it."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import case, or_

from mobile_app.store.queries.reading import every
from mobile_app.store.queries.sales import SaleQueries
from mobile_app.store.sale_records import Outcome, ReferralItem
from mobile_app.store.tables import MIRROR
from shared.domain import Referral, Sale, SaleShare
from shared.domain.referral import copy_id

_referral = MIRROR["referral"]
_sale = MIRROR["sale"]
_share = MIRROR["sale_share"]
_MOST: Final = 200
"""Referrals that a page goes through."""
_ACTIVE: Final = ("offered", "accepted")


class ReferralQueries(SaleQueries):
    """Referrals of one customer and of the user, with what came of each."""

    def referrals_of(self, customer_id: str) -> list[ReferralItem]:
        """Return what was passed on at a customer or about them, what goes on first."""
        referrers, colleagues = _sides()
        return self._referrals(
            or_(
                referrers & (_referral.c.customer_id == customer_id),
                colleagues & (_referral.c.for_id == customer_id),
            )
        )

    def own_referrals(self) -> list[ReferralItem]:
        """Return the user's own copies of what is offered or goes on, theirs to answer first."""
        mine = _referral.c.employee_id == self._my()
        return self._referrals(mine & _referral.c.status.in_(_ACTIVE))

    def referrals_after(self, alert_id: str) -> list[ReferralItem]:
        """Return what was passed on because of an alert."""
        referrers, _ = _sides()
        return self._referrals(referrers & (_referral.c.alert_id == alert_id))

    def outcomes_after(self, alert_id: str) -> list[Outcome]:
        """Return what was sold to the customer of an alert because of it, the first first."""
        rows = self._rows(every("sale").where(_sale.c.alert_id == alert_id))
        return self._outcomes((Sale(*row) for row in rows), ())

    def referral(self, id: str) -> ReferralItem | None:
        """Return one copy of a referral, or None when this device does not hold it."""
        return next(iter(self._referrals(_referral.c.id == id)), None)

    def _referrals(self, which: Any) -> list[ReferralItem]:
        waits = case((_referral.c.status == "offered", 0), (_referral.c.status == "accepted", 1))
        statement = every("referral").where(which)
        ordered = statement.order_by(waits.nulls_last(), _referral.c.occurred_at.desc())
        found = [Referral(*row) for row in self._rows(ordered.limit(_MOST))]
        people = self._customers_by_id([each.customer_id for each in found])
        followed = self._followed({_sellers_copy(each) for each in found})
        return [
            ReferralItem(
                referral=each,
                from_name=self._name_of(each.from_id),
                to_name=self._name_of(each.to_id),
                customer_name=people[each.customer_id].name
                if each.customer_id in people
                else each.customer_label,
                outcomes=tuple(followed.get(_sellers_copy(each), ())),
                is_mine=each.from_id == self._my(),
                answers=each.to_id == each.employee_id == self._my(),
                state=self.state("referral", each.id),
            )
            for each in found
        ]

    def _followed(self, copies: Collection[str]) -> dict[str, list[Outcome]]:
        """Return what came of referrals, by the colleague's copy of each."""
        if not copies:
            return {}
        sales = self._rows(every("sale").where(_sale.c.referral_id.in_(copies)))
        shares = self._rows(every("sale_share").where(_share.c.referral_id.in_(copies)))
        by_copy: dict[str, list[Outcome]] = {}
        for each in self._outcomes(
            (Sale(*row) for row in sales), (SaleShare(*row) for row in shares)
        ):
            by_copy.setdefault(each.referral_id or "", []).append(each)
        return by_copy

    def _outcomes(self, sales: Iterable[Sale], shares: Iterable[SaleShare]) -> list[Outcome]:
        """Make one of each sale, from itself or, where it is a colleague's, from a share of it."""
        held = list(sales)
        products = self._products(each.product_id for each in held)
        people = self._customers_by_id([each.customer_id for each in held])
        found = {
            each.id: Outcome(
                sale_id=each.id,
                customer_id=each.customer_id,
                customer_name=people[each.customer_id].name if each.customer_id in people else "",
                referral_id=each.referral_id,
                product=products.get(each.product_id),
                qty=each.qty,
                amount=each.amount,
                status=each.status,
                occurred_at=each.occurred_at,
                parts=self._parts(each.shares, each.employee_id),
            )
            for each in held
        }
        others = [each for each in shares if each.sale_id not in found]
        products = self._products(each.product_id for each in others)
        for each in others:
            found[each.sale_id] = Outcome(
                sale_id=each.sale_id,
                customer_id=None,
                customer_name=each.customer_label,
                referral_id=each.referral_id,
                product=products.get(each.product_id),
                qty=each.qty,
                amount=each.amount,
                status=each.sale_status,
                occurred_at=each.occurred_at,
                parts=self._parts(each.shares, each.seller_id),
            )
        return sorted(found.values(), key=lambda each: (each.occurred_at, each.sale_id))


def _sides() -> tuple[Any, Any]:
    """Say in SQL that a copy is the referrer's, and that it is the colleague's."""
    mine = _referral.c.employee_id
    return mine == _referral.c.from_id, mine == _referral.c.to_id


def _sellers_copy(referral: Referral) -> str:
    return referral.id if referral.original_id else copy_id(referral.id)
