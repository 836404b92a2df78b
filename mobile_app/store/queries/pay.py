"""Pay: the facts of the user's own commission, read for the engine that the server runs, too."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from mobile_app.store.queries.reading import Reading, fields_of
from mobile_app.store.records import DisputeCard, Pay
from mobile_app.store.tables import MIRROR
from shared.commission.engine import Estimate, estimate
from shared.commission.facts import Goals
from shared.commission.ledger import Ledger
from shared.commission.months import Period, later_period, period_of
from shared.commission.qualify import Held, Pending, Problem
from shared.commission.rules import Rule
from shared.domain import (
    CommissionRule,
    Dispute,
    PayPeriod,
    Product,
    Quality,
    Sale,
    SaleShare,
    Statement,
    Target,
)
from shared.domain.crediting import (
    Earnings,
    assumed,
    earnings,
    facts_of,
    goals_of,
    ledger_of,
    rules_for,
    rules_of,
    sale_of,
    share_of,
)
from shared.domain.days import bank_day
from shared.ids import EmployeeId
from shared.registry import REGISTRY, Document

T = TypeVar("T")


class PayQueries(Reading):
    """What the user has earned, as far as this device knows."""

    def rules(self) -> tuple[Rule, ...]:
        """Return the commission rules in force where the user works, as last synced."""
        return self.rules_where(self._my())

    def rules_where(self, employee_id: str) -> tuple[Rule, ...]:
        """Return the commission rules in force where an employee works, as last synced."""
        rows, who = self._documents("commission_rule"), self.employees().get(employee_id)
        if who is None:
            return rules_of(rows)
        units = self._documents("org_unit")
        parents = {str(unit["id"]): unit["parent_id"] for unit in units}
        return rules_for(rows, who.org_unit_id, parents)  # type: ignore[arg-type]

    def goals(self) -> Goals:
        """Return the user's targets and quality coefficients."""
        mine = {"employee_id": self._my()}
        return goals_of(self._records(Target, **mine), self._records(Quality, **mine))

    def shares(self) -> list[SaleShare]:
        """Return the user's shares of sales: the server's rows, and what is only here so far."""
        mine = {"employee_id": self._my()}
        known = self._records(SaleShare, **mine)
        there = {share.sale_id for share in known}
        only_here = [s for s in self._documents("sale", **mine) if s["id"] not in there]
        return known + (list(self._as_proposed(only_here)) if only_here else [])

    def _as_proposed(self, sales: list[Document]) -> Iterable[SaleShare]:
        catalogue = {row["id"]: row for row in self._documents("product")}
        people = self._customers_by_id([str(sale["customer_id"]) for sale in sales])
        for sale in sales:
            product, customer = (
                catalogue.get(sale["product_id"]),
                people.get(str(sale["customer_id"])),
            )
            if product is not None:
                yield share_of(sale, self._my(), product, customer.name if customer else "")

    def ledger(self) -> Ledger:
        """Return the user's own part of the ledger, and the month through which it is closed."""
        entries = self._documents("commission_entry", employee_id=self._my())
        return ledger_of(entries, self._closed_through())

    def _closed_through(self) -> Period | None:
        closed = [str(row["period"]) for row in self._documents("pay_period", status="closed")]
        return Period(max(closed)) if closed else None

    def earned(self, through: Period, *, is_estimate: bool) -> Earnings:
        """Compute the user's commission up to a month, as confirmed or as estimated (预估)."""
        rules, ledger, shares = self.rules(), self.ledger(), self.shares()
        if is_estimate:
            shares = [assumed(share, rules, ledger.closed_through) for share in shares]
        return self._computing(rules, self.goals(), ledger, through)(shares)

    def pay(self, through: Period) -> Pay:
        """Compute the user's commission up to a month both ways, from facts that are read once."""
        rules, goals, ledger, shares = self.rules(), self.goals(), self.ledger(), self.shares()
        computed = self._computing(rules, goals, ledger, through)
        hoped = [assumed(share, rules, ledger.closed_through) for share in shares]
        confirmed = computed(shares)
        estimate = confirmed if hoped == shares else computed(hoped)
        return Pay(confirmed, estimate, tuple(shares), rules, goals)

    def _computing(
        self, rules: tuple[Rule, ...], goals: Goals, ledger: Ledger, through: Period
    ) -> Callable[[list[SaleShare]], Earnings]:
        """Return what computes the user's commission from shares, all else being known."""
        me = EmployeeId(self._my())
        left_on = self.employees()[me].left_on if me in self.employees() else None
        left = {me: date.fromisoformat(left_on)} if left_on else {}
        return lambda shares: earnings(me, shares, rules, goals, ledger, through, left)

    def statements(self) -> dict[str, Statement]:
        """Return the user's statements by month, as the server last computed them."""
        rows = self._records(Statement, employee_id=self._my())
        return {row.period: row for row in rows}

    def pay_periods(self) -> dict[str, PayPeriod]:
        """Return the months of commission by their names, as last synced."""
        return {row.period: row for row in self._records(PayPeriod)}

    def disputes(self) -> list[DisputeCard]:
        """Return the user's own disputes, latest first."""
        found = self._records(Dispute, employee_id=self._my())
        ordered = sorted(found, key=lambda each: (-each.occurred_at, each.id))
        return [DisputeCard(each, self.state("dispute", each.id)) for each in ordered]

    def products_by_code(self) -> dict[str, Product]:
        """Return the catalogue by the codes that rules, targets and shares name products with."""
        return {row.code: row for row in self._records(Product)}

    def rule_reasons(self) -> dict[tuple[str, int], str]:
        """Return why each version of a rule was made, by rule and version."""
        rows = self._records(CommissionRule)
        return {(row.rule, row.number): row.reason for row in rows}

    def estimate_of(
        self, sale: Sale, product: Product
    ) -> Estimate | Held | Pending | Problem | None:
        """Price a sale that is being written down, on top of the month as estimated.

        What it would pay if the bank confirms it; a place instead of a price where it cannot be.
        """
        rules, closed = self.rules(), self._closed_through()
        document: Document = {name: getattr(sale, name) for name in REGISTRY["sale"].fields}
        catalogue: Document = {name: getattr(product, name) for name in REGISTRY["product"].fields}
        share = share_of(document, self._my(), catalogue, "")
        others = [assumed(each, rules, closed) for each in self.shares() if each.sale_id != sale.id]
        facts = facts_of(others, rules, self.goals())
        period = period_of(bank_day(sale.occurred_at))
        if closed is not None:
            period = max(period, later_period(closed, 1))
        new = replace(sale_of(assumed(share, rules, closed)), external_ref=None)
        return estimate(new, (EmployeeId(self._my()), period), facts)

    def _records(self, record: type[T], **equal: Any) -> list[T]:
        [entity] = [name for name, each in REGISTRY.items() if each.record is record]
        make: Any = record
        return [make(**row) for row in self._documents(entity, **equal)]

    def _documents(self, entity: str, **equal: Any) -> list[Document]:
        table = MIRROR[entity]
        statement = select(*fields_of(entity)).where(
            *(table.c[name] == value for name, value in equal.items())
        )
        return [dict(row._mapping) for row in self._rows(statement)]
