"""Sales: the catalogue, what was sold to whom and how far it is, and shares that were offered."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, func, select

from mobile_app.store.queries.pay import PayQueries
from mobile_app.store.queries.reading import every
from mobile_app.store.sale_records import OfferItem, ProductItem, SaleItem
from mobile_app.store.tables import MIRROR
from shared.domain import Employee, Product, Sale, SaleShare
from shared.domain.sale import read_shares
from shared.errors import Refusal
from shared.ids import EmployeeId

_customer = MIRROR["customer"]
_product = MIRROR["product"]
_sale = MIRROR["sale"]
_share = MIRROR["sale_share"]
_PROPOSED: Final = ("offered", "disputed", "contested")
_MOST: Final = 500
"""Sales that a list goes back to."""


class SaleQueries(PayQueries):
    """What can be sold, and what was."""

    def catalogue(self, text: str, today: str) -> list[ProductItem]:
        """Find products by name or code: those on sale first, each with what it pays today."""
        ended = (_product.c.valid_from > today) | (
            func.coalesce(_product.c.valid_until, today) < today
        )
        statement = every("product").order_by(
            case((ended, 1), else_=0), _product.c.line, _product.c.name
        )
        if wanted := text.strip():
            statement = statement.where(
                _product.c.name.contains(wanted, autoescape=True)
                | _product.c.code.contains(wanted.upper(), autoescape=True)
            )
        in_force = [rule for rule in self.rules() if rule.is_in_force(date.fromisoformat(today))]
        return [
            ProductItem(
                product,
                product.valid_from <= today <= (product.valid_until or today),
                tuple(rule for rule in in_force if rule.product == product.code),
            )
            for product in (Product(*row) for row in self._rows(statement))
        ]

    def often_sold(self) -> list[str]:
        """Return the ids of the products that the user sells, most sold first."""
        statement = (
            select(_sale.c.product_id)
            .where(_sale.c.employee_id == self._my())
            .group_by(_sale.c.product_id)
            .order_by(func.count().desc(), _sale.c.product_id)
        )
        return [row.product_id for row in self._rows(statement)]

    def colleagues(self) -> list[Employee]:
        """Return the account managers of the user's own unit, by name."""
        people = self.employees()
        mine = people.get(self._my())
        return sorted(
            (
                each
                for each in people.values()
                if mine is not None
                and each.org_unit_id == mine.org_unit_id
                and each.role == "account_manager"
                and each.active
                and each.id != mine.id
            ),
            key=lambda each: each.name,
        )

    def sales_of(self, customer_id: str) -> list[SaleItem]:
        """Return what was sold to a customer, latest first."""
        return self._sales("customer_id", customer_id)

    def own_sales(self) -> list[SaleItem]:
        """Return what the user sold, latest first."""
        return self._sales("employee_id", self._my())

    def sale(self, id: str) -> SaleItem | None:
        """Return one sale, or None when this device does not hold it."""
        return next(iter(self._sales("id", id)), None)

    def _sales(self, field: str, value: str) -> list[SaleItem]:
        sales = [Sale(*row) for row in self._ask(_by(field), value=value)]
        products = self._products(each.product_id for each in sales)
        people = self._customers_by_id([each.customer_id for each in sales])
        shares = self._own_shares([each.id for each in sales])
        return [
            SaleItem(
                sale=each,
                product=products.get(each.product_id),
                customer_name=people[each.customer_id].name if each.customer_id in people else "",
                seller_name=self._name_of(each.employee_id),
                state=self.state("sale", each.id),
                share=shares.get(each.id),
                names=self._parts(_text_of(each, shares.get(each.id)), each.employee_id),
            )
            for each in sales
        ]

    def _parts(self, text: str, seller: str) -> tuple[tuple[str, int], ...]:
        """Return names with basis points; a text that does not fit names the seller alone."""
        try:
            parts = [(each.employee, each.pay_bp) for each in read_shares(text)] if text else []
        except Refusal:
            parts = []
        everyone = parts or [(EmployeeId(seller), 10_000)]
        return tuple((self._name_of(id) or "", bp) for id, bp in everyone)

    def _products(self, ids: Iterable[str]) -> dict[str, Product]:
        found = (Product(*row) for row in self._of_ids("product", set(ids)))
        return {each.id: each for each in found}

    def _own_shares(self, sales: Sequence[str]) -> dict[str, SaleShare]:
        if not sales:
            return {}
        rows = self._rows(
            every("sale_share").where(
                _share.c.sale_id.in_(sales), _share.c.employee_id == self._my()
            )
        )
        return {row.sale_id: SaleShare(*row) for row in rows}

    def offers(self) -> list[OfferItem]:
        """Return the shares that colleagues propose to the user, those to answer first."""
        statement = (
            every("sale_share")
            .where(
                _share.c.employee_id == self._my(),
                _share.c.seller_id != self._my(),
                _share.c.status.in_(_PROPOSED),
                _share.c.sale_status != "cancelled",
            )
            .order_by(_share.c.status.desc(), _share.c.occurred_at)
        )
        shares = [SaleShare(*row) for row in self._rows(statement)]
        products = self._products(each.product_id for each in shares)
        return [
            OfferItem(
                share=each,
                product=products.get(each.product_id),
                seller_name=self._name_of(each.seller_id),
                state=self.state("sale_share", each.id),
                basis_points=_part_of(each),
            )
            for each in sorted(shares, key=lambda each: each.status != "offered")
        ]


@cache
def _by(field: str) -> Select[Any]:
    return (
        every("sale")
        .where(_sale.c[field] == bindparam("value"))
        .order_by(_sale.c.occurred_at.desc(), _sale.c.id.desc())
        .limit(_MOST)
    )


def _text_of(sale: Sale, share: SaleShare | None) -> str:
    """Return who has what: as it was decided or, until then, as the seller proposes."""
    return share.shares if share is not None else sale.shares


def _part_of(share: SaleShare) -> int:
    return sum(
        each.pay_bp for each in read_shares(share.shares) if each.employee == share.employee_id
    )
